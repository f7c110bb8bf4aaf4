//! `validate` and `completions`.

mod common;

use std::fs;
use std::path::Path;

use common::{Outcome, folder, json, names, run};
use serde_json::json;

#[test]
fn every_file_gets_a_line_and_one_that_is_wrong_exits_with_2() -> Outcome {
    let folder = folder()?;
    let config = |dataset: &str, more: &str| format!("name = \"c\"\n{dataset}\n{more}\n");
    for (name, dataset, more) in [
        ("key.toml", "dataset.name = \"random\"", "spectral.sigmas = 1"),
        ("value.toml", "dataset.name = \"random\"", "knn.k = 0"),
        (
            "combination.toml",
            "dataset.name = \"random\"",
            "spectral.in_blocks = true\nspectral.features = \"exact\"",
        ),
        ("name.toml", "dataset.name = \"iris\"", ""),
        ("column.toml", "dataset = { path = \"t.csv\", label = \"species\" }", ""),
        ("rows.toml", "dataset.path = \"t.csv\"", "folds = 31"),
        ("absent.toml", "dataset.name = \"face\"", ""),
        ("file.toml", "dataset.path = \"u.csv\"", ""),
        ("three.toml", "folds = 1\ndataset.name = \"random\"", "spectral.sigma = 0\nknn.k = 0"),
    ] {
        fs::write(folder.path().join(name), config(dataset, more))?;
    }
    let before = names(folder.path())?;
    let files = [
        "x.toml",
        "key.toml",
        "value.toml",
        "combination.toml",
        "name.toml",
        "column.toml",
        "rows.toml",
        "absent.toml",
        "three.toml",
        "file.toml",
        "none.toml",
    ];
    let (code, stdout, stderr) = run(&folder, &[&["validate"][..], &files].concat())?;
    assert_eq!((code, stderr.as_str()), (Some(2), "error: 8 of 11 files not right\n"), "{stdout}");
    for line in [
        "x.toml: OK, 60 rows, 2 columns, 2 classes",
        "value.toml:3: knn.k must be at least 1, got 0",
        "combination.toml:3: spectral.in_blocks needs features `random` or `orthogonal`: an exact layer keeps every row",
        "none.toml: cannot read the configuration",
        "three.toml:2: folds must be at least 2, got 1",
        "three.toml:4: spectral.sigma must be positive and finite, got 0",
        "three.toml:5: knn.k must be at least 1, got 0",
    ] {
        assert!(stdout.lines().any(|other| other == line), "{line}\n{stdout}");
    }
    for start in [
        "key.toml:3:10: unknown key `sigmas`",
        "name.toml: there is no data set `iris`; the sets are ",
        "column.toml: ",
        "rows.toml: ",
        "absent.toml: OK, but the data: data set `face`:",
        "file.toml: OK, but the data: ",
    ] {
        assert!(stdout.lines().any(|line| line.starts_with(start)), "{start}\n{stdout}");
    }
    assert!(
        stdout.contains("t.csv: there is no column `species` (--label); the columns are `weight`"),
        "{stdout}"
    );

    let (code, stdout, _) = run(&folder, &["validate", "--json", "x.toml", "value.toml", "file.toml"])?;
    let printed: serde_json::Value = serde_json::from_str(&stdout)?;
    assert_eq!((code, &printed["valid"]), (Some(2), &json!(false)));
    assert_eq!(printed["files"][0]["dataset"], json!({ "n": 60, "d": 2, "classes": 2 }));
    assert_eq!(printed["files"][1]["errors"], json!(["value.toml:3: knn.k must be at least 1, got 0"]));
    assert_eq!(
        (&printed["files"][2]["valid"], &printed["files"][2]["dataset"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(names(folder.path())?, before);
    Ok(())
}

#[test]
fn every_shipped_experiment_is_valid() -> Outcome {
    let folder = folder()?;
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let files: Vec<String> =
        names(&configs)?.iter().map(|name| configs.join(name).display().to_string()).collect();
    let arguments: Vec<&str> =
        ["validate", "--json"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let printed = json(&folder, &arguments)?;
    assert_eq!(printed["valid"], true);
    assert_eq!(printed["files"].as_array().map(Vec::len), Some(files.len()));
    Ok(())
}

#[test]
fn every_shell_gets_a_script_that_knows_the_commands_and_their_options() -> Outcome {
    let folder = folder()?;
    for (shell, mark) in [
        ("bash", "_hsic__cli()"),
        ("zsh", "#compdef hsic-cli"),
        ("fish", "complete -c hsic-cli"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[hsic-cli]"),
    ] {
        let (code, stdout, stderr) = run(&folder, &["completions", shell])?;
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{shell}");
        for word in [mark, "reproduce", "validate", "max-memory", "dry-run"] {
            assert!(stdout.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&folder, &["completions", "dos"])?.0, Some(2));
    Ok(())
}
