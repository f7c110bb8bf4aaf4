//! Every reader gives the same from a file, a pipe, a FIFO and standard input, in every command that reads it: an input is
//! opened once. A command that waits for an input that has gone is ended, and fails the test.

#![cfg(unix)]

mod arrays;
mod common;

use std::error::Error;
use std::fs;
use std::process::Command as Process;
use std::thread;
use std::time::Duration;

use arrays::{floats, gzip, npy, npz};
use assert_cmd::Command;
use common::{Outcome, Ran};
use tempfile::TempDir;

/// A hang, not a slow machine.
const LIMIT: Duration = Duration::from_secs(120);

/// How the bytes of an input come.
#[derive(Debug, Clone, Copy)]
enum Way {
    Pipe,
    StdinFile,
    Fifo,
    Dash,
}

const WAYS: [Way; 4] = [Way::Pipe, Way::StdinFile, Way::Fifo, Way::Dash];

/// Runs the program with the word `INPUT` of the arguments standing for the file `input`, whose bytes come in this way (or
/// are those of the file); its name is `INPUT` again in what is printed.
fn run(folder: &TempDir, arguments: &[&str], input: &str, way: Option<Way>) -> Result<Ran, Box<dyn Error>> {
    let bytes = fs::read(folder.path().join(input))?;
    let mut command = Command::cargo_bin("hsic-cli")?;
    command.current_dir(folder).env("HSIC_DATA_DIR", folder.path()).timeout(LIMIT);
    let name = match way {
        None => "plain.in",
        Some(Way::Pipe) => "/dev/fd/0",
        Some(Way::StdinFile) => "/dev/stdin",
        Some(Way::Fifo) => "fifo.in",
        Some(Way::Dash) => "-",
    };
    if way.is_none() {
        fs::write(folder.path().join(name), bytes)?;
    } else if matches!(way, Some(Way::Fifo)) {
        let path = folder.path().join(name);
        let _ = fs::remove_file(&path);
        assert!(Process::new("mkfifo").arg(&path).status()?.success());
        // a reader that has seen enough is no matter; one that never opens it ends by the limit
        thread::spawn(move || fs::write(path, bytes));
    } else {
        command.write_stdin(bytes);
    }
    let arguments: Vec<String> = arguments.iter().map(|argument| argument.replace("INPUT", name)).collect();
    let output = command.args(&arguments).output()?;
    let shown = if name == "-" { "standard input" } else { name };
    let told = |bytes: Vec<u8>| -> Result<String, Box<dyn Error>> {
        let text = String::from_utf8(bytes)?.replace(shown, "INPUT");
        // evaluate, hsic and inspect name the argument as it was typed
        let typed = ["-:", "model       -,"].iter().find(|start| name == "-" && text.starts_with(**start));
        Ok(typed.map_or(text.clone(), |_| text.replacen('-', "INPUT", 1)))
    };
    Ok((output.status.code(), told(output.stdout)?, told(output.stderr)?))
}

/// The same 60 rows of two columns and two classes for every reader, and the labels of those that have none.
fn readers() -> Vec<(&'static str, Vec<u8>, bool)> {
    let width = |i: u8| common::like(i.into(), 60) % 2 * 90 + common::like(i.into(), 60) % 8 * 5;
    let rows: Vec<[u8; 3]> = (0..60u8).map(|i| [width(i) as u8, i % 17, i % 2]).collect();
    let csv = String::from("width,height,kind\n")
        + &rows.iter().map(|[a, b, c]| format!("{a},{b},{c}\n")).collect::<String>();
    let values: Vec<f64> = rows.iter().flat_map(|[a, b, _]| [f64::from(*a), f64::from(*b)]).collect();
    let x = floats("(60, 2)", &values);
    let y = npy("|u1", "(60,)", &rows.iter().map(|row| row[2]).collect::<Vec<_>>());
    let mut idx = vec![0, 0, 8, 2, 0, 0, 0, 60, 0, 0, 0, 2];
    idx.extend(rows.iter().flat_map(|row| [row[0], row[1]]));
    vec![
        ("t.csv", csv.clone().into_bytes(), false),
        ("t.csv.gz", gzip(csv.as_bytes()), false),
        ("x.npy", x.clone(), true),
        ("x.npy.gz", gzip(&x), true),
        ("x.npz", npz(&[("X", &x), ("y", &y)]), false),
        ("x.idx", idx.clone(), true),
        ("x.idx.gz", gzip(&idx), true),
        ("y.npy", y, false),
    ]
}

fn folder() -> Result<TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for (name, bytes, _) in readers() {
        fs::write(folder.path().join(name), bytes)?;
    }
    Ok(folder)
}

#[test]
fn every_reader_gives_the_same_whatever_way_the_bytes_come() -> Outcome {
    let folder = folder()?;
    let fit = ["fit", "INPUT", "--solver", "closed-form", "--no-search", "--set", "closed-form.max_layers=2"];
    let mut compared = 0;
    for (input, _, labels) in readers().iter().filter(|(input, _, _)| *input != "y.npy") {
        let labels: &[&str] = if *labels { &["--labels", "y.npy"] } else { &[] };
        let (code, _, stderr) =
            run(&folder, &[&fit[..], labels, &["--model", "m", "--quiet"]].concat(), input, None)?;
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{input}");
        for arguments in [
            [&fit[..], labels, &["--model", "n", "--dry-run"]].concat(),
            [&["hsic", "INPUT"], labels].concat(),
            ["predict", "INPUT", "--model", "m", "--proba"].to_vec(),
            ["transform", "INPUT", "--model", "m"].to_vec(),
            [&["evaluate", "INPUT", "--model", "m"], labels].concat(),
        ] {
            let from_file = run(&folder, &arguments, input, None)?;
            assert_eq!((from_file.0, from_file.2.as_str()), (Some(0), ""), "{input} {arguments:?}");
            for way in WAYS {
                let found = run(&folder, &arguments, input, Some(way))?;
                assert_eq!(
                    without_path(found),
                    without_path(from_file.clone()),
                    "{input} {way:?} {arguments:?}"
                );
                compared += 1;
            }
        }
        // the model of a pipe predicts what that of the file does
        let predict = ["predict", "INPUT", "--model", "m", "--proba"];
        let expected = run(&folder, &predict, input, None)?;
        for way in WAYS {
            let ran =
                run(&folder, &[&fit[..], labels, &["--model", "m", "--quiet"]].concat(), input, Some(way))?;
            assert_eq!(ran.0, Some(0), "{input} {way:?}: {}", ran.2);
            assert_eq!(run(&folder, &predict, input, None)?, expected, "{input} {way:?}");
        }
    }
    assert_eq!(compared, 7 * 5 * WAYS.len());
    Ok(())
}

/// What a dry run shows of the configuration has the absolute paths of the inputs.
fn without_path((code, stdout, stderr): Ran) -> Ran {
    let lines = stdout.lines().filter(|line| !line.starts_with("path = ") && !line.starts_with("labels = "));
    (code, lines.map(|line| format!("{line}\n")).collect(), stderr)
}

#[test]
fn labels_test_rows_models_and_configurations_come_in_any_way() -> Outcome {
    let folder = folder()?;
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
    write("c.toml", "name = 'c'\n[closed-form]\nmax_layers = 2\nbandwidth_scale = 0.7\n")?;
    let fit = ["fit", "--model", "m", "--solver", "closed-form", "--no-search"];
    let quiet = [&fit[..], &["t.csv", "--quiet"]].concat();
    assert_eq!(run(&folder, &quiet, "t.csv", None)?, (Some(0), String::new(), String::new()));
    for (input, arguments) in [
        ("y.npy", [&fit[..], &["x.npy", "--labels", "INPUT", "--dry-run"]].concat()),
        ("y.npy", ["hsic", "x.idx", "--labels", "INPUT"].to_vec()),
        ("t.csv", [&fit[..], &["t.csv", "--test-file", "INPUT", "--dry-run"]].concat()),
        ("t.csv.gz", [&fit[..], &["t.csv", "--test-file", "INPUT", "--dry-run"]].concat()),
        (
            "y.npy",
            [
                &fit[..],
                &[
                    "x.npy",
                    "--labels",
                    "y.npy",
                    "--test-file",
                    "x.npy",
                    "--test-labels",
                    "INPUT",
                    "--dry-run",
                ],
            ]
            .concat(),
        ),
        ("c.toml", [&fit[..], &["t.csv", "--config", "INPUT", "--dry-run"]].concat()),
        ("m", ["predict", "t.csv", "--model", "INPUT"].to_vec()),
        ("m", ["evaluate", "t.csv", "--model", "INPUT"].to_vec()),
        ("m", ["inspect", "INPUT"].to_vec()),
    ] {
        let from_file = run(&folder, &arguments, input, None)?;
        assert_eq!((from_file.0, from_file.2.as_str()), (Some(0), ""), "{input} {arguments:?}");
        for way in WAYS {
            assert_eq!(
                without_path(run(&folder, &arguments, input, Some(way))?),
                without_path(from_file.clone()),
                "{input} {way:?} {arguments:?}"
            );
        }
    }
    let twice = ["predict", "-", "--model", "-"];
    let (code, _, stderr) = run(&folder, &twice, "t.csv", Some(Way::Dash))?;
    assert_eq!(code, Some(2), "{stderr}");
    let both = ["evaluate", "-", "--labels", "-", "--model", "m"];
    assert_eq!(
        run(&folder, &both, "x.npy", Some(Way::Dash))?,
        (
            Some(2),
            String::new(),
            "error: cannot read INPUT\n  because: two inputs are named -, and INPUT can be read once; give a file for one \
             of them\n"
                .into()
        )
    );
    Ok(())
}

#[test]
fn experiments_take_their_file_and_their_data_in_any_way() -> Outcome {
    let folder = folder()?;
    let text = |path: &str| {
        format!(
            "name = 'x'\nfolds = 3\nmethods = ['knn']\ndataset.path = '{path}'\n[closed-form]\nmax_layers = 2\n"
        )
    };
    fs::write(folder.path().join("x.toml"), text("t.csv"))?;
    let commands: [&[&str]; 3] = [&["run", "INPUT", "--dry-run"], &["run", "INPUT"], &["validate", "INPUT"]];
    for arguments in commands {
        let from_file = run(&folder, arguments, "x.toml", None)?;
        assert_eq!(from_file.0, Some(0), "{}", from_file.2);
        for way in WAYS {
            let found = run(&folder, arguments, "x.toml", Some(way))?;
            assert_eq!(untimed(found), untimed(from_file.clone()), "{way:?} {arguments:?}");
        }
    }
    // the data: the name of the set is that of the file
    for input in ["t.csv", "t.csv.gz"] {
        for more in [&["--dry-run"][..], &["--max-memory", "1GB", "--dry-run"], &["--max-memory", "1GB"], &[]]
        {
            let arguments = [&["run", "x.toml", "--set", "dataset.path='INPUT'"], more].concat();
            let rows = |(code, stdout, stderr): Ran| {
                let (_, known) = stdout.split_once(": 60 rows, 2 columns, classes ").ok_or(stderr.clone())?;
                Ok::<Ran, String>(without_path(untimed((code, known.into(), stderr))))
            };
            let from_file = rows(run(&folder, &arguments, input, None)?)?;
            assert_eq!(from_file.0, Some(0), "{}", from_file.2);
            for way in WAYS {
                let found = rows(run(&folder, &arguments, input, Some(way))?)?;
                assert_eq!(found, from_file, "{input} {way:?} {arguments:?}");
            }
        }
        // an estimate that is too large is refused as well where the rows cannot be counted beforehand
        let arguments = [
            "run",
            "x.toml",
            "--set",
            "dataset.path='INPUT'",
            "--set",
            "methods=['spectral']",
            "--max-memory",
            "1kB",
        ];
        for way in [None, Some(Way::Fifo), Some(Way::Dash)] {
            let (code, _, stderr) = run(&folder, &arguments, input, way)?;
            assert!(code == Some(2) && stderr.starts_with("error: --max-memory: spectral: "), "{stderr}");
        }
        for way in [None, Some(Way::Fifo), Some(Way::Pipe)] {
            let path = match way {
                None => "plain.in",
                Some(Way::Fifo) => "fifo.in",
                Some(_) => "/dev/fd/0",
            };
            fs::write(folder.path().join("v.toml"), text(path))?;
            let (code, stdout, stderr) = run(&folder, &["validate", "v.toml"], input, way)?;
            assert_eq!(
                (code, stdout.as_str(), stderr.as_str()),
                (Some(0), "v.toml: OK, 60 rows, 2 columns, 2 classes\n", "")
            );
        }
    }
    Ok(())
}

/// Results without the seconds that they took, and the name of a set.
fn untimed((code, stdout, stderr): Ran) -> Ran {
    let lines = stdout
        .lines()
        .filter(|line| !line.contains(['±', '─']) && !line.contains("knn") && !line.contains("t.csv"));
    let stderr: Vec<&str> = stderr.lines().filter(|line| line.starts_with("error")).collect();
    (code, lines.map(|line| format!("{line}\n")).collect(), stderr.join("\n"))
}
