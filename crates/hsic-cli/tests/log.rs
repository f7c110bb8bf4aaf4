//! `--log`: an object a line, whole whatever ends the program.

mod common;

use std::error::Error;
use std::fs;
use std::path::Path;

use common::{Outcome, folder, json, names, run};
use serde_json::{Value, json};

fn events(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    assert!(text.ends_with('\n'), "{text}");
    let events: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let docs = include_str!("../../../docs/results.md");
    for event in &events {
        assert!(event["elapsed_seconds"].as_f64().is_some_and(|seconds| seconds >= 0.0), "{event}");
        assert!(event["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{event}");
        let name = event["event"].as_str().ok_or("no event")?;
        assert!(docs.contains(&format!("| `{name}` |")), "{name} is not documented");
    }
    Ok(events)
}

fn of<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

#[test]
fn a_run_tells_folds_layers_and_files() -> Outcome {
    let folder = folder()?;
    let log = folder.path().join("log.jsonl");
    let arguments = ["run", "x.toml", "--seed", "4", "--threads", "2", "--log", "log.jsonl", "--json"];
    let results = json(&folder, &arguments)?;
    let first = events(&log)?;
    let started = &first[0];
    assert_eq!((&started["event"], &started["command"]), (&json!("started"), &json!("run")));
    assert_eq!((&started["seed"], &started["threads"]), (&json!(4), &json!(2)));
    assert_eq!((&started["version"], &started["config"]["folds"]), (&results["version"], &json!(3)));
    assert_eq!(first[1]["event"], "dataset_started");
    assert_eq!(first[1]["dataset"], results["dataset"]);
    for (at, method) in ["spectral", "knn"].into_iter().enumerate() {
        for fold in 0..3 {
            let place = |name: &str| {
                first.iter().position(|event| {
                    event["event"] == name && event["method"] == method && event["fold"] == fold
                })
            };
            let (begin, end) = (place("fold_started"), place("fold_finished"));
            assert!(begin.is_some() && begin < end, "{method}, fold {fold}");
            let (finished, record) = (&first[end.unwrap_or(0)], &results["methods"][at]["folds"][fold]);
            for key in ["train_accuracy", "test_accuracy", "seconds", "hsic_normalized", "stop_reason"] {
                assert_eq!(finished[key], record[key], "{key}");
            }
            assert!(finished.get("trace").is_none() && finished.get("confusion").is_none());
        }
    }
    let layers = of(&first, "layer");
    let of_records: usize = (0..3)
        .filter_map(|fold| results["methods"][0]["folds"][fold]["trace"].as_array().map(Vec::len))
        .sum();
    assert!(layers.len() >= of_records && of_records >= 3, "{}", layers.len());
    assert!(layers[0]["hsic_normalized"].is_f64() && layers[0]["sigma"].is_f64());
    let written: Vec<&str> =
        of(&first, "written").iter().filter_map(|event| event["file"].as_str()).collect();
    for file in ["results.json", "folds.csv", "layers.csv", "config.toml", "report.html", "gram-spectral.svg"]
    {
        assert!(written.contains(&format!("results/x/{file}").as_str()), "{file}: {written:?}");
    }
    let last = first.last().ok_or("empty")?;
    assert_eq!((&last["event"], &last["exit_code"]), (&json!("finished"), &json!(0)));

    // another run is appended, and folds that are kept are not told again
    json(&folder, &[&arguments[..], &["--resume"]].concat())?;
    let both = events(&log)?;
    assert_eq!(both[..first.len()], first);
    let second = &both[first.len()..];
    assert_eq!(second[0]["event"], "started");
    assert_eq!((of(second, "fold_started").len(), of(second, "layer").len()), (0, 0));
    Ok(())
}

#[test]
fn a_log_that_cannot_be_written_is_found_before_the_work() -> Outcome {
    let folder = folder()?;
    let fit = ["fit", "t.csv", "--label", "kind", "--model", "m"];
    let reproduce = ["reproduce", "--datasets", "wine", "--methods", "knn", "--out", "r"];
    for command in [&["run", "x.toml", "--out", "r"][..], &reproduce, &fit] {
        for (log, reason) in [
            ("no/log.jsonl", "No such file or directory (os error 2)"),
            ("t.csv/log.jsonl", "Not a directory (os error 20)"),
            #[cfg(target_os = "linux")]
            ("/dev/full", "No space left on device (os error 28)"),
        ] {
            let message = format!("error: {log}: cannot write the log: {reason}\n");
            let (code, stdout, stderr) = run(&folder, &[command, &["--quiet", "--log", log]].concat())?;
            // a program built without perceptrons says so
            let stderr = stderr.lines().filter(|line| !line.starts_with("note:")).collect::<String>() + "\n";
            assert_eq!((code, stdout.as_str(), stderr), (Some(2), "", message), "{command:?}");
            assert!(!folder.path().join("r/results.json").exists() && !folder.path().join("m").exists());
        }
    }
    Ok(())
}

#[test]
fn a_dry_run_writes_no_log() -> Outcome {
    let folder = folder()?;
    run(&folder, &["run", "x.toml", "--dry-run", "--log", "log.jsonl"])?;
    assert_eq!(names(folder.path())?, ["t.csv", "x.toml"]);
    Ok(())
}

#[test]
fn a_fit_tells_layers_numbers_and_its_model() -> Outcome {
    let folder = folder()?;
    // one more row of a class of its own: a warning
    fs::write(folder.path().join("t.csv"), common::table() + "9,9,fox\n")?;
    let arguments = [
        "fit",
        "t.csv",
        "--label",
        "kind",
        "--model",
        "m",
        "--solver",
        "spectral",
        "--no-search",
        "--log",
        "l",
    ];
    assert_eq!(run(&folder, &arguments)?.0, Some(0));
    let events = events(&folder.path().join("l"))?;
    let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!((names[0], names[1], names.last()), ("started", "warning", Some(&"finished")));
    assert_eq!(events[1]["message"], "t.csv: class `fox` has 1 row: it cannot be both learnt and tested");
    assert_eq!((&events[0]["dataset"]["n"], &events[0]["model"]), (&json!(61), &json!("m")));
    assert!(!of(&events, "layer").is_empty());
    let finished = of(&events, "fit_finished");
    assert!(finished.len() == 1 && finished[0]["test_accuracy"].as_f64() > Some(0.8), "{finished:?}");
    assert_eq!(finished[0]["method"], "spectral");
    assert_eq!(of(&events, "written")[0]["file"], "m");
    Ok(())
}

#[test]
fn sets_that_are_missing_are_told_and_the_failure_too() -> Outcome {
    let folder = tempfile::tempdir()?;
    let arguments = ["reproduce", "--methods", "knn", "--folds", "2", "--quiet", "--log", "l"];
    assert_eq!(run(&folder, &arguments)?.0, Some(1));
    let events = events(&folder.path().join("l"))?;
    let sets = |name: &str| of(&events, name).len();
    assert_eq!((sets("dataset_started"), sets("dataset_failed"), sets("fold_finished")), (5, 3, 10));
    assert!(of(&events, "written").iter().any(|event| event["file"] == "results/reproduce/table1.json"));
    let last = events.last().ok_or("empty")?;
    assert_eq!((&last["event"], &last["exit_code"]), (&json!("failed"), &json!(1)));
    assert!(last["error"].as_str().is_some_and(|error| error.starts_with("the table is not complete")));
    Ok(())
}

#[test]
fn a_log_may_stand_in_the_folder_of_the_results() -> Outcome {
    let folder = folder()?;
    run(&folder, &["run", "x.toml", "--quiet", "--log", "results/x/log.jsonl"])?;
    let events = events(&folder.path().join("results/x/log.jsonl"))?;
    assert_eq!(events.last().ok_or("empty")?["event"], "finished");
    Ok(())
}

#[cfg(unix)]
#[test]
fn an_interrupted_fit_leaves_no_model() -> Outcome {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let folder = folder()?;
    run(&folder, &["data", "generate", "spiral", "--out", "s.csv"])?;
    let child = Command::new(assert_cmd::cargo::cargo_bin("hsic-cli"))
        .current_dir(&folder)
        .args(["fit", "s.csv", "--quiet", "--model", "m", "--log", "l", "--threads", "1"])
        .stderr(Stdio::piped())
        .spawn()?;
    let start = Instant::now();
    while !folder.path().join("l").is_file() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    // the handler is there at once, the choice of hyperparameters takes seconds
    std::thread::sleep(Duration::from_millis(200));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status()?.success());
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(String::from_utf8(output.stderr)?, "interrupted: no model is written\n");
    assert_eq!(names(folder.path())?, ["l", "s.csv", "t.csv", "x.toml"]);
    let events = events(&folder.path().join("l"))?;
    let last = events.last().ok_or("empty")?;
    assert_eq!((&last["event"], &last["exit_code"]), (&json!("interrupted"), &json!(130)));
    Ok(())
}

#[cfg(unix)]
#[test]
fn whatever_ends_a_run_its_log_is_whole() -> Outcome {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    for (signal, code) in [("-INT", Some(130)), ("-KILL", None)] {
        let folder = tempfile::tempdir()?;
        let config = "name = \"x\"\nfolds = 12\ndataset.name = \"spiral\"\nmethods = [\"spectral\"]\n";
        fs::write(folder.path().join("x.toml"), config)?;
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("hsic-cli"))
            .current_dir(&folder)
            .args(["run", "x.toml", "--quiet", "--timing", "--log", "l"])
            .stderr(Stdio::null())
            .spawn()?;
        let path = folder.path().join("l");
        let start = Instant::now();
        let layer = || fs::read_to_string(&path).is_ok_and(|text| text.contains("\"layer\""));
        while !layer() && start.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status()?.success());
        assert_eq!(child.wait()?.code(), code);
        let events = events(&path)?;
        assert!(of(&events, "finished").is_empty() && !of(&events, "layer").is_empty());
        let last = events.last().ok_or("empty")?;
        assert_eq!(last["event"] == "interrupted", signal == "-INT", "{last}");
    }
    Ok(())
}
