//! The kernel computations: exp on a slice, a Gram matrix beside a plain fill of the same memory, HSIC against
//! labels, the product of a kernel matrix with a narrow one, and what a spectral layer climbs by: Q(W) and Q(W)·W.
//!
//! Ids name what varies: `gram/n=2048/d=16/f64/threads=all`. Throughput is in elements: entries of the slice, or pairs
//! of rows.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use faer::{Mat, Par};
use hsic_kernels::gaussian::{
    cross_gram_into, gram_into, kernel_times_matrix, weighted_laplacian_form, weighted_laplacian_product,
};
use hsic_kernels::hsic::against_labels;
use hsic_kernels::random::stream;
use hsic_kernels::simd::{SimdPath, exp_in_place};
use hsic_kernels::tiles::Points;
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Labels, Real};
use rand::RngExt;
use rand_distr::StandardNormal;

const SEED: u64 = 1;
const COMPONENT: u32 = 90;

const ROWS: [usize; 2] = [512, 2048];
const FEATURES: [usize; 3] = [4, 16, 128];
const CLASSES: usize = 10;
/// Columns of the narrow factor.
const COLUMNS: usize = 10;
/// Entries of the slice of exp: 32 KiB of doubles, within a first-level cache.
const SLICE: usize = 4096;

/// The id of one thread, and the id of all of them.
fn threads() -> [(&'static str, Par); 2] {
    [("threads=1", Par::Seq), ("threads=all", hsic_kernels::all_threads())]
}

fn normal<T: Real>(n: usize, d: usize, index: u32) -> Mat<T> {
    let mut rng = stream(SEED, COMPONENT, index);
    Mat::from_fn(n, d, |_, _| T::of(rng.sample(StandardNormal)))
}

/// A typical bandwidth of standard normal rows: half of their root mean square distance.
fn bandwidth(d: usize) -> Bandwidth {
    Bandwidth::new((d as f64 / 2.0).sqrt()).expect("d is positive")
}

/// Classes in turn, which the functions sort first as they would a user's rows.
fn labels(n: usize) -> Labels {
    Labels::new((0..n).map(|i| i % CLASSES).collect()).expect("n is positive")
}

fn exp<T: Real>(criterion: &mut Criterion, name: &str) {
    let mut rng = stream(SEED, COMPONENT, 0);
    let arguments: Vec<T> = (0..SLICE).map(|_| T::of(-20.0 * rng.random::<f64>())).collect();
    let mut group = criterion.benchmark_group("exp");
    group.throughput(Throughput::Elements(SLICE as u64));
    for path in SimdPath::available() {
        let mut values = arguments.clone();
        group.bench_function(BenchmarkId::from_parameter(format!("{name}/{path:?}")), |bencher| {
            bencher.iter(|| {
                // exp of an exp is as fast as any, but its argument would be positive
                values.copy_from_slice(&arguments);
                exp_in_place(path, black_box(&mut values));
            });
        });
    }
    group.finish();
}

/// A Gram matrix cannot be written faster than its memory: `fill` is that limit.
fn gram<T: Real>(criterion: &mut Criterion, name: &str) {
    for n in ROWS {
        // written once, so that no bench pays for the pages
        let mut dst = Mat::<T>::full(n, n, T::ONE);
        let pairs = Throughput::Elements((n * n) as u64);
        let mut group = criterion.benchmark_group("fill");
        group.throughput(pairs.clone());
        group.bench_function(BenchmarkId::from_parameter(format!("n={n}/{name}/threads=1")), |bencher| {
            bencher.iter(|| black_box(dst.as_mut()).fill(T::ONE));
        });
        group.finish();
        let mut group = criterion.benchmark_group("gram");
        group.throughput(pairs);
        for d in FEATURES {
            let (x, sigma) = (normal::<T>(n, d, d as u32), bandwidth(d));
            for (threads, par) in threads() {
                let id = BenchmarkId::from_parameter(format!("n={n}/d={d}/{name}/{threads}"));
                group.bench_function(id, |bencher| {
                    bencher.iter(|| gram_into(black_box(dst.as_mut()), x.as_ref(), sigma, par));
                });
            }
        }
        group.finish();
    }
}

fn cross<T: Real>(criterion: &mut Criterion, name: &str) {
    let mut group = criterion.benchmark_group("cross_gram");
    for n in ROWS {
        group.throughput(Throughput::Elements((n * n) as u64));
        for d in FEATURES {
            let (x, y, sigma) =
                (normal::<T>(n, d, d as u32), normal::<T>(n, d, 2000 + d as u32), bandwidth(d));
            let mut dst = Mat::<T>::full(n, n, T::ONE);
            for (threads, par) in threads() {
                let id = BenchmarkId::from_parameter(format!("n={n}/d={d}/{name}/{threads}"));
                group.bench_function(id, |bencher| {
                    bencher.iter(|| {
                        cross_gram_into(black_box(dst.as_mut()), x.as_ref(), y.as_ref(), sigma, par)
                    });
                });
            }
        }
    }
    group.finish();
}

fn hsic<T: Real>(criterion: &mut Criterion, name: &str) {
    let mut group = criterion.benchmark_group("hsic");
    for n in ROWS {
        group.throughput(Throughput::Elements((n * n) as u64));
        let labels = labels(n);
        for d in FEATURES {
            let (x, sigma) = (normal::<T>(n, d, d as u32), bandwidth(d));
            for (threads, par) in threads() {
                let id = BenchmarkId::from_parameter(format!("n={n}/d={d}/{name}/{threads}"));
                group.bench_function(id, |bencher| {
                    bencher.iter(|| against_labels(black_box(x.as_ref()), sigma, &labels, par));
                });
            }
        }
    }
    group.finish();
}

fn kernel_times_narrow<T: Real>(criterion: &mut Criterion, name: &str) {
    let mut group = criterion.benchmark_group("kernel_times_matrix");
    for n in ROWS {
        group.throughput(Throughput::Elements((n * n) as u64));
        let v = normal::<T>(n, COLUMNS, 1000);
        for d in FEATURES {
            let (x, sigma) = (normal::<T>(n, d, d as u32), bandwidth(d));
            for (threads, par) in threads() {
                let id = BenchmarkId::from_parameter(format!("n={n}/d={d}/{name}/{threads}"));
                group.bench_function(id, |bencher| {
                    bencher.iter(|| kernel_times_matrix(black_box(x.as_ref()), sigma, v.as_ref(), par));
                });
            }
        }
    }
    group.finish();
}

/// Q(W), and its product with W, of rows in p columns projected on q = 4.
fn laplacian(criterion: &mut Criterion) {
    const WIDTH: usize = 4;
    for n in ROWS {
        let (z, labels, sigma) = (normal::<f64>(n, WIDTH, 7), labels(n), bandwidth(WIDTH));
        let label_gram = CenteredLabelGram::new(&labels, ClassWeight::Plain);
        let points = Points::new(z.as_ref()).expect("finite numbers");
        for p in [16, 300] {
            let r = normal::<f64>(n, p, 2000);
            for (threads, par) in threads() {
                let mut group = criterion.benchmark_group("q_matrix");
                group.throughput(Throughput::Elements((n * n) as u64));
                group.bench_function(format!("n={n}/p={p}/q={WIDTH}/f64/{threads}"), |bencher| {
                    bencher.iter(|| {
                        weighted_laplacian_form(
                            &points,
                            sigma,
                            &labels,
                            &label_gram,
                            black_box(r.as_ref()),
                            par,
                        )
                    });
                });
                group.finish();
            }
        }
        for (threads, par) in threads() {
            let mut group = criterion.benchmark_group("q_times_w");
            group.throughput(Throughput::Elements((n * n) as u64));
            group.bench_function(format!("n={n}/q={WIDTH}/f64/{threads}"), |bencher| {
                bencher.iter(|| {
                    weighted_laplacian_product(
                        &points,
                        sigma,
                        &labels,
                        &label_gram,
                        black_box(z.as_ref()),
                        par,
                    )
                });
            });
            group.finish();
        }
    }
}

fn main() {
    // arguments of the command line come last, so that they win
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .configure_from_args();
    exp::<f32>(&mut criterion, "f32");
    exp::<f64>(&mut criterion, "f64");
    gram::<f32>(&mut criterion, "f32");
    gram::<f64>(&mut criterion, "f64");
    cross::<f32>(&mut criterion, "f32");
    cross::<f64>(&mut criterion, "f64");
    hsic::<f32>(&mut criterion, "f32");
    hsic::<f64>(&mut criterion, "f64");
    kernel_times_narrow::<f32>(&mut criterion, "f32");
    kernel_times_narrow::<f64>(&mut criterion, "f64");
    laplacian(&mut criterion);
    criterion.final_summary();
}
