//! The program as a user runs it, in a fresh folder: exit codes, streams, files.

use std::error::Error;
use std::fs;

use assert_cmd::Command;
use tempfile::TempDir;

type Outcome = Result<(), Box<dyn Error>>;

/// Runs the program in the folder: exit code, standard output, standard error.
fn run(folder: &TempDir, arguments: &[&str]) -> Result<(Option<i32>, String, String), Box<dyn Error>> {
    let output = Command::cargo_bin("hsic-cli")?
        .current_dir(folder)
        .env_remove("HSIC_DATA_DIR")
        .args(arguments)
        .output()?;
    Ok((output.status.code(), String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
}

#[test]
fn wrong_arguments_exit_with_2() -> Outcome {
    let folder = tempfile::tempdir()?;
    for arguments in
        [&["walk"][..], &["run"], &["run", "x.toml", "--quiet=no"], &["run", "x", "--threads", "0"]]
    {
        let (code, stdout, stderr) = run(&folder, arguments)?;
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(stderr.starts_with("error: "), "{stderr}");
    }
    Ok(())
}

#[test]
fn a_configuration_that_is_not_right_exits_with_2_and_leaves_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("x.toml"),
        "name = \"x\"\ndataset.name = \"random\"\n\n[spectral]\nsigma = 0\n",
    )?;
    for (arguments, message) in [
        (&["run", "x.toml"][..], "x.toml:5: spectral.sigma must be positive and finite, got 0"),
        (
            &["run", "x.toml", "--set", "spectral.sigma=-2"],
            "--set spectral.sigma=-2: spectral.sigma must be positive and finite, got -2",
        ),
        (
            &["run", "x.toml", "--set", "spectral.sigma=1", "--folds", "1"],
            "--folds 1: folds must be at least 2, got 1",
        ),
        (
            &["run", "y.toml"],
            "y.toml: cannot read the configuration\n  because: No such file or directory (os error 2)",
        ),
    ] {
        let expected = (Some(2), String::new(), format!("error: {message}\n"));
        assert_eq!(run(&folder, arguments)?, expected, "{arguments:?}");
    }
    let left: Vec<_> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
    assert_eq!(left, ["x.toml"]);
    Ok(())
}

#[test]
fn a_generated_set_is_the_same_on_standard_output_and_in_a_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let printed = run(&folder, &["data", "generate", "spiral", "--seed", "3"])?;
    let quiet = (Some(0), String::new(), String::new());
    assert_eq!(run(&folder, &["data", "generate", "spiral", "--seed", "3", "--out", "s.csv"])?, quiet);
    assert_eq!(printed, (Some(0), fs::read_to_string(folder.path().join("s.csv"))?, String::new()));
    assert_eq!(printed.1.lines().count(), 1201);
    Ok(())
}

#[test]
fn an_unknown_data_set_exits_with_2_and_lists_the_names() -> Outcome {
    let folder = tempfile::tempdir()?;
    let message = "error: there is no data set `iris`; the sets are `random`, `adversarial`, `spiral`, `car`, `wine`, \
                   `cancer`, `divorce`, `face`, `mnist`\n";
    assert_eq!(run(&folder, &["data", "describe", "iris"])?, (Some(2), String::new(), message.into()));
    Ok(())
}

#[test]
fn the_list_is_plain_text_off_a_terminal() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (code, stdout, stderr) = run(&folder, &["data", "list"])?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("\nwine "), "{stdout}");
    assert!(!stdout.contains('\u{1b}'), "{stdout}");
    Ok(())
}
