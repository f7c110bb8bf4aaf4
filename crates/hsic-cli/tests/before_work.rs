//! What could not be written at the end is found at the beginning: before any fit, and nothing is left behind.

mod common;

use std::fs;

use common::{Outcome, folder, names, run};

/// Commands by what they would write, and the start of the message.
fn commands<'a>(target: &'a str, place: &'a str) -> Vec<(Vec<&'a str>, String)> {
    let file = format!("error: {target}: cannot write: ");
    let results = format!("error: {place}: cannot write results here\n  because: ");
    vec![
        (vec!["run", "x.toml", "--quiet", "--out", place], results.clone()),
        (vec!["reproduce", "--datasets", "wine", "--methods", "knn", "--quiet", "--out", place], results),
        (vec!["fit", "t.csv", "--label", "kind", "--quiet", "--model", target], file.clone()),
        (vec!["predict", "t.csv", "--model", "m", "--out", target], file.clone()),
        (vec!["transform", "t.csv", "--model", "m", "--out", target], file.clone()),
        (vec!["data", "generate", "spiral", "--out", target], file),
    ]
}

fn fitted() -> Result<tempfile::TempDir, Box<dyn std::error::Error>> {
    let folder = folder()?;
    let fit = ["fit", "t.csv", "--label", "kind", "--quiet", "--no-search", "--model", "m"];
    assert_eq!(run(&folder, &fit)?.0, Some(0));
    Ok(folder)
}

/// Neither depends on permissions, which do not hold for every user: a parent that is a file, and a file system that takes
/// no files.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_found() -> Outcome {
    let folder = fitted()?;
    let before = names(folder.path())?;
    for (target, place) in [("t.csv/out", "t.csv/out"), ("/proc/out", "/proc/out")] {
        for (arguments, message) in commands(target, place) {
            let (code, stdout, stderr) = run(&folder, &arguments)?;
            assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
            assert!(stderr.starts_with(&message), "{arguments:?}: {stderr}");
        }
    }
    let (code, _, stderr) = run(&folder, &["fit", "t.csv", "--label", "kind", "--quiet", "--model", "."])?;
    assert_eq!((code, stderr.as_str()), (Some(2), "error: .: cannot write: it is a folder\n"));
    assert_eq!(names(folder.path())?, before);
    Ok(())
}

/// A limit on the size of files stands for a full disk: the probe is refused, as no small file would be.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_found() -> Outcome {
    let folder = fitted()?;
    let before = names(folder.path())?;
    let program = assert_cmd::cargo::cargo_bin("hsic-cli");
    for (arguments, message) in commands("out", "out") {
        // without the signal the write fails, as it does on a full disk
        let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
        let output = std::process::Command::new("sh")
            .args(["-c", script])
            .arg(&program)
            .args(&arguments)
            .current_dir(&folder)
            .output()?;
        let stderr = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(
            stderr.starts_with(&message) && stderr.ends_with("File too large (os error 27)\n"),
            "{stderr}"
        );
        // the folder of the results is made, but nothing in it
        let out = folder.path().join("out");
        if out.is_dir() {
            assert_eq!(names(&out)?, [""; 0]);
            fs::remove_dir(out)?;
        }
        assert_eq!(names(folder.path())?, before, "{arguments:?}");
    }
    Ok(())
}

#[test]
fn what_is_there_stays_until_the_new_is_whole() -> Outcome {
    let folder = fitted()?;
    fs::write(folder.path().join("p.csv"), "old\n")?;
    fs::write(folder.path().join("new.csv"), "weight,age\n4,3\nheavy,2\n")?;
    let arguments = ["predict", "new.csv", "--model", "m", "--out", "p.csv"];
    assert_eq!(run(&folder, &arguments)?.0, Some(2));
    assert_eq!(fs::read_to_string(folder.path().join("p.csv"))?, "old\n");
    assert_eq!(names(folder.path())?, ["m", "new.csv", "p.csv", "t.csv", "x.toml"]);
    Ok(())
}
