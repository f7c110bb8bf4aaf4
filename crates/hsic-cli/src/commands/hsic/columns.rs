//! Missing cells of the columns that `hsic` compares.

use faer::Mat;

/// Missing cells as their column's mean; 0 after standardisation.
pub fn filled(rows: &Mat<f64>) -> Mat<f64> {
    let mean = |column: usize| {
        let known = || rows.col(column).iter().copied().filter(|value| !value.is_nan());
        let count = known().count() as f64;
        known().map(|value| value / count).sum::<f64>()
    };
    let means: Vec<f64> = (0..rows.ncols()).map(mean).collect();
    Mat::from_fn(
        rows.nrows(),
        rows.ncols(),
        |i, j| if rows[(i, j)].is_nan() { means[j] } else { rows[(i, j)] },
    )
}
