//! `--json`: exactly one object on standard output, of every command; and what goes to which stream.

mod common;

use std::fs;
use std::io::Read;

use common::{Outcome, folder, json, names, run};
use serde_json::{Value, json};

#[test]
fn every_command_prints_one_object() -> Outcome {
    let folder = folder()?;
    fs::write(folder.path().join("wine.data"), wine_as_the_source_has_it())?;
    let model = ["--model", "m.safetensors"];
    let reproduce = ["reproduce", "--datasets", "random", "--methods", "knn", "--folds", "2"];
    let fit = [&["fit", "t.csv", "--label", "kind", "--no-search"][..], &model].concat();
    // the arguments, and keys of the object
    let commands: &[(&[&str], &[&str])] = &[
        (&["run", "x.toml", "--dry-run"], &["config", "folds", "methods"]),
        (&["run", "x.toml"], &["dataset", "methods"]),
        (&reproduce, &["sets"]),
        (&[&reproduce[..], &["--dry-run"]].concat(), &["sets", "out"]),
        (&["verify", "random"], &["command", "sets", "failed", "seeds", "sources"]),
        (&["validate", "x.toml"], &["command", "files", "valid"]),
        (&[&fit[..], &["--dry-run"]].concat(), &["config", "dataset", "train_rows", "methods"]),
        (&fit, &["train_accuracy", "test_accuracy", "hsic_normalized", "confusion", "brier_score"]),
        (&[&["predict", "t.csv"][..], &model].concat(), &["command", "class_names", "rows", "n"]),
        (&[&["predict", "t.csv", "--out", "p.json"][..], &model].concat(), &["command", "n", "out", "model"]),
        (&[&["transform", "t.csv"][..], &model].concat(), &["command", "layer", "rows", "n"]),
        (
            &[&["transform", "t.csv", "--out", "z.json"][..], &model].concat(),
            &["command", "n", "out", "layer"],
        ),
        (&[&["evaluate", "t.csv"][..], &model].concat(), &["test_accuracy", "confusion", "class_names"]),
        (&["inspect", "m.safetensors"], &["training", "preprocessing", "network"]),
        (&["hsic", "t.csv", "--label", "kind"], &["hsic_normalized", "p_value"]),
        (&["hsic", "t.csv", "--x", "weight", "--y", "age"], &["hsic_normalized", "p_value"]),
        (&["data", "list"], &["datasets", "folder"]),
        (&["data", "describe", "wine"], &["n", "d", "class_names", "licence", "dataset"]),
        (&["data", "generate", "spiral", "--out", "s.csv"], &["n", "d", "sha256", "out"]),
        (&["data", "fetch", "wine", "--from", "."], &["datasets", "folder"]),
    ];
    for (arguments, keys) in commands {
        let printed = json(&folder, &[arguments, &["--json"][..]].concat())?;
        for key in *keys {
            assert!(!printed[key].is_null(), "{arguments:?}: {key} is not in {printed}");
        }
    }
    let file = |name: &str| -> Result<Value, Box<dyn std::error::Error>> {
        Ok(serde_json::from_slice(&fs::read(folder.path().join(name))?)?)
    };
    for (name, command) in [("p.json", "predict"), ("z.json", "transform")] {
        let written = file(name)?;
        assert_eq!((&written["command"], &written["n"]), (&json!(command), &json!(60)));
        assert_eq!(written["rows"].as_array().map(Vec::len), Some(60));
    }
    let (code, stdout, stderr) = run(&folder, &["data", "generate", "spiral", "--json"])?;
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("--out <FILE>"), "{stderr}");
    Ok(())
}

/// The class first, no header, as in the source's archive.
fn wine_as_the_source_has_it() -> String {
    let tidy = include_str!("../../../datasets/wine.csv");
    let row = |line: &str| {
        let (features, class) = line.rsplit_once(',').unwrap_or((line, ""));
        format!("{class},{features}\n")
    };
    tidy.lines().skip(1).map(row).collect()
}

#[test]
fn a_set_that_cannot_be_fetched_is_in_the_object_too() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (code, stdout, stderr) = run(&folder, &["data", "fetch", "wine", "--from", ".", "--json"])?;
    let printed: Value = serde_json::from_str(&stdout)?;
    let error = printed["datasets"][0]["error"].as_str().ok_or("no error")?;
    assert_eq!((code, stderr), (Some(2), format!("error: {error}\n")));
    Ok(())
}

/// Results go to standard output; progress, warnings and errors to standard error, without colours where `NO_COLOR` asks for
/// none or there is no terminal.
#[test]
fn results_and_progress_have_streams_of_their_own() -> Outcome {
    let folder = folder()?;
    // a column that does not vary: a warning
    let with_constant: String = common::table().lines().map(|line| format!("1,{line}\n")).collect();
    fs::write(folder.path().join("t.csv"), with_constant.replacen("1,", "one,", 1))?;
    let output = assert_cmd::Command::cargo_bin("hsic-cli")?
        .current_dir(&folder)
        .env("NO_COLOR", "1")
        .args(["run", "x.toml", "--json"])
        .output()?;
    let stderr = String::from_utf8(output.stderr)?;
    assert!(stderr.starts_with("warning: t: ") && stderr.lines().count() == 1, "{stderr}");
    serde_json::from_slice::<Value>(&output.stdout)?;
    for arguments in
        [&["run", "x.toml"][..], &["fit", "t.csv", "--label", "kind", "--model", "m"], &["--help"]]
    {
        let (code, stdout, stderr) = run(&folder, arguments)?;
        assert_eq!(code, Some(0));
        assert!(!stdout.is_empty() && !format!("{stdout}{stderr}").contains('\u{1b}'), "{stdout}{stderr}");
        assert!(stderr.lines().all(|line| line.starts_with("warning: ")), "{stderr}");
    }
    assert_eq!(run(&folder, &["run", "x.toml", "--quiet"])?.1, "");
    // --quiet says nothing beside what --json is asked for
    let fit = ["fit", "t.csv", "--label", "kind", "--model", "m", "--no-search", "--json", "--quiet"];
    for arguments in [&["run", "x.toml", "--json", "--quiet"][..], &fit] {
        let (code, stdout, _) = run(&folder, arguments)?;
        assert_eq!(code, Some(0));
        assert!(serde_json::from_str::<Value>(&stdout)?.is_object(), "{stdout}");
    }
    Ok(())
}

/// On a terminal the table of means is styled, unless `NO_COLOR` is set.
#[cfg(target_os = "linux")]
#[test]
fn no_color_is_respected_on_a_terminal() -> Outcome {
    use std::process::{Command, Stdio};

    let folder = folder()?;
    // of a published set: its row is dimmed
    let config = "name = \"x\"\nfolds = 2\nmethods = [\"closed-form\"]\ndataset.name = \"random\"\n";
    fs::write(folder.path().join("x.toml"), config)?;
    let program = assert_cmd::cargo::cargo_bin("hsic-cli");
    let on_terminal = |no_color: &str| -> Result<Option<String>, Box<dyn std::error::Error>> {
        // script of util-linux gives the command a terminal
        let child = Command::new("script")
            .args(["-qec", &format!("{} run x.toml 2>/dev/null", program.display()), "/dev/null"])
            .current_dir(&folder)
            .env("NO_COLOR", no_color)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else { return Ok(None) };
        let mut text = String::new();
        child.stdout.take().ok_or("no output")?.read_to_string(&mut text)?;
        child.wait()?;
        Ok(Some(text))
    };
    let (Some(coloured), Some(plain)) = (on_terminal("")?, on_terminal("1")?) else {
        eprintln!("skipped: the program script is not here");
        return Ok(());
    };
    assert!(coloured.contains('\u{1b}'), "{coloured}");
    assert!(plain.contains("results are in") && !plain.contains('\u{1b}'), "{plain}");
    assert!(names(folder.path())?.contains(&"results".to_owned()));
    Ok(())
}
