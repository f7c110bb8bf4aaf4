#![doc = include_str!("../README.md")]

pub mod baselines;
pub mod claims;
pub mod comparison;
mod cross_validate;
mod error;
mod held_out;
mod measure;
pub mod metrics;
mod network;
mod progress;
pub mod published;
pub mod records;
pub mod selection;

pub use cross_validate::{CrossValidation, Method, Schedule};
pub use error::{Error, Result};
pub use measure::StandardisedFold;
pub use progress::{FoldRows, LayerRows, Progress};
pub use selection::SelectionGrid;
