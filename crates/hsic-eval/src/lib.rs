#![doc = include_str!("../README.md")]

pub mod baselines;
pub mod claims;
pub mod comparison;
mod cross_validate;
mod error;
pub mod experiment;
mod folded;
mod held_out;
mod in_blocks;
mod measure;
pub mod memory;
pub mod metrics;
mod network;
mod progress;
pub mod published;
pub mod records;
pub mod selection;

pub use cross_validate::{CrossValidation, Method, Schedule, folds_at_once};
pub use error::{Error, Result};
pub use folded::FoldedData;
pub use in_blocks::{Sources, evaluate_in_blocks, fit_record};
pub use measure::StandardisedFold;
pub use progress::{FoldRows, LayerRows, Progress};
pub use selection::Candidates;
