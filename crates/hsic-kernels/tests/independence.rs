//! The moments of HSIC over permutations against all of them, and p-values against what they must be.

use faer::{Mat, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic};
use hsic_kernels::hsic::{
    against_labels, between_samples, permute_labels, permute_labels_max_hsic, permute_samples,
};
use hsic_kernels::random::stream;
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Labels};
use rand::{Rng as _, RngExt as _};
use rand_distr::StandardNormal;

fn normal(n: usize, d: usize, seed: u64) -> Mat<f64> {
    let mut rng = stream(seed, 90, 0);
    Mat::from_fn(n, d, |_, _| rng.sample(StandardNormal))
}

fn sigma(value: f64) -> Bandwidth {
    Bandwidth::new(value).unwrap()
}

/// All orders of 0..n.
fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    orders(n - 1)
        .into_iter()
        .flat_map(|order| {
            (0..n).map(move |place| {
                let mut order = order.clone();
                order.insert(place, n - 1);
                order
            })
        })
        .collect()
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n)
}

#[test]
fn the_moments_are_those_of_all_permutations() {
    for n in [4, 5, 7] {
        let (x, y) = (normal(n, 2, 1), normal(n, 3, 2));
        let labels = Labels::new((0..n).map(|i| usize::from(i > n / 3)).collect()).unwrap();
        let (of_samples, of_labels): (Vec<f64>, Vec<f64>) = orders(n)
            .iter()
            .map(|order| {
                let y = Mat::from_fn(n, 3, |i, k| y[(order[i], k)]);
                let samples =
                    between_samples(x.as_ref(), sigma(1.0), y.as_ref(), sigma(2.0), Par::Seq).unwrap();
                let labels = labels.select(order).unwrap();
                let labels = against_labels(x.as_ref(), sigma(0.7), &labels, Par::Seq).unwrap();
                (samples.trace(), labels.statistics.trace())
            })
            .unzip();
        let samples = between_samples(x.as_ref(), sigma(1.0), y.as_ref(), sigma(2.0), Par::Seq).unwrap();
        let against = against_labels(x.as_ref(), sigma(0.7), &labels, Par::Seq).unwrap().statistics;
        for (statistics, all) in [(samples, of_samples), (against, of_labels)] {
            let ((mean, variance), expected) = (statistics.permutation_moments().unwrap(), moments(&all));
            assert!((mean - expected.0).abs() <= 1e-12 * expected.0, "n = {n}: mean {mean}, {expected:?}");
            assert!(
                (variance - expected.1).abs() <= 1e-11 * expected.0.powi(2),
                "n = {n}: {variance}, {expected:?}"
            );
        }
    }
}

#[test]
fn dependence_is_found_and_independence_is_not() {
    let x = normal(80, 2, 3);
    let circle = Mat::from_fn(80, 1, |i, _| x[(i, 0)].powi(2) + x[(i, 1)].powi(2));
    let test = |y: &Mat<f64>| {
        permute_samples(x.as_ref(), sigma(1.0), y.as_ref(), sigma(1.0), 199, 5, Par::Seq).unwrap()
    };
    let dependent = test(&circle);
    assert_eq!((dependent.at_least_as_large, dependent.p_value()), (0, 0.005));
    assert!(dependent.statistics.gamma_p_value().unwrap() < 1e-3);
    let independent = test(&normal(80, 1, 4));
    assert!(independent.p_value() > 0.05, "{}", independent.p_value());
    assert!(independent.statistics.gamma_p_value().unwrap() > 0.05);
}

/// Under independence p is uniform: of 200 data sets about 10 are below 0.05, by either test, and the two agree.
#[test]
fn p_values_of_independent_samples_are_uniform() {
    const SETS: u64 = 200;
    let (mut low, mut largest_gap) = ([0, 0], 0.0f64);
    for seed in 0..SETS {
        let x = normal(30, 2, 100 + seed);
        let labels = Labels::new((0..30).map(|i| i % 3).collect()).unwrap();
        let test =
            permute_labels(x.as_ref(), sigma(1.5), &labels, 199, seed, hsic_kernels::all_threads()).unwrap();
        let p = [test.p_value(), test.statistics.gamma_p_value().unwrap()];
        for (low, p) in low.iter_mut().zip(p) {
            *low += usize::from(p <= 0.05);
        }
        largest_gap = largest_gap.max((p[0] - p[1]).abs());
    }
    // binomial(200, 0.05): 4 to 18 with probability 0.99
    assert!(low.iter().all(|low| (4..=18).contains(low)), "{low:?}");
    // 199 permutations know p to 0.035, one standard error
    assert!(largest_gap < 0.13, "{largest_gap}");
}

#[test]
fn the_outcome_does_not_depend_on_threads_and_does_on_the_seed() {
    let (x, y) = (normal(50, 1, 8), normal(50, 1, 9));
    let test =
        |seed, par| permute_samples(x.as_ref(), sigma(1.0), y.as_ref(), sigma(1.0), 99, seed, par).unwrap();
    assert_eq!(test(1, Par::Seq), test(1, Par::rayon(2)));
    assert_ne!(test(1, Par::Seq).at_least_as_large, test(2, Par::Seq).at_least_as_large);
}

#[test]
fn constant_samples_and_too_few_rows_are_no_nan() {
    let labels = Labels::new(vec![0, 1, 0, 1, 0]).unwrap();
    let constant = Mat::<f64>::zeros(5, 2);
    let statistics = against_labels(constant.as_ref(), sigma(1.0), &labels, Par::Seq).unwrap().statistics;
    assert_eq!(statistics.gamma_p_value(), Ok(1.0));
    let one_class = Labels::new(vec![0; 5]).unwrap();
    let test = permute_labels(normal(5, 1, 1).as_ref(), sigma(1.0), &one_class, 9, 0, Par::Seq).unwrap();
    assert_eq!((test.p_value(), test.statistics.gamma_p_value()), (1.0, Ok(1.0)));
    let short = Labels::new(vec![0, 1, 1]).unwrap();
    let statistics =
        against_labels(normal(3, 1, 1).as_ref(), sigma(1.0), &short, Par::Seq).unwrap().statistics;
    assert_eq!(
        statistics.gamma_p_value().unwrap_err().to_string(),
        "the moments of a permuted HSIC needs at least 4 rows, got 3"
    );
    assert_eq!(
        permute_labels(normal(3, 1, 1).as_ref(), sigma(1.0), &short, 0, 0, Par::Seq).unwrap_err().to_string(),
        "the number of permutations must be at least 1, got 0"
    );
}

/// Variables of a balanced design are exactly independent: HSIC is 0, every permutation has at least that, and what rounding
/// makes of the zeros decides nothing.
#[test]
fn exact_independence_has_p_1() {
    for n in [8, 20, 100] {
        let design = |scale: f64, period: usize| Mat::from_fn(n, 1, |i, _| scale * (i / period % 2) as f64);
        for scale in [1.0, 0.1, 3e5] {
            // the shares of four cells are equal, in whatever order the rows come
            let (x, y) = (design(scale, 1), design(0.3 * scale, 2));
            for seed in 0..20 {
                let sigma_x = sigma(scale * (0.05 + 0.3 * seed as f64));
                let labels = Labels::new((0..n).map(|i| i / 2 % 2).collect()).unwrap();
                let subsample = Subsample::default();
                for (name, test) in [
                    ("labels", permute_labels(x.as_ref(), sigma_x, &labels, 99, seed, Par::Seq)),
                    (
                        "samples",
                        permute_samples(x.as_ref(), sigma_x, y.as_ref(), sigma(scale), 99, seed, Par::Seq),
                    ),
                    ("chosen", permute_labels_max_hsic(x.as_ref(), &labels, &subsample, 99, seed, Par::Seq)),
                ] {
                    let test = test.unwrap();
                    assert_eq!(test.p_value(), 1.0, "{name}, n = {n}, scale {scale}, seed {seed}");
                    let gamma = test.statistics.gamma_p_value().unwrap();
                    assert!(gamma > 1.0 - 1e-6, "{name}, n = {n}, scale {scale}, seed {seed}: {gamma}");
                }
            }
        }
    }
}

/// Where the kernel is the identity, every permutation has the same HSIC.
#[test]
fn a_statistic_that_no_permutation_changes_has_p_1() {
    let x = normal(40, 3, 2);
    let labels = Labels::new((0..40).map(|i| usize::from(i < 13)).collect()).unwrap();
    let test = permute_labels(x.as_ref(), sigma(1e-4), &labels, 99, 1, Par::Seq).unwrap();
    assert!(test.statistics.trace() > 1.0);
    assert_eq!((test.p_value(), test.statistics.gamma_p_value().unwrap()), (1.0, 1.0));
    let single = Mat::from_fn(40, 3, |i, k| x[(i, k)] as f32);
    let test = permute_labels(single.as_ref(), sigma(1e-4), &labels, 99, 1, Par::Seq).unwrap();
    assert_eq!(test.p_value(), 1.0);
}

/// Labels that have nothing to do with the rows: a valid test says p ≤ 0.1 in one of ten cases. One whose bandwidth stays
/// the one chosen on the true labels says so too often.
#[test]
fn a_bandwidth_chosen_on_the_labels_is_chosen_anew_in_every_permutation() {
    let (mut anew, mut kept) = (0, 0);
    for case in 0..200 {
        let mut rng = stream(case, 99, 0);
        let x = Mat::from_fn(30, 2, |_, _| rng.next_u32() as f64 / f64::from(u32::MAX));
        let labels = Labels::new((0..30).map(|i| i % 3).collect()).unwrap();
        let (subsample, x) = (Subsample::default(), x.as_ref());
        let test =
            permute_labels_max_hsic(x, &labels, &subsample, 39, case, hsic_kernels::all_threads()).unwrap();
        anew += usize::from(test.p_value() <= 0.1);
        let label_gram = CenteredLabelGram::new(&labels, ClassWeight::Plain);
        let sigma = max_hsic(x, &labels, &label_gram, &subsample, Par::Seq).unwrap();
        let test = permute_labels(x, sigma, &labels, 39, case, Par::Seq).unwrap();
        kept += usize::from(test.p_value() <= 0.1);
    }
    // of a valid test the mean is 20, the deviation 4.2
    assert!((8..=32).contains(&anew), "{anew}");
    assert!(kept > 32, "{kept}");
}

#[test]
fn a_dependence_is_found_whatever_the_threads() {
    let x = Mat::from_fn(60, 1, |i, _| (i as f64 * 0.7).sin());
    let labels = Labels::new((0..60).map(|i| usize::from(x[(i, 0)] > 0.0)).collect()).unwrap();
    let test = |par| permute_labels_max_hsic(x.as_ref(), &labels, &Subsample::default(), 99, 5, par).unwrap();
    assert_eq!(test(Par::Seq).p_value(), 0.01);
    assert_eq!(test(Par::Seq), test(Par::rayon(2)));
}
