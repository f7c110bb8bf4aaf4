//! `data fetch` against a server on loopback that serves archives made here: good ones, slow ones, ones that break off,
//! wrong ones and none.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use assert_cmd::Command;
use tempfile::TempDir;

type Outcome = Result<(), Box<dyn Error>>;

/// How the server answers a request; the number counts them from 0.
type Answer = fn(usize, TcpStream);

/// A server that counts the requests it has answered.
struct Server {
    address: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(answer: Answer) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        // ends with the test's process
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines();
                while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
                let number = count.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || answer(number, stream));
            }
        });
        Ok(Self { address, requests })
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn send(mut stream: TcpStream, status: &str, declared: usize, body: &[u8]) {
    let header = format!("HTTP/1.1 {status}\r\nContent-Length: {declared}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(header.as_bytes()).and_then(|()| stream.write_all(body));
}

/// A zip archive of one file.
fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a new file");
    archive.write_all(content).expect("memory");
    archive.finish().expect("memory").into_inner()
}

/// UCI's wine.data as it was before the changes that datasets/registry.toml lists, in its archive.
fn wine_zip() -> Vec<u8> {
    let tidy = include_str!("../../../datasets/wine.csv");
    let mut data = String::new();
    for line in tidy.lines().skip(1) {
        let (features, class) = line.rsplit_once(',').expect("a class");
        data += &format!("{class},{}\n", features.replace(",0.", ",."));
    }
    zipped("wine.data", data.as_bytes())
}

/// Runs `data fetch`: exit code, standard output and standard error with the folder and the address left out.
fn fetch(
    folder: &TempDir,
    server: &Server,
    more: &[&str],
) -> Result<(Option<i32>, String, String), Box<dyn Error>> {
    let output = Command::cargo_bin("hsic-cli")?
        .env("HSIC_DATA_DIR", folder.path())
        .args(["data", "fetch", "wine", "--timeout", "1", "--mirror", &server.address])
        .args(more)
        .output()?;
    let plain = |bytes: Vec<u8>| -> Result<String, Box<dyn Error>> {
        let text = String::from_utf8(bytes)?;
        Ok(text.replace(&folder.path().display().to_string(), "DIR").replace(&server.address, "URL"))
    };
    Ok((output.status.code(), plain(output.stdout)?, plain(output.stderr)?))
}

fn failure(reason: &str) -> String {
    format!(
        "error: cannot fetch data set `wine` from URL/wine.zip: {reason}; where the source has moved, download it by hand \
         and give its folder with --from\n"
    )
}

/// Names of the files in the folder.
fn files(folder: &TempDir) -> Result<Vec<String>, Box<dyn Error>> {
    let names = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    Ok(names.collect::<Result<_, _>>()?)
}

#[test]
fn an_archive_becomes_the_tidy_file_and_is_not_fetched_twice() -> Outcome {
    let (folder, server) = (
        tempfile::tempdir()?,
        Server::start(|_, stream| {
            let zip = wine_zip();
            send(stream, "200 OK", zip.len(), &zip);
        })?,
    );
    let (code, stdout, stderr) = fetch(&folder, &server, &[])?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(
        stdout
            .starts_with("wine: Wine, UCI id 109, https://doi.org/10.24432/C5PC7J\n  licence   CC BY 4.0\n"),
        "{stdout}"
    );
    assert!(stdout.ends_with("  written   DIR/wine.csv\n"), "{stdout}");
    assert_eq!(fs::read(folder.path().join("wine.csv"))?, include_bytes!("../../../datasets/wine.csv"));
    let (code, stdout, _) = fetch(&folder, &server, &[])?;
    assert!(code == Some(0) && stdout.ends_with("  DIR/wine.csv is there already\n"), "{stdout}");
    assert_eq!((server.requests(), files(&folder)?), (1, vec!["wine.csv".to_owned()]));
    Ok(())
}

#[test]
fn a_transfer_that_breaks_off_is_tried_again() -> Outcome {
    let (folder, server) = (
        tempfile::tempdir()?,
        Server::start(|number, stream| {
            let zip = wine_zip();
            let sent = if number == 0 { zip.len() / 2 } else { zip.len() };
            send(stream, "200 OK", zip.len(), &zip[..sent]);
        })?,
    );
    assert_eq!(fetch(&folder, &server, &[])?.0, Some(0));
    assert_eq!((server.requests(), files(&folder)?), (2, vec!["wine.csv".to_owned()]));
    Ok(())
}

#[test]
fn a_transfer_that_always_breaks_off_fails_and_leaves_nothing() -> Outcome {
    let (folder, server) =
        (tempfile::tempdir()?, Server::start(|_, stream| send(stream, "200 OK", 5000, b"PK"))?);
    let (code, _, stderr) = fetch(&folder, &server, &["--attempts", "2"])?;
    let start = failure("").split("; where").next().unwrap_or_default().to_owned();
    assert!(code == Some(1) && stderr.starts_with(&start) && stderr.contains("(2 attempts)"), "{stderr}");
    assert_eq!((server.requests(), files(&folder)?), (2, Vec::new()));
    Ok(())
}

#[test]
fn a_silent_server_is_given_up() -> Outcome {
    let (folder, server) = (
        tempfile::tempdir()?,
        Server::start(|_, stream| {
            let mut stream = stream;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nPK");
            std::thread::sleep(Duration::from_secs(20));
        })?,
    );
    let (code, _, stderr) = fetch(&folder, &server, &["--attempts", "2"])?;
    assert_eq!((code, stderr), (Some(1), failure("the server was silent for 1 s (2 attempts)")));
    assert_eq!(files(&folder)?, Vec::<String>::new());
    Ok(())
}

#[test]
fn what_is_not_there_is_not_tried_again() -> Outcome {
    let (folder, server) =
        (tempfile::tempdir()?, Server::start(|_, stream| send(stream, "404 Not Found", 0, b""))?);
    let (code, _, stderr) = fetch(&folder, &server, &[])?;
    assert_eq!((code, stderr), (Some(1), failure("the server answers 404")));
    assert_eq!(server.requests(), 1);
    Ok(())
}

#[test]
fn other_data_are_refused_by_their_sum() -> Outcome {
    let (folder, server) = (
        tempfile::tempdir()?,
        Server::start(|_, stream| {
            let zip = zipped("wine.data", b"1,14.23,1.71\n2,3,4\n");
            send(stream, "200 OK", zip.len(), &zip);
        })?,
    );
    let (code, _, stderr) = fetch(&folder, &server, &[])?;
    assert!(
        code == Some(1)
            && stderr.starts_with("error: URL/wine.zip: sha256 is ")
            && stderr.ends_with(
                ", the registry has 7db7ba766e08efb197208c47206451b2e0c1553df5390b18266442b12ffb96a8; the file is not the \
                 data set `wine` as published, fetch it again\n"
            ),
        "{stderr}"
    );
    assert_eq!(files(&folder)?, Vec::<String>::new());
    Ok(())
}

#[test]
fn an_archive_without_the_file_says_what_it_holds() -> Outcome {
    let (folder, server) = (
        tempfile::tempdir()?,
        Server::start(|_, stream| {
            let zip = zipped("wine.rar", b"Rar!");
            send(stream, "200 OK", zip.len(), &zip);
        })?,
    );
    let (code, _, stderr) = fetch(&folder, &server, &[])?;
    let reason = "the file the data are made from is not in it, it holds `wine.rar`; unpack the .rar file by hand and give \
                  the folder with --from";
    assert_eq!((code, stderr), (Some(1), failure(reason)));
    Ok(())
}

#[test]
fn files_from_a_folder_need_no_network() -> Outcome {
    let (folder, source) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let run = || -> Result<_, Box<dyn Error>> {
        let output = Command::cargo_bin("hsic-cli")?
            .env_remove("HSIC_DATA_DIR")
            .env("XDG_DATA_HOME", folder.path())
            .env("HOME", folder.path())
            .args(["data", "fetch", "wine", "--from"])
            .arg(source.path())
            .output()?;
        Ok((output.status.code(), String::from_utf8(output.stderr)?))
    };
    let expected = format!(
        "error: cannot fetch data set `wine` from {}: it has none of `wine.zip`, `wine.zip`, `wine.data`, `wine.csv`; where \
         the source has moved, download it by hand and give its folder with --from\n",
        source.path().display()
    );
    assert_eq!(run()?, (Some(2), expected));
    fs::write(source.path().join("wine.zip"), wine_zip())?;
    assert_eq!(run()?, (Some(0), String::new()));
    #[cfg(target_os = "linux")]
    assert_eq!(fs::read(folder.path().join("hsic/wine.csv"))?, include_bytes!("../../../datasets/wine.csv"));
    Ok(())
}

#[test]
fn a_source_s_file_is_not_replaced_by_what_is_made_of_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("wine.csv");
    let run = || -> Result<_, Box<dyn Error>> {
        let output = Command::cargo_bin("hsic-cli")?
            .env("HSIC_DATA_DIR", folder.path())
            .args(["data", "fetch", "wine", "--from"])
            .arg(folder.path().join("."))
            .output()?;
        Ok((output.status.code(), String::from_utf8(output.stderr)?))
    };
    fs::write(&file, wine_zip())?;
    let expected = format!(
        "error: {}/./wine.csv would be replaced by the data set `wine` that is made of it; move it to a folder of its own\n",
        folder.path().display()
    );
    assert_eq!(run()?, (Some(2), expected));
    assert_eq!(fs::read(&file)?, wine_zip());
    // the right file is there already, and nothing is written
    fs::write(&file, include_bytes!("../../../datasets/wine.csv"))?;
    assert_eq!(run()?, (Some(0), String::new()));
    Ok(())
}

#[test]
fn a_generated_set_is_not_fetched() -> Outcome {
    let folder = tempfile::tempdir()?;
    let output = Command::cargo_bin("hsic-cli")?
        .env("HSIC_DATA_DIR", folder.path())
        .args(["data", "fetch", "spiral"])
        .output()?;
    let expected = "error: there is nothing to fetch of data set `spiral`: it is generated, `hsic-cli data generate spiral`\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stderr)?), (Some(2), expected.to_owned()));
    Ok(())
}

/// The other conversions, from originals made out of the tidy files by undoing the changes; skipped without them.
#[test]
fn originals_of_the_other_sets_become_their_tidy_files() -> Outcome {
    let Some(data) = std::env::var_os("HSIC_DATA_DIR").map(std::path::PathBuf::from) else {
        eprintln!("SKIPPED: HSIC_DATA_DIR is not set, so there are no data to make archives of");
        return Ok(());
    };
    let (folder, source) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let read = |name: &str| fs::read_to_string(data.join(name));
    let (Ok(cancer), Ok(divorce), Ok(face)) = (read("cancer.csv"), read("divorce.csv"), read("face.csv"))
    else {
        eprintln!("SKIPPED: cancer.csv, divorce.csv and face.csv are not all in {}", data.display());
        return Ok(());
    };
    let mut original = String::new();
    for (number, line) in cancer.lines().skip(1).enumerate() {
        original += &format!("{number},{}\n", line.replace("benign", "2").replace("malignant", "4"));
        if number % 50 == 0 {
            original += "1057013,8,4,5,1,2,?,7,3,1,4\n";
        }
    }
    let zip = zipped("breast-cancer-wisconsin.data", original.as_bytes());
    fs::write(source.path().join("breast+cancer+wisconsin+original.zip"), zip)?;
    let original = divorce.replace(',', ";").replace("class", "Class");
    fs::write(
        source.path().join("divorce+predictors+data+set.zip"),
        zipped("divorce.csv", original.as_bytes()),
    )?;
    let mut images = tar::Builder::new(Vec::new());
    // the order in the archive does not matter
    for (number, line) in face.lines().skip(1).enumerate().collect::<Vec<_>>().into_iter().rev() {
        let (pixels, user) = line.rsplit_once(',').ok_or("a class")?;
        let mut image = b"P5\n32 30\n255\n".to_vec();
        image.extend(pixels.split(',').map(str::parse::<u8>).collect::<Result<Vec<_>, _>>()?);
        for name in [
            format!("faces_4/{user}/{user}_{number:04}_4.pgm"),
            format!("faces_4/{user}/{user}_{number:04}_4.bad"),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(image.len() as u64);
            header.set_mode(0o644);
            images.append_data(&mut header, name, &image[..])?;
        }
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&images.into_inner()?)?;
    fs::write(source.path().join("cmu+face+images.zip"), zipped("faces_4.tar.gz", &packed.finish()?))?;
    for name in ["cancer", "divorce", "face"] {
        let output = Command::cargo_bin("hsic-cli")?
            .env("HSIC_DATA_DIR", folder.path())
            .args(["data", "fetch", name, "--from"])
            .arg(source.path())
            .output()?;
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let file = format!("{name}.csv");
        assert_eq!(fs::read(folder.path().join(&file))?, fs::read(data.join(&file))?);
    }
    Ok(())
}
