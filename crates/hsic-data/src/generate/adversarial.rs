//! Pairs of nearly equal points of different classes.

use faer::Mat;
use hsic_rows::random::stream;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use crate::{Dataset, Result};

const POINTS: usize = 40;
const D: usize = 2;
/// Deviation of a twin from its point, in each coordinate.
const DISTANCE: f64 = 0.01;
const INDEX: u32 = 1;

/// 40 points uniform on the unit square (rows 0–39, class 0), each with a twin (row i + 40, class 1) at
///
/// ```text
/// x_{i+40} = x_i + 0.01 ε_i,    ε_i ~ N(0, I)
/// ```
///
/// No smooth kernel separates them: the bandwidth has to shrink to the distance of twins.
///
/// Draws from stream index 1, for each point its two coordinates, then its two deviations.
///
/// # Errors
/// None in practice; building a [`Dataset`] is checked.
pub fn adversarial(seed: u64) -> Result<Dataset> {
    let mut rng = stream(seed, super::COMPONENT, INDEX);
    let mut features = Mat::zeros(2 * POINTS, D);
    for i in 0..POINTS {
        for j in 0..D {
            features[(i, j)] = rng.random::<f64>();
        }
        for j in 0..D {
            let deviation: f64 = StandardNormal.sample(&mut rng);
            features[(POINTS + i, j)] = features[(i, j)] + DISTANCE * deviation;
        }
    }
    super::numbered("adversarial", features, (0..2 * POINTS).map(|i| usize::from(i >= POINTS)).collect())
}
