//! A table of one's own, as a user meets it: fit, predict, evaluate, transform, inspect, hsic.

mod common;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use common::{Outcome, Ran, pets, run, run_with};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

fn gzip(text: &str) -> std::io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes())?;
    packed.finish()
}

/// A folder with the table, some cells of which are missing, and a model of it.
fn fitted(more: &[&str]) -> Result<(TempDir, String), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let csv = pets(|i, fields| match i {
        3 => fields[0] = String::new(),
        7 => fields[1] = "?".into(),
        9 => fields[0] = "NA".into(),
        _ => {}
    });
    fs::write(folder.path().join("pets.csv"), csv)?;
    let arguments = [
        "fit",
        "pets.csv",
        "--label",
        "kind",
        "--model",
        "m.safetensors",
        "--missing",
        "mean",
        "--solver",
        "closed-form",
    ];
    let (code, stdout, stderr) = run(&folder, &[&arguments, more].concat())?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    Ok((folder, stdout))
}

#[test]
fn text_columns_missing_cells_and_quoted_commas_make_a_model() -> Outcome {
    let (folder, stdout) = fitted(&[])?;
    let start = "\
pets.csv: 60 rows, 3 columns, 3 classes of `kind`: cat (20), dog (20), größer Bär (20)
numbers     weight
categories  coat: long, curly, short, so \"wild\"
categories  size: big, medium, small
missing     3 cells in 3 rows, filled with their column's training mean: 2 in weight, 1 in coat

48 rows to train on, 12 to test
chosen by 5-fold cross-validation on the training rows: ";
    assert!(stdout.starts_with(start), "{stdout}");
    let end = "HSIC finds the classes of 48 training rows to depend on the columns (permutation test, p = 0.005).\n\n\
               the model is in m.safetensors\n";
    assert!(stdout.contains("\nWas there anything to learn? Yes: ") && stdout.ends_with(end), "{stdout}");

    // any order of columns, a missing cell, no label; from standard input
    let rows = "size,coat,weight\nbig,\"long, curly\",26\nsmall,short,\n";
    let predicted = run_with(&folder, &["predict", "--model", "m.safetensors"], rows)?;
    assert_eq!(predicted, (Some(0), "predicted\ndog\ncat\n".into(), String::new()));

    let (code, stdout, _) = run(&folder, &["evaluate", "pets.csv", "--model", "m.safetensors", "--json"])?;
    let json: Value = serde_json::from_str(&stdout)?;
    assert_eq!(
        (code, json["n"].as_u64(), json["class_names"][2].as_str()),
        (Some(0), Some(60), Some("größer Bär"))
    );
    assert!(json["test_accuracy"].as_f64().is_some_and(|accuracy| accuracy > 0.9), "{stdout}");

    let (_, stdout, _) = run(&folder, &["inspect", "m.safetensors"])?;
    for line in [
        "method      closed-form",
        "trained on  pets.csv, 48 rows",
        "classes     cat, dog, größer Bär",
        "categories  coat: long, curly, short, so \"wild\"",
        "missing     filled with the column's training mean",
    ] {
        assert!(stdout.lines().any(|other| other == line), "{line}\n{stdout}");
    }
    Ok(())
}

#[test]
fn wine_is_learnt_and_the_report_is_json() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("wine.csv"), include_str!("../../../datasets/wine.csv"))?;
    for solver in ["spectral", "closed-form"] {
        let arguments = [
            "fit",
            "wine.csv",
            "--label",
            "class",
            "--model",
            "w.safetensors",
            "--json",
            "--seed",
            "3",
            "--solver",
            solver,
        ];
        let (code, stdout, stderr) = run(&folder, &arguments)?;
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        let json: Value = serde_json::from_str(&stdout)?;
        for field in [
            "train_accuracy",
            "test_accuracy",
            "balanced_test_accuracy",
            "hsic_normalized",
            "mse",
            "ce",
            "brier_score",
            "log_loss",
            "majority_test_accuracy",
            "knn_test_accuracy",
            "chance_p_value",
            "independence_p_value",
            "seconds",
        ] {
            assert!(json[field].is_f64(), "{field}: {}", json[field]);
        }
        assert_eq!(json["method"], solver);
        assert_eq!(
            (&json["train_rows"], &json["test_rows"], &json["seed"]),
            (&142.into(), &36.into(), &3.into())
        );
        assert!(
            json["test_accuracy"].as_f64() > Some(0.9) && json["chance_p_value"].as_f64() < Some(1e-6),
            "{stdout}"
        );
        assert_eq!(
            json["dataset"]["sha256"],
            "7db7ba766e08efb197208c47206451b2e0c1553df5390b18266442b12ffb96a8"
        );
        // evaluating all rows is consistent with what was measured on parts of them
        let (_, stdout, _) = run(&folder, &["evaluate", "wine.csv", "--model", "w.safetensors", "--json"])?;
        let all: Value = serde_json::from_str(&stdout)?;
        let right = |json: &Value, name: &str, n: f64| json[name].as_f64().map(|share| (share * n).round());
        let parts = right(&json, "train_accuracy", 142.0)
            .zip(right(&json, "test_accuracy", 36.0))
            .map(|(a, b)| a + b);
        assert_eq!(right(&all, "test_accuracy", 178.0), parts);
    }
    Ok(())
}

#[test]
fn labels_that_have_nothing_to_do_with_the_columns_are_called_so() -> Outcome {
    let folder = tempfile::tempdir()?;
    // a linear congruential generator: three draws a row
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut csv = String::from("x,y,kind\n");
    for _ in 0..60 {
        let (x, y, z) = (draw(), draw(), draw());
        let _ = writeln!(csv, "{x},{y},{}", if z < 0.5 { "a" } else { "b" });
    }
    fs::write(folder.path().join("noise.csv"), csv)?;
    let arguments =
        ["fit", "noise.csv", "--label", "kind", "--model", "n.safetensors", "--solver", "closed-form"];
    let (code, stdout, _) = run(&folder, &arguments)?;
    assert_eq!(code, Some(0));
    assert!(stdout.contains("Was there anything to learn? No sign of it: "), "{stdout}");
    assert!(
        stdout.contains("HSIC finds no sign that the classes of 48 training rows depend on the columns"),
        "{stdout}"
    );
    Ok(())
}

#[test]
fn predictions_are_the_same_from_any_source_and_number_of_threads() -> Outcome {
    let (folder, _) = fitted(&["--quiet"])?;
    let csv = fs::read_to_string(folder.path().join("pets.csv"))?;
    let base = ["predict", "--proba", "--model", "m.safetensors"];
    let expected = run_with(&folder, &base, csv.as_str())?.1;
    assert!(
        expected.starts_with("predicted,p(cat),p(dog),p(größer Bär)\n") && expected.lines().count() == 61
    );
    assert_eq!(run(&folder, &[&base[..], &["pets.csv", "--threads", "1"]].concat())?.1, expected);
    assert_eq!(run(&folder, &[&base[..], &["pets.csv", "--threads", "2", "--out", "p.csv"]].concat())?.1, "");
    assert_eq!(fs::read_to_string(folder.path().join("p.csv"))?, expected);
    fs::write(folder.path().join("pets.csv.gz"), gzip(&csv)?)?;
    assert_eq!(run(&folder, &[&base[..], &["pets.csv.gz"]].concat())?.1, expected);
    let json: Value = serde_json::from_str(&run(&folder, &[&base[..], &["pets.csv", "--json"]].concat())?.1)?;
    assert_eq!((json["n"].as_u64(), json["rows"][1]["predicted"].as_str()), (Some(60), Some("dog")));
    let p: f64 = expected.lines().nth(2).and_then(|line| line.split(',').nth(2)).ok_or("p")?.parse()?;
    assert_eq!(json["rows"][1]["probabilities"][1].as_f64(), Some(p));

    let z = run(&folder, &["transform", "pets.csv", "--model", "m.safetensors", "--layer", "1"])?.1;
    assert!(z.starts_with("z1,z2,z3\n") && z.lines().count() == 61, "{z}");
    let json =
        run(&folder, &["transform", "pets.csv", "--model", "m.safetensors", "--layer", "1", "--json"])?.1;
    let json: Value = serde_json::from_str(&json)?;
    assert_eq!((json["rows"].as_array().map(Vec::len), json["n"].as_u64()), (Some(60), Some(60)));
    Ok(())
}

#[test]
fn a_packed_table_on_standard_input_is_unpacked() -> Outcome {
    let csv = pets(|_, _| {});
    let told = |table: &[u8]| -> Result<Vec<Ran>, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let commands: [&[&str]; 5] = [
            &["fit", "-", "--label", "kind", "--model", "m", "--solver", "closed-form", "--quiet"],
            &["predict", "--model", "m"],
            &["transform", "-", "--model", "m", "--layer", "1"],
            &["evaluate", "-", "--model", "m"],
            &["hsic", "-", "--label", "kind"],
        ];
        commands.into_iter().map(|arguments| run_with(&folder, arguments, table)).collect()
    };
    let plain = told(csv.as_bytes())?;
    assert!(plain.iter().all(|(code, _, stderr)| *code == Some(0) && stderr.is_empty()), "{plain:?}");
    assert_eq!(told(&gzip(&csv)?)?, plain);
    Ok(())
}

#[test]
fn arrays_of_numpy_are_tables_too() -> Outcome {
    let folder = tempfile::tempdir()?;
    let npy = |shape: &str, values: &[f64]| {
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    };
    let x: Vec<f64> =
        (0..40).flat_map(|i| [(i % 2) as f64 * 5.0 + (i as f64).sin(), (i as f64).cos()]).collect();
    let y: Vec<f64> = (0..40).map(|i| (i % 2) as f64).collect();
    fs::write(folder.path().join("x.npy"), npy("(40, 2)", &x))?;
    fs::write(folder.path().join("y.npy"), npy("(40,)", &y))?;
    let (code, stdout, _) =
        run(&folder, &["fit", "x.npy", "--labels", "y.npy", "--model", "m", "--solver", "spectral"])?;
    let start = "x.npy: 40 rows, 2 columns, 2 classes of `class`: 0 (20), 1 (20)\nnumbers     x1, x2\n";
    assert!(code == Some(0) && stdout.starts_with(start), "{stdout}");
    let (_, predicted, _) = run(&folder, &["predict", "x.npy", "--model", "m"])?;
    assert!(predicted.starts_with("predicted\n0\n1\n0\n1\n"), "{predicted}");
    // and from standard input, packed or not
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&npy("(40, 2)", &x))?;
    for x in [npy("(40, 2)", &x), packed.finish()?] {
        let again = ["fit", "-", "--labels", "y.npy", "--model", "n", "--solver", "spectral"];
        let (code, told, stderr) = run_with(&folder, &again, x.clone())?;
        assert!(
            code == Some(0) && told.contains("40 rows, 2 columns, 2 classes of `class`"),
            "{told}{stderr}"
        );
        assert_eq!(run_with(&folder, &["predict", "--model", "n"], x.clone())?.1, predicted);
        let evaluate = ["evaluate", "-", "--labels", "y.npy", "--model", "n", "--json"];
        let (code, told, stderr) = run_with(&folder, &evaluate, x)?;
        assert!(code == Some(0) && told.contains("\"test_accuracy\""), "{told}{stderr}");
    }
    let (code, _, stderr) =
        run_with(&folder, &["predict", "--model", "n", "--labels", "y.npy"], "x1,x2\n1,2\n")?;
    assert_eq!(code, Some(2));
    assert!(stderr.contains("standard input: "), "{stderr}");
    Ok(())
}

#[test]
fn hsic_of_columns_and_classes_comes_with_a_p_value() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("wine.csv"), include_str!("../../../datasets/wine.csv"))?;
    let json = |more: &[&str]| -> Result<Value, Box<dyn Error>> {
        let (code, stdout, stderr) = run(&folder, &[&["hsic", "wine.csv", "--json"], more].concat())?;
        assert_eq!(code, Some(0), "{stderr}");
        Ok(serde_json::from_str(&stdout)?)
    };
    let classes = json(&["--label", "class", "--permutations", "99"])?;
    assert_eq!((classes["test"].as_str(), classes["p_value"].as_f64()), (Some("permutation"), Some(0.01)));
    let gamma = json(&["--label", "class", "--p-value", "gamma"])?;
    assert_eq!(gamma["hsic_biased"], classes["hsic_biased"]);
    assert!(gamma["p_value"].as_f64() < Some(1e-6));
    // the two sides of a pair are alike
    let (xy, yx) = (json(&["--x", "alcohol", "--y", "hue"])?, json(&["--x", "hue", "--y", "alcohol"])?);
    let value = |json: &Value| json["hsic_unbiased"].as_f64().unwrap_or(f64::NAN);
    assert!((value(&xy) - value(&yx)).abs() < 1e-15, "{xy} {yx}");
    Ok(())
}
