//! A sample of the rows of a source, drawn as they pass.

use faer::Mat;
use rand::Rng as _;

use crate::random::stream;
use crate::{Block, Error, Labels, Result, RowBlocks};

/// Stream component of the draw, one stream a block.
const COMPONENT: u32 = 10;

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
