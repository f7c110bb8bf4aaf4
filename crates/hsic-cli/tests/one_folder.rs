//! A folder of results has one run at a time, and a run with other settings loses nothing that is finished there.

mod common;

use std::fs;
use std::path::Path;

use common::{Outcome, folder, names, run};

#[test]
fn finished_results_of_other_settings_are_moved_aside() -> Outcome {
    let folder = folder()?;
    let dir = folder.path().join("results/x");
    let read = |file: &str| fs::read_to_string(dir.join(file)).map_err(|error| format!("{file}: {error}"));
    let rerun = |more: &[&str]| run(&folder, &[&["run", "x.toml", "--quiet"], more].concat());
    let quiet = (Some(0), String::new(), String::new());
    let told = |why: &str, to: u32| {
        let warning = format!("warning: results/x: {why}; they are in results/x/earlier-{to} now\n");
        (Some(0), String::new(), warning)
    };
    assert_eq!(rerun(&[])?, quiet);
    let files = names(&dir)?;
    let (config, results) = (read("config.toml")?, read("results.json")?);
    fs::write(dir.join("notes.txt"), "mine")?;

    // the same settings: made again
    assert_eq!(rerun(&[])?, quiet);
    assert_eq!((read("config.toml")?, names(&dir)?.len()), (config.clone(), files.len() + 1));
    let results = {
        let again = read("results.json")?;
        assert_ne!(again, results, "times differ");
        again
    };

    let dry = run(&folder, &["run", "x.toml", "--dry-run", "--quiet", "--folds", "2"])?;
    let why = "the results there differ in `folds`: 3, now 2";
    let warning = format!("warning: results/x: {why}; a run would move them aside\n");
    assert_eq!(dry, (Some(0), String::new(), warning));
    assert_eq!(rerun(&["--folds", "2", "--log", "results/x/log"])?, told(why, 1));
    assert!(read("log")?.contains("they are in results/x/earlier-1 now"));
    assert_eq!((read("earlier-1/config.toml")?, read("earlier-1/results.json")?), (config, results));
    assert_eq!(names(&dir.join("earlier-1"))?, files);
    assert_eq!(read("notes.txt")?, "mine");
    assert!(read("config.toml")?.contains("folds = 2"));

    // fewer methods would not make all of it again
    let one = ["--folds", "2", "--set", "methods=[\"knn\"]"];
    assert_eq!(rerun(&one)?, told("the results there have the method spectral too", 2));
    // more of them do
    assert_eq!(rerun(&["--folds", "2"])?, quiet);
    let table = folder.path().join("t.csv");
    fs::write(&table, fs::read_to_string(&table)? + "30.5,3,dog\n")?;
    let (code, _, stderr) = rerun(&["--folds", "2"])?;
    assert!(code == Some(0) && stderr.contains("differ in the sha256 of the data: "), "{stderr}");
    fs::write(dir.join("results.json"), "{")?;
    let (code, _, stderr) = rerun(&["--folds", "2"])?;
    assert!(code == Some(0) && stderr.contains("results.json is not a file of results: "), "{stderr}");
    assert_eq!(read("earlier-4/results.json")?, "{");
    Ok(())
}

#[test]
fn results_without_a_finished_fold_are_replaced() -> Outcome {
    let folder = folder()?;
    let dir = folder.path().join("results/x");
    assert_eq!(run(&folder, &["run", "x.toml", "--quiet"])?.0, Some(0));
    let file = dir.join("results.json");
    let mut results: serde_json::Value = serde_json::from_slice(&fs::read(&file)?)?;
    for method in results["methods"].as_array_mut().ok_or("methods")? {
        method["folds"] = serde_json::json!([]);
    }
    fs::write(&file, results.to_string())?;
    let quiet = (Some(0), String::new(), String::new());
    assert_eq!(run(&folder, &["run", "x.toml", "--quiet", "--folds", "2"])?, quiet);
    assert!(!dir.join("earlier-1").exists());
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    /// A run that takes long, once its folder is there and locked.
    fn begun(
        folder: &tempfile::TempDir,
        arguments: &[&str],
        log: &str,
    ) -> Result<Child, Box<dyn std::error::Error>> {
        let child = Command::new(assert_cmd::cargo::cargo_bin("hsic-cli"))
            .current_dir(folder)
            .args(arguments)
            .args(["--quiet", "--timing", "--log", log])
            .stderr(Stdio::piped())
            .spawn()?;
        let (path, start) = (folder.path().join(log), Instant::now());
        // the log is opened after the folder
        while fs::read(&path).map_or(true, |text| text.is_empty())
            && start.elapsed() < Duration::from_secs(60)
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(child)
    }

    fn kill(signal: &str, mut child: Child) -> Result<(), Box<dyn std::error::Error>> {
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status()?.success());
        child.wait()?;
        Ok(())
    }

    fn spiral(folder: &Path) -> std::io::Result<()> {
        let config = "name = \"x\"\nfolds = 60\ndataset.name = \"spiral\"\nmethods = [\"spectral\"]\n";
        fs::write(folder.join("x.toml"), config)
    }

    #[test]
    fn the_second_run_in_a_folder_is_refused_until_the_first_is_dead() -> Outcome {
        let folder = tempfile::tempdir()?;
        spiral(folder.path())?;
        let arguments = ["run", "x.toml", "--out", "o"];
        let short =
            ["--quiet", "--set", "methods=[\"knn\"]", "--set", "dataset.name=\"random\"", "--folds", "2"];
        // of one command to kill with and one to end by itself; a folder that is there already and one that is not
        for signal in ["-KILL", "-INT"] {
            let child = begun(&folder, &arguments, "l")?;
            let process =
                if cfg!(target_os = "linux") { format!(" (process {})", child.id()) } else { String::new() };
            let message = format!(
                "error: o: another run{process} is writing here; wait for it, or name another folder with --out\n"
            );
            let refused = (Some(2), String::new(), message);
            let before = names(&folder.path().join("o"))?;
            for spelled in ["o", "./o"] {
                for resume in [&[][..], &["--resume"]] {
                    let again = [&["run", "x.toml", "--out", spelled][..], &short, resume].concat();
                    let (code, stdout, stderr) = run(&folder, &again)?;
                    let stderr = stderr.replace("./o:", "o:");
                    assert_eq!((code, stdout, stderr), refused, "{again:?}");
                }
            }
            // to look costs nothing
            assert_eq!(run(&folder, &[&arguments[..], &short, &["--dry-run"]].concat())?.0, Some(0));
            let after = names(&folder.path().join("o"))?;
            assert!(before.iter().all(|name| after.contains(name)), "{before:?}, {after:?}");
            assert!(
                after.iter().all(|name| !name.contains("lock") && !name.contains("earlier")),
                "{after:?}"
            );
            kill(signal, child)?;
            // a dead process keeps nothing
            let (code, _, stderr) = run(&folder, &[&arguments[..], &short].concat())?;
            assert_eq!(code, Some(0), "{stderr}");
            fs::remove_dir_all(folder.path().join("o"))?;
            fs::create_dir(folder.path().join("o"))?;
            fs::remove_file(folder.path().join("l"))?;
        }
        Ok(())
    }

    #[test]
    fn a_table_of_runs_has_its_folder_and_those_in_it() -> Outcome {
        let folder = tempfile::tempdir()?;
        spiral(folder.path())?;
        let reproduce =
            ["reproduce", "--datasets", "spiral", "--methods", "spectral", "--folds", "60", "--out", "o"];
        let child = begun(&folder, &reproduce, "l")?;
        for (arguments, dir) in [
            (&["reproduce", "--datasets", "wine", "--methods", "knn", "--out", "o", "--quiet"][..], "o"),
            (&["run", "x.toml", "--out", "o", "--quiet"], "o"),
            (&["run", "x.toml", "--out", "o/spiral", "--quiet"], "o/spiral"),
        ] {
            let (code, stdout, stderr) = run(&folder, arguments)?;
            assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
            assert!(stderr.starts_with(&format!("error: {dir}: another run")), "{stderr}");
        }
        kill("-KILL", child)?;
        // sets within one folder are no stranger to it
        let wine =
            ["reproduce", "--datasets", "wine", "--methods", "knn", "--folds", "2", "--out", "o", "--quiet"];
        assert_eq!(run(&folder, &wine)?, (Some(0), String::new(), String::new()));
        let fresh = run(&folder, &[&wine[..], &["--fresh", "--seed", "1"]].concat())?;
        let warning = "warning: o/wine: the results there differ in `seed`: 0, now 1; they are in o/wine/earlier-1 now\n";
        assert_eq!(fresh, (Some(0), String::new(), warning.into()));
        Ok(())
    }

    #[test]
    fn two_fits_share_a_log() -> Outcome {
        let folder = folder()?;
        let mut fits = Vec::new();
        for model in ["a", "b"] {
            let fit =
                ["fit", "t.csv", "--label", "kind", "--quiet", "--no-search", "--log", "l", "--model", model];
            let program = assert_cmd::cargo::cargo_bin("hsic-cli");
            fits.push(Command::new(program).current_dir(&folder).args(fit).spawn()?);
        }
        for mut fit in fits {
            assert!(fit.wait()?.success());
        }
        let text = fs::read_to_string(folder.path().join("l"))?;
        let events: Vec<serde_json::Value> =
            text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        for name in ["started", "finished"] {
            assert_eq!(events.iter().filter(|event| event["event"] == name).count(), 2, "{name}");
        }
        Ok(())
    }
}
