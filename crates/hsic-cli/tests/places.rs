//! Where outputs go: never over an input, never over a pipe, a device or a link, and JSON is whole. The general test over all
//! arguments is beside `places`, which reads their definition.

mod common;

use std::fs;

use common::{Outcome, folder, names, run, run_with};

/// With a model `m` of `t.csv`.
fn fitted() -> Result<tempfile::TempDir, Box<dyn std::error::Error>> {
    let folder = folder()?;
    let fit = ["fit", "t.csv", "--label", "kind", "--quiet", "--no-search", "--model", "m"];
    assert_eq!(run(&folder, &fit)?.0, Some(0));
    Ok(folder)
}

#[test]
fn an_output_that_is_an_input_is_refused_by_both_names() -> Outcome {
    let folder = fitted()?;
    let at = |name: &str| folder.path().join(name);
    let files = || ["t.csv", "m", "x.toml"].map(|name| fs::read(at(name)).ok());
    let before = files();
    fs::create_dir(at("r"))?;
    fs::hard_link(at("t.csv"), at("r/folds.csv"))?;
    for (arguments, message) in [
        (
            &["fit", "t.csv", "--label", "kind", "--model", "./t.csv"][..],
            "--model ./t.csv would replace DATA t.csv: name another file",
        ),
        (
            &["fit", "t.csv", "--label", "kind", "--model", "n", "--config", "x.toml", "--log", "x.toml"],
            "--log x.toml would append to --config x.toml: name another file",
        ),
        (
            &["fit", "t.csv", "--label", "kind", "--model", "n", "--log", "n"],
            "--model n and --log n are one file: name another for one of them",
        ),
        (
            &["predict", "t.csv", "--model", "m", "--out", "m"],
            "--out m would replace --model m: name another file",
        ),
        (
            &["run", "x.toml", "--out", "r"],
            "--out r would replace the data HERE/t.csv: name another folder with --out",
        ),
        (
            &["run", "x.toml", "--out", "o", "--log", "o/results.json"],
            "--out o would replace --log o/results.json: name another folder with --out",
        ),
        (
            &["run", "x.toml", "--out", "x.toml"],
            "--out x.toml would replace CONFIG x.toml: name another folder with --out",
        ),
        (
            &["run", "x.toml", "--log", "t.csv"],
            "--log t.csv would append to the data HERE/t.csv: name another file",
        ),
        (
            &["run", "x.toml", "--log", "results/../results/x/folds.csv", "--quiet"],
            "the folder results/x would replace --log results/../results/x/folds.csv: name another folder with --out",
        ),
        (&["run", "x.toml", "--out", "-"], "--out - is no folder: name one, or ./- for one of that name"),
        (&["fit", "t.csv", "--model", "-"], "--model - is no file: name one, or ./- for one of that name"),
        (
            &["data", "generate", "spiral", "--json", "--out", "-"],
            "--json needs a file: with --out - the rows are on standard output",
        ),
    ] {
        // of a folder that is not there nothing can be replaced
        if arguments.contains(&"results/../results/x/folds.csv") {
            fs::create_dir_all(at("results/x"))?;
        }
        let message = message.replace("HERE", &folder.path().display().to_string());
        let expected = (Some(2), String::new(), format!("error: {message}\n"));
        assert_eq!(run(&folder, arguments)?, expected, "{arguments:?}");
        assert_eq!(files(), before, "{arguments:?}");
    }
    assert_eq!(names(folder.path())?, ["m", "r", "results", "t.csv", "x.toml"]);
    assert_eq!((names(&at("r"))?, names(&at("results/x"))?), (vec!["folds.csv".into()], Vec::new()));
    // one of these names is a file like others
    assert_eq!(run(&folder, &["data", "generate", "spiral", "--out", "./-"])?.0, Some(0));
    assert!(at("-").is_file());
    Ok(())
}

#[cfg(unix)]
#[test]
fn streams_of_the_shell_are_compared_too() -> Outcome {
    use std::process::{Command, Stdio};

    let folder = fitted()?;
    let path = folder.path().join("t.csv");
    let before = fs::read(&path)?;
    let predict =
        |arguments: &[&str], append: bool| -> Result<(Option<i32>, String), Box<dyn std::error::Error>> {
            let mut command = Command::new(assert_cmd::cargo::cargo_bin("hsic-cli"));
            command
                .current_dir(&folder)
                .args(["predict", "--model", "m"])
                .args(arguments)
                .stdin(fs::File::open(&path)?);
            if append {
                command.stdout(fs::OpenOptions::new().append(true).open(&path)?);
            } else {
                command.stdout(Stdio::null());
            }
            let output = command.output()?;
            assert_eq!(fs::read(&path)?, before, "{arguments:?}");
            Ok((output.status.code(), String::from_utf8(output.stderr)?))
        };
    let refused = |message: &str| (Some(2), format!("error: {message}\n"));
    let replaced = |data: &str| refused(&format!("--out t.csv would replace DATA {data}: name another file"));
    assert_eq!(predict(&["--out", "t.csv"], false)?, replaced("-"));
    assert_eq!(predict(&["-", "--out", "t.csv"], false)?, replaced("-"));
    assert_eq!(predict(&["/dev/stdin", "--out", "t.csv"], false)?, replaced("/dev/stdin"));
    let goes_to = refused("standard output goes to DATA t.csv: send it to another file");
    assert_eq!(predict(&["t.csv"], true)?, goes_to);
    assert_eq!(predict(&["t.csv", "--out", "other.csv"], false)?, (Some(0), String::new()));
    Ok(())
}

#[test]
fn an_experiment_is_run_again_from_its_folder() -> Outcome {
    let folder = folder()?;
    let again = ["run", "results/x/config.toml", "--quiet"];
    assert_eq!(run(&folder, &["run", "x.toml", "--quiet"])?.0, Some(0));
    let file = folder.path().join("results/x/config.toml");
    let config = fs::read_to_string(&file)?;
    let done = (Some(0), String::new(), String::new());
    assert_eq!(run(&folder, &again)?, done);
    assert_eq!(run(&folder, &[&again[..], &["--resume"]].concat())?, done);
    assert_eq!(fs::read_to_string(&file)?, config);

    let message = "error: CONFIG results/x/config.toml would be replaced by another configuration: name another folder with \
                   --out\n";
    let refused = (Some(2), String::new(), message.to_owned());
    assert_eq!(run(&folder, &[&again[..], &["--folds", "2"]].concat())?, refused);
    // with a note of one's own, or a link to one's own file, it would be lost
    let noted = format!("# mine\n{config}");
    fs::write(&file, &noted)?;
    assert_eq!(run(&folder, &again)?, refused);
    assert_eq!(run(&folder, &[&again[..], &["--out", "o"]].concat())?, done);
    assert_eq!(fs::read_to_string(&file)?, noted);
    Ok(())
}

#[test]
fn a_dash_is_standard_output() -> Outcome {
    let folder = fitted()?;
    for command in [
        &["predict", "t.csv", "--model", "m"][..],
        &["predict", "t.csv", "--model", "m", "--json"],
        &["transform", "t.csv", "--model", "m"],
        &["data", "generate", "spiral"],
    ] {
        let plain = run(&folder, command)?;
        assert!(plain.0 == Some(0) && plain.1.lines().count() > 60, "{plain:?}");
        assert_eq!(run(&folder, &[command, &["--out", "-"]].concat())?, plain);
    }
    assert_eq!(names(folder.path())?, ["m", "t.csv", "x.toml"]);
    Ok(())
}

#[test]
fn json_is_whole_where_a_row_is_wrong() -> Outcome {
    let folder = fitted()?;
    let wrong = "weight,age\n4,3\n5,2\nheavy,2\n";
    for (command, layer) in [("predict", "1"), ("transform", "1"), ("transform", "99")] {
        let layer = if command == "transform" { &["--layer", layer][..] } else { &[] };
        let arguments = [&[command, "--model", "m", "--json"], layer].concat();
        let (code, stdout, stderr) = run_with(&folder, &arguments, wrong)?;
        let object: serde_json::Value = serde_json::from_str(&stdout)?;
        let error = object["error"].as_str().ok_or("no error")?;
        assert_eq!((code, stderr), (Some(2), format!("error: {error}\n")));
        assert_eq!(object["rows"].as_array().map(|rows| rows.len().into()), Some(object["n"].clone()));
        // a file would be half of one
        let (code, stdout, _) = run_with(&folder, &[&arguments[..], &["--out", "p"]].concat(), wrong)?;
        assert_eq!((code, stdout.as_str()), (Some(2), ""));
        assert_eq!(names(folder.path())?, ["m", "t.csv", "x.toml"]);
    }
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
    use std::path::Path;
    use std::process::Command;
    use std::thread;

    use super::*;

    /// The commands that write a file, and the option that names it.
    const COMMANDS: [&[&str]; 5] = [
        &["predict", "t.csv", "--model", "m", "--out"],
        &["transform", "t.csv", "--model", "m", "--out"],
        &["data", "generate", "random", "--out"],
        &["fit", "t.csv", "--label", "kind", "--quiet", "--no-search", "--solver", "closed-form", "--model"],
        &["fit", "t.csv", "--label", "kind", "--quiet", "--no-search", "--model", "n", "--log"],
    ];

    fn with<'a>(command: &[&'a str], place: &'a str) -> Vec<&'a str> {
        [command, &[place]].concat()
    }

    /// What a command writes, without the times: of a log how many lines, of a model the end of its tensors.
    fn written(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
        let bytes = fs::read(path)?;
        let is_text = bytes.is_ascii();
        Ok(match String::from_utf8_lossy(&bytes) {
            text if text.starts_with("{\"time\"") => text.lines().count().to_string(),
            text if is_text => text.into_owned(),
            _ => format!("{:?}", &bytes[bytes.len() - 64..]),
        })
    }

    #[test]
    fn pipes_are_written_into_and_stay() -> Outcome {
        for command in COMMANDS {
            let folder = fitted()?;
            let at = |name: &str| folder.path().join(name);
            assert_eq!(run(&folder, &with(command, "plain"))?.0, Some(0));
            assert!(Command::new("mkfifo").arg(at("pipe")).status()?.success());
            symlink("pipe", at("link"))?;
            for place in ["pipe", "link"] {
                let (pipe, copy) = (at("pipe"), at("copy"));
                let reader = thread::spawn(move || fs::read(pipe).and_then(|bytes| fs::write(copy, bytes)));
                let (code, _, stderr) = run(&folder, &with(command, place))?;
                assert_eq!((code, stderr.as_str()), (Some(0), ""), "{command:?}");
                reader.join().map_err(|_| "the reader")??;
                assert_eq!(written(&at("copy"))?, written(&at("plain"))?, "{command:?}");
            }
            assert!(fs::symlink_metadata(at("pipe"))?.file_type().is_fifo());
            assert!(fs::symlink_metadata(at("link"))?.is_symlink());
        }
        Ok(())
    }

    #[test]
    fn links_are_followed_and_permissions_stay() -> Outcome {
        for command in COMMANDS {
            let folder = fitted()?;
            let at = |name: &str| folder.path().join(name);
            fs::create_dir(at("real"))?;
            for (target, is_there) in [("real/file", true), ("real/absent", false)] {
                if is_there {
                    fs::write(at(target), "")?;
                    fs::set_permissions(at(target), fs::Permissions::from_mode(0o640))?;
                }
                let link = if is_there { "link" } else { "dangling" };
                symlink(target, at(link))?;
                assert_eq!(run(&folder, &with(command, link))?.0, Some(0), "{command:?}");
                assert!(
                    fs::symlink_metadata(at(link))?.is_symlink() && fs::metadata(at(target))?.len() > 100
                );
            }
            assert_eq!(written(&at("real/file"))?, written(&at("real/absent"))?);
            assert_eq!(fs::metadata(at("real/file"))?.mode() & 0o777, 0o640);
            assert_eq!(names(&at("real"))?, ["absent", "file"]);
            let (code, _, stderr) = run(&folder, &with(command, "real"))?;
            assert_eq!(code, Some(2));
            assert!(
                stderr.starts_with("error: real: cannot write") && stderr.ends_with(": it is a folder\n"),
                "{stderr}"
            );
        }
        Ok(())
    }

    /// A node of the kind of /dev/full in a folder of its own, never the machine's.
    #[test]
    fn devices_are_written_into_and_stay() -> Outcome {
        for command in COMMANDS {
            let folder = fitted()?;
            let device = folder.path().join("full");
            let made = Command::new("mknod").arg(&device).args(["c", "1", "7"]).output()?;
            if !made.status.success() || fs::OpenOptions::new().write(true).open(&device).is_err() {
                eprintln!("skipped: a device cannot be made in {}", folder.path().display());
                return Ok(());
            }
            let inode = fs::metadata(&device)?.ino();
            let (code, _, stderr) = run(&folder, &with(command, "full"))?;
            // a log is begun before the work
            let is_log = command.ends_with(&["--log"]);
            assert_eq!(code, Some(if is_log { 2 } else { 1 }), "{command:?}: {stderr}");
            assert!(stderr.ends_with("No space left on device (os error 28)\n"), "{command:?}: {stderr}");
            let after = fs::symlink_metadata(&device)?;
            assert!(after.file_type().is_char_device() && after.ino() == inode, "{command:?}");
        }
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn descriptors_are_written_into() -> Outcome {
        let folder = fitted()?;
        let program = assert_cmd::cargo::cargo_bin("hsic-cli");
        let shell = |script: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
            let output =
                Command::new("sh").args(["-c", script]).arg(&program).current_dir(&folder).output()?;
            assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{script}");
            Ok(output.stdout)
        };
        let predict = "\"$0\" predict t.csv --model m";
        let plain = shell(predict)?;
        // a link of one's own, as /dev/stdout is: a program that replaces it must not find the machine's
        symlink("/proc/self/fd/1", folder.path().join("stdout"))?;
        for place in ["stdout", "/dev/fd/1", "/proc/self/fd/1"] {
            assert_eq!(shell(&format!("{predict} --out {place}"))?, plain);
            // after what is in the file already
            shell(&format!("{{ echo first; {predict} --out {place}; }} > f"))?;
            assert_eq!(fs::read(folder.path().join("f"))?, [b"first\n", &plain[..]].concat(), "{place}");
        }
        shell(&format!("{predict} --out /dev/fd/3 3> f"))?;
        assert_eq!(fs::read(folder.path().join("f"))?, plain);
        assert_eq!(shell(&format!("{predict} --out /dev/fd/3 3>&1 | cat"))?, plain);
        assert!(fs::symlink_metadata(folder.path().join("stdout"))?.is_symlink());
        assert_eq!(names(folder.path())?, ["f", "m", "stdout", "t.csv", "x.toml"]);
        Ok(())
    }

    #[test]
    fn an_interruption_leaves_nothing_half_done() -> Outcome {
        use std::io::Write;
        use std::process::Stdio;
        use std::time::{Duration, Instant};

        let folder = fitted()?;
        fs::write(folder.path().join("p.csv"), "old\n")?;
        let before = names(folder.path())?;
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("hsic-cli"))
            .current_dir(&folder)
            .args(["predict", "--model", "m", "--out", "p.csv"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no input")?;
        stdin.write_all(b"weight,age\n")?;
        let start = Instant::now();
        while names(folder.path())? == before && start.elapsed() < Duration::from_secs(60) {
            thread::sleep(Duration::from_millis(5));
        }
        // of its probe nothing is left either
        thread::sleep(Duration::from_millis(100));
        assert_eq!(names(folder.path())?.len(), before.len() + 1);
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status()?.success());
        let output = child.wait_with_output()?;
        assert_eq!((output.status.code(), output.stderr), (Some(130), Vec::new()));
        assert_eq!(names(folder.path())?, before);
        assert_eq!(fs::read_to_string(folder.path().join("p.csv"))?, "old\n");
        Ok(())
    }
}
