#![doc = include_str!("../README.md")]

pub mod baselines;
mod cross_validate;
mod error;
mod measure;
pub mod metrics;
pub mod published;
pub mod records;

pub use cross_validate::{Progress, Schedule, cross_validate, evaluate_fold};
pub use error::{Error, Result};
