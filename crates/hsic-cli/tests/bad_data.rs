//! What each kind of bad data gets: a message with place and remedy, word for word, and exit code 2; or a warning where
//! work can go on.

use std::error::Error;
use std::fmt::Write;
use std::fs;

use assert_cmd::Command;

/// Runs two folds of the closed form on this CSV: exit code and standard error.
fn run_on(csv: &str, more: &[&str]) -> Result<(Option<i32>, String), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), csv)?;
    fs::write(
        folder.path().join("t.toml"),
        "name = \"t\"\nfolds = 2\nmethods = [\"closed-form\"]\ndataset.path = \"t.csv\"\n",
    )?;
    let output = Command::cargo_bin("hsic-cli")?
        .current_dir(&folder)
        .args(["run", "t.toml", "--quiet"])
        .args(more)
        .output()?;
    let stderr = String::from_utf8(output.stderr)?;
    // the path is absolute, and the folder has another name each time
    let here = format!("{}/", folder.path().canonicalize()?.display());
    Ok((
        output.status.code(),
        stderr.replace(&here, "").replace(&format!("{}/", folder.path().display()), ""),
    ))
}

/// A table of two columns and two classes, six rows each; `edit` changes its lines (0 is the header).
fn table(edit: impl Fn(usize, &str) -> String) -> String {
    let mut text = String::new();
    for line in 0..13 {
        let class = if line % 2 == 0 { "yes" } else { "no" };
        let row = match line {
            0 => "width,height,class".to_owned(),
            _ => format!("{}.5,{},{class}", line, line * line % 7),
        };
        let _ = writeln!(text, "{}", edit(line, &row));
    }
    text
}

#[test]
fn a_good_table_runs_without_a_word() -> Result<(), Box<dyn Error>> {
    assert_eq!(run_on(&table(|_, row| row.into()), &[])?, (Some(0), String::new()));
    Ok(())
}

#[test]
fn errors_name_the_place_and_the_remedy() -> Result<(), Box<dyn Error>> {
    let at = |line: usize, text: &'static str| {
        table(move |here, row| if here == line { text.into() } else { row.into() })
    };
    let cases = [
        (
            at(3, "3.5,2"),
            "t.csv, line 4: found 2 fields, expected 3 as in the first line; mend the row, and quote a field that holds the \
             delimiter",
        ),
        (
            at(4, "4.5,tall,yes"),
            "t.csv, line 5, column `height`: `tall` is not a number; mend the cell, or take the whole column as text with \
             --text height",
        ),
        (
            at(5, "NaN,2,no"),
            "t.csv: 1 cells are missing in 1 of 12 rows: 1 in `width`; leave such rows out with --missing drop, or fill the \
             cells with their column's training mean with --missing mean",
        ),
        (
            at(6, "6.5,,yes"),
            "t.csv: 1 cells are missing in 1 of 12 rows: 1 in `height`; leave such rows out with --missing drop, or fill the \
             cells with their column's training mean with --missing mean",
        ),
        (
            table(|line, row| if line == 0 { row.into() } else { row.replace("yes", "no") }),
            "t.csv: all rows are of one class, `no`: there is nothing to tell apart; is `class` the right --label?",
        ),
        (
            table(|_, row| row.into()),
            "class `no` has 6 rows, fewer than the 7 folds: use --folds 6 or fewer, or leave the class out",
        ),
    ];
    for (csv, expected) in cases {
        let more: &[&str] = if expected.contains("folds") { &["--folds", "7"] } else { &[] };
        assert_eq!(run_on(&csv, more)?, (Some(2), format!("error: {expected}\n")));
    }
    Ok(())
}

#[test]
fn warnings_do_not_stop_the_work() -> Result<(), Box<dyn Error>> {
    let constant = table(|line, row| {
        let extra = if line == 0 { "always" } else { "3" };
        format!("{extra},{row}")
    });
    let expected = "warning: t: column `always` is constant and is dropped\n";
    assert_eq!(run_on(&constant, &[])?, (Some(0), expected.to_owned()));
    let conflicting = table(|line, row| match line {
        3 => "2.5,4,no".into(),
        2 => "2.5,4,yes".into(),
        _ => row.into(),
    });
    let expected = "warning: t: 2 rows have an equal row of another class, first rows 2 and 3 (from 1, without the \
                    header): no classifier can reach a train accuracy of 1.0 (at best 0.9167)\n\
                    warning: t: only 11 of 12 rows are distinct: equal rows can fall into training and test folds alike, \
                    which flatters the test accuracy\n";
    assert_eq!(run_on(&conflicting, &[])?, (Some(0), expected.to_owned()));
    Ok(())
}

#[test]
fn missing_files_are_named() -> Result<(), Box<dyn Error>> {
    let (code, stderr) = run_on(&table(|_, row| row.into()), &["--set", "dataset.path=absent.csv"])?;
    let expected = "error: cannot read absent.csv\n  because: No such file or directory (os error 2)\n";
    assert_eq!((code, stderr.as_str()), (Some(2), expected));
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("c.toml"), "name = \"c\"\ndataset.name = \"cancer\"\n")?;
    let output = Command::cargo_bin("hsic-cli")?
        .current_dir(&folder)
        .env("HSIC_DATA_DIR", "nowhere")
        .args(["run", "c.toml"])
        .output()?;
    let expected = "error: data set `cancer`: nowhere/cancer.csv does not exist; get it with `hsic-cli data fetch cancer`, or from its \
                    source, Breast Cancer Wisconsin \
                    (Original), UCI id 15, https://doi.org/10.24432/C5HP4Z, and set HSIC_DATA_DIR to the folder that \
                    has cancer.csv (datasets/README.md describes the file)\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stderr)?), (Some(2), expected.to_owned()));
    Ok(())
}

#[test]
fn an_experiment_beyond_the_memory_allowed_is_refused_before_the_data_are_loaded()
-> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    std::fs::write(
        folder.path().join("x.toml"),
        "name = \"x\"\ndataset.name = \"mnist\"\ndataset.split = \"given\"\n",
    )?;
    let run = |arguments: &[&str]| {
        Command::cargo_bin("hsic-cli")?
            .current_dir(&folder)
            // without it the data are nowhere: loading them would say so
            .env_remove("HSIC_DATA_DIR")
            .args(["run", "x.toml", "--threads", "2"])
            .args(arguments)
            .output()
            .map_err(Box::<dyn Error>::from)
    };
    let output = run(&["--max-memory", "2GB", "--set", "methods=[\"closed-form\"]"])?;
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr)?,
        "error: --max-memory: closed-form: about 2.6 GB of memory are needed (copies of a fold's rows: 1.2 GB), 2.0 GB \
         are allowed; features = \"random\" with in_blocks = true needs about 1.1 GB\n"
    );
    let output = run(&["--max-memory", "many"])?;
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr)?;
    assert!(text.contains("expected a size such as 500MB, 4GB or 2GiB"), "{text}");
    let output = run(&["--max-memory", "4GB", "--set", "methods=[\"closed-form\"]"])?;
    let text = String::from_utf8(output.stderr)?;
    assert!(text.starts_with("error: data set `mnist`: HSIC_DATA_DIR is not set"), "{text}");
    Ok(())
}
