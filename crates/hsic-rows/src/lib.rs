#![doc = include_str!("../README.md")]

mod blocks;
pub mod columns;
mod error;
mod labels;
pub mod random;
mod sample;

pub use blocks::{BLOCK_ROWS, Block, Blocks, Deferred, MatrixRows, RowBlocks, reduce_blocks, reduce_rows};
pub use columns::power_of_two;
pub use error::{Error, Result, SourceError};
pub use labels::Labels;
pub use sample::{RowNumbers, RowSample, SampledRow};
