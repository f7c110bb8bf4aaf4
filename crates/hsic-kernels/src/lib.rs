#![doc = include_str!("../README.md")]

pub mod bandwidth;
pub mod class_moments;
mod class_sorted;
pub mod class_sums;
pub mod columns;
mod error;
pub mod features;
pub mod gaussian;
pub mod hsic;
mod label_gram;
mod labels;
pub mod linalg;
#[cfg(feature = "nalgebra")]
pub mod nalgebra;
pub mod random;
mod real;
pub mod rows;
pub mod simd;
mod spread;
pub mod tiles;

pub use bandwidth::Bandwidth;
pub use class_sorted::ClassSorted;
pub use error::{Error, Result};
pub use label_gram::{CenteredLabelGram, ClassWeight};
pub use labels::Labels;
pub use real::{Real, power_of_two};

/// All threads of the current pool of rayon, as faer names them.
pub fn all_threads() -> faer::Par {
    faer::Par::rayon(0)
}
