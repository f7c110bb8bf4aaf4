//! Rows that cannot be read or that a model cannot take: named by file and line, or skipped with the others in their places.

mod common;

use std::error::Error;
use std::fmt::Write;
use std::fs;

use common::{Outcome, like, run, run_with};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Models of a table of a column around 1, one of deviation 1e-5, and a coat.
fn folder() -> Result<TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut csv = String::from("size,tiny,coat,kind\n");
    for i in 0..40 {
        let (like, kind) = (like(i, 40), ["cat", "dog"][i % 2]);
        let (size, coat) = [(1, "short"), (4, "long")][like % 2];
        let _ = writeln!(csv, "{size}.{},{}e-5,{coat},{kind}", like % 7, i % 5);
    }
    fs::write(folder.path().join("t.csv"), csv)?;
    for solver in SOLVERS {
        let fit = ["fit", "t.csv", "--model", solver, "--solver", solver, "--no-search", "--quiet"];
        assert_eq!(run(&folder, &fit)?, (Some(0), String::new(), String::new()));
    }
    Ok(folder)
}

const SOLVERS: [&str; 2] = ["spectral", "closed-form"];

/// A row of each fault between good ones, and how the message on it starts.
const ROWS: [(&str, &str); 11] = [
    ("1.2,2e-5,short,cat", ""),
    ("1.2,1e305,short,cat", "column `tiny`: 1e305 standardised by mean"),
    ("4.1,3e-5,long,dog", ""),
    ("big,3e-5,long,dog", "column `size`: `big` is not a number"),
    ("4.1,,long,dog", "column `tiny`: the cell is empty"),
    ("4.1,3e-5,bald,dog", "column `coat`: `bald` is not one of the known categories"),
    ("4.1,3e-5,long", "found 3 fields"),
    ("1e999,3e-5,long,dog", "column `size`: `1e999` is not finite"),
    ("1.1,1e-5,short,cat", ""),
    ("4.1,-1.7e308,long,dog", "column `tiny`: -1.7e308 standardised by mean"),
    ("4.5,0,long,dog", ""),
];

fn table() -> String {
    let rows: Vec<&str> = ROWS.iter().map(|(row, _)| *row).collect();
    format!("size,tiny,coat,kind\n{}\n", rows.join("\n"))
}

/// Line and message of every bad row.
fn faults() -> impl Iterator<Item = (usize, &'static str)> {
    ROWS.iter().enumerate().filter(|(_, (_, fault))| !fault.is_empty()).map(|(i, (_, fault))| (i + 2, *fault))
}

#[test]
fn skipped_rows_keep_their_places() -> Outcome {
    let folder = folder()?;
    fs::write(folder.path().join("p.csv"), table())?;
    let good: String = table()
        .lines()
        .enumerate()
        .filter(|(i, _)| !faults().any(|(line, _)| line == i + 1))
        .fold(String::new(), |text, (_, line)| text + line + "\n");
    fs::write(folder.path().join("good.csv"), good)?;
    for solver in SOLVERS {
        let of = |file: &str, command: &[&str]| {
            run(&folder, &[command, &[file, "--model", solver, "--on-bad-row", "skip"]].concat())
        };
        for command in [
            &["predict"][..],
            &["predict", "--proba"],
            &["transform"],
            &["transform", "--activation", "--layer", "1"],
        ] {
            let (code, stdout, stderr) = of("p.csv", command)?;
            assert_eq!(code, Some(0), "{command:?}: {stderr}");
            let mut told = stderr.lines();
            for (line, fault) in faults() {
                let comma = if fault.starts_with("column") { ", " } else { ": " };
                let expected = format!("warning: a row is skipped: p.csv, line {line}{comma}{fault}");
                let found = told.next().unwrap_or_default();
                assert!(found.starts_with(&expected), "{found}\n{expected}");
            }
            assert_eq!(told.collect::<Vec<_>>(), ["warning: p.csv: 7 of 11 rows skipped"]);
            let (code, expected, stderr) = of("good.csv", command)?;
            assert_eq!((code, stderr.as_str()), (Some(0), ""));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(stdout.as_bytes());
            let lines = reader.records().collect::<Result<Vec<_>, _>>()?;
            assert_eq!(lines.len(), ROWS.len() + 1);
            let is_empty = |record: &csv::StringRecord| record.iter().all(str::is_empty);
            let empty: Vec<usize> =
                (0..lines.len()).filter(|&i| is_empty(&lines[i])).map(|i| i + 1).collect();
            assert_eq!(empty, faults().map(|(line, _)| line).collect::<Vec<_>>());
            // the others are what they are without the bad ones, to the bit
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(expected.as_bytes());
            let expected = reader.records().collect::<Result<Vec<_>, _>>()?;
            let others: Vec<_> = lines.into_iter().filter(|record| !is_empty(record)).collect();
            assert_eq!(others, expected, "{command:?}");
        }
        let (code, stdout, _) = of("p.csv", &["predict", "--proba", "--json"])?;
        let printed: Value = serde_json::from_str(&stdout)?;
        assert_eq!((code, &printed["n"], &printed["skipped"]), (Some(0), &json!(11), &json!(7)));
        let bad = &printed["rows"][3];
        assert_eq!((&bad["predicted"], &bad["probabilities"]), (&Value::Null, &Value::Null));
        let error = bad["error"].as_str().ok_or("an error")?;
        assert!(error.starts_with("p.csv, line 5, column `size`: `big` is not a number"), "{error}");
        assert!(printed["rows"][2]["predicted"] == "dog" && printed["rows"][2]["error"].is_null());
        let (_, stdout, _) = of("p.csv", &["transform", "--json", "--out", "z.json"])?;
        let written: Value = serde_json::from_str(&stdout)?;
        assert_eq!((&written["n"], &written["skipped"]), (&json!(11), &json!(7)));
        let printed: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("z.json"))?)?;
        assert!(printed["rows"][3].is_null() && printed["rows"][2].is_array());

        let (code, stdout, stderr) = of("p.csv", &["evaluate", "--json"])?;
        let printed: Value = serde_json::from_str(&stdout)?;
        assert_eq!((code, &printed["n"], &printed["skipped"]), (Some(0), &json!(4), &json!(7)));
        assert_eq!(printed["test_accuracy"], 1.0);
        assert!(stderr.ends_with("warning: p.csv: 7 of 11 rows skipped\n"), "{stderr}");
        let bad = ROWS[1].0.replace("cat", "cow");
        fs::write(folder.path().join("none.csv"), format!("size,tiny,coat,kind\n1,1e-5,short,cow\n{bad}\n"))?;
        let (code, _, stderr) = of("none.csv", &["evaluate"])?;
        assert_eq!(code, Some(2));
        assert!(
            stderr.ends_with("error: none.csv has no row that can be used: expected one row a sample\n"),
            "{stderr}"
        );
        let (code, stdout, _) = of("none.csv", &["transform", "--layer", "1"])?;
        assert_eq!((code, stdout.lines().count()), (Some(0), 3), "{stdout}");
    }
    Ok(())
}

#[test]
fn the_first_bad_row_is_named_after_the_rows_before_it() -> Outcome {
    let folder = folder()?;
    for solver in SOLVERS {
        for (line, fault) in faults() {
            let row = ROWS[line - 2].0;
            let csv =
                format!("size,tiny,coat,kind\n{}\n{}\n{row}\n{}\n{row}\n", ROWS[0].0, ROWS[2].0, ROWS[8].0);
            let comma = if fault.starts_with("column") { ", " } else { ": " };
            let expected = format!("error: standard input, line 4{comma}{fault}");
            for (command, rows) in [
                (&["predict"][..], 3),
                (&["transform"], 3),
                (&["predict", "--out", "out"], 0),
                (&["evaluate"], 0),
            ] {
                let arguments = [command, &["--model", solver]].concat();
                let (code, stdout, stderr) = run_with(&folder, &arguments, csv.clone())?;
                assert_eq!((code, stdout.lines().count()), (Some(2), rows), "{arguments:?}: {stdout}");
                assert!(stderr.starts_with(&expected), "{stderr}\n{expected}");
            }
            assert!(!folder.path().join("out").exists());
        }
    }
    Ok(())
}

/// Numbers that stand for nothing, of any size: each row has an output without NaN, or is named.
#[test]
fn sentinels_end_no_prediction_without_a_name() -> Outcome {
    let folder = folder()?;
    let sentinels = [
        "1e300",
        "-1e300",
        "1e308",
        "-1.7976931348623157e308",
        "1e200",
        "1e154",
        "-1e100",
        "9e99",
        "1e16",
        "-999",
    ];
    let mut csv = String::from("size,tiny,coat\n");
    for sentinel in sentinels {
        let _ = write!(
            csv,
            "{sentinel},1e-5,short\n1.2,{sentinel},short\n{sentinel},{sentinel},long\n1.2,1e-5,short\n"
        );
    }
    fs::write(folder.path().join("p.csv"), &csv)?;
    for solver in SOLVERS {
        for command in [&["predict", "--proba"][..], &["transform"], &["transform", "--activation"]] {
            let skip = [command, &["p.csv", "--model", solver, "--on-bad-row", "skip"]].concat();
            let (code, stdout, stderr) = run(&folder, &skip)?;
            assert_eq!(
                (code, stdout.lines().count()),
                (Some(0), 1 + 4 * sentinels.len()),
                "{skip:?}: {stderr}"
            );
            assert!(!stdout.contains("NaN") && !stdout.contains("inf"), "{skip:?}: {stdout}");
            for line in stdout.lines().skip(4).step_by(4) {
                assert!(!line.trim_matches([',', '"']).is_empty(), "a row without a sentinel");
            }
            let (code, stdout, stderr) = run(&folder, &[command, &["p.csv", "--model", solver]].concat())?;
            if code != Some(0) {
                let line = stdout.lines().count() + 1;
                assert_eq!(code, Some(2), "{stderr}");
                let place = format!("error: p.csv, line {line}, column `");
                assert!(
                    stderr.starts_with(&place) && stderr.ends_with("; correct or remove the row\n"),
                    "{stderr}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn many_skipped_rows_are_counted() -> Outcome {
    let folder = folder()?;
    let rows: String = (0..3000).map(|i| if i % 3 == 0 { "x,0,long\n" } else { "4,0,long\n" }).collect();
    let arguments = ["predict", "--model", "spectral", "--on-bad-row", "skip"];
    let (code, stdout, stderr) = run_with(&folder, &arguments, format!("size,tiny,coat\n{rows}"))?;
    assert_eq!((code, stdout.lines().count(), stderr.lines().count()), (Some(0), 3001, 11));
    assert!(
        stdout.lines().skip(1).enumerate().all(|(i, line)| line == if i % 3 == 0 { "\"\"" } else { "dog" })
    );
    let expected = "\nwarning: standard input: 1000 of 3000 rows skipped, the first 10 told above\n";
    assert!(stderr.ends_with(expected), "{stderr}");
    Ok(())
}
