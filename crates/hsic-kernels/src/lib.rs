#![doc = include_str!("../README.md")]

pub mod bandwidth;
pub mod class_moments;
mod class_sorted;
pub mod class_sums;
mod compiled;
mod error;
pub mod features;
pub mod gaussian;
pub mod hsic;
mod kernel;
mod label_gram;
pub mod laplacian;
pub mod linalg;
#[cfg(feature = "nalgebra")]
pub mod nalgebra;
mod real;
pub mod simd;
mod spread;
pub mod tiles;

pub use bandwidth::Bandwidth;
pub use class_sorted::ClassSorted;
pub use error::{Error, Result};
pub use hsic_rows::{Labels, columns, power_of_two, random};
pub use kernel::{Kernel, KernelKind};
pub use label_gram::{CenteredLabelGram, ClassWeight};
pub use real::Real;

/// Labelled rows in blocks, of the crate `hsic-rows`.
pub mod rows {
    pub use hsic_rows::{
        BLOCK_ROWS, Block, Blocks, Deferred, Error, MatrixRows, Result, RowBlocks, RowNumbers, RowSample,
        SampledRow, reduce_blocks, reduce_rows,
    };
}

/// All threads of the current pool of rayon, as faer names them.
pub fn all_threads() -> faer::Par {
    faer::Par::rayon(0)
}
