//! A folder of results has one run at a time.

mod common;

use std::fs;
use std::path::Path;

use common::{Outcome, folder, names, run};

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
