//! Scalar `f64::exp` before and right after a matrix product.
//!
//! A vectorised product that leaves the upper halves of the AVX registers dirty slows every later scalar routine of the
//! standard library down, tens of times on some processors. `hsic_kernels::linalg::matmul` clears them; were that
//! lost, the two ids of this group would drift apart. A program of its own, so that no product has run before the
//! first id is timed.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use faer::{Accum, Mat};
use hsic_kernels::linalg::matmul;
use hsic_kernels::random::stream;
use rand::RngExt;
use rand_distr::StandardNormal;

const SEED: u64 = 1;
const COMPONENT: u32 = 90;
/// Rows and columns of the product: large enough for the vector kernels.
const SIZE: usize = 128;
const ARGUMENTS: usize = 1000;

fn scalar_exp(arguments: &[f64]) -> f64 {
    arguments.iter().map(|&x| black_box(x).exp()).sum()
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut rng = stream(SEED, COMPONENT, 1);
    let arguments: Vec<f64> = (0..ARGUMENTS).map(|_| -20.0 * rng.random::<f64>()).collect();
    let a = Mat::from_fn(SIZE, SIZE, |_, _| rng.sample::<f64, _>(StandardNormal));
    let mut product = Mat::zeros(SIZE, SIZE);

    let mut group = criterion.benchmark_group("scalar_exp");
    group.throughput(Throughput::Elements(ARGUMENTS as u64));
    group.bench_function("before_matmul", |bencher| bencher.iter(|| scalar_exp(black_box(&arguments))));
    group.bench_function("after_matmul", |bencher| {
        bencher.iter_batched(
            || matmul(product.as_mut(), Accum::Replace, a.as_ref(), a.as_ref(), 1.0),
            |()| scalar_exp(black_box(&arguments)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    criterion.final_summary();
}
