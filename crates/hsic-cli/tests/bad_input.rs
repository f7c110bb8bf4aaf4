//! The table of docs/bad-input.md, row by row: the test makes the input that a row describes, runs its command, and holds the
//! whole of standard error and the exit code against the row. With HSIC_UPDATE_DOCS=1 it writes the last two columns anew.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bad-input.md")
}

/// The fenced blocks of the page, by the name after the language: the files every command finds.
fn files(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("```").and_then(|rest| rest.split_once(' ')).map(|(_, name)| name)
        else {
            continue;
        };
        let text: String =
            lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        found.push((name.to_owned(), text));
    }
    found
}

/// The cells of a line of a table; `\|` is a bar within one.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix("| ")?.strip_suffix(" |")?.replace("\\|", "\u{1}");
    Some(inner.split(" | ").map(|cell| cell.replace('\u{1}', "|")).collect())
}

/// The texts within backticks, with `\n`, `\t`, `\\` and `\xNN` as in Rust.
fn quoted(text: &str) -> Vec<Vec<u8>> {
    text.split('`').skip(1).step_by(2).map(unescaped).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (&kind, after) = rest.split_first().expect("an escape");
        rest = after;
        bytes.push(match kind {
            b'n' => b'\n',
            b't' => b'\t',
            b'\\' => b'\\',
            b'x' => {
                let (digits, after) = rest.split_at(2);
                rest = after;
                u8::from_str_radix(std::str::from_utf8(digits).expect("digits"), 16)
                    .expect("two hexadecimal digits")
            }
            other => panic!("the escape \\{} is not one of the page's", other as char),
        });
    }
    bytes
}

/// Changes the files as the cell says; gives standard input.
fn prepare(folder: &Path, input: &str) -> Fallible<Vec<u8>> {
    let mut stdin = Vec::new();
    for edit in input.split("; then ").filter(|edit| *edit != "as given") {
        let texts = quoted(edit);
        let text = |index: usize| String::from_utf8(texts[index].clone());
        if let Some(rest) = edit.strip_prefix("line ") {
            let number: usize = rest.split(' ').next().ok_or("a line number")?.parse()?;
            let path = folder.join(text(0)?);
            let mut lines: Vec<Vec<u8>> =
                fs::read(&path)?.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
            lines[number - 1].clone_from(&texts[1]);
            fs::write(path, lines.join(&b'\n'))?;
        } else if edit.starts_with("no ") {
            fs::remove_file(folder.join(text(0)?))?;
        } else if edit.starts_with("cut off") {
            let path = folder.join(text(0)?);
            let bytes = fs::read(&path)?;
            fs::write(path, &bytes[..bytes.len() / 2])?;
        } else if edit.starts_with("last byte") {
            let path = folder.join(text(0)?);
            let mut bytes = fs::read(&path)?;
            *bytes.last_mut().ok_or("a byte")? ^= 1;
            fs::write(path, bytes)?;
        } else if edit.starts_with("standard input") {
            stdin.clone_from(&texts[0]);
        } else if edit.starts_with('`') {
            fs::write(folder.join(text(0)?), &texts[1])?;
        } else {
            return Err(format!("what is `{edit}`?").into());
        }
    }
    Ok(stdin)
}

/// Runs a command of the page: standard error as a cell of it, and the exit code.
fn run(folder: &Path, command: &str, stdin: Vec<u8>) -> Fallible<(String, String)> {
    let words = command.trim_matches('`').strip_prefix("hsic-cli ").ok_or("a command of hsic-cli")?;
    let mut arguments: Vec<String> = Vec::new();
    // words within quotes are one
    for (index, part) in words.split('\'').enumerate() {
        if index % 2 == 1 {
            arguments.push(part.into());
        } else {
            arguments.extend(part.split_whitespace().map(String::from));
        }
    }
    let output = Command::cargo_bin("hsic-cli")?
        .current_dir(folder)
        .env_remove("HSIC_DATA_DIR")
        .env("NO_COLOR", "1")
        .args(&arguments)
        .write_stdin(stdin)
        .output()?;
    let stderr = String::from_utf8(output.stderr)?;
    let stderr = [folder.canonicalize()?, folder.to_path_buf()]
        .iter()
        .fold(stderr, |text, here| text.replace(&format!("{}/", here.display()), ""));
    let message = stderr.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("<br>");
    Ok((message, output.status.code().ok_or("an exit code")?.to_string()))
}

/// Equal, where `…` in what is expected stands for a word that differs from machine to machine.
fn same(found: &str, expected: &str) -> bool {
    let (found, expected): (Vec<&str>, Vec<&str>) =
        (found.split(' ').collect(), expected.split(' ').collect());
    let word = |found: &str, expected: &str| {
        found == expected
            || expected.strip_prefix('…').is_some_and(|end| end.len() < 2 && found.ends_with(end))
    };
    found.len() == expected.len() && found.iter().zip(expected).all(|(found, expected)| word(found, expected))
}

#[test]
fn every_row_of_the_page_is_what_the_program_does() -> Fallible<()> {
    let text = fs::read_to_string(page())?;
    let base = tempfile::tempdir()?;
    for (name, content) in files(&text) {
        fs::write(base.path().join(name), content)?;
    }
    for name in ["odd.parquet", "brotli.parquet"] {
        let parquet = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hsic-data/tests/parquet");
        fs::copy(parquet.join(name), base.path().join(name))?;
    }
    let fit =
        "`hsic-cli fit t.csv --label kind --model m --no-search --solver spectral --test-size 0 --quiet`";
    assert_eq!(run(base.path(), fit, Vec::new())?, (String::new(), "0".into()));

    let (mut written, mut wrong, mut rows) = (String::new(), Vec::new(), 0);
    for line in text.lines() {
        let row = cells(line).filter(|cells| cells.len() == 4 && cells[0].starts_with("`hsic-cli"));
        let Some(row) = row else {
            written += &format!("{line}\n");
            continue;
        };
        rows += 1;
        let folder = tempfile::tempdir()?;
        for entry in fs::read_dir(base.path())? {
            let entry = entry?;
            fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
        }
        let stdin = prepare(folder.path(), &row[1])?;
        let files = fs::read_dir(folder.path())?.count();
        let (message, code) = run(folder.path(), &row[0], stdin)?;
        if !same(&message, &row[2]) || code != row[3] {
            wrong.push(format!("{line}\n  gets {code}: {message}"));
        }
        if !matches!(code.as_str(), "1" | "2") || fs::read_dir(folder.path())?.count() != files {
            wrong.push(format!("{line}\n  exit code {code}, or a file is left"));
        }
        let message = if same(&message, &row[2]) { row[2].clone() } else { message };
        let bars = |cell: &str| cell.replace('|', "\\|");
        written += &format!("| {} | {} | {} | {code} |\n", bars(&row[0]), bars(&row[1]), bars(&message));
    }
    if std::env::var_os("HSIC_UPDATE_DOCS").is_some() {
        fs::write(page(), written)?;
    }
    assert!(rows >= 60, "only {rows} rows");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
