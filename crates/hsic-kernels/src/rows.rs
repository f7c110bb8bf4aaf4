//! Labelled rows in blocks: what a computation reads that is linear in n and never holds all rows.
//!
//! A [`RowBlocks`] hands its rows out from the first to the last as often as it is asked. It gives them as
//! [`Deferred`] blocks: taking one off the source is quick and in order (cutting a stretch of a file), turning it into
//! numbers is what threads share. [`reduce_rows`] folds a value of every block in the order of the blocks, so the result
//! has the same bits for any number of threads, as long as the source cuts its blocks alike.

use faer::{Mat, MatRef, Par};
use rand::Rng as _;
use rayon::prelude::*;

use crate::random::stream;
use crate::{Error, Labels, Result};

/// Rows of a block of a source that may choose: large enough for matrix products at full speed, small enough that a few
/// blocks and their features are some tens of megabytes.
pub const BLOCK_ROWS: usize = 2048;

/// Stream component of the draw of a sample, one stream a block.
const COMPONENT: u32 = 10;

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
        if let Some((i, &code)) = self.codes.iter().enumerate().find(|&(_, &code)| code >= n_classes) {
            return Err(Error::ClassCode { code, row: first + i, n_classes });
        }
        let name = "a row of the source";
        crate::tiles::check_finite(self.rows.as_ref(), name).map_err(|error| match error {
            Error::NonFinite { name, row, column, value } => {
                Error::NonFinite { name, row: first + row, column, value }
            }
            other => other,
        })
    }
}

/// A block that is still to be read or computed, on whatever thread.
pub type Deferred<'a> = Box<dyn FnOnce() -> Result<Block> + Send + 'a>;

/// The blocks of one pass.
pub type Blocks<'a> = Box<dyn Iterator<Item = Result<Deferred<'a>>> + 'a>;

/// A source of labelled rows, restartable.
///
/// ```
/// use faer::{Par, mat};
/// use hsic_kernels::{Labels, rows::{MatrixRows, RowBlocks, reduce_rows}};
/// let (x, labels) = (mat![[1.0], [2.0], [3.0]], Labels::new(vec![0, 1, 0])?);
/// let rows = MatrixRows::new(x.as_ref(), &labels)?;
/// let mut sum = 0.0;
/// reduce_rows(&rows, Par::Seq, |_, block| Ok(block.rows.sum()), |part: f64| sum += part)?;
/// assert_eq!((rows.width(), rows.n_classes(), sum), (1, 2, 6.0));
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
pub trait RowBlocks: Sync {
    /// Columns of a row.
    fn width(&self) -> usize;
    /// Number of classes, c.
    fn n_classes(&self) -> usize;
    /// The blocks of one pass over all rows, always cut alike.
    ///
    /// # Errors
    /// [`Error::Rows`] where the source cannot be opened or read.
    fn blocks(&self) -> Result<Blocks<'_>>;
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
            let block = deferred()?;
            block.check(source.width(), source.n_classes(), number * BLOCK_ROWS)?;
            map(number, block)
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

/// A uniform sample of the rows of a source, mergeable: the `rows` rows that draw the smallest numbers, and of every class
/// at least its `FEWEST` smallest, so that a rare class is there. A source with no more rows is taken whole.
///
/// The numbers come from a stream for each block, so the sample depends on seed and source alone.
#[derive(Debug, Clone, PartialEq)]
pub struct RowSample {
    rows: usize,
    seed: u64,
    n_classes: usize,
    width: usize,
    /// Sorted by what was drawn.
    kept: Vec<SampledRow>,
}

/// Rows of each class a sample keeps in any case.
const FEWEST: usize = 16;

/// A row of a [`RowSample`].
#[derive(Debug, Clone, PartialEq)]
pub struct SampledRow {
    /// What was drawn, the number of the block and the place of the row in it, for order and ties.
    pub key: (u64, usize, usize),
    /// The row's class code.
    pub code: usize,
    /// The row.
    pub row: Vec<f64>,
}

impl RowSample {
    /// An empty sample of at most `rows` rows and a few more of rare classes.
    pub fn new(rows: usize, seed: u64, source: &dyn RowBlocks) -> Self {
        Self::empty(rows, seed, source.width(), source.n_classes())
    }

    /// The same of any source of rows of `width` columns.
    pub fn empty(rows: usize, seed: u64, width: usize, n_classes: usize) -> Self {
        Self { rows, seed, n_classes, width, kept: Vec::new() }
    }

    /// The rows kept so far, in order of what was drawn.
    pub fn rows(&self) -> &[SampledRow] {
        &self.kept
    }

    /// Columns of its rows.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether the other draws alike from rows of the same columns and classes, so that they can be merged.
    pub fn is_like(&self, other: &Self) -> bool {
        let of = |sample: &Self| (sample.rows, sample.seed, sample.width, sample.n_classes);
        of(self) == of(other)
    }

    /// The same sample of these rows, which [`rows`](Self::rows) of another process gave.
    ///
    /// # Errors
    /// [`Error::Shape`] for a row of another width, [`Error::ClassCode`].
    pub fn with_rows(mut self, rows: Vec<SampledRow>) -> Result<Self> {
        for (row, SampledRow { code, row: values, .. }) in rows.iter().enumerate() {
            if values.len() != self.width {
                return Err(Error::Shape {
                    operation: "a sample of rows",
                    left_name: "a row",
                    left: (1, values.len()),
                    right_name: "the sample's",
                    right: (1, self.width),
                });
            }
            if *code >= self.n_classes {
                return Err(Error::ClassCode { code: *code, row, n_classes: self.n_classes });
            }
        }
        self.kept.clear();
        self.merge(Self { kept: rows, ..self });
        Ok(self)
    }

    /// The part of the sample that a block of this number gives.
    pub fn of_block(&self, number: usize, block: &Block) -> Self {
        let mut rng = stream(self.seed, COMPONENT, number as u32);
        let mut drawn: Vec<(u64, usize)> = (0..block.codes.len()).map(|i| (rng.next_u64(), i)).collect();
        drawn.sort_unstable();
        let mut part = Self { kept: Vec::new(), ..*self };
        let codes: Vec<usize> = drawn.iter().map(|&(_, i)| block.codes[i]).collect();
        for (place, keeps) in part.keeps(&codes).into_iter().enumerate() {
            if keeps {
                let (key, i) = drawn[place];
                let row = (0..block.rows.ncols()).map(|k| block.rows[(i, k)]).collect();
                part.kept.push(SampledRow { key: (key, number, i), code: codes[place], row });
            }
        }
        part
    }

    /// Joins two samples of different blocks.
    pub fn merge(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.kept.sort_unstable_by_key(|drawn| drawn.key);
        let codes: Vec<usize> = self.kept.iter().map(|drawn| drawn.code).collect();
        let mut keeps = self.keeps(&codes).into_iter();
        self.kept.retain(|_| keeps.next().unwrap_or(false));
    }

    /// Which of rows in the order of what they drew are kept.
    fn keeps(&self, codes: &[usize]) -> Vec<bool> {
        let mut of_class = vec![0; self.n_classes];
        codes
            .iter()
            .enumerate()
            .map(|(place, &code)| {
                of_class[code] += 1;
                place < self.rows || of_class[code] <= FEWEST
            })
            .collect()
    }

    /// The rows in class order, the source's order kept within a class, and their labels.
    ///
    /// # Errors
    /// [`Error::TooFewRows`] where there are none.
    pub fn finish(mut self) -> Result<(Mat<f64>, Labels)> {
        self.kept.sort_unstable_by_key(|drawn| (drawn.code, drawn.key.1, drawn.key.2));
        let codes = self.kept.iter().map(|drawn| drawn.code).collect();
        let labels = Labels::with_classes(codes, self.n_classes)?;
        Ok((Mat::from_fn(self.kept.len(), self.width, |i, k| self.kept[i].row[k]), labels))
    }
}
