use std::error::Error;
use std::fs;

use super::*;

type Outcome = std::result::Result<(), Box<dyn Error>>;

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.sort();
    Ok(names)
}

#[test]
fn a_file_is_whole_or_as_it_was() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("out");
    let mut output = Output::open(&path)?;
    output.write_all(b"half")?;
    assert!(output.is_file());
    drop(output);
    assert_eq!(names(folder.path())?, [""; 0]);
    write(&path, b"old")?;
    let mut output = Output::open(&path)?;
    output.write_all(b"new")?;
    output.flush()?;
    assert_eq!(fs::read(&path)?, b"old");
    let other = Output::open(&folder.path().join("other"))?;
    output.finish()?;
    other.finish()?;
    assert_eq!(
        (fs::read(&path)?, names(folder.path())?),
        (b"new".to_vec(), vec!["other".into(), "out".into()])
    );
    check(&path)?;
    check_folder(folder.path())?;
    append(&path)?.write_all(b"er")?;
    assert_eq!(fs::read(&path)?, b"newer");
    assert_eq!(names(folder.path())?, ["other", "out"]);
    Ok(())
}

#[test]
fn folders_and_places_in_no_folder_are_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("file"), b"")?;
    let refused = |name: &str| {
        let path = folder.path().join(name);
        let opened = Output::open(&path).map_err(|error| error.to_string()).err();
        assert_eq!(check(&path).map_err(|error| error.to_string()).err(), opened, "{name}");
        assert_eq!(append(&path).map_err(|error| error.to_string()).err(), opened, "{name}");
        opened.unwrap_or_default()
    };
    for name in ["", "new/", "."] {
        assert_eq!(refused(name), "it is a folder");
    }
    assert_eq!(refused("no/file"), "No such file or directory (os error 2)");
    assert_eq!(refused("file/out"), "Not a directory (os error 20)");
    assert_eq!(names(folder.path())?, ["file"]);
    Ok(())
}

#[test]
fn two_spellings_are_of_one_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("file");
    let spelled = folder.path().join(".").join("file");
    let (here, other) = (FileId::of(&path), FileId::of(&folder.path().join("other")));
    assert!(here.is_some() && here == FileId::of(&spelled) && here != other);
    fs::write(&path, b"")?;
    let there = FileId::of(&path);
    assert!(there.is_some() && there == FileId::of(&spelled) && there != other);
    // in a folder that is to be made
    let made = |path: &str| FileId::of(&folder.path().join(path));
    assert!(made("new/a/file").is_some() && made("new/a/file") == made("new/b/../a/./file"));
    assert_eq!((made("new/../other"), made("new/file") == made("new/other")), (other, false));
    assert_eq!((made(""), made("file/out")), (None, None));
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    #[test]
    fn permissions_stay() -> Outcome {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("out");
        write(&path, b"old")?;
        for mode in [0o600, 0o664, 0o755] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
            write(&path, b"new")?;
            assert_eq!(fs::metadata(&path)?.mode() & 0o777, mode);
        }
        // those of a new file are the system's
        fs::File::create(folder.path().join("plain"))?;
        write(&folder.path().join("new"), b"")?;
        let mode = |name: &str| fs::metadata(folder.path().join(name)).map(|found| found.mode());
        assert_eq!(mode("new")?, mode("plain")?);
        Ok(())
    }

    #[test]
    fn links_are_followed_and_stay() -> Outcome {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real"))?;
        fs::write(at("real/file"), b"old")?;
        symlink("real/file", at("link"))?;
        symlink("link", at("link to it"))?;
        symlink("real/absent", at("dangling"))?;
        symlink("real", at("folder"))?;
        symlink("circle", at("circle"))?;
        assert_eq!(FileId::of(&at("link to it")), FileId::of(&at("folder/file")));
        assert_eq!(FileId::of(&at("dangling")), FileId::of(&at("folder/absent")));
        assert!(FileId::of(&at("dangling")).is_some());
        fs::hard_link(at("real/file"), at("hard"))?;
        assert_eq!(FileId::of(&at("hard")), FileId::of(&at("link")));
        write(&at("link to it"), b"new")?;
        write(&at("dangling"), b"made")?;
        append(&at("link"))?.write_all(b"er")?;
        assert_eq!(
            (fs::read(at("real/file"))?, fs::read(at("real/absent"))?),
            (b"newer".to_vec(), b"made".to_vec())
        );
        for name in ["link", "link to it", "dangling", "folder", "circle"] {
            assert!(fs::symlink_metadata(at(name))?.is_symlink(), "{name}");
        }
        let circle = write(&at("circle"), b"").map_err(|error| error.to_string());
        assert_eq!(circle, Err("its links lead in a circle".into()));
        assert_eq!(names(&at("real"))?, ["absent", "file"]);
        Ok(())
    }

    #[test]
    fn pipes_are_written_into_and_stay() -> Outcome {
        let folder = tempfile::tempdir()?;
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
        symlink("pipe", folder.path().join("link"))?;
        assert_eq!(FileId::of(&pipe), None);
        // nobody reads it: opened, it would wait
        check(&pipe)?;
        for name in ["pipe", "link"] {
            let reader = {
                let pipe = pipe.clone();
                std::thread::spawn(move || fs::read(pipe))
            };
            let mut output = Output::open(&folder.path().join(name))?;
            assert!(!output.is_file());
            output.write_all(b"bytes")?;
            output.finish()?;
            assert_eq!(reader.join().map_err(|_| "the reader")??, b"bytes");
        }
        assert!(fs::metadata(&pipe)?.file_type().is_fifo());
        assert_eq!(names(folder.path())?, ["link", "pipe"]);
        Ok(())
    }

    /// A node of the same kind as /dev/null, in a folder of its own: never the machine's.
    #[test]
    fn devices_are_written_into_and_stay() -> Outcome {
        let folder = tempfile::tempdir()?;
        let device = folder.path().join("null");
        let made = Command::new("mknod").arg(&device).args(["c", "1", "3"]).output()?;
        if !made.status.success() {
            eprintln!("skipped: a device cannot be made: {}", String::from_utf8_lossy(&made.stderr));
            return Ok(());
        }
        let before = fs::metadata(&device)?;
        check(&device)?;
        if let Err(error) = fs::OpenOptions::new().write(true).open(&device) {
            eprintln!("skipped: a device cannot be used in {}: {error}", folder.path().display());
            return Ok(());
        }
        write(&device, b"bytes")?;
        append(&device)?.write_all(b"bytes")?;
        let after = fs::metadata(&device)?;
        assert!(after.file_type().is_char_device());
        assert_eq!((before.ino(), before.rdev()), (after.ino(), after.rdev()));
        assert_eq!((FileId::of(&device), names(folder.path())?), (None, vec!["null".into()]));
        Ok(())
    }

    #[test]
    fn a_socket_is_refused() -> Outcome {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&path)?;
        assert_eq!(check(&path).map_err(|error| error.to_string()), Err("it is a socket".into()));
        assert!(write(&path, b"").is_err() && fs::metadata(&path)?.file_type().is_socket());
        Ok(())
    }

    /// Opened anew, the file would be written from its start.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_descriptor_is_written_into_after_what_is_there() -> Outcome {
        use std::os::fd::AsRawFd;

        let folder = tempfile::tempdir()?;
        let path = folder.path().join("file");
        let mut file = fs::File::create(&path)?;
        file.write_all(b"first, ")?;
        for folder in ["/dev/fd", "/proc/self/fd"] {
            let descriptor = Path::new(folder).join(file.as_raw_fd().to_string());
            assert_eq!(FileId::of(&descriptor), FileId::of(&path));
            check(&descriptor)?;
            write(&descriptor, b"then, ")?;
        }
        assert_eq!(fs::read(&path)?, b"first, then, then, ");
        assert_eq!(names(folder.path())?, ["file"]);
        Ok(())
    }
}
