//! What the tests of the program share: a fresh folder, and running the program in it.

#![allow(dead_code, reason = "each test file uses a part")]

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// What a test returns.
pub type Outcome = Result<(), Box<dyn Error>>;
/// Exit code, standard output, standard error.
pub type Ran = (Option<i32>, String, String);

/// Runs the program in the folder, which is also that of the data.
pub fn run(folder: &TempDir, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
    run_with(folder, arguments, "")
}

/// The same with some standard input.
pub fn run_with(
    folder: &TempDir,
    arguments: &[&str],
    stdin: impl Into<Vec<u8>>,
) -> Result<Ran, Box<dyn Error>> {
    let output = Command::cargo_bin("hsic-cli")?
        .current_dir(folder)
        .env("HSIC_DATA_DIR", folder.path())
        .args(arguments)
        .write_stdin(stdin)
        .output()?;
    Ok((output.status.code(), String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
}

/// Runs the program, which must succeed without a word on standard error, and reads the one JSON value it prints.
pub fn json(folder: &TempDir, arguments: &[&str]) -> Result<Value, Box<dyn Error>> {
    let (code, stdout, stderr) = run(folder, arguments)?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}: {stdout}");
    Ok(serde_json::from_str(&stdout)?)
}

/// A folder with a table of two classes, `t.csv`, and an experiment on it, `x.toml`.
pub fn folder() -> Result<TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), table())?;
    let config = "name = \"x\"\nfolds = 3\nmethods = [\"spectral\", \"knn\"]\ndataset.path = \"t.csv\"\n\n\
                  [spectral]\nmax_layers = 2\n";
    fs::write(folder.path().join("x.toml"), config)?;
    Ok(folder)
}

/// The row whose features row `i` of `n` has: itself, but for the last two, which are like rows of the other of two classes that take
/// turns. So no column tells the class without an error.
pub fn like(i: usize, n: usize) -> usize {
    if i + 2 < n { i } else { i + 3 - n }
}

/// 30 rows of `cat` and 30 of `dog`, which differ in weight, but for one of each: no column tells the class.
pub fn table() -> String {
    let row = |i: usize| {
        let (like, kind) = (like(i, 60), ["cat", "dog"][i % 2]);
        let weight = [4, 25][like % 2];
        format!("{}.{},{},{kind}\n", weight + like % 3, like * 7 % 10, i * 5 % 11)
    };
    String::from("weight,age,kind\n") + &(0..60).map(row).collect::<String>()
}

/// Numbers, categories with commas and quotes, a class with a blank and an umlaut; `edit` changes the rows' fields. The last three
/// rows are of other classes than their weight and coat say: no column tells the class.
pub fn pets(edit: impl Fn(usize, &mut Vec<String>)) -> String {
    let mut csv = String::from("weight,coat,size,kind\n");
    for i in 0..60 {
        let like = if i < 57 { i % 3 } else { (i + 1) % 3 };
        let weight = [4.0, 25.0, 300.0][like] + (i * 7 % 10) as f64 / 10.0;
        let coat = ["short", "\"long, curly\"", "\"so \"\"wild\"\"\""][like];
        let size = ["small", "medium", "big"][i * 5 % 7 % 3];
        let kind = ["cat", "dog", "größer Bär"][i % 3];
        let mut fields = vec![weight.to_string(), coat.into(), size.into(), kind.into()];
        edit(i, &mut fields);
        let _ = writeln!(csv, "{}", fields.join(","));
    }
    csv
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
