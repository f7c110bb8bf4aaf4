//! Times the kernel computations once and prints them as JSON, for `scripts/bench_peers.py`.
//!
//! `cargo run --release -p hsic-kernels --example peers -- THREADS [NAME…]`: the best of a few runs each, in seconds.

use std::time::Instant;

use faer::{Accum, Mat, Par};
use hsic_kernels::gaussian::{gram_into, kernel_times_matrix};
use hsic_kernels::hsic::against_labels;
use hsic_kernels::random::stream;
use hsic_kernels::simd::{SimdPath, exp_in_place};
use hsic_kernels::{Bandwidth, Labels, Real};
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::prelude::*;

const RUNS: usize = 5;

fn seconds(runs: usize, mut work: impl FnMut()) -> f64 {
    (0..runs).fold(f64::INFINITY, |best, _| {
        let start = Instant::now();
        work();
        best.min(start.elapsed().as_secs_f64())
    })
}

fn normal<T: Real>(n: usize, d: usize) -> Mat<T> {
    let mut rng = stream(1, 90, d as u32);
    Mat::from_fn(n, d, |_, _| T::of(rng.sample(StandardNormal)))
}

fn sigma(d: usize) -> Bandwidth {
    Bandwidth::new((d as f64 / 2.0).sqrt()).expect("d is positive")
}

/// Every column of `dst` filled with a constant.
fn fill<T: Real>(dst: &mut Mat<T>, par: Par) {
    match par {
        Par::Seq => dst.as_mut().col_iter_mut().for_each(|mut column| column.fill(T::ONE)),
        _ => dst.as_mut().par_col_iter_mut().for_each(|mut column| column.fill(T::ONE)),
    }
}

fn grams<T: Real>(name: &str, par: Par, features: &[usize], results: &mut Vec<(String, f64)>) {
    let n = 8192;
    let mut dst = Mat::<T>::full(n, n, T::ONE);
    results.push((format!("fill/n={n}/{name}"), seconds(RUNS, || fill(&mut dst, par))));
    for &d in features {
        let x = normal::<T>(n, d);
        let runs = if d > 100 { 2 } else { RUNS };
        let time =
            seconds(runs, || gram_into(dst.as_mut(), x.as_ref(), sigma(d), par).expect("the shapes fit"));
        results.push((format!("gram/n={n}/d={d}/{name}"), time));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let threads: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let wanted: Vec<String> = arguments.collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().expect("the first pool");
    let par = if threads == 1 { Par::Seq } else { Par::rayon(threads) };
    let mut results = Vec::new();
    if is_wanted("exp") {
        let arguments: Vec<f64> = (0..4096).map(|i| -20.0 * f64::from(i) / 4096.0).collect();
        let mut values = arguments.clone();
        let time = seconds(RUNS, || {
            for _ in 0..1000 {
                values.copy_from_slice(&arguments);
                exp_in_place(SimdPath::detect(), &mut values);
            }
        });
        results.push(("exp/n=4096000/f64".to_owned(), time));
    }
    if is_wanted("gram") {
        grams::<f64>("f64", par, &[4, 16, 64, 784], &mut results);
        grams::<f32>("f32", par, &[16], &mut results);
    }
    if is_wanted("gemm") {
        let (n, d) = (8192, 784);
        let x = normal::<f64>(n, d);
        let mut dst = Mat::<f64>::zeros(n, n);
        let time = seconds(2, || {
            faer::linalg::matmul::matmul(dst.as_mut(), Accum::Replace, x.as_ref(), x.transpose(), 1.0, par);
        });
        results.push((format!("faer_gemm/n={n}/d={d}/f64"), time));
        hsic_kernels::linalg::clear_upper_registers();
    }
    if is_wanted("hsic") {
        let (n, d) = (20_000, 16);
        let x = normal::<f64>(n, d);
        let labels = Labels::new((0..n).map(|i| i * 10 / n).collect()).expect("n is positive");
        let time = seconds(3, || {
            against_labels(x.as_ref(), sigma(d), &labels, par).expect("the shapes fit");
        });
        results.push((format!("hsic/n={n}/d={d}/f64"), time));
        let mut dst = Mat::<f64>::full(n, n, 1.0);
        let time = seconds(2, || gram_into(dst.as_mut(), x.as_ref(), sigma(d), par).expect("the shapes fit"));
        results.push((format!("gram/n={n}/d={d}/f64"), time));
    }
    if is_wanted("product") {
        let (n, d) = (50_000, 16);
        let (x, v) = (normal::<f32>(n, d), normal::<f32>(n, 10));
        let time = seconds(2, || {
            kernel_times_matrix(x.as_ref(), sigma(d), v.as_ref(), par).expect("the shapes fit");
        });
        results.push((format!("kernel_times_matrix/n={n}/d={d}/q=10/f32"), time));
    }
    let lines: Vec<String> = results.iter().map(|(name, time)| format!("  \"{name}\": {time:.6}")).collect();
    println!("{{\n{}\n}}", lines.join(",\n"));
}
