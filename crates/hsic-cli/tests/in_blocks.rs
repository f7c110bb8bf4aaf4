//! Tables that stay in their files: `fit` and `run` with `in_blocks`.

mod common;

use std::fmt::Write as _;
use std::fs;

use common::{Outcome, folder, json, like, names, run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Rows of three blocks: two rings, a column that misses cells, and texts that say nothing.
const ROWS: usize = 5000;

/// The search sees another sample of the rows, and a layer other features.
const NEAR: f64 = 0.02;

fn rings() -> String {
    let mut text = String::from("x,y,colour,ring\n");
    for i in 0..ROWS {
        let (angle, ring) = (i as f64 * 0.7, i % 2);
        let radius = 1.0 + 2.0 * ring as f64 + 0.6 * (i as f64 * 1.3).sin();
        let y = if i % 40 == 7 { String::new() } else { format!("{:.4}", radius * angle.sin()) };
        let colour = ["red", "green", "blue"][i % 3];
        let _ = writeln!(text, "{:.4},{y},{colour},{}", radius * angle.cos(), ["inner", "outer"][ring]);
    }
    text
}

fn of_rings(name: &str) -> Result<TempDir, std::io::Error> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join(name), rings())?;
    Ok(folder)
}

fn near(one: &Value, other: &Value, what: &str) {
    let (Some(a), Some(b)) = (one[what].as_f64(), other[what].as_f64()) else {
        panic!("{what}: {}, {}", one[what], other[what])
    };
    assert!((a - b).abs() <= NEAR && a > 0.9, "{what}: {a} {b}");
}

#[test]
fn a_fit_in_blocks_is_the_fit_in_memory_but_for_the_sample() -> Outcome {
    let folder = of_rings("t.csv")?;
    let fit = ["fit", "t.csv", "--missing", "mean", "--json", "--model"];
    let in_memory = json(&folder, &[&fit[..], &["memory"]].concat())?;
    let in_blocks = json(&folder, &[&fit[..], &["blocks", "--set", "in_blocks=true"]].concat())?;
    for what in ["test_accuracy", "train_accuracy", "knn_test_accuracy"] {
        near(&in_blocks, &in_memory, what);
    }
    for what in ["dataset", "train_rows", "test_rows", "majority_test_accuracy", "majority_train_accuracy"] {
        assert_eq!(in_blocks[what], in_memory[what], "{what}");
    }
    assert_eq!(
        (&in_memory["in_blocks"], &in_blocks["in_blocks"]),
        (&Value::Null, &json!({ "sample_rows": 4000 }))
    );
    assert_eq!(
        (&in_blocks["settings"]["in_blocks"], &in_blocks["settings"]["features"]),
        (&json!(true), &json!("orthogonal"))
    );
    let counted: u64 = in_blocks["confusion"]
        .as_array()
        .ok_or("rows")?
        .iter()
        .flat_map(|row| row.as_array())
        .flatten()
        .filter_map(Value::as_u64)
        .sum();
    assert_eq!(counted, 1000, "all test rows are counted");

    // the model of the file is the one that was measured
    let evaluated = json(&folder, &["evaluate", "t.csv", "--model", "blocks", "--json"])?;
    near(&evaluated, &in_blocks, "test_accuracy");
    let (_, told, _) = run(&folder, &["inspect", "blocks"])?;
    assert!(told.contains("in_blocks true") && told.contains("trained on  t.csv, 4000 rows"), "{told}");
    Ok(())
}

#[test]
fn what_is_of_a_sample_is_said() -> Outcome {
    let folder = of_rings("t.csv")?;
    let fit = "fit t.csv --missing mean --model m --set in_blocks=true --set closed-form.max_layers=1";
    let fit: Vec<&str> = fit.split(' ').collect();
    let (code, told, warned) = run(&folder, &fit)?;
    assert_eq!((code, warned.as_str()), (Some(0), ""));
    for line in [
        "t.csv: 5000 rows, 3 columns, 2 classes of `ring`: inner (2500), outer (2500)",
        "missing     125 cells in 125 rows, filled with their column's training mean: 125 in y",
        "4000 rows to train on, 1000 to test",
        "set, and not searched: max_layers 1",
        "chosen by 5-fold cross-validation on a sample of 4000 training rows: bandwidth_scale ",
        "the rows were read in blocks: H*, the objective, what is measured of test rows and the last layer's train accuracy are of all \
         rows, what else is measured of a layer of the 2048 it was begun on, and the nearest neighbours of a sample of 4000; equal \
         rows were not looked for",
        "the model is in m",
    ] {
        assert!(told.lines().any(|found| found.starts_with(line)), "{line}\n{told}");
    }

    let (_, told, _) = run(&folder, &[&fit[..], &["--test-size", "0"]].concat())?;
    assert!(told.contains("5000 rows to train on, 0 to test"), "{told}");
    assert!(told.contains("There are no test rows: nothing can be said of new rows."), "{told}");
    let preview = json(&folder, &[&fit[..], &["--dry-run", "--json"]].concat())?;
    assert_eq!((&preview["train_rows"], &preview["test_rows"]), (&json!(4000), &json!(1000)));
    Ok(())
}

#[test]
fn a_run_in_blocks_never_holds_the_table() -> Outcome {
    let folder = of_rings("t.csv")?;
    let config = "name = \"x\"\nfolds = 3\nmethods = [\"closed-form\"]\ndataset.path = \"t.csv\"\n\
                  dataset.missing = \"mean\"\nclosed-form.max_layers = 2\nclosed-form.features = \"orthogonal\"\n";
    fs::write(folder.path().join("x.toml"), config)?;
    let in_memory = json(&folder, &["run", "x.toml", "--json", "--out", "memory"])?;
    let with = ["run", "x.toml", "--json", "--set", "in_blocks=true", "--out"];
    let in_blocks = json(&folder, &[&with[..], &["blocks"]].concat())?;
    assert_eq!(in_blocks["dataset"], in_memory["dataset"]);
    let folds = |results: &Value| results["methods"][0]["folds"].as_array().cloned().unwrap_or_default();
    let (in_blocks_folds, in_memory_folds) = (folds(&in_blocks), folds(&in_memory));
    assert_eq!((in_blocks_folds.len(), in_memory_folds.len()), (3, 3));
    for (a, b) in in_blocks_folds.iter().zip(&in_memory_folds) {
        near(a, b, "test_accuracy");
        near(a, b, "train_accuracy");
    }
    let rows = |folds: &[Value]| folds.iter().map(|fold| fold["confusion"].to_string()).collect::<String>();
    assert_ne!(rows(&in_blocks_folds), "", "confusion matrices");
    assert!(names(&folder.path().join("blocks"))?.contains(&"report.html".to_owned()));

    // what is finished is kept
    let again = json(&folder, &[&with[..], &["blocks", "--resume"]].concat())?;
    assert_eq!(again, in_blocks);
    let (_, told, _) = run(&folder, &["run", "x.toml", "--set", "in_blocks=true", "--dry-run"])?;
    assert!(
        told.starts_with("t: 5000 rows, 5 columns, classes inner (2500), outer (2500), read in blocks\n"),
        "{told}"
    );
    let validated = json(&folder, &["run", "x.toml", "--set", "in_blocks=true", "--dry-run", "--json"])?;
    let sizes: Vec<_> = (0..3).map(|fold| validated["folds"][fold]["test_rows"].as_u64()).collect();
    assert_eq!(sizes, [1667, 1667, 1666].map(Some));
    Ok(())
}

#[test]
fn a_row_that_no_pass_can_take_is_named_by_its_line() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut text = String::from("x,y,kind\n");
    for i in 0..60 {
        let x = like(i, 60) % 7 + 10 * (like(i, 60) % 2);
        let _ = writeln!(text, "{x}e-300,{},{}", i * 5 % 11, ["a", "b"][i % 2]);
    }
    fs::write(folder.path().join("t.csv"), &text)?;
    let fit =
        ["fit", "t.csv", "--model", "m", "--no-search", "--solver", "closed-form", "--set", "in_blocks=true"];
    fs::write(folder.path().join("test.csv"), "x,y,kind\n2e-300,3,a\n\n1e300,4,b\n")?;
    let (code, _, told) = run(&folder, &[&fit[..], &["--test-file", "test.csv"]].concat())?;
    assert_eq!(code, Some(2), "{told}");
    let (start, end) = (
        "error: test.csv, line 4, column `x`: 1e300 standardised by mean ",
        "is beyond the range of a 64-bit float; correct or remove the row\n",
    );
    assert!(told.starts_with(start) && told.ends_with(end), "{told}");
    assert_eq!(names(folder.path())?, ["t.csv", "test.csv"]);

    // of the rows held out of the table itself
    text += "1e300,3,a\n";
    fs::write(folder.path().join("t.csv"), &text)?;
    let config =
        "name = \"x\"\nfolds = 2\nin_blocks = true\nmethods = [\"closed-form\"]\ndataset.path = \"t.csv\"\n";
    fs::write(folder.path().join("x.toml"), config)?;
    let (code, _, told) = run(&folder, &["run", "x.toml", "--out", "out", "--quiet"])?;
    assert_eq!(code, Some(2), "{told}");
    let start = "error: t.csv, line 62, column `x`: 1e300 standardised by mean ";
    assert!(
        told.replace(&format!("{}/", folder.path().canonicalize()?.display()), "").starts_with(start),
        "{told}"
    );
    Ok(())
}

#[test]
fn what_cannot_be_fitted_in_blocks_is_refused() -> Outcome {
    let folder = folder()?;
    for (more, message) in [
        (
            &["--set", "closed-form.in_blocks=true"][..],
            "--set closed-form.in_blocks=true: closed-form.in_blocks needs features `random` or `orthogonal`: an exact layer keeps every row",
        ),
        (
            &["--set", "in_blocks=true", "--set", "closed-form.features=exact"],
            "the command line: closed-form.in_blocks needs features `random` or `orthogonal`: an exact layer keeps every row",
        ),
        (
            &["--set", "spectral.in_blocks=true", "--set", "closed-form.max_layers=1"],
            "one network is fitted in blocks and the other in memory: give in_blocks = true for both, or name one with --solver",
        ),
    ] {
        let arguments = [&["fit", "t.csv", "--label", "kind", "--model", "m"][..], more].concat();
        assert_eq!(run(&folder, &arguments)?, (Some(2), String::new(), format!("error: {message}\n")));
    }
    let (code, _, told) = run(&folder, &["run", "x.toml", "--set", "in_blocks=true"])?;
    let message = "error: --set in_blocks=true: in_blocks cannot stand beside the method knn, which is fitted in memory: leave one of \
                   them out\n";
    assert_eq!((code, told.as_str()), (Some(2), message));
    assert_eq!(names(folder.path())?, ["t.csv", "x.toml"]);
    Ok(())
}
