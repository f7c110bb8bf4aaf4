//! Training on any number of rows: fits a network in blocks and prints time, memory and accuracy.
//!
//! ```text
//! cargo run --release -p hsic-eval --example scale -- spectral 1000000 50      generated rows, in memory
//! cargo run --release -p hsic-eval --example scale -- write 50000000 50 big    big.npy and big-labels.npy
//! cargo run --release -p hsic-eval --example scale -- closed-form big.npy big-labels.npy
//! ```
//!
//! After these: the number of random features (512) and of layers (2).

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use faer::Mat;
use hsic_data::Scaler;
use hsic_data::rows::{ArrayRows, Standardised};
use hsic_kernels::Labels;
use hsic_kernels::features::Frequencies;
use hsic_kernels::random::{Rng, stream};
use hsic_kernels::rows::{MatrixRows, RowBlocks};
use hsic_layer::{Activation, ClosedForm, KernelFeatures, Spectral};
use hsic_net::{LayerSummary, Network, NetworkParams, SolverParams};
use rand::RngExt as _;
use rand_distr::StandardNormal;

const CLASSES: usize = 5;

/// Clusters of every class, so that no class is convex.
const CLUSTERS: usize = 4;

/// A row of a class: a draw from N(centre, 4·I) of one of the class's clusters, whose centres are draws from N(0, I).
fn row(rng: &mut Rng, centres: &Mat<f64>, class: usize, row: &mut [f64]) {
    let cluster = class * CLUSTERS + rng.random_range(0..CLUSTERS);
    for (k, value) in row.iter_mut().enumerate() {
        *value = centres[(cluster, k)] + 2.0 * rng.sample::<f64, _>(StandardNormal);
    }
}

fn centres(d: usize) -> Mat<f64> {
    let mut rng = stream(0, 95, 0);
    Mat::from_fn(CLASSES * CLUSTERS, d, |_, _| rng.sample(StandardNormal))
}

fn rows(n: usize, d: usize, index: u32) -> Result<(Mat<f64>, Labels), Box<dyn Error>> {
    let (mut rng, centres) = (stream(0, 96, index), centres(d));
    let codes: Vec<usize> = (0..n).map(|_| rng.random_range(0..CLASSES)).collect();
    let (mut x, mut buffer) = (Mat::zeros(n, d), vec![0.0; d]);
    for (i, &class) in codes.iter().enumerate() {
        row(&mut rng, &centres, class, &mut buffer);
        buffer.iter().enumerate().for_each(|(k, &value)| x[(i, k)] = value);
    }
    Ok((x, Labels::new(codes)?))
}

fn header(out: &mut impl Write, descr: &str, shape: &str) -> std::io::Result<()> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    out.write_all(b"\x93NUMPY\x01\x00\x76\x00")?;
    out.write_all(format!("{text:<117}\n").as_bytes())
}

fn write(n: usize, d: usize, name: &str) -> Result<(), Box<dyn Error>> {
    let mut features = BufWriter::new(File::create(format!("{name}.npy"))?);
    let mut labels = BufWriter::new(File::create(format!("{name}-labels.npy"))?);
    header(&mut features, "<f4", &format!("({n}, {d})"))?;
    header(&mut labels, "|u1", &format!("({n},)"))?;
    let (mut rng, centres, mut buffer) = (stream(0, 96, 0), centres(d), vec![0.0; d]);
    for _ in 0..n {
        let class = rng.random_range(0..CLASSES);
        row(&mut rng, &centres, class, &mut buffer);
        labels.write_all(&[class as u8])?;
        for &value in &buffer {
            features.write_all(&(value as f32).to_le_bytes())?;
        }
    }
    Ok(())
}

fn params(method: &str, m: usize, max_layers: usize) -> NetworkParams {
    let frequencies = Frequencies::Orthogonal;
    let params = if method == "spectral" {
        let activation = Activation::Random { m, frequencies };
        let solver = Spectral { activation, ..Spectral::default() };
        NetworkParams { solver: SolverParams::Spectral(solver), ..NetworkParams::spectral() }
    } else {
        let features = KernelFeatures::Random { m, frequencies };
        let solver = ClosedForm { features, ..ClosedForm::default() };
        NetworkParams { solver: SolverParams::ClosedForm(solver), ..NetworkParams::closed_form() }
    };
    NetworkParams { max_layers, ..params }
}

fn fit(params: &NetworkParams, train: &dyn RowBlocks, test: &dyn RowBlocks) -> Result<(), Box<dyn Error>> {
    let par = hsic_kernels::all_threads();
    let start = Instant::now();
    let scaler = Scaler::fit_rows(train, par)?;
    println!("scaler       {:8.2} s", start.elapsed().as_secs_f64());
    let mut observer = |summary: &LayerSummary| {
        println!(
            "layer {:2}     {:8.2} s  q {} sigma {:.3} H* {:.4}, {} steps",
            summary.layer,
            summary.elapsed.as_secs_f64(),
            summary.width,
            summary.sigma.get(),
            summary.hsic_normalized,
            summary.solution.iterations
        );
    };
    let rows = Standardised::new(train, &scaler)?;
    let network = Network::fit_rows(params, &rows, par, &mut observer)?.network;
    println!("fit          {:8.2} s  {}", network.elapsed().as_secs_f64(), network.stop_reason().name());
    let (mut right, mut total) = (0, 0);
    network.predict_rows(&Standardised::new(test, &scaler)?, par, |codes, predicted| {
        right += codes.iter().zip(predicted).filter(|(code, predicted)| code == predicted).count();
        total += codes.len();
    })?;
    println!(
        "all          {:8.2} s  test accuracy {:.4}",
        start.elapsed().as_secs_f64(),
        f64::from(right as u32) / total as f64
    );
    // of Linux alone
    if let Ok(status) = std::fs::read_to_string("/proc/self/status")
        && let Some(line) = status.lines().find(|line| line.starts_with("VmHWM"))
    {
        println!("{line}");
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: scale write N D NAME | METHOD (N D | FEATURES.npy LABELS.npy) [M [LAYERS]]";
    let [method, first, second, rest @ ..] = &args[..] else { return Err(usage.into()) };
    if method == "write" {
        let [name] = rest else { return Err(usage.into()) };
        return write(first.parse()?, second.parse()?, name);
    }
    let number = |place: usize, default| rest.get(place).map_or(Ok(default), |text| text.parse());
    let params = params(method, number(0, 512)?, number(1, 2)?);
    if let (Ok(n), Ok(d)) = (first.parse(), second.parse()) {
        let (train, labels) = rows(n, d, 0)?;
        let (test, test_labels) = rows(20_000, d, 1)?;
        let (train, test) =
            (MatrixRows::new(train.as_ref(), &labels)?, MatrixRows::new(test.as_ref(), &test_labels)?);
        return fit(&params, &train, &test);
    }
    let train = ArrayRows::open(first, second)?;
    let (test, test_labels) = rows(20_000, train.width(), 1)?;
    fit(&params, &train, &MatrixRows::new(test.as_ref(), &test_labels)?)
}
