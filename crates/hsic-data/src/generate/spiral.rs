//! Three arms wound into each other.

use faer::Mat;
use hsic_rows::random::stream;
use rand_distr::{Distribution, StandardNormal};

use crate::{Dataset, Result};

const ARMS: usize = 3;
const PER_ARM: usize = 400;
/// Deviation of the angle, in radians.
const NOISE: f64 = 0.16;
const INDEX: u32 = 2;

/// 1200 points on three noisy arms, one class an arm. Row 400 j + i is point i = 0, …, 399 of arm
/// j = 0, 1, 2:
///
/// ```text
/// r = 0.3 + 1.7 i/399,    t = 4 j + 2.4 i/399 + 0.16 ε,    x = (r sin t, r cos t),    ε ~ N(0, 1)
/// ```
///
/// Draws one deviation a row from stream index 2. Sine and cosine are those of the platform, so the last bits
/// may differ between systems.
///
/// # Errors
/// None in practice; building a [`Dataset`] is checked.
pub fn spiral(seed: u64) -> Result<Dataset> {
    let mut rng = stream(seed, super::COMPONENT, INDEX);
    let mut features = Mat::zeros(ARMS * PER_ARM, 2);
    for row in 0..ARMS * PER_ARM {
        let (arm, i) = (row / PER_ARM, row % PER_ARM);
        let share = i as f64 / (PER_ARM - 1) as f64;
        let deviation: f64 = StandardNormal.sample(&mut rng);
        let radius = 0.3 + 1.7 * share;
        let angle = 4.0 * arm as f64 + 2.4 * share + NOISE * deviation;
        features[(row, 0)] = radius * angle.sin();
        features[(row, 1)] = radius * angle.cos();
    }
    super::numbered("spiral", features, (0..ARMS * PER_ARM).map(|row| row / PER_ARM).collect())
}
