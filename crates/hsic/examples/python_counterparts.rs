//! The calls that scripts/bench_python.py times from Python, timed here: a line of standard input is a call, a line of standard output its
//! seconds. Matrices are files of little-endian doubles, by rows.
//!
//! `gram X N D SIGMA`, `gram_into …` (a matrix that was written before), `hsic X N D Y E SIGMA SIGMA_Y`, `test X N D Y E PERMUTATIONS`,
//! `fit X N D CODES`.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead, stdin};
use std::path::Path;
use std::time::Instant;

use hsic::data::table::{Feature, FeatureKind, NumberFormat, Schema};
use hsic::faer::{Mat, MatRef};
use hsic::fit::{Candidate, choose};
use hsic::independence::{Options, PValue, between};
use hsic::kernels::hsic::between_samples;
use hsic::kernels::{Bandwidth, all_threads, gaussian};
use hsic::net::Network;
use hsic::rows::Labels;
use hsic::{Model, Preprocessing, Training};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let (mut files, mut written) = (BTreeMap::new(), Mat::zeros(0, 0));
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        for &file in words.iter().filter(|word| Path::new(word).is_file()) {
            // once: a caller of Python has its rows already
            if !files.contains_key(file) {
                files.insert(file.to_owned(), numbers(file)?);
            }
        }
        println!("{}", seconds(&words, &files, &mut written)?);
    }
    Ok(())
}

fn numbers(file: &str) -> Outcome<Vec<f64>> {
    let bytes = std::fs::read(file)?;
    let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("chunks of eight bytes"));
    Ok(bytes.chunks_exact(8).map(number).collect())
}

fn seconds(words: &[&str], files: &BTreeMap<String, Vec<f64>>, written: &mut Mat<f64>) -> Outcome<f64> {
    let [call, x, n, d, rest @ ..] = words else { return Err("a call, a file, n and d".into()) };
    let (n, d): (usize, usize) = (n.parse()?, d.parse()?);
    let x = MatRef::from_row_major_slice(files.get(*x).ok_or("x is no file")?, n, d);
    let par = all_threads();
    let file = |name: &str| files.get(name).ok_or(format!("{name} is no file"));
    match (*call, rest) {
        ("gram", [sigma]) => {
            let sigma = Bandwidth::new(sigma.parse()?)?;
            let start = Instant::now();
            black_box(gaussian::gram(x, sigma, par)?);
            Ok(start.elapsed().as_secs_f64())
        }
        ("gram_into", [sigma]) => {
            let sigma = Bandwidth::new(sigma.parse()?)?;
            if written.shape() != (n, n) {
                *written = Mat::full(n, n, 1.0);
            }
            let start = Instant::now();
            gaussian::gram_into(written.as_mut(), x, sigma, par)?;
            Ok(start.elapsed().as_secs_f64())
        }
        ("hsic", [y, e, sigma, sigma_y]) => {
            let y = MatRef::from_row_major_slice(file(y)?, n, e.parse()?);
            let (sigma, sigma_y) = (Bandwidth::new(sigma.parse()?)?, Bandwidth::new(sigma_y.parse()?)?);
            let start = Instant::now();
            black_box(between_samples(x, sigma, y, sigma_y, par)?.biased()?);
            Ok(start.elapsed().as_secs_f64())
        }
        ("test", [y, e, permutations]) => {
            let y = MatRef::from_row_major_slice(file(y)?, n, e.parse()?);
            let permutations = permutations.parse()?;
            let options =
                Options { p_value: Some(PValue::Permutation), permutations, par, ..Options::default() };
            let start = Instant::now();
            black_box(between(x, y, &options)?);
            Ok(start.elapsed().as_secs_f64())
        }
        ("fit", [codes]) => {
            let labels = Labels::new(file(codes)?.iter().map(|&code| code as usize).collect())?;
            let start = Instant::now();
            black_box(fit(x, &labels)?);
            Ok(start.elapsed().as_secs_f64())
        }
        _ => Err(format!("no such call: {}", words.join(" ")).into()),
    }
}

/// What `HSICClassifier().fit` does.
fn fit(x: MatRef<'_, f64>, labels: &Labels) -> Outcome<Model> {
    let feature =
        |k| Feature { name: format!("x{k}"), kind: FeatureKind::Number, format: NumberFormat::default() };
    let classes = (0..labels.n_classes()).map(|class| class.to_string()).collect();
    let schema = Schema::new((0..x.ncols()).map(feature).collect(), "class".into(), classes, Vec::new())?;
    let preprocessing = Preprocessing::fit(schema, x, false)?;
    let rows = preprocessing.transform(x)?;
    let choice = choose(&Candidate::defaults(), rows.as_ref(), labels, 0, None, all_threads(), &())?;
    let network = Network::fit(&choice.params, rows.as_ref(), labels, all_threads(), &mut ())?.network;
    let training = Training {
        library_version: String::new(),
        method: String::new(),
        settings: choice.params.settings(),
        seed: 0,
        file: String::new(),
        sha256: String::new(),
        rows: x.nrows(),
        evaluation: serde_json::Value::Null,
    };
    Ok(Model::new(preprocessing, network, training)?)
}
