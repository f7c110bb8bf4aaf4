//! Sums over labelled rows from which every statistic of a linear kernel K = RRᵀ follows, mergeable over blocks.

mod moments;
mod totals;

pub use moments::ClassMoments;
pub use totals::ClassTotals;

/// What the tests of both share.
#[cfg(test)]
mod testing {
    use faer::Mat;
    use rand::RngExt as _;
    use rand_distr::StandardNormal;

    use crate::Labels;
    use crate::random::stream;

    /// Rounding of sums in another order, a few hundred terms.
    const ROUNDING: f64 = 1e-12;

    pub(super) fn sample(n: usize, m: usize, offset: f64) -> (Mat<f64>, Labels) {
        let mut rng = stream(4, 97, 0);
        let labels = Labels::new((0..n).map(|i| (i * i + i / 3) % 3).collect()).unwrap();
        let rows = Mat::from_fn(n, m, |i, k| {
            offset + rng.sample::<f64, _>(StandardNormal) + (labels.codes()[i] * (k + 1) % 4) as f64
        });
        (rows, labels)
    }

    pub(super) fn near(a: f64, b: f64) {
        assert!((a - b).abs() <= ROUNDING * (1.0 + a.abs().max(b.abs())), "{a} and {b}");
    }
}
