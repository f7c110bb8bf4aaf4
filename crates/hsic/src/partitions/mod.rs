//! A fit of a table whose rows are in partitions, wherever those are.
//!
//! [`TableFit`] asks for passes over the partitions, as [`hsic_net::passes::FitMachine`] does over rows of numbers: first what the
//! columns are, then what they are standardised by, then a sample on which a network is chosen, if one is to be, and at last the passes
//! of the network. Passes and partials are bytes, so an engine needs to know no more of them than:
//!
//! ```text
//! while let Some(pass) = fit.next():
//!     partial = merge over partitions of pass.run(partition)      one task each, in any process; merged in any tree
//!     fit.advance(partial)
//! model = fit.finish()
//! ```
//!
//! The model is that of [`fit_in_blocks`](crate::fit::fit_in_blocks) of the same rows in one file, to rounding, however they are cut.
//!
//! ```
//! use faer::Par;
//! use hsic::data::table::{Content, Frame, FrameColumn, InferOptions};
//! use hsic::fit::Candidate;
//! use hsic::net::settings::{Features, Settings, SpectralSettings};
//! use hsic::partitions::{Partition, TableFit, TableOptions};
//! use hsic::rows::RowNumbers;
//! let part = |first: usize, rows: usize| {
//!     let x = (first..first + rows).map(|i| (i % 2 * 3) as f64 + (i as f64).sin()).collect();
//!     let y = FrameColumn::Texts { places: (first..first + rows).map(|i| (i % 2) as i64).collect(), texts: vec!["a".into(), "b".into()] };
//!     let frame = Frame::new(vec![("x".into(), FrameColumn::Numbers(x)), ("y".into(), y)]).unwrap();
//!     Content::of_frame(frame, "the table, partition 0")
//! };
//! let settings = SpectralSettings { in_blocks: true, features: Features::Orthogonal, ..SpectralSettings::default() };
//! let network = Candidate::fixed(Settings::Spectral(settings), &[]).unwrap();
//! let options = TableOptions { infer: InferOptions::default(), networks: vec![network], seed: 0, file: "the table".into() };
//! let mut fit = TableFit::new(options, Par::Seq)?;
//! while let Some(pass) = fit.next()? {
//!     let mut sum = pass.run(&Partition { number: 1, content: &part(100, 50), rows: RowNumbers::From(100) })?;
//!     pass.merge(&mut sum, pass.run(&Partition { number: 0, content: &part(0, 100), rows: RowNumbers::From(0) })?)?;
//!     fit.advance(sum)?;
//! }
//! assert_eq!(fit.finish()?.schema().classes(), ["a", "b"]);
//! # Ok::<(), hsic::Error>(())
//! ```

mod bytes;
mod fit;
mod pass;

pub use fit::{Progress, TableFit, TableOptions};
pub use pass::{Partition, TablePartial, TablePass};

/// What can be wrong between a pass over partitions and what comes back of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// Partials of two passes.
    #[error("a partial of pass {found} was given for pass {expected}: merge partials of one pass alone")]
    OtherPass {
        /// The pass in question.
        expected: String,
        /// The partial's.
        found: String,
    },
    /// Bytes that are no pass or partial.
    #[error("the bytes of a pass or partial are damaged: {0}; write them again")]
    Bytes(String),
    /// Rows that are not those that were counted.
    #[error(
        "the rows have changed during the fit: {counted} were counted in the first pass, {found} are there now; give rows that \
         stay, such as files that nobody writes to"
    )]
    Changed {
        /// Rows of the first pass.
        counted: usize,
        /// Rows of this one.
        found: usize,
    },
    /// Networks that read rows in memory.
    #[error("a network for partitions is fitted in blocks: in_blocks must be true")]
    InMemory,
    /// A fit that ended, or failed, was given a partial.
    #[error("the fit asks for nothing more: it is done, or a step of it has failed; begin a new one")]
    Over,
    /// A fit that is not done was asked for its model.
    #[error("the fit is not done: it asks for a pass of kind `{0}`")]
    Unfinished(&'static str),
}
