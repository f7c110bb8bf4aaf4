//! Labelled rows in blocks: what a computation reads that is linear in n and never holds all rows.
//!
//! A [`RowBlocks`] hands its rows out from the first to the last as often as it is asked. It gives them as
//! [`Deferred`] blocks: taking one off the source is quick and in order (cutting a stretch of a file), turning it into
//! numbers is what threads share. [`reduce_rows`] folds a value of every block in the order of the blocks, so the result
//! has the same bits for any number of threads, as long as the source cuts its blocks alike.

use faer::{Mat, MatRef, Par};
use rayon::prelude::*;

use crate::{Error, Labels, Result};

/// Rows of a block of a source that may choose: large enough for matrix products at full speed, small enough that a few
/// blocks and their features are some tens of megabytes.
pub const BLOCK_ROWS: usize = 2048;

/// Successive rows of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The rows, r×d.
    pub rows: Mat<f64>,
    /// The class code of each, below the source's number of classes.
    pub codes: Vec<usize>,
}

impl Block {
    /// Refuses a block that is not one of finite rows of this many columns and classes. `first` is the number of its first
    /// row, for messages.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::ClassCode`], [`Error::NonFinite`].
    ///
    /// # Cost
    /// A look at every number.
    pub fn check(&self, width: usize, n_classes: usize, first: usize) -> Result<()> {
        if self.rows.shape() != (self.codes.len(), width) {
            return Err(Error::Shape {
                operation: "a block of rows",
                left_name: "the block",
                left: self.rows.shape(),
                right_name: "what the source promises",
                right: (self.codes.len(), width),
            });
        }
        self.check_codes(n_classes, first)?;
        match first_non_finite(self.rows.as_ref()) {
            None => Ok(()),
            Some((row, column)) => {
                let value = self.rows[(row, column)];
                Err(Error::NonFinite { name: "a row of the source", row: first + row, column, value })
            }
        }
    }
    /// Refuses a class code that is not below the number of classes. `first` is the number of the first row.
    ///
    /// # Errors
    /// [`Error::ClassCode`].
    pub fn check_codes(&self, n_classes: usize, first: usize) -> Result<()> {
        match self.codes.iter().position(|&code| code >= n_classes) {
            None => Ok(()),
            Some(i) => Err(Error::ClassCode { code: self.codes[i], row: first + i, n_classes }),
        }
    }
}

/// Row and column of the first NaN or infinity, by rows.
fn first_non_finite(rows: MatRef<'_, f64>) -> Option<(usize, usize)> {
    // 0·x is 0 for finite x, else NaN; a sum needs no branch an entry
    let is_finite = |column: usize| rows.col(column).iter().fold(0.0, |sum, value| sum + value * 0.0) == 0.0;
    let first = |column| Some((rows.col(column).iter().position(|value| !value.is_finite())?, column));
    (0..rows.ncols()).filter(|&column| !is_finite(column)).filter_map(first).min()
}

/// A block that is still to be read or computed, on whatever thread.
pub type Deferred<'a> = Box<dyn FnOnce() -> Result<Block> + Send + 'a>;

/// The blocks of one pass.
pub type Blocks<'a> = Box<dyn Iterator<Item = Result<Deferred<'a>>> + 'a>;

/// A source of labelled rows, restartable.
///
/// ```
/// use faer::{Par, mat};
/// use hsic_rows::{Labels, MatrixRows, RowBlocks, reduce_rows};
/// let (x, labels) = (mat![[1.0], [2.0], [3.0]], Labels::new(vec![0, 1, 0])?);
/// let rows = MatrixRows::new(x.as_ref(), &labels)?;
/// let mut sum = 0.0;
/// reduce_rows(&rows, Par::Seq, |_, block| Ok(block.rows.sum()), |part: f64| sum += part)?;
/// assert_eq!((rows.width(), rows.n_classes(), sum), (1, 2, 6.0));
/// # Ok::<(), hsic_rows::Error>(())
/// ```
pub trait RowBlocks: Sync {
    /// Columns of a row.
    fn width(&self) -> usize;
    /// Number of classes, c.
    fn n_classes(&self) -> usize;
    /// The blocks of one pass over all rows, always cut alike.
    ///
    /// # Errors
    /// [`Error::Source`] where the source cannot be opened or read.
    fn blocks(&self) -> Result<Blocks<'_>>;
    /// Where a row of a block came from, for messages: file, and line or row. `None` of a source that does not know.
    fn place(&self, _block: usize, _row: usize) -> Option<String> {
        None
    }
}

/// Rows of a matrix, in blocks of [`BLOCK_ROWS`].
#[derive(Debug, Clone, Copy)]
pub struct MatrixRows<'a> {
    rows: MatRef<'a, f64>,
    labels: &'a Labels,
}

impl<'a> MatrixRows<'a> {
    /// The rows of `rows` (n×d) with their labels.
    ///
    /// # Errors
    /// [`Error::Shape`] where `labels` has another number of rows.
    pub fn new(rows: MatRef<'a, f64>, labels: &'a Labels) -> Result<Self> {
        labels.check_rows("rows of a matrix", rows.shape())?;
        Ok(Self { rows, labels })
    }
}

impl RowBlocks for MatrixRows<'_> {
    fn width(&self) -> usize {
        self.rows.ncols()
    }

    fn n_classes(&self) -> usize {
        self.labels.n_classes()
    }

    fn blocks(&self) -> Result<Blocks<'_>> {
        let n = self.rows.nrows();
        Ok(Box::new((0..n.div_ceil(BLOCK_ROWS)).map(move |block| {
            let start = block * BLOCK_ROWS;
            let count = BLOCK_ROWS.min(n - start);
            let deferred: Deferred<'_> = Box::new(move || {
                Ok(Block {
                    rows: self.rows.subrows(start, count).to_owned(),
                    codes: self.labels.codes()[start..start + count].to_vec(),
                })
            });
            Ok(deferred)
        })))
    }
}

/// Maps every block of a source, as many at a time as there are threads, and folds the values in order of the blocks.
///
/// `map` is given the number of the block. Bits do not depend on `par`.
///
/// # Errors
/// Of the source and of `map`, the first in order of the blocks; [`Error::NonFinite`] and [`Error::ClassCode`] for rows
/// that are not what a source promises, with the row counted over the whole pass; [`Error::Shape`] for a block of another
/// width.
///
/// # Cost
/// One pass; one block and one mapped value a thread are held.
pub fn reduce_rows<P: Send, E: From<Error> + Send>(
    source: &dyn RowBlocks,
    par: Par,
    map: impl Fn(usize, Block) -> std::result::Result<P, E> + Sync,
    fold: impl FnMut(P),
) -> std::result::Result<(), E> {
    let (width, n_classes) = (source.width(), source.n_classes());
    let checked = |number: usize, block: Block| {
        block.check(width, n_classes, number * BLOCK_ROWS)?;
        map(number, block)
    };
    reduce_blocks(source, par, checked, fold)
}

/// [`reduce_rows`] of blocks as the source gives them, without a look at what is in them: NaN may stand for a missing cell.
///
/// # Errors
/// Of the source and of `map`, the first in order of the blocks.
///
/// # Cost
/// As [`reduce_rows`].
pub fn reduce_blocks<P: Send, E: From<Error> + Send>(
    source: &dyn RowBlocks,
    par: Par,
    map: impl Fn(usize, Block) -> std::result::Result<P, E> + Sync,
    mut fold: impl FnMut(P),
) -> std::result::Result<(), E> {
    let threads = match par {
        Par::Seq => 1,
        Par::Rayon(threads) => threads.get(),
    };
    let mut blocks = source.blocks()?.enumerate();
    let mut batch: Vec<(usize, Deferred<'_>)> = Vec::with_capacity(threads);
    loop {
        for (number, deferred) in blocks.by_ref().take(threads) {
            batch.push((number, deferred?));
        }
        if batch.is_empty() {
            return Ok(());
        }
        let one = |(number, deferred): (usize, Deferred<'_>)| -> std::result::Result<P, E> {
            map(number, deferred()?)
        };
        let values: Vec<_> = match par {
            Par::Seq => batch.drain(..).map(one).collect(),
            Par::Rayon(_) => batch.par_drain(..).map(one).collect(),
        };
        for value in values {
            fold(value?);
        }
    }
}
