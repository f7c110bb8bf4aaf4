//! Numbers and tables at the edge, through the program: a finite result or a message with exit code 2 or 1, never a panic, and no
//! NaN in what is printed.

mod common;

use std::error::Error;
use std::fmt::Write;
use std::fs;

use common::Outcome;
use serde_json::Value;
use tempfile::TempDir;

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs the program and checks what holds whatever the table: an exit code and its message, and no NaN.
fn run(folder: &TempDir, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
    let (code, stdout, stderr) = common::run(folder, arguments)?;
    let told = || format!("{arguments:?}: {code:?}\n{stdout}\n{stderr}");
    assert!(matches!(code, Some(0..=2)) && !stderr.contains("panicked"), "{}", told());
    assert_eq!(code != Some(0), stderr.starts_with("error: ") || stderr.contains("\nerror: "), "{}", told());
    let is_nan =
        |word: &str| matches!(word.trim_matches(|c: char| !c.is_alphanumeric()), "NaN" | "nan" | "inf");
    assert!(!stdout.split([' ', ',', '\n', ':', '{', '[']).any(is_nan), "{}", told());
    Ok(Ran { code, stdout, stderr })
}

/// Runs the program, which must succeed: standard output.
fn succeed(folder: &TempDir, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let ran = run(folder, arguments)?;
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
    Ok(ran.stdout)
}

/// What becomes of a table: the accuracy on the training rows, or the message.
fn outcome(csv: &str, solver: &str) -> Result<Result<f64, String>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let here = |name: &str| folder.path().join(name);
    fs::write(here("t.csv"), csv)?;
    let fit =
        ["fit", "t.csv", "--model", "m", "--no-search", "--test-size", "0", "--solver", solver, "--json"];
    let fit = run(&folder, &fit)?;
    // whatever fit says, the other doors to a table hold
    for arguments in [
        &["hsic", "t.csv", "--label", "class"][..],
        &["hsic", "t.csv", "--label", "class", "--p-value", "gamma", "--json"],
        &["fit", "t.csv", "--model", "other", "--solver", solver, "--quiet"],
    ] {
        run(&folder, arguments)?;
    }
    fs::write(
        here("t.toml"),
        format!("name = \"t\"\nfolds = 2\nmethods = [\"{solver}\"]\ndataset.path = \"t.csv\"\n"),
    )?;
    run(&folder, &["run", "t.toml", "--quiet"])?;
    if fit.code != Some(0) {
        assert!(!here("m").exists(), "a model beside an error");
        return Ok(Err(fit.stderr));
    }
    let fit: Value = serde_json::from_str(&fit.stdout)?;
    assert!(fit["train_accuracy"].is_f64() && fit["test_accuracy"].is_null(), "{fit}");
    succeed(&folder, &["predict", "t.csv", "--model", "m", "--proba"])?;
    succeed(&folder, &["transform", "t.csv", "--model", "m", "--layer", "1"])?;
    let evaluated = succeed(&folder, &["evaluate", "t.csv", "--model", "m", "--json"])?;
    let evaluated: Value = serde_json::from_str(&evaluated)?;
    Ok(Ok(evaluated["test_accuracy"].as_f64().ok_or("no accuracy")?))
}

/// The same without a header and with a fifth of the rows held out.
fn held_out(csv: &str, solver: &str) -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), csv.split_once('\n').ok_or("a header")?.1)?;
    let fit = ["fit", "t.csv", "--no-header", "--model", "m", "--no-search", "--solver", solver, "--json"];
    let fit: Value = serde_json::from_str(&succeed(&folder, &fit)?)?;
    assert!(fit["train_accuracy"].is_f64() && fit["test_accuracy"].is_f64(), "{fit}");
    succeed(&folder, &["predict", "t.csv", "--no-header", "--model", "m", "--proba"])?;
    Ok(())
}

/// n rows of two columns by functions of row and class, the classes in turn.
fn table(n: usize, classes: usize, cell: impl Fn(usize, usize) -> [String; 2]) -> String {
    let mut csv = String::from("a,b,class\n");
    for i in 0..n {
        let [a, b] = cell(i, i % classes);
        let _ = writeln!(csv, "{a},{b},k{}", i % classes);
    }
    csv
}

/// Two columns that tell the classes apart, times a number.
fn scaled(scale: f64) -> String {
    table(30, 3, |i, class| {
        [scale * (class as f64 + 0.01 * (i % 5) as f64), scale * (i * 7 % 4) as f64].map(|x| format!("{x:e}"))
    })
}

fn both(csv: &str, at_least: f64) -> Outcome {
    for solver in ["spectral", "closed-form"] {
        let accuracy = outcome(csv, solver)??;
        assert!(accuracy >= at_least, "{solver}: {accuracy}");
        held_out(csv, solver)?;
    }
    Ok(())
}

fn refused(csv: &str, message: &str) -> Outcome {
    for solver in ["spectral", "closed-form"] {
        assert_eq!(outcome(csv, solver)?.unwrap_err(), format!("error: {message}\n"), "{solver}");
    }
    Ok(())
}

#[test]
fn the_scale_of_the_numbers_is_of_no_matter() -> Outcome {
    for scale in [1.0, 1e-150, 1e-300, 1e150, 1e300, 1e307] {
        both(&scaled(scale), 1.0).map_err(|error| format!("{scale:e}: {error}"))?;
    }
    Ok(())
}

#[test]
fn denormals_are_numbers() -> Outcome {
    both(&scaled(1e-310), 1.0)?;
    both(&scaled(5e-322), 0.9)
}

#[test]
fn a_far_value_stretches_its_column() -> Outcome {
    both(
        &table(30, 3, |i, class| [if i == 7 { "1e300".into() } else { i.to_string() }, class.to_string()]),
        0.9,
    )?;
    both(
        &table(30, 3, |i, class| [if i % 2 == 0 { "1.7e308" } else { "-1.7e308" }.into(), class.to_string()]),
        0.9,
    )?;
    // beside it, a column of tiny values
    both(
        &table(40, 2, |i, class| {
            [if i == 3 { "1e300".into() } else { i.to_string() }, format!("{class}e-300")]
        }),
        0.9,
    )
}

#[test]
fn columns_that_do_not_vary_are_dropped() -> Outcome {
    both(&table(20, 2, |_, class| ["1e300".into(), class.to_string()]), 1.0)?;
    refused(
        &table(20, 2, |_, _| ["3".into(), "1e-320".into()]),
        "all 2 columns are constant over the 20 training rows: there is nothing to learn from",
    )
}

#[test]
fn columns_that_hardly_vary_are_used_and_told() -> Outcome {
    let last_digit =
        table(20, 2, |i, class| [(1_000_000_000_000_000 + class).to_string(), (i % 3).to_string()]);
    let alone = table(20, 2, |_, class| [(1_000_000_000_000_000 + class).to_string(), "7".into()]);
    for csv in [&last_digit, &alone] {
        both(csv, 1.0)?;
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("t.csv"), csv)?;
        fs::write(
            folder.path().join("t.toml"),
            "name = \"t\"\nfolds = 2\nmethods = [\"knn\"]\ndataset.path = \"t.csv\"\n",
        )?;
        let warning = "column `a` varies by 5.0e-16 of its size: it is kept, and standardised as any other; leave out what \
                       is rounding\n";
        for (arguments, file) in [
            (&["fit", "t.csv", "--model", "m", "--no-search", "--quiet"][..], "t.csv"),
            (&["fit", "t.csv", "--model", "m", "--dry-run", "--quiet"], "t.csv"),
            (&["hsic", "t.csv", "--label", "class"], "t.csv"),
            (&["hsic", "t.csv", "--x", "a", "--y", "a"], "t.csv"),
            (&["run", "t.toml", "--quiet"], "t"),
        ] {
            let ran = run(&folder, arguments)?;
            assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
            let told = format!("warning: {file}: {warning}");
            assert!(ran.stderr.contains(&told), "{arguments:?}: {}", ran.stderr);
        }
    }
    let rounding = |b: fn(usize) -> &'static str| {
        table(20, 2, |i, class| [["0.3", "0.30000000000000004"][class].into(), b(i).into()])
    };
    let dropped = "warning: t.csv: column `a` varies by 9.3e-17 of its size: it is dropped as rounding; if the difference \
                   means something, subtract what the numbers have in common\n";
    for solver in ["spectral", "closed-form"] {
        let expected = "error: all 2 columns are constant over the 20 training rows, or vary by at most 9.3e-17 of their \
                        size, which is the rounding of their numbers: there is nothing to learn from; if that difference \
                        means something, subtract what the numbers have in common\n";
        let found = outcome(&rounding(|_| "7"), solver)?.unwrap_err();
        assert_eq!(found, format!("{dropped}{expected}"), "{solver}");
    }
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), rounding(|i| ["1", "2", "3"][i % 3]))?;
    let ran = run(&folder, &["fit", "t.csv", "--model", "m", "--no-search", "--quiet"])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), dropped));
    Ok(())
}

/// Cells that are filled with the mean of equal ones leave their column constant.
#[test]
fn a_filled_column_of_equal_cells_is_constant() -> Outcome {
    let csv =
        table(41, 2, |i, class| [if i % 7 == 0 { "" } else { "0.1" }.into(), (class + i % 3).to_string()]);
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), csv)?;
    let fit = ["fit", "t.csv", "--model", "m", "--no-search", "--quiet", "--missing", "mean"];
    let ran = run(&folder, &fit)?;
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let inspected = succeed(&folder, &["inspect", "m"])?;
    assert!(
        inspected.lines().any(|line| line.starts_with("constant") && line.contains(" a:")),
        "{inspected}"
    );
    let ran = run(&folder, &["hsic", "t.csv", "--label", "class", "--missing", "mean"])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    Ok(())
}

#[test]
fn two_rows() -> Outcome {
    // none to hold out
    for solver in ["spectral", "closed-form"] {
        assert_eq!(outcome("a,b,class\n0,1,x\n5,1,y\n", solver)?, Ok(1.0), "{solver}");
    }
    Ok(())
}

#[test]
fn more_columns_than_rows() -> Outcome {
    let mut csv: String = (0..300).map(|k| format!("c{k},")).collect::<String>() + "class\n";
    for i in 0..8_usize {
        let cells: String =
            (0..300).map(|k| format!("{:.3},", ((i * 300 + k * k) as f64).sin() + (i % 2) as f64)).collect();
        let _ = writeln!(csv, "{cells}{}", i % 2);
    }
    both(&csv, 1.0)
}

#[test]
fn equal_rows() -> Outcome {
    both(&table(40, 2, |_, class| [class.to_string(), "1".into()]), 1.0)?;
    // equal rows of both classes: guessing is the best there is
    both(&table(40, 2, |i, _| [(i / 2 % 2).to_string(), "1".into()]), 0.4)?;
    both(&table(40, 2, |i, _| [(i / 2).to_string(), "1".into()]), 0.4)
}

#[test]
fn a_class_with_one_row() -> Outcome {
    let csv = scaled(1.0) + "9,9,alone\n";
    both(&csv, 0.9)?;
    // two classes, one of them one row
    both(&(table(12, 1, |i, _| [i.to_string(), (i * i % 5).to_string()]) + "90,9,alone\n"), 0.9)
}

#[test]
fn a_hundred_classes() -> Outcome {
    both(
        &table(300, 100, |i, class| [class % 40 * 10 + i / 100, class / 40 * 10].map(|x| x.to_string())),
        0.9,
    )
}

#[test]
fn a_thousand_classes() -> Outcome {
    let csv =
        table(2000, 1000, |i, class| [class % 32 * 10 + i / 1000, class / 32 * 10].map(|x| x.to_string()));
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), csv)?;
    let fit = [
        "fit",
        "t.csv",
        "--model",
        "m",
        "--solver",
        "closed-form",
        "--test-size",
        "0",
        "--quiet",
        "--set",
        "closed-form.bandwidth_scale=0.05",
        "--set",
        "closed-form.max_layers=1",
    ];
    succeed(&folder, &fit)?;
    let predicted = succeed(&folder, &["predict", "t.csv", "--model", "m"])?;
    let right =
        predicted.lines().skip(1).enumerate().filter(|(i, line)| *line == format!("k{}", i % 1000)).count();
    assert!(right > 1800, "{right} of 2000");
    Ok(())
}

#[test]
fn names_with_blanks_and_of_any_script() -> Outcome {
    let names = ["größer Bär", "猫 と 犬", "a \"quoted\", name", "🐈‍⬛", "ﷺ", "e\u{301}"];
    let mut csv = String::from("weite in m,\"höhe, h\",class\n");
    for i in 0..36 {
        let _ = writeln!(csv, "{},{},\"{}\"", i % 6, i * 5 % 7, names[i % 6].replace('"', "\"\""));
    }
    both(&csv, 1.0)?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("daten mit ö.csv"), csv)?;
    let fit = [
        "fit",
        "daten mit ö.csv",
        "--model",
        "modell ü",
        "--no-search",
        "--solver",
        "spectral",
        "--test-size",
        "0",
        "--quiet",
    ];
    succeed(&folder, &fit)?;
    let predicted = succeed(&folder, &["predict", "daten mit ö.csv", "--model", "modell ü"])?;
    let mut reader = csv::ReaderBuilder::new().from_reader(predicted.as_bytes());
    let classes =
        reader.records().map(|record| Ok(record?[0].to_owned())).collect::<Result<Vec<_>, csv::Error>>()?;
    assert_eq!(classes, (0..36).map(|i| names[i % 6]).collect::<Vec<_>>());
    Ok(())
}
