//! Small positive definite systems.

use faer::Mat;

/// The solution of A·X = B for a symmetric positive definite A (its lower triangle is read), by A = LLᵀ.
///
/// A pivot that rounding left at or below 0 is raised to an epsilon of the largest diagonal entry.
///
/// # Cost
/// n³/3 flops, for systems of some hundred rows.
pub(crate) fn solve_positive_definite(mut a: Mat<f64>, mut b: Mat<f64>) -> Mat<f64> {
    let n = a.nrows();
    let floor = (0..n).map(|i| a[(i, i)].abs()).fold(f64::MIN_POSITIVE, f64::max) * f64::EPSILON;
    for j in 0..n {
        let pivot = a[(j, j)].max(floor).sqrt();
        a[(j, j)] = pivot;
        for i in j + 1..n {
            a[(i, j)] /= pivot;
        }
        for k in j + 1..n {
            let factor = a[(k, j)];
            let (done, mut rest) = a.as_mut().split_at_col_mut(k);
            let column = done.col(j).subrows(k, n - k);
            let trailing = rest.as_mut().col_mut(0).subrows_mut(k, n - k);
            trailing.iter_mut().zip(column.iter()).for_each(|(entry, left)| *entry -= factor * left);
        }
    }
    for c in 0..b.ncols() {
        for j in 0..n {
            b[(j, c)] /= a[(j, j)];
            let solved = b[(j, c)];
            for i in j + 1..n {
                b[(i, c)] -= a[(i, j)] * solved;
            }
        }
        for j in (0..n).rev() {
            let rest: f64 = (j + 1..n).map(|i| a[(i, j)] * b[(i, c)]).sum();
            b[(j, c)] = (b[(j, c)] - rest) / a[(j, j)];
        }
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_residual_vanishes() {
        for n in [1, 2, 5, 20, 60] {
            let root = Mat::from_fn(n, n, |i, j| ((i * 7 + j * 13 + i * j) % 17) as f64 - 8.0);
            let a = &root * root.transpose() + Mat::<f64>::identity(n, n);
            let b = Mat::from_fn(n, 3, |i, c| (i + c) as f64 - 4.0);
            let x = solve_positive_definite(a.clone(), b.clone());
            assert!((&a * &x - &b).norm_l2() <= 1e-12 * a.norm_l2() * x.norm_l2());
        }
    }

    #[test]
    fn a_singular_matrix_gives_finite_numbers() {
        {
            let x = solve_positive_definite(Mat::full(4, 4, 1.0), Mat::full(4, 1, 1.0));
            assert!(x.col(0).iter().all(|value| value.is_finite()));
        }
    }
}
