//! Properties that hold for any input, against slow dense formulas written here.

use faer::{Mat, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic, median_heuristic};
use hsic_kernels::gaussian::{
    cross_gram, gram, gram_into, kernel_times_matrix, weighted_laplacian_form, weighted_laplacian_product,
};
use hsic_kernels::tiles::Points;
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Labels, hsic, random};
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::StandardNormal;

/// Rounding of a sum of n² products.
const ROUNDING: f64 = 1e-12;

/// Seeded rows with some equal ones, d both below and above the switch from differences to products.
fn rows(n: usize, d: usize, seed: u64) -> Mat<f64> {
    let mut rng = random::stream(seed, 77, 0);
    let x = Mat::from_fn(n, d, |_, _| rng.sample::<f64, _>(StandardNormal));
    Mat::from_fn(n, d, |i, k| if i % 7 == 3 { x[(i - 1, k)] } else { x[(i, k)] })
}

fn labels(n: usize, c: usize, seed: u64) -> Labels {
    let mut rng = random::stream(seed, 78, 0);
    let mut codes: Vec<usize> = (0..n).map(|_| rng.random_range(0..c)).collect();
    codes[..c].copy_from_slice(&(0..c).collect::<Vec<_>>());
    Labels::new(codes).unwrap()
}

fn sigma(value: f64) -> Bandwidth {
    Bandwidth::new(value).unwrap()
}

/// K − 1, entry by entry.
fn dense_minus_one(x: &Mat<f64>, sigma: f64) -> Mat<f64> {
    Mat::from_fn(x.nrows(), x.nrows(), |i, j| {
        let squared: f64 = (0..x.ncols()).map(|k| (x[(i, k)] - x[(j, k)]).powi(2)).sum();
        (-squared / (2.0 * sigma * sigma)).exp_m1()
    })
}

/// HMH, by subtracting row, column and grand means.
fn center(m: &Mat<f64>) -> Mat<f64> {
    let n = m.nrows() as f64;
    let row: Vec<f64> = (0..m.nrows()).map(|i| m.row(i).iter().sum::<f64>() / n).collect();
    let column: Vec<f64> = (0..m.ncols()).map(|j| m.col(j).iter().sum::<f64>() / n).collect();
    let all = row.iter().sum::<f64>() / n;
    Mat::from_fn(m.nrows(), m.ncols(), |i, j| m[(i, j)] - row[i] - column[j] + all)
}

fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    a.col_iter().zip(b.col_iter()).map(|(a, b)| a.iter().zip(b.iter()).map(|(a, b)| a * b).sum::<f64>()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_gram_matrix_is_symmetric_with_unit_diagonal_and_psd(n in 8usize..200, d in 1usize..30, seed: u64, s in 0.05f64..5.0) {
        let x = rows(n, d, seed);
        let k = gram(x.as_ref(), sigma(s * (d as f64).sqrt()), Par::Seq).unwrap();
        for j in 0..n {
            prop_assert_eq!(k[(j, j)], 1.0);
            for i in 0..n {
                prop_assert_eq!(k[(i, j)], k[(j, i)]);
                prop_assert!((0.0..=1.0).contains(&k[(i, j)]));
            }
            if j % 7 == 3 {
                prop_assert_eq!(k[(j, j - 1)], 1.0, "equal rows give exactly 1");
            }
        }
        let eigenvalues = nalgebra::DMatrix::from_fn(n, n, |i, j| k[(i, j)]).symmetric_eigenvalues();
        prop_assert!(eigenvalues.min() > -ROUNDING * n as f64, "smallest eigenvalue {}", eigenvalues.min());
    }

    #[test]
    fn gram_and_cross_gram_agree_with_differences(n in 2usize..150, d in 1usize..40, seed: u64, s in 0.01f64..10.0) {
        let x = rows(n.max(8), d, seed);
        let bandwidth = sigma(s * (d as f64).sqrt());
        let k = gram(x.as_ref(), bandwidth, Par::Seq).unwrap();
        let cross = cross_gram(x.as_ref(), x.as_ref(), bandwidth, Par::Seq).unwrap();
        let dense = dense_minus_one(&x, bandwidth.get());
        for j in 0..x.nrows() {
            for i in 0..x.nrows() {
                prop_assert!((k[(i, j)] - 1.0 - dense[(i, j)]).abs() < 1e-12);
                prop_assert!((cross[(i, j)] - 1.0 - dense[(i, j)]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn streaming_hsic_equals_dense_at_every_bandwidth(n in 5usize..180, d in 1usize..20, c in 2usize..5, seed: u64, exponent in -3.0f64..4.0) {
        let (x, y) = (rows(n.max(8), d, seed), rows(n.max(8), 2, seed ^ 1));
        let n = x.nrows();
        let labels = labels(n, c, seed);
        let scale = (2.0 * d as f64).sqrt();
        let s = scale * 10f64.powf(exponent);
        let k = center(&dense_minus_one(&x, s));
        let l = Mat::from_fn(n, n, |i, j| f64::from(u8::from(labels.codes()[i] == labels.codes()[j])));
        let l = center(&l);
        let against = hsic::against_labels(x.as_ref(), sigma(s), &labels, Par::Seq).unwrap().statistics;
        let expected = inner(&k, &l);
        let normalized = expected / (k.norm_l2() * l.norm_l2());
        prop_assert!((against.trace() - expected).abs() <= ROUNDING * k.norm_l2() * l.norm_l2());
        prop_assert!((against.normalized() - normalized).abs() <= ROUNDING, "{} {}", against.normalized(), normalized);
        let m = center(&dense_minus_one(&y, 1.3));
        let between = hsic::between_samples(x.as_ref(), sigma(s), y.as_ref(), sigma(1.3), Par::Seq).unwrap();
        prop_assert!((between.trace() - inner(&k, &m)).abs() <= ROUNDING * k.norm_l2() * m.norm_l2());
        let normalized = inner(&k, &m) / (k.norm_l2() * m.norm_l2());
        prop_assert!((between.normalized() - normalized).abs() <= ROUNDING, "{} {}", between.normalized(), normalized);
    }

    #[test]
    fn the_unbiased_estimator_equals_its_definition(n in 8usize..60, seed: u64, s in 0.2f64..3.0) {
        let (x, y) = (rows(n, 2, seed), rows(n, 3, seed ^ 5));
        let without_diagonal = |x: &Mat<f64>| {
            let j = dense_minus_one(x, s);
            Mat::from_fn(n, n, |a, b| if a == b { 0.0 } else { j[(a, b)] + 1.0 })
        };
        let (k, l) = (without_diagonal(&x), without_diagonal(&y));
        let sum = |m: &Mat<f64>| m.col_iter().map(|c| c.iter().sum::<f64>()).sum::<f64>();
        let m = n as f64;
        let expected = (inner(&k, &l) + sum(&k) * sum(&l) / ((m - 1.0) * (m - 2.0)) - 2.0 / (m - 2.0) * sum(&(&k * &l)))
            / (m * (m - 3.0));
        let got = hsic::between_samples(x.as_ref(), sigma(s), y.as_ref(), sigma(s), Par::Seq).unwrap().unbiased().unwrap();
        prop_assert!((got - expected).abs() < 1e-13);
    }

    #[test]
    fn hsic_does_not_depend_on_the_order_or_the_origin(n in 8usize..150, d in 1usize..20, seed: u64) {
        let x = rows(n, d, seed);
        let labels = labels(n, 3, seed);
        let bandwidth = sigma((d as f64).sqrt());
        let base = hsic::against_labels(x.as_ref(), bandwidth, &labels, Par::Seq).unwrap().statistics;
        let reversed: Vec<usize> = (0..n).rev().collect();
        let moved = Mat::from_fn(n, d, |i, k| x[(n - 1 - i, k)] + 3.0 * (k as f64 + 1.0));
        let other = hsic::against_labels(moved.as_ref(), bandwidth, &labels.select(&reversed).unwrap(), Par::Seq).unwrap().statistics;
        prop_assert!((base.normalized() - other.normalized()).abs() < 1e-11);
        prop_assert!((base.trace() - other.trace()).abs() < 1e-11 * base.trace().abs().max(1.0) * n as f64);
    }

    #[test]
    fn streamed_products_equal_dense_ones(n in 8usize..300, d in 1usize..20, q in 1usize..6, seed: u64) {
        let (x, v) = (rows(n, d, seed), rows(n, q, seed ^ 9));
        let labels = labels(n, 3, seed);
        let bandwidth = sigma((d as f64).sqrt());
        let k = gram(x.as_ref(), bandwidth, Par::Seq).unwrap();
        let product = kernel_times_matrix(x.as_ref(), bandwidth, v.as_ref(), Par::Seq).unwrap();
        prop_assert!((&product - &k * &v).norm_l2() <= ROUNDING * n as f64);
        for weight in [ClassWeight::Plain, ClassWeight::Balanced] {
            let label_gram = CenteredLabelGram::new(&labels, weight);
            let points = Points::new(x.as_ref()).unwrap();
            let form = weighted_laplacian_form(&points, bandwidth, &labels, &label_gram, v.as_ref(), Par::Seq).unwrap();
            let weighted = Mat::from_fn(n, n, |i, j| k[(i, j)] * label_gram.block(labels.codes()[i], labels.codes()[j]));
            let row_sums: Vec<f64> = (0..n).map(|i| (0..n).map(|j| weighted[(i, j)]).sum()).collect();
            let laplacian = Mat::from_fn(n, n, |i, j| weighted[(i, j)] - if i == j { row_sums[i] } else { 0.0 });
            prop_assert!((&form - v.transpose() * &laplacian * &v).norm_l2() <= ROUNDING * n as f64 * v.squared_norm_l2());
            let product = weighted_laplacian_product(&points, bandwidth, &labels, &label_gram, v.as_ref(), Par::Seq).unwrap();
            prop_assert!((&product - &laplacian * &v).norm_l2() <= ROUNDING * n as f64 * v.norm_l2());
        }
    }

    #[test]
    fn reductions_have_the_same_bits_for_any_number_of_threads(n in 200usize..700, seed: u64) {
        let x = rows(n, 14, seed);
        let labels = labels(n, 3, seed);
        let bandwidth = sigma(3.0);
        let run = |par| {
            let hsic = hsic::against_labels(x.as_ref(), bandwidth, &labels, par).unwrap().statistics;
            let label_gram = CenteredLabelGram::new(&labels, ClassWeight::Plain);
            let points = Points::new(x.as_ref()).unwrap();
            let laplacian = weighted_laplacian_product(&points, bandwidth, &labels, &label_gram, x.as_ref(), par).unwrap();
            (hsic, kernel_times_matrix(x.as_ref(), bandwidth, x.as_ref(), par).unwrap(), laplacian)
        };
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let alone = run(Par::Seq);
        for threads in [1, 2, 3] {
            prop_assert!(pool(threads).install(|| run(hsic_kernels::all_threads())) == alone);
        }
    }
}

#[test]
fn single_precision_agrees_with_double_whichever_way_distances_are_taken() {
    for d in [3, 40, 300] {
        let x = rows(150, d, 3);
        let single = Mat::from_fn(150, d, |i, k| x[(i, k)] as f32);
        let same = Mat::from_fn(150, d, |i, k| f64::from(single[(i, k)]));
        for s in [0.05, 1.0, 20.0] {
            let bandwidth = sigma(s * (d as f64).sqrt());
            let k = gram(same.as_ref(), bandwidth, Par::Seq).unwrap();
            let k_single = gram(single.as_ref(), bandwidth, Par::Seq).unwrap();
            let difference = Mat::from_fn(150, 150, |i, j| f64::from(k_single[(i, j)]) - k[(i, j)]);
            assert!(difference.norm_l2() <= 1e-5 * k.norm_l2(), "d {d}, sigma {s}: {}", difference.norm_l2());
            assert_eq!(k_single[(3, 2)], 1.0, "equal rows give exactly 1");
        }
    }
}

/// What the documentation of `gram` states, at every bandwidth.
#[test]
fn the_stated_accuracy_holds_for_rows_in_tight_groups() {
    const DOUBLE: f64 = 1e-12;
    const SINGLE: f64 = 2e-5;
    for d in [2, 12, 13, 16, 100] {
        let noise = rows(200, d, 8);
        // groups whose width is 1/1000 of what is between them
        let x = Mat::from_fn(200, d, |i, k| ((i % 5 * 7 + k) as f64).sin() + 1e-3 * noise[(i, k)]);
        let single = Mat::from_fn(200, d, |i, k| x[(i, k)] as f32);
        let same = Mat::from_fn(200, d, |i, k| f64::from(single[(i, k)]));
        for s in [1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0] {
            let bandwidth = sigma(s * (d as f64).sqrt());
            let k = gram(x.as_ref(), bandwidth, Par::Seq).unwrap();
            let k_single = gram(single.as_ref(), bandwidth, Par::Seq).unwrap();
            let (dense, dense_single) =
                (dense_minus_one(&x, bandwidth.get()), dense_minus_one(&same, bandwidth.get()));
            for j in 0..200 {
                for i in 0..200 {
                    let off = (k[(i, j)] - 1.0 - dense[(i, j)]).abs();
                    assert!(off <= DOUBLE, "d {d}, sigma {s}: {off}");
                    let off = (f64::from(k_single[(i, j)]) - 1.0 - dense_single[(i, j)]).abs();
                    assert!(off <= SINGLE, "d {d}, sigma {s}, single: {off}");
                }
            }
        }
    }
}

#[test]
fn a_gram_matrix_is_the_same_wherever_it_is_written() {
    // large enough to be written past the caches, and of a size that leaves edges
    let n = 1100;
    let x = rows(n, 16, 5);
    let bandwidth = sigma(3.0);
    let expected = gram(x.as_ref(), bandwidth, Par::Seq).unwrap();
    let mut other = Mat::<f64>::zeros(n + 3, n);
    gram_into(other.subrows_mut(3, n), x.as_ref(), bandwidth, Par::rayon(2)).unwrap();
    assert!(other.subrows(3, n) == expected);
    gram_into(other.subrows_mut(1, n).transpose_mut(), x.as_ref(), bandwidth, Par::Seq).unwrap();
    assert!(other.subrows(1, n) == expected);
    gram_into(other.subrows_mut(0, n).reverse_rows_mut(), x.as_ref(), bandwidth, Par::Seq).unwrap();
    assert!(other.subrows(0, n).reverse_rows() == expected);
    let single = Mat::from_fn(n, 16, |i, k| x[(i, k)] as f32);
    let k = gram(single.as_ref(), bandwidth, Par::rayon(2)).unwrap();
    for j in 0..n {
        for i in 0..n {
            assert!((f64::from(k[(i, j)]) - expected[(i, j)]).abs() < 1e-5 && k[(i, j)] == k[(j, i)]);
        }
    }
}

#[test]
fn max_hsic_finds_the_maximum_a_fine_grid_finds() {
    for seed in 0..4 {
        let n = 120;
        let labels = labels(n, 3, seed);
        let noise = rows(n, 4, seed);
        let x = Mat::from_fn(n, 4, |i, k| noise[(i, k)] + if k == labels.codes()[i] { 2.0 } else { 0.0 });
        let label_gram = CenteredLabelGram::new(&labels, ClassWeight::Plain);
        let objective = |s: f64| {
            hsic::against_labels(x.as_ref(), sigma(s), &labels, Par::Seq).unwrap().statistics.trace()
        };
        let chosen = max_hsic(x.as_ref(), &labels, &label_gram, &Subsample::default(), Par::Seq).unwrap();
        let best = (0..400).map(|i| objective(0.05 * 1.015f64.powi(i))).fold(f64::MIN, f64::max);
        let got = objective(chosen.get());
        assert!(got >= best * (1.0 - 1e-4), "{got} is below {best}");
    }
}

#[test]
fn the_median_heuristic_is_the_median() {
    let x = Mat::from_fn(4, 1, |i, _| [0.0, 1.0, 3.0, 7.0][i]);
    // distances 1, 2, 3, 4, 6, 7
    assert_eq!(median_heuristic(x.as_ref(), &Subsample::default()).unwrap().get(), 3.5);
    let same = Mat::<f64>::zeros(5, 2);
    let error = median_heuristic(same.as_ref(), &Subsample::default()).unwrap_err();
    assert_eq!(error.to_string(), "all rows are equal, so no bandwidth can be chosen from their distances");
}

#[test]
fn a_constant_kernel_has_hsic_zero_and_bad_input_is_named() {
    let labels = Labels::new(vec![0, 1, 0, 1]).unwrap();
    let mut x = Mat::<f64>::zeros(4, 2);
    let hsic = hsic::against_labels(x.as_ref(), sigma(1.0), &labels, Par::Seq).unwrap();
    assert_eq!((hsic.statistics.normalized(), hsic.statistics.trace()), (0.0, 0.0));
    x[(2, 1)] = f64::NAN;
    let error = gram(x.as_ref(), sigma(1.0), Par::Seq).unwrap_err();
    assert_eq!(error.to_string(), "x must be finite, got NaN at row 2, column 1");
    let short = Labels::new(vec![0, 1]).unwrap();
    let error =
        hsic::against_labels(Mat::<f64>::zeros(4, 2).as_ref(), sigma(1.0), &short, Par::Seq).unwrap_err();
    assert_eq!(error.to_string(), "HSIC against labels: x is 4x2, the labels is 2x1");
}

#[test]
fn extreme_numbers_stay_finite() {
    for scale in [1e300, 1e-300, 1e160] {
        let x = Mat::from_fn(20, 15, |i, k| scale * ((i * 7 + k * 3) % 11) as f64);
        let labels = Labels::new((0..20).map(|i| i % 2).collect()).unwrap();
        for s in [1e-310, 1e-3, 1.0, 1e300] {
            let hsic = hsic::against_labels(x.as_ref(), sigma(s), &labels, Par::Seq).unwrap().statistics;
            assert!(hsic.normalized().is_finite() && hsic.trace().is_finite(), "scale {scale}, sigma {s}");
            let k = gram(x.as_ref(), sigma(s), Par::Seq).unwrap();
            assert!(k.col_iter().all(|column| column.iter().all(|value| (0.0..=1.0).contains(value))));
        }
    }
}
