//! `--dry-run`: what would be done is told, and nothing is done.

mod common;

use std::fs;

use common::{Outcome, folder, json, names, run};
use serde_json::json;

const NOTHING_WRITTEN: [&str; 2] = ["t.csv", "x.toml"];

#[test]
fn a_dry_run_tells_all_and_writes_nothing() -> Outcome {
    let folder = folder()?;
    let arguments = ["run", "x.toml", "--seed", "3", "--dry-run"];
    let (code, stdout, stderr) = run(&folder, &arguments)?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(names(folder.path())?, NOTHING_WRITTEN);
    let start = "\
t: 60 rows, 2 columns, classes cat (30), dog (30)

fold  train  test
─────────────────
0        40    20
1        40    20
2        40    20

method           memory  folds to fit
─────────────────────────────────────
spectral          31 MB             3
knn       not estimated             3

the configuration, every key with its value

";
    let end = "\nresults would go to results/x; nothing was fitted, nothing written\n";
    let toml = stdout.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).ok_or(stdout.clone())?;
    let printed = json(&folder, &["run", "x.toml", "--seed", "3", "--dry-run", "--json"])?;
    assert_eq!(run(&folder, &["run", "x.toml", "--seed", "3", "--dry-run", "--quiet"])?.1, "");
    assert_eq!(names(folder.path())?, NOTHING_WRITTEN);

    // the configuration is the one a run writes
    let results = json(&folder, &["run", "x.toml", "--seed", "3", "--json"])?;
    assert_eq!(fs::read_to_string(folder.path().join("results/x/config.toml"))?, toml);
    assert_eq!(printed["dataset"], results["dataset"]);
    for method in 0..2 {
        for key in ["method", "settings"] {
            assert_eq!(printed["methods"][method][key], results["methods"][method][key]);
        }
    }
    assert_eq!((&printed["command"], &printed["dry_run"]), (&json!("run"), &json!(true)));
    assert_eq!(printed["config"]["spectral"]["max_layers"], 2);
    assert_eq!(printed["folds"][2], json!({ "fold": 2, "train_rows": 40, "test_rows": 20 }));
    assert!(printed["methods"][0]["memory_bytes"].as_u64() > Some(1_000_000), "{printed}");
    assert!(printed["methods"][1]["memory_bytes"].is_null());
    assert_eq!(printed["methods"][0]["folds_to_fit"], json!([0, 1, 2]));
    assert_eq!(printed["out"], "results/x");

    // and what an earlier run has finished is not to be done again
    let arguments = ["run", "x.toml", "--seed", "3", "--dry-run", "--json", "--resume"];
    assert_eq!(json(&folder, &arguments)?["methods"][0]["folds_to_fit"], json!([]));
    Ok(())
}

#[test]
fn a_dry_run_refuses_what_a_run_refuses() -> Outcome {
    let folder = folder()?;
    let (code, stdout, stderr) = run(&folder, &["run", "x.toml", "--folds", "40", "--dry-run"])?;
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(run(&folder, &["run", "x.toml", "--folds", "40"])?, (code, stdout, stderr));
    assert_eq!(names(folder.path())?, NOTHING_WRITTEN);
    Ok(())
}

#[test]
fn a_reproduction_is_told_set_by_set() -> Outcome {
    let folder = tempfile::tempdir()?;
    let arguments = ["reproduce", "--datasets", "wine,random", "--folds", "4", "--methods", "spectral,knn"];
    let printed = json(&folder, &[&arguments[..], &["--dry-run", "--json"]].concat())?;
    let sets = printed["sets"].as_array().ok_or("no sets")?;
    let of_set = |set: usize| (&sets[set]["name"], &sets[set]["dataset"]["n"], &sets[set]["out"]);
    assert_eq!(of_set(0), (&json!("random"), &json!(60), &json!("results/reproduce/random")));
    assert_eq!(of_set(1), (&json!("wine"), &json!(178), &json!("results/reproduce/wine")));
    assert_eq!((sets.len(), sets[1]["folds"].as_array().map(Vec::len)), (2, Some(4)));
    let (code, stdout, stderr) = run(&folder, &[&arguments[..], &["--dry-run"]].concat())?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("\nresults would go to results/reproduce/wine; nothing was fitted"), "{stdout}");
    assert!(stdout.ends_with("\nthe table would go to results/reproduce\n"), "{stdout}");
    assert_eq!(names(folder.path())?, [""; 0]);
    Ok(())
}

#[test]
fn a_fit_tells_rows_solvers_and_memory() -> Outcome {
    let folder = folder()?;
    let arguments = ["fit", "t.csv", "--label", "kind", "--model", "m.safetensors", "--dry-run"];
    let (code, stdout, stderr) = run(&folder, &arguments)?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let start = "\
t.csv: 60 rows, 2 columns, 2 classes of `kind`: cat (30), dog (30)
numbers     weight, age

`weight`: number; 30 values, 0 missing; first `4.0`, `26.7`, `6.4`, `25.1`
`age`: number; 11 values, 0 missing; first `0`, `5`, `10`, `4`
`kind`: label of 2 classes; 2 values, 0 missing; first `cat`, `dog`

48 rows to train on, 12 to test

method       memory             hyperparameters
───────────────────────────────────────────────
input         31 MB  chosen by cross-validation
spectral      31 MB  chosen by cross-validation
closed-form   30 MB  chosen by cross-validation

the configuration, every key with its value

";
    assert!(stdout.starts_with(start) && stdout.contains("\nbandwidth_scale = 1.0\n"), "{stdout}");
    assert!(stdout.ends_with("\nthe model would be in m.safetensors; nothing was fitted, nothing written\n"));
    let more = ["--json", "--solver", "spectral", "--no-search", "--test-size", "0"];
    let printed = json(&folder, &[&arguments[..], &more].concat())?;
    assert_eq!((&printed["train_rows"], &printed["test_rows"]), (&json!(60), &json!(0)));
    assert_eq!((&printed["dataset"]["n"], &printed["dataset"]["label"]), (&json!(60), &json!("kind")));
    // the columns are those of an inspection; a table that is read in blocks is not passed over for them
    let inspected = json(&folder, &["data", "inspect", "t.csv", "--label", "kind", "--json"])?;
    assert_eq!(printed["columns"], inspected["columns"]);
    let in_blocks = [&arguments[..], &["--json", "--set", "in_blocks=true"]].concat();
    assert!(json(&folder, &in_blocks)?["columns"].is_null());
    let methods = printed["methods"].as_array().ok_or("no methods")?;
    assert_eq!((methods.len(), &methods[0]["selection"]), (1, &json!(false)));
    assert_eq!(names(folder.path())?, NOTHING_WRITTEN);
    Ok(())
}
