//! Rows that are read in blocks, from files larger than memory: [`RowBlocks`] of tables in any format, and of .npy and idx
//! files.
//!
//! A file is read from the front in each pass, a block at a time, and turned into numbers on as many threads as there are.
//! It is not mapped into memory: mapped pages count as resident, and a file that shrinks would crash the program.
//!
//! ```
//! use faer::Par;
//! use hsic_data::{Scaler, rows::{FileRows, Standardised, TableRows}};
//! use hsic_data::table::{Content, InferOptions, SourceOptions};
//! use hsic_rows::RowBlocks;
//! let dir = tempfile::tempdir()?;
//! let path = dir.path().join("pets.csv");
//! std::fs::write(&path, "size,weight,kind\n1,4.1,cat\n3,30,dog\n2,5,cat\n")?;
//! let content = Content::read(&path, None)?;
//! let rows = TableRows::open(&content, &SourceOptions::default(), &InferOptions::default(), Par::Seq)?;
//! assert_eq!((rows.n(), rows.width(), rows.class_names()), (3, 2, &["cat".to_string(), "dog".to_string()][..]));
//! let scaler = Scaler::fit_rows(&rows, Par::Seq)?;
//! let rows = Standardised::new(&rows, &scaler)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod array;
mod holdout;
mod standardised;
mod table;

pub use array::ArrayRows;
pub use holdout::{BlockHoldout, HeldRows};
pub use standardised::Standardised;
pub use table::TableRows;

use hsic_rows::RowBlocks;

use crate::Error;

/// Rows of a file, whose number and classes are known once it is open.
pub trait FileRows: RowBlocks {
    /// Number of rows, n.
    fn n(&self) -> usize;
    /// Names of the classes, in order of their codes.
    fn class_names(&self) -> &[String];
}

/// An error within a pass, as it is.
fn in_pass(error: Error) -> hsic_rows::Error {
    match error {
        Error::Rows(error) => error,
        error => hsic_rows::Error::of_source(error),
    }
}
