//! `reproduce` and `run --resume` as a user runs them: files, streams, exit codes, what is kept.

mod common;

use std::error::Error;
use std::fs;
use std::path::Path;

use common::{Outcome, run};
use serde_json::Value;

fn json(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// The values at a key, wherever it stands.
#[cfg(feature = "baselines")]
fn collect<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(key));
            fields.values().for_each(|value| collect(value, key, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, key, found)),
        _ => {}
    }
}

#[test]
fn two_sets_are_reproduced_and_finished_folds_are_kept() -> Outcome {
    let folder = tempfile::tempdir()?;
    let arguments =
        ["reproduce", "--datasets", "wine,random", "--folds", "2", "--methods", "spectral,closed-form,knn"];
    let (code, stdout, stderr) = run(&folder, &arguments)?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(stdout.ends_with("\nresults are in results/reproduce\n"), "{stdout}");
    let dir = folder.path().join("results/reproduce");
    for file in ["table1.md", "table1.csv", "report.html", "experiment-1.png", "comparison-wine.svg"] {
        assert!(fs::metadata(dir.join(file))?.len() > 100, "{file}");
    }
    let table = json(&dir.join("table1.json"))?;
    let names: Vec<&str> =
        table["sets"].as_array().ok_or("no sets")?.iter().filter_map(|set| set["name"].as_str()).collect();
    assert_eq!(names, ["random", "wine"], "in the order of the published table");
    for set in table["sets"].as_array().ok_or("no sets")? {
        assert_eq!(set["failures"].as_array().map(Vec::len), Some(0));
        let methods = set["methods"].as_array().ok_or("no methods")?;
        assert_eq!(methods.len(), 3);
        for method in methods {
            assert_eq!(method["folds"], 2);
            for metric in method["metrics"].as_array().ok_or("no metrics")? {
                // neighbours have no bandwidth; everything else is a finite number
                let is_sigma_of_knn = method["method"] == "knn" && metric["metric"] == "sigma";
                assert_eq!(metric["mean"].is_f64() && metric["std"].is_f64(), !is_sigma_of_knn, "{metric}");
            }
        }
    }

    // the deviations are those of the folds
    let results = json(&dir.join("wine/results.json"))?;
    let accuracies: Vec<f64> = results["methods"][0]["folds"]
        .as_array()
        .ok_or("no folds")?
        .iter()
        .filter_map(|fold| fold["test_accuracy"].as_f64())
        .collect();
    let deviation = (accuracies[0] - accuracies[1]).abs() / 2.0;
    let of_table = table["sets"][1]["methods"][0]["metrics"][3]["std"].as_f64().ok_or("no deviation")?;
    assert!((deviation - of_table).abs() < 1e-12);

    // the same command fits nothing again: the times, which no two fits share, stay
    assert_eq!(
        run(&folder, &[&arguments[..], &["--quiet"]].concat())?,
        (Some(0), String::new(), String::new())
    );
    assert_eq!(json(&dir.join("wine/results.json"))?, results);
    assert_eq!(json(&dir.join("table1.json"))?, table);
    assert!(fs::metadata(dir.join("wine/scatter-spectral.png"))?.len() > 100);

    // other settings are refused before any work
    let (code, stdout, stderr) = run(&folder, &[&arguments[..4], &["3"]].concat())?;
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(
        stderr.ends_with(
            "error: results/reproduce/random: the results there differ in `folds`: 2, now 3; name another folder with \
             --out, or start over with --fresh\n"
        ),
        "{stderr}"
    );
    Ok(())
}

#[test]
fn sets_that_are_not_there_are_told_and_the_others_finished() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (code, stdout, stderr) = run(&folder, &["reproduce", "--methods", "knn", "--folds", "2"])?;
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("error: the table is not complete:\n  cancer: data set `cancer`: "),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 4, "{stderr}");
    assert!(stdout.contains("\nspiral "), "{stdout}");
    let markdown = fs::read_to_string(folder.path().join("results/reproduce/table1.md"))?;
    assert!(markdown.contains("\nNot finished:\n\n- cancer: data set `cancer`: "), "{markdown}");

    let (code, stdout, stderr) = run(&folder, &["reproduce", "--datasets", "wine,face", "--out", "other"])?;
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "named, so missed before any work");
    assert!(
        stderr.contains("error: data set `face`: ") && stderr.contains("face.csv does not exist"),
        "{stderr}"
    );
    Ok(())
}

#[cfg(not(feature = "baselines"))]
#[test]
fn perceptrons_need_a_program_that_has_them() -> Outcome {
    let folder = tempfile::tempdir()?;
    let message = "error: mlp-ce trains a perceptron by backpropagation, and this program was built without: build it \
                   with `--features baselines` (Rust 1.92 or newer), or leave mlp-ce out of the methods\n";
    let refused = (Some(2), String::new(), message.to_owned());
    assert_eq!(run(&folder, &["reproduce", "--methods", "mlp-ce"])?, refused);
    let (_, _, stderr) = run(&folder, &["reproduce", "--datasets", "random", "--folds", "2"])?;
    assert!(stderr.starts_with("note: without mlp-ce and mlp-mse, "), "{stderr}");
    Ok(())
}

#[cfg(feature = "baselines")]
#[test]
fn perceptrons_are_as_deep_as_the_spectral_network_and_repeat_their_bits() -> Outcome {
    let table = |out: &str, threads: &str| -> Result<Value, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let methods = "spectral,mlp-ce,mlp-mse";
        let arguments = ["reproduce", "--datasets", "random", "--folds", "2", "--fast", "--methods", methods];
        let (code, stdout, stderr) =
            run(&folder, &[&arguments[..], &["--out", out, "--threads", threads, "--json"]].concat())?;
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
        json(&folder.path().join(out).join("random/results.json"))
    };
    let (one, two) = (table("a", "1")?, table("b", "2")?);
    for key in ["test_accuracy", "ce", "mse", "hsic_normalized", "layers", "stop_reason", "confusion"] {
        let (mut of_one, mut of_two) = (Vec::new(), Vec::new());
        collect(&one, key, &mut of_one);
        collect(&two, key, &mut of_two);
        assert_eq!(of_one, of_two, "{key}");
    }
    let layers = |method: usize, fold: usize| one["methods"][method]["folds"][fold]["layers"].clone();
    for fold in 0..2 {
        assert_eq!(layers(0, fold), layers(1, fold));
        assert_eq!(layers(0, fold), layers(2, fold));
        assert!(one["methods"][1]["folds"][fold]["train_accuracy"].as_f64() > Some(0.9));
    }
    Ok(())
}

#[test]
fn a_run_goes_on_with_the_methods_it_lacks() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("x.toml"),
        "name = \"x\"\nfolds = 2\ndataset.name = \"random\"\nmethods = [\"knn\"]\n",
    )?;
    assert_eq!(run(&folder, &["run", "x.toml", "--quiet"])?.0, Some(0));
    let dir = folder.path().join("results/x");
    let first = json(&dir.join("results.json"))?;
    let more = "methods=[\"closed-form\"]";
    assert_eq!(run(&folder, &["run", "x.toml", "--quiet", "--resume", "--set", more])?.0, Some(0));
    let both = json(&dir.join("results.json"))?;
    assert_eq!(both["methods"][0], first["methods"][0]);
    assert_eq!(both["methods"][1]["method"], "closed-form");
    assert!(fs::read_to_string(dir.join("config.toml"))?.contains("methods = [\"closed-form\", \"knn\"]"));

    fs::write(dir.join("results.json"), "{")?;
    let message = "error: results/x: results.json is not a file of results: EOF while parsing an object at line 1 column \
                   1; name another folder with --out, or start over without --resume\n";
    let refused = (Some(2), String::new(), message.to_owned());
    assert_eq!(run(&folder, &["run", "x.toml", "--quiet", "--resume"])?, refused);
    assert_eq!(run(&folder, &["run", "x.toml", "--quiet"])?.0, Some(0));
    Ok(())
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_its_folds_and_goes_on() -> Outcome {
    use std::process::{Command as Plain, Stdio};
    use std::time::{Duration, Instant};

    let folder = tempfile::tempdir()?;
    let config = "name = \"x\"\nfolds = 12\ndataset.name = \"spiral\"\nmethods = [\"spectral\"]\n";
    fs::write(folder.path().join("x.toml"), config)?;
    let child = Plain::new(assert_cmd::cargo::cargo_bin("hsic-cli"))
        .current_dir(&folder)
        .args(["run", "x.toml", "--quiet", "--timing"])
        .stderr(Stdio::piped())
        .spawn()?;
    let file = folder.path().join("results/x/results.json");
    let start = Instant::now();
    while !file.is_file() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Plain::new("kill").args(["-INT", &child.id().to_string()]).status()?.success());
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(
        String::from_utf8(output.stderr)?,
        "interrupted: finished folds are in results/x; the same command goes on with --resume\n"
    );
    let before = json(&file)?;
    let finished = before["methods"][0]["folds"].as_array().ok_or("no folds")?.len();
    assert!((1..12).contains(&finished), "{finished}");
    let code = run(&folder, &["run", "x.toml", "--quiet", "--resume"])?.0;
    assert_eq!(code, Some(0));
    let after = json(&file)?;
    assert_eq!(after["methods"][0]["folds"].as_array().map(Vec::len), Some(12));
    for fold in before["methods"][0]["folds"].as_array().ok_or("no folds")? {
        let number = fold["fold"].as_u64().ok_or("no number")? as usize;
        assert_eq!(&after["methods"][0]["folds"][number], fold);
    }
    Ok(())
}
