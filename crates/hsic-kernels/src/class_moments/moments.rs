//! Counts, sums and scatter.

use faer::{Accum, Mat, MatRef};

use super::ClassTotals;
use crate::linalg::{add_lower_product, matmul, product};
use crate::{ClassWeight, Error, Labels, Result};

/// [`ClassTotals`] and the scatter C = Σᵢ (rᵢ − μ)(rᵢ − μ)ᵀ: all that the centred alignment H* of K = RRᵀ, a compression
/// of R and Gaussians around class means need.
///
/// Each block is centred by its own mean and blocks are joined by the pairwise formula, so nothing cancels where rows are
/// nearly equal. Mergeable, to rounding in any order.
///
/// # Cost
/// m² flops a row, m² numbers.
///
/// # Source
/// Chan, Golub, LeVeque (1979), Updating formulae and a pairwise algorithm for computing sample variances.
///
/// ```
/// use faer::mat;
/// use hsic_kernels::class_moments::ClassMoments;
/// let mut moments = ClassMoments::new(1, 2);
/// moments.update(mat![[0.0], [0.1]].as_ref(), &[0, 0]);
/// let mut others = ClassMoments::new(1, 2);
/// others.update(mat![[5.0], [5.1]].as_ref(), &[1, 1]);
/// moments.merge(&others);
/// assert!(moments.normalized_hsic() > 0.99);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ClassMoments {
    totals: ClassTotals,
    /// m×m, lower triangle.
    scatter: Mat<f64>,
}

impl ClassMoments {
    /// Of no rows of `width` columns.
    pub fn new(width: usize, n_classes: usize) -> Self {
        Self { totals: ClassTotals::new(width, n_classes), scatter: Mat::zeros(width, width) }
    }

    /// Those of these totals and scatter (m×m, lower triangle), as [`totals`](Self::totals) and [`scatter`](Self::scatter) give
    /// them.
    ///
    /// # Errors
    /// [`Error::Shape`] for a scatter of another width.
    pub fn from_parts(totals: ClassTotals, scatter: Mat<f64>) -> Result<Self> {
        let m = totals.sums().nrows();
        if scatter.shape() == (m, m) {
            return Ok(Self { totals, scatter });
        }
        Err(Error::Shape {
            operation: "class moments",
            left_name: "the scatter",
            left: scatter.shape(),
            right_name: "the sums",
            right: totals.sums().shape(),
        })
    }

    /// Adds rows (r×m) of these classes.
    ///
    /// # Panics
    /// As [`ClassTotals::update`].
    pub fn update(&mut self, rows: MatRef<'_, f64>, codes: &[usize]) {
        let mut part = Self::new(rows.ncols(), self.totals.counts().len());
        part.totals.update(rows, codes);
        let mean = part.totals.mean();
        let centered = Mat::from_fn(rows.nrows(), rows.ncols(), |i, k| rows[(i, k)] - mean[k]);
        add_lower_product(part.scatter.as_mut(), centered.as_ref(), centered.as_ref());
        if self.totals.n() == 0 { *self = part } else { self.merge(&part) }
    }

    /// Adds the moments of other rows.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn merge(&mut self, other: &Self) {
        let (n, others) = (self.totals.n() as f64, other.totals.n() as f64);
        let (mean, other_mean) = (self.totals.mean(), other.totals.mean());
        self.totals.merge(&other.totals);
        if n + others == 0.0 {
            return;
        }
        let share = n * others / (n + others);
        let difference: Vec<f64> = mean.iter().zip(&other_mean).map(|(a, b)| b - a).collect();
        for j in 0..difference.len() {
            let factor = share * difference[j];
            for i in j..difference.len() {
                self.scatter[(i, j)] += other.scatter[(i, j)] + factor * difference[i];
            }
        }
    }

    /// Counts and sums of the classes.
    pub fn totals(&self) -> &ClassTotals {
        &self.totals
    }

    /// C = Σᵢ (rᵢ − μ)(rᵢ − μ)ᵀ, m×m; only the lower triangle is to be read.
    pub fn scatter(&self) -> MatRef<'_, f64> {
        self.scatter.as_ref()
    }

    /// RᵀR = C + nμμᵀ, m×m.
    pub fn second_moment(&self) -> Mat<f64> {
        let (n, mean) = (self.totals.n() as f64, self.totals.mean());
        let lower = |i: usize, j: usize| self.scatter[(i, j)] + n * mean[i] * mean[j];
        Mat::from_fn(mean.len(), mean.len(), |i, j| if i >= j { lower(i, j) } else { lower(j, i) })
    }

    /// Σᵢ ‖rᵢ − mean of class yᵢ‖², projected on the columns of `directions` (m×p) where there are some.
    pub fn within(&self, directions: Option<MatRef<'_, f64>>) -> f64 {
        // Tr(C) = within + between: the between part is that of the class means about the mean of all
        let between = self.totals.class_directions(ClassWeight::Balanced);
        let value = match directions {
            None => self.total(None) - between.squared_norm_l2(),
            Some(directions) => {
                let between = product(directions.transpose(), between.as_ref());
                self.total(Some(directions)) - between.squared_norm_l2()
            }
        };
        value.max(0.0)
    }

    /// Σᵢ ‖rᵢ − μ‖², projected likewise.
    pub fn total(&self, directions: Option<MatRef<'_, f64>>) -> f64 {
        match directions {
            None => (0..self.scatter.nrows()).map(|k| self.scatter[(k, k)]).sum(),
            Some(directions) => {
                let full = self.symmetric_scatter();
                let mut image = Mat::zeros(directions.nrows(), directions.ncols());
                matmul(image.as_mut(), Accum::Replace, full.as_ref(), directions, 1.0);
                directions.col_iter().zip(image.col_iter()).map(|(a, b)| a.transpose() * b).sum()
            }
        }
    }

    /// H* = Tr(K̃L̃)/(‖K̃‖‖L̃‖) of K = RRᵀ and L = YYᵀ: ‖K̃‖ = ‖HRRᵀH‖ = ‖C‖. 0 where either is constant.
    pub fn normalized_hsic(&self) -> f64 {
        let mut squared = 0.0;
        for (j, column) in self.scatter.col_iter().enumerate() {
            squared += column[j] * column[j];
            squared += 2.0 * column.iter().skip(j + 1).map(|value| value * value).sum::<f64>();
        }
        let label_norm = self.totals.label_gram(ClassWeight::Plain).squared_norm();
        let denominator = squared.sqrt() * label_norm.sqrt();
        let trace = self.totals.trace(ClassWeight::Plain);
        if denominator > 0.0 { (trace / denominator).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn symmetric_scatter(&self) -> Mat<f64> {
        let m = self.scatter.nrows();
        Mat::from_fn(m, m, |i, j| self.scatter[(i.max(j), i.min(j))])
    }

    /// The moments of all rows of a matrix.
    ///
    /// # Panics
    /// As [`ClassTotals::update`].
    pub fn of(rows: MatRef<'_, f64>, labels: &Labels) -> Self {
        let mut moments = Self::new(rows.ncols(), labels.n_classes());
        moments.update(rows, labels.codes());
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{near, sample};
    use super::*;

    fn in_blocks(rows: MatRef<'_, f64>, labels: &Labels, height: usize) -> Vec<ClassMoments> {
        (0..rows.nrows().div_ceil(height))
            .map(|block| {
                let start = block * height;
                let count = height.min(rows.nrows() - start);
                let mut moments = ClassMoments::new(rows.ncols(), labels.n_classes());
                moments.update(rows.subrows(start, count), &labels.codes()[start..start + count]);
                moments
            })
            .collect()
    }

    #[test]
    fn they_equal_the_explicit_matrices() {
        let (r, labels) = sample(150, 7, 0.0);
        let moments = ClassMoments::of(r.as_ref(), &labels);
        let n = labels.len();
        let k = &r * r.transpose();
        let h = Mat::from_fn(n, n, |i, j| f64::from(u8::from(i == j)) - 1.0 / n as f64);
        let same = |i: usize, j: usize| f64::from(u8::from(labels.codes()[i] == labels.codes()[j]));
        let l = Mat::from_fn(n, n, same);
        let (k, l) = (&h * k * &h, &h * l * &h);
        let inner: f64 = k.col_iter().zip(l.col_iter()).map(|(a, b)| a.transpose() * b).sum();
        near(moments.normalized_hsic(), inner / (k.norm_l2() * l.norm_l2()));
        near((moments.second_moment() - r.transpose() * &r).norm_l2(), 0.0);
        let mut within = 0.0;
        for i in 0..n {
            for k in 0..r.ncols() {
                let a = labels.codes()[i];
                let mean = moments.totals().sums()[(k, a)] / labels.counts()[a] as f64;
                within += (r[(i, k)] - mean).powi(2);
            }
        }
        near(moments.within(None), within);
        let identity = Mat::<f64>::identity(7, 7);
        near(moments.within(Some(identity.as_ref())), within);
    }

    #[test]
    fn merging_is_associative_and_commutative_to_rounding() {
        // far from the origin sums of squares would keep four digits only
        let (r, labels) = sample(400, 5, 1e6);
        let whole = ClassMoments::of(r.as_ref(), &labels);
        let parts = in_blocks(r.as_ref(), &labels, 64);
        let mut left = ClassMoments::new(5, 3);
        parts.iter().for_each(|part| left.merge(part));
        let mut right = ClassMoments::new(5, 3);
        parts.iter().rev().for_each(|part| right.merge(part));
        let mut tree = parts[0].clone();
        tree.merge(&parts[1]);
        let mut rest = parts[2].clone();
        parts[3..].iter().for_each(|part| rest.merge(part));
        tree.merge(&rest);
        for merged in [left, right, tree] {
            assert_eq!(merged.totals().counts(), labels.counts());
            // the mean itself is good to 1e-16 of 1e6
            let error = (&merged.scatter - &whole.scatter).norm_l2() / whole.scatter.norm_l2();
            assert!(error < 1e-8, "{error}");
            assert!((merged.normalized_hsic() - whole.normalized_hsic()).abs() < 1e-8);
        }
    }

    #[test]
    fn rows_that_are_all_equal_have_no_hsic() {
        let rows = Mat::full(10, 3, 0.7);
        let labels = Labels::new((0..10).map(|i| i % 2).collect()).unwrap();
        let moments = ClassMoments::of(rows.as_ref(), &labels);
        assert_eq!(moments.normalized_hsic(), 0.0);
        let one_class = Labels::new(vec![0; 10]).unwrap();
        assert_eq!(ClassMoments::of(sample(10, 3, 0.0).0.as_ref(), &one_class).normalized_hsic(), 0.0);
    }
}
