//! Noise with labels that have nothing to do with it.

use faer::Mat;
use hsic_rows::random::stream;
use rand_distr::{Distribution, StandardNormal};

use crate::{Dataset, Result};

const N: usize = 60;
const D: usize = 3;
const INDEX: u32 = 0;

/// 60 rows of 3 features drawn from N(0, 1); the first 30 rows are class 0, the others class 1.
///
/// There is nothing to learn: a network that separates the classes has memorised them.
///
/// Draws row by row from stream index 0.
///
/// # Errors
/// None in practice; building a [`Dataset`] is checked.
pub fn random(seed: u64) -> Result<Dataset> {
    let mut rng = stream(seed, super::COMPONENT, INDEX);
    let mut features = Mat::zeros(N, D);
    for i in 0..N {
        for j in 0..D {
            features[(i, j)] = StandardNormal.sample(&mut rng);
        }
    }
    super::numbered("random", features, (0..N).map(|i| usize::from(i >= N / 2)).collect())
}
