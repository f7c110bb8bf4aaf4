//! Data sets for HSIC networks: readers, generators, a registry, scaling and stratified folds.
//!
//! A [`Dataset`] is an n×d matrix of finite numbers with a class a row. It comes from a table in any format
//! ([`Dataset::read`], [`table`]), from idx files ([`idx::read_idx_pair`]), from a generator ([`generate`]) or, by name, from
//! the [`registry`], which knows source, licence and sha256 of every set. All that can be wrong with a file
//! is an [`Error`] that names the file, the line, the column and the remedy; what is merely odd is a
//! [`DataWarning`].
//!
//! Before a fit the columns are standardised by the training rows,
//!
//! ```text
//! x'_ij = (x_ij − mean_j) / s_j,
//! ```
//!
//! with a [`Scaler`], which drops columns that do not vary. [`StratifiedKFold`] deals the rows of each class
//! to the folds in turn.
//!
//! ```
//! use hsic_data::{Scaler, StratifiedKFold, registry};
//!
//! let wine = registry::load("wine", 0, None)?;
//! for fold in StratifiedKFold::new(10, 0).split_dataset(&wine)? {
//!     let (train, _labels) = wine.select(&fold.train)?;
//!     let (test, _) = wine.select(&fold.test)?;
//!     let scaler = Scaler::fit(train.as_ref())?;
//!     let test = scaler.transform(test.as_ref())?;
//!     assert_eq!(test.ncols(), 13);
//! }
//! # Ok::<(), hsic_data::Error>(())
//! ```
//!
//! Draws come from streams of one seed ([`hsic_rows::random`]): component [`generate::COMPONENT`] for
//! data, [`folds::COMPONENT`] for folds.

mod choice;
mod dataset;
mod error;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod folds;
pub mod generate;
mod gzip;
mod holdout;
pub mod idx;
mod input;
mod npy;
pub mod output;
mod parquet;
pub mod registry;
pub mod rows;
pub mod scaler;
mod store;
pub mod table;
mod text;
mod warning;
mod write;

pub use choice::{Choice, Words};
pub use dataset::Dataset;
pub use error::{Error, Result};
pub use folds::{Fold, StratifiedKFold};
pub use holdout::StratifiedHoldout;
pub use idx::IdxProblem;
pub use input::Input;
pub use npy::NpyProblem;
pub use parquet::ParquetProblem;
pub use scaler::{Scaler, Scaling};
pub use table::LabelColumn;
pub use warning::{DataWarning, narrow_columns, narrow_moments};
pub use write::write_csv;

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
