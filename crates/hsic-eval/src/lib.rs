#![doc = include_str!("../README.md")]

pub mod baselines;
pub mod claims;
mod cross_validate;
mod error;
mod measure;
pub mod metrics;
pub mod published;
pub mod records;

pub use cross_validate::{FoldRows, LayerRows, Progress, Schedule, cross_validate, evaluate_fold};
pub use error::{Error, Result};
