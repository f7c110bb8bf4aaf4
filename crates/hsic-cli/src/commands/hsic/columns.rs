//! Missing cells of the columns that `hsic` compares.

use faer::Mat;
use hsic_data::scaler::known_mean;

/// Missing cells as their column's mean; 0 after standardisation.
pub fn filled(rows: &Mat<f64>) -> Mat<f64> {
    let means: Vec<f64> = (0..rows.ncols()).map(|column| known_mean(rows.as_ref(), column)).collect();
    Mat::from_fn(
        rows.nrows(),
        rows.ncols(),
        |i, j| if rows[(i, j)].is_nan() { means[j] } else { rows[(i, j)] },
    )
}
