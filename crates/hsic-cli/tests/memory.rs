//! The estimate of `--dry-run` against the memory that is really taken, for shapes in which different parts are the largest.
#![cfg(target_os = "linux")]

mod arrays;
mod common;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use arrays::{floats, npy};
use common::{Outcome, json};
use tempfile::TempDir;

/// docs/scale.md promises a factor of 2 from about 100 MB on.
const FACTOR: f64 = 2.0;

/// A table of `n` rows, `d` columns and `c` classes in turn, their means apart.
fn table(n: usize, d: usize, c: usize) -> String {
    let mut text = (0..d).map(|j| format!("x{j},")).collect::<String>() + "y\n";
    for i in 0..n {
        let class = i % c;
        for j in 0..d {
            let mean = 0.6 * ((class * (j + 3) * 7919) as f64).sin();
            let _ = write!(text, "{:.4},", mean + ((i * (2 * j + 1)) as f64 * 0.7).sin());
        }
        let _ = writeln!(text, "c{class}");
    }
    text
}

/// The most memory that a command has resident at any time, in bytes.
fn peak(folder: &TempDir, arguments: &[&str]) -> Result<f64, Box<dyn Error>> {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("hsic-cli"))
        .current_dir(folder.path())
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0;
    let code = loop {
        // the system keeps the highest value itself, so the last look before the end is the one that counts
        let text = fs::read_to_string(&status).unwrap_or_default();
        if let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:")) {
            let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("a number")?.parse()?;
            peak = 1024.0 * kilobytes;
        }
        if let Some(code) = child.try_wait()? {
            break code;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(code.success() && peak > 0.0, "{arguments:?}: {code}, {peak}");
    Ok(peak)
}

fn compare(what: &str, estimate: &serde_json::Value, peak: f64) -> Outcome {
    let estimate = estimate.as_f64().ok_or("an estimate")?;
    let told = format!("{what}: estimated {:.0} MB, taken {:.0} MB", estimate / 1e6, peak / 1e6);
    eprintln!("{told}");
    assert!(peak > 90e6, "too small to tell: {told}");
    assert!((1.0 / FACTOR..=FACTOR).contains(&(estimate / peak)), "{told}");
    Ok(())
}

#[test]
fn what_a_fit_takes_is_what_was_estimated() -> Outcome {
    // many classes: sums over them, and Z and weights a class wide; few classes: rows and the solver
    for (n, d, c, solver, more) in [
        (2600, 10, 400, "spectral", "spectral.max_layers=1"),
        (2000, 10, 400, "closed-form", "closed-form.max_layers=2"),
        (5000, 300, 3, "spectral", "spectral.max_layers=1"),
        (6000, 300, 3, "closed-form", "closed-form.max_layers=1"),
    ] {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("t.csv"), table(n, d, c))?;
        let method = format!("methods=[\"{solver}\"]");
        let fit = ["fit", "t.csv", "--label", "y", "--model", "m", "--threads", "2", "--no-search"];
        let fit = [&fit[..], &["--set", &method, "--set", more]].concat();
        let estimate = &json(&folder, &[&fit[..], &["--dry-run", "--json"]].concat())?["methods"][0];
        compare(&format!("{solver}, {n}×{d}, {c} classes"), &estimate["memory_bytes"], peak(&folder, &fit)?)?;
    }
    Ok(())
}

#[test]
fn what_a_run_takes_is_what_was_estimated() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), table(1800, 10, 300))?;
    fs::write(
        folder.path().join("x.toml"),
        "name = \"x\"\ndataset.path = \"t.csv\"\nfolds = 2\nmethods = [\"closed-form\"]\n\n[closed-form]\nmax_layers = 2\n",
    )?;
    let run = ["run", "x.toml", "--threads", "2"];
    let estimate = &json(&folder, &[&run[..], &["--dry-run", "--json"]].concat())?["methods"][0];
    compare("run, 1800×10, 300 classes", &estimate["memory_bytes"], peak(&folder, &run)?)
}

/// What the allocator keeps and two blocks more or less are.
const SLACK: f64 = 15e6;

#[test]
fn a_fit_in_blocks_takes_no_more_memory_of_more_rows() -> Outcome {
    let fit = "--model m --threads 2 --no-search --solver closed-form --set in_blocks=true \
               --set closed-form.max_layers=1 --set closed-form.n_features=32";
    let fit: Vec<&str> = fit.split(' ').collect();
    let peak_of = |n: usize| -> Result<f64, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("t.csv"), table(n, 12, 3))?;
        peak(&folder, &[&["fit", "t.csv", "--label", "y"], &fit[..]].concat())
    };
    let array = |n: usize| -> Result<f64, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let x: Vec<f64> = (0..12 * n).map(|i| (i / 12 % 3) as f64 + (i as f64 * 0.7).sin()).collect();
        let y: Vec<u8> = (0..n).map(|i| (i % 3) as u8).collect();
        fs::write(folder.path().join("x.npy"), floats(&format!("({n}, 12)"), &x))?;
        fs::write(folder.path().join("y.npy"), npy("|u1", &format!("({n},)"), &y))?;
        peak(&folder, &[&["fit", "x.npy", "--labels", "y.npy"], &fit[..]].concat())
    };
    // read whole the rows alone are 17 MB more, three times, and a text beside them
    for (what, few, many) in
        [("CSV", peak_of(20_000)?, peak_of(200_000)?), ("an array", array(20_000)?, array(200_000)?)]
    {
        eprintln!("{what}: 20000 rows {:.0} MB, 200000 rows {:.0} MB", few / 1e6, many / 1e6);
        assert!(many - few < SLACK, "{what}: {few} {many}");
    }
    Ok(())
}
