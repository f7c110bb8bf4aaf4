//! One seed, many independent streams: every draw of the workspace comes from here.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The generator behind every draw: ChaCha with 8 rounds.
pub type Rng = ChaCha8Rng;

/// The stream `index` of `component` under one `seed`.
///
/// ChaCha's 64-bit stream number is `component · 2³² + index`, so streams of different components or
/// indices never overlap, and a draw does not depend on how many threads there are or in which
/// order they run.
///
/// ```
/// use hsic_rows::random::stream;
/// use rand::Rng;
/// assert_eq!(stream(7, 1, 0).next_u64(), stream(7, 1, 0).next_u64());
/// assert_ne!(stream(7, 1, 0).next_u64(), stream(7, 1, 1).next_u64());
/// ```
pub fn stream(seed: u64, component: u32, index: u32) -> Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((u64::from(component) << 32) | u64::from(index));
    rng
}
