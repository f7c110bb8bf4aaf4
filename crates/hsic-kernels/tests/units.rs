//! The unit of the numbers is of no matter, as far as a 64-bit float reaches: where squares of distances are beyond its range too.

use faer::{Mat, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic, median_heuristic, rms_distance};
use hsic_kernels::gaussian::{cross_gram, gram};
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Error, Labels, hsic};

/// Rounding of differences of rows, and of sums over a few hundred pairs.
const TOLERANCE: f64 = 1e-11;

/// Powers of two from one end to the other; in the last the differences are halved.
const UNITS: [i32; 9] = [-1015, -900, -520, -410, 0, 410, 520, 900, 1020];

fn rows(unit: f64) -> Mat<f64> {
    Mat::from_fn(40, 3, |i, k| unit * ((i % 2) as f64 + ((i * 7 + k * 3) as f64).sin()))
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * b.abs()
}

#[test]
fn bandwidths_and_hsic_are_those_of_ordinary_numbers() {
    let labels = Labels::new((0..40).map(|i| i % 2).collect()).unwrap();
    let label_gram = CenteredLabelGram::new(&labels, ClassWeight::Plain);
    let of = |exponent: i32| {
        let unit = 2f64.powi(exponent);
        let (x, y) = (rows(unit), Mat::from_fn(40, 1, |i, _| unit * (i % 3) as f64));
        let (x, y) = (x.as_ref(), y.as_ref());
        let sample = Subsample::default();
        let median = median_heuristic(x, &sample).unwrap();
        let rms = rms_distance(x).unwrap();
        let chosen = max_hsic(x, &labels, &label_gram, &sample, Par::Seq).unwrap();
        let against = hsic::against_labels_at(x, &[median, chosen], &labels, Par::Seq).unwrap();
        let sigma_y = Bandwidth::new(unit).unwrap();
        let between = hsic::between_samples(x, median, y, sigma_y, Par::Seq).unwrap();
        let k = gram(x, median, Par::Seq).unwrap();
        let cross = cross_gram(y, x.subcols(0, 1), median, Par::Seq).unwrap();
        [
            median.get() / unit,
            rms.get() / unit,
            chosen.get() / unit,
            against[0].statistics.trace(),
            against[1].statistics.trace(),
            against[1].statistics.normalized(),
            between.trace(),
            k[(3, 5)],
            cross[(4, 7)],
        ]
    };
    let expected = of(0);
    for exponent in UNITS {
        for (found, expected) in of(exponent).into_iter().zip(expected) {
            assert!(near(found, expected), "2^{exponent}: {found:e}, expected {expected:e}");
        }
    }
}

#[test]
fn a_few_far_rows_leave_the_median_of_the_near_ones() {
    let x = Mat::from_fn(30, 1, |i, _| if i == 7 { 1e10 } else { 1e-200 * i as f64 });
    let median = median_heuristic(x.as_ref(), &Subsample::default()).unwrap();
    assert!((1e-200..30e-200).contains(&median.get()), "{median}");
}

#[test]
fn what_no_number_holds_is_said() {
    let ends = Mat::from_fn(6, 2, |i, _| if i % 2 == 0 { f64::MAX } else { -f64::MAX });
    let text = |error: Error| error.to_string();
    let expected =
        "the distances between the rows are beyond the range of a 64-bit float; divide the rows by a number";
    assert_eq!(text(median_heuristic(ends.as_ref(), &Subsample::default()).unwrap_err()), expected);
    assert_eq!(text(rms_distance(ends.as_ref()).unwrap_err()), expected);
    let equal = Mat::<f64>::full(6, 2, 1e300);
    assert_eq!(rms_distance(equal.as_ref()), Err(Error::AllRowsEqual));
}

#[test]
fn near_rows_among_far_ones_keep_their_kernel() {
    // 400 decades between the bandwidth and the farthest row: no pair of squares, but a unit for both
    let x = Mat::from_fn(6, 1, |i, _| if i < 3 { 1e-200 * i as f64 } else { 1e200 * i as f64 });
    let sigma = Bandwidth::new(1e-200).unwrap();
    let k = gram(x.as_ref(), sigma, Par::Seq).unwrap();
    for (i, j) in (0..6).flat_map(|i| (0..6).map(move |j| (i, j))) {
        let near = (-((i as f64 - j as f64).powi(2)) / 2.0).exp();
        let expected = if i == j {
            1.0
        } else if i.max(j) < 3 {
            near
        } else {
            0.0
        };
        assert!((k[(i, j)] - expected).abs() < TOLERANCE, "{i}, {j}: {}", k[(i, j)]);
    }
    let labels = Labels::new(vec![0, 1, 0, 1, 0, 1]).unwrap();
    let found = hsic::against_labels(x.as_ref(), sigma, &labels, Par::Seq).unwrap().statistics.trace();
    let label_gram = CenteredLabelGram::new(&labels, ClassWeight::Plain);
    let expected = label_gram.weighted_sum(
        Mat::from_fn(2, 2, |a, b| {
            (0..6)
                .flat_map(|i| (0..6).map(move |j| (i, j)))
                .filter(|(i, j)| (i % 2, j % 2) == (a, b))
                .map(|(i, j)| k[(i, j)])
                .sum()
        })
        .as_ref(),
    );
    assert!(near(found, expected), "{found} {expected}");
}
