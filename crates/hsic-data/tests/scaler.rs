//! Standardisation: its defining identities, extreme values, constant columns, refusals.

use faer::{Mat, Par, mat};
use hsic_data::{Scaler, registry};
use hsic_rows::Labels;
use hsic_rows::{BLOCK_ROWS, MatrixRows};
use proptest::prelude::*;

/// Rounding of a sum of a few hundred standardised values.
const TOLERANCE: f64 = 1e-12;

fn moments(x: &Mat<f64>, column: usize) -> (f64, f64) {
    let n = x.nrows() as f64;
    let mean = x.col(column).iter().sum::<f64>() / n;
    (mean, x.col(column).iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n)
}

#[test]
fn training_rows_get_mean_zero_and_deviation_one() {
    let wine = registry::load("wine", 0, None).unwrap();
    let scaler = Scaler::fit(wine.features()).unwrap();
    assert_eq!((scaler.columns(), scaler.kept().len(), scaler.dropped().len()), (13, 13, 0));
    let x = scaler.transform(wine.features()).unwrap();
    for column in 0..13 {
        let (mean, variance) = moments(&x, column);
        assert!(mean.abs() < TOLERANCE && (variance - 1.0).abs() < TOLERANCE, "{column}: {mean} {variance}");
    }
}

#[test]
fn ordinary_columns_follow_the_plain_formula() {
    let scaler = Scaler::fit(mat![[1.0], [2.0], [6.0]].as_ref()).unwrap();
    let std = (14.0_f64 / 3.0).sqrt();
    assert_eq!(scaler.means(), [3.0]);
    assert!((scaler.stds()[0] - std).abs() < 1e-15 * std);
    let x = scaler.transform(mat![[10.0], [3.0]].as_ref()).unwrap();
    assert!((x[(0, 0)] - 7.0 / std).abs() < 1e-15 * 7.0 / std);
    assert_eq!(x[(1, 0)], 0.0);
}

#[test]
fn constant_columns_are_dropped() {
    // 0.1 summed three times is not three times 0.1, yet the column is constant
    let train = mat![[0.1, 1.0, 0.0, 1e9], [0.1, 2.0, 0.0, 1e9 + 1e-7], [0.1, 3.0, 0.0, 1e9]];
    let scaler = Scaler::fit(train.as_ref()).unwrap();
    assert_eq!(scaler.kept(), [1]);
    assert_eq!(scaler.dropped(), [0, 2, 3]);
    // a column counts by the training rows alone
    let x = scaler.transform(mat![[5.0, 2.0, -8.0, 3.0]].as_ref()).unwrap();
    assert_eq!(x, mat![[0.0]]);
    // small, but far more than rounding
    assert_eq!(Scaler::fit(mat![[1e6], [1e6 + 1e-3]].as_ref()).unwrap().kept(), [0]);
}

#[test]
fn columns_are_centred_before_they_are_judged() {
    // numbers that differ in their last digits, and decide the class
    for (low, high) in [(1e15, 1e15 + 1.0), (-1e15 - 2.0, -1e15), (4503599627370497.0, 4503599627370499.0)] {
        let train = Mat::from_fn(6, 1, |i, _| if i % 2 == 0 { low } else { high });
        let scaler = Scaler::fit(train.as_ref()).unwrap();
        let x = scaler.transform(train.as_ref()).unwrap();
        assert!((0..6).all(|i| x[(i, 0)] == if i % 2 == 0 { -1.0 } else { 1.0 }), "{low}: {x:?}");
    }
    // the mean of numbers one unit in the last place apart is one of them: off centre, and as far apart
    let apart = Scaler::fit(mat![[1e16], [1e16 + 2.0]].as_ref()).unwrap();
    assert_eq!(apart.transform(mat![[1e16], [1e16 + 2.0]].as_ref()).unwrap(), mat![[0.0], [2.0]]);
    // a sum of 0.1 is off by more than the tolerance, a column of it is constant all the same
    let many = Mat::from_fn(100_000, 2, |i, j| if j == 0 { 0.1 } else { i as f64 });
    assert_eq!(Scaler::fit(many.as_ref()).unwrap().kept(), [1]);
    // many rows in narrow steps: exact where the mean of the numbers as they are is not
    let steps = Mat::from_fn(99_999, 1, |i, _| 1e9 + (i % 3) as f64 * 2f64.powi(-20));
    let scaler = Scaler::fit(steps.as_ref()).unwrap();
    let expected = (2.0f64 / 3.0).sqrt() * 2f64.powi(-20);
    assert!((scaler.stds()[0] / expected - 1.0).abs() < 1e-9, "{}", scaler.stds()[0]);
}

#[test]
fn blocks_have_the_moments_of_the_whole() {
    let n = 3 * BLOCK_ROWS - 50;
    let columns: [&dyn Fn(usize) -> f64; 8] = [
        &|i| (i as f64).sin(),
        &|i| 1e15 + (i % 2) as f64,
        // constant in every block, and not over them
        &|i| 1e9 + (i / BLOCK_ROWS) as f64 * 1e-3,
        &|i| (i / BLOCK_ROWS) as f64,
        &|i| 1e300 * (i as f64).cos(),
        &|i| if i < BLOCK_ROWS { 7.0 } else { -1e-300 * i as f64 },
        &|_| 0.1,
        &|i| [0.3, 0.1 + 0.2][i % 2],
    ];
    let x = Mat::from_fn(n, columns.len(), |i, j| columns[j](i));
    let labels = Labels::new((0..n).map(|i| i % 2).collect()).unwrap();
    let whole = Scaler::fit(x.as_ref()).unwrap();
    let blocks = Scaler::fit_rows(&MatrixRows::new(x.as_ref(), &labels).unwrap(), Par::Seq).unwrap();
    assert_eq!(whole.kept(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(blocks.kept(), whole.kept());
    for k in 0..6 {
        let (mean, std) = (blocks.means()[k] - whole.means()[k], blocks.stds()[k] / whole.stds()[k] - 1.0);
        assert!(mean.abs() <= TOLERANCE * whole.means()[k].abs().max(whole.stds()[k]), "{k}: {mean}");
        assert!(std.abs() < TOLERANCE, "{k}: {std}");
    }
}

#[test]
fn huge_and_tiny_values_keep_their_moments() {
    for unit in [1e300, 1e-300, 2.0_f64.powi(-1060), f64::MAX] {
        let train = Mat::from_fn(4, 1, |i, _| [-1.0, -0.5, 0.5, 1.0][i] * unit);
        let scaler = Scaler::fit(train.as_ref()).unwrap();
        let x = scaler.transform(train.as_ref()).unwrap();
        // a subnormal deviation has only a few bits
        let tolerance = if unit < f64::MIN_POSITIVE { 1e-4 } else { TOLERANCE };
        let (mean, variance) = moments(&x, 0);
        assert!(mean.abs() < tolerance && (variance - 1.0).abs() < tolerance, "{unit:e}: {mean} {variance}");
    }
}

#[test]
fn refusals() {
    let fit = |x: Mat<f64>| Scaler::fit(x.as_ref()).unwrap_err().to_string();
    assert_eq!(
        fit(mat![[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]),
        "all 2 columns are constant over the 3 training rows: there is nothing to learn from"
    );
    assert_eq!(
        fit(mat![[0.3, 2.0], [0.1 + 0.2, 2.0]]),
        "all 2 columns are constant over the 2 training rows, or vary by at most 9.3e-17 of their size, which is the \
         rounding of their numbers: there is nothing to learn from; if that difference means something, subtract what the \
         numbers have in common"
    );
    assert_eq!(
        fit(mat![[1.0, 2.0], [1.0, f64::INFINITY]]),
        "row 1, column `1` is inf: values must be finite"
    );

    let scaler = Scaler::fit(mat![[0.0, 1e-10], [1.0, -1e-10]].as_ref()).unwrap();
    let transform = |x: Mat<f64>| scaler.transform(x.as_ref()).unwrap_err().to_string();
    assert_eq!(transform(mat![[1.0]]), "columns of the rows to standardise: found 1, expected 2");
    assert_eq!(transform(mat![[f64::NAN, 1.0]]), "row 0, column `0` is NaN: values must be finite");
    assert_eq!(
        transform(mat![[1.0, 0.0], [1.0, 1e300]]),
        "row 1, column 1: 1e300 standardised by mean 0e0 and deviation 1e-10 is beyond the range of a 64-bit float; \
         correct or remove the row"
    );
}

#[test]
fn parts_rebuild_a_scaler_or_are_refused() {
    let scaler = Scaler::fit(mat![[1.0, 5.0, 2.0], [3.0, 5.0, 9.0]].as_ref()).unwrap();
    let parts = |columns, kept: &[usize], means: &[f64], stds: &[f64]| {
        Scaler::from_parts(columns, kept.to_vec(), means.to_vec(), stds.to_vec())
    };
    assert_eq!(parts(3, &[0, 2], &[2.0, 5.5], &[1.0, 3.5]).unwrap(), scaler);

    let refused = |result: hsic_data::Result<Scaler>| result.unwrap_err().to_string();
    assert_eq!(refused(parts(3, &[0, 2], &[2.0], &[1.0, 3.5])), "means of the scaler: found 1, expected 2");
    assert_eq!(refused(parts(3, &[0], &[2.0], &[])), "deviations of the scaler: found 0, expected 1");
    let range = "columns of the scaler (its indices must ascend and stay below): found";
    assert_eq!(refused(parts(2, &[0, 2], &[2.0, 5.5], &[1.0, 3.5])), format!("{range} 3, expected 2"));
    assert_eq!(refused(parts(3, &[2, 0], &[2.0, 5.5], &[1.0, 3.5])), format!("{range} 1, expected 3"));
    assert!(parts(3, &[], &[], &[]).is_err());
    assert!(parts(3, &[0], &[f64::NAN], &[1.0]).is_err());
    assert!(parts(3, &[0], &[0.0], &[0.0]).is_err());
}

#[test]
fn a_stored_scaler_is_checked_on_the_way_in() {
    let scaler = Scaler::fit(mat![[1.0, 5.0], [4.0, 5.0]].as_ref()).unwrap();
    let text = toml::to_string(&scaler).unwrap();
    assert_eq!(text, "columns = 2\nkept = [0]\nmeans = [2.5]\nstds = [1.5]\n");
    assert_eq!(toml::from_str::<Scaler>(&text).unwrap(), scaler);
    let error = toml::from_str::<Scaler>(&text.replace("stds = [1.5]", "stds = []")).unwrap_err();
    assert!(error.to_string().contains("deviations of the scaler: found 0, expected 1"), "{error}");
}

proptest! {
    #[test]
    fn the_unit_of_a_column_does_not_matter(
        values in prop::collection::vec(-1e3_f64..1e3, 2..40),
        exponent in -200_i32..200,
    ) {
        let column = |unit: f64| Mat::from_fn(values.len(), 1, |i, _| values[i] * unit);
        let (plain, scaled) = (column(1.0), column(2.0_f64.powi(exponent)));
        prop_assume!(Scaler::fit(plain.as_ref()).is_ok());
        let standardise = |x: &Mat<f64>| Scaler::fit(x.as_ref()).unwrap().transform(x.as_ref()).unwrap();
        prop_assert_eq!(standardise(&plain), standardise(&scaled));
    }
}
