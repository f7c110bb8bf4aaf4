//! The permutation test where the bandwidth is the one of the highest HSIC.
//!
//! A bandwidth chosen on the classes makes HSIC with them larger than with classes it was not chosen on. The test is valid if the
//! statistic is one function of rows and classes: HSIC at the bandwidth that these rows and these classes choose. So it
//! is chosen anew for every permutation.

use faer::{MatRef, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic};
use hsic_kernels::hsic::{PermutationTest, against_labels};
use hsic_kernels::random::stream;
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Labels, Result};
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// Stream component of the permutations, one stream each: that of the library's test.
const COMPONENT: u32 = 12;

/// Permutations that fall short by no more than this share are equal to the observed one: a bandwidth is chosen partly in
/// single precision, and the classes' order changes its last bits.
const TIE: f64 = 1e-8;

/// The bandwidth of the largest Tr(ΓK).
///
/// # Errors
/// As [`max_hsic`].
pub fn sigma(x: MatRef<'_, f64>, labels: &Labels, subsample: &Subsample, par: Par) -> Result<Bandwidth> {
    max_hsic(x, labels, &CenteredLabelGram::new(labels, ClassWeight::Plain), subsample, par)
}

/// Tests whether labels depend on the rows of `x`, by shuffling them.
///
/// # Errors
/// As [`max_hsic`] and [`against_labels`].
///
/// # Cost
/// A permutation: n²/2 kernel values, and about 20 of each pair of the subsample.
pub fn permute_labels(
    x: MatRef<'_, f64>,
    labels: &Labels,
    subsample: &Subsample,
    permutations: u32,
    seed: u64,
) -> Result<PermutationTest> {
    let of = |labels: &Labels, par: Par| {
        Ok(against_labels(x, sigma(x, labels, subsample, par)?, labels, par)?.statistics)
    };
    let statistics = of(labels, Par::rayon(0))?;
    let least = statistics.trace() - TIE * statistics.trace().abs();
    let as_large = |b: u32| -> Result<u32> {
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.shuffle(&mut stream(seed, COMPONENT, b));
        Ok(u32::from(of(&labels.select(&order)?, Par::Seq)?.trace() >= least))
    };
    let counts: Result<Vec<u32>> = (0..permutations).into_par_iter().map(as_large).collect();
    Ok(PermutationTest { statistics, permutations, at_least_as_large: counts?.iter().sum() })
}

#[cfg(test)]
mod tests {
    use faer::Mat;
    use hsic_kernels::hsic;
    use rand::Rng;

    use super::*;

    /// Labels that have nothing to do with the rows: a valid test says p ≤ 0.1 in one of ten cases. One whose bandwidth stays
    /// the one chosen on the true labels says so too often.
    #[test]
    fn independent_labels_are_found_dependent_as_often_as_stated() -> Result<()> {
        let (mut anew, mut kept) = (0, 0);
        for case in 0..200 {
            let mut rng = stream(case, 99, 0);
            let x = Mat::from_fn(30, 2, |_, _| rng.next_u32() as f64 / f64::from(u32::MAX));
            let labels = Labels::new((0..30).map(|i| i % 3).collect())?;
            let (subsample, x) = (Subsample::default(), x.as_ref());
            let test = permute_labels(x, &labels, &subsample, 39, case)?;
            anew += usize::from(test.p_value() <= 0.1);
            let sigma = sigma(x, &labels, &subsample, Par::Seq)?;
            let test = hsic::permute_labels(x, sigma, &labels, 39, case, Par::Seq)?;
            kept += usize::from(test.p_value() <= 0.1);
        }
        // of a valid test the mean is 20, the deviation 4.2
        assert!((8..=32).contains(&anew), "{anew}");
        assert!(kept > 32, "{kept}");
        Ok(())
    }

    #[test]
    fn a_dependence_is_found_whatever_the_threads() -> Result<()> {
        let x = Mat::from_fn(60, 1, |i, _| (i as f64 * 0.7).sin());
        let labels = Labels::new((0..60).map(|i| usize::from(x[(i, 0)] > 0.0)).collect())?;
        let test = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| permute_labels(x.as_ref(), &labels, &Subsample::default(), 99, 5))
        };
        assert_eq!(test(1)?.p_value(), 0.01);
        assert_eq!(test(1)?, test(2)?);
        Ok(())
    }
}
