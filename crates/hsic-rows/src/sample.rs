//! A sample of the rows of a source, drawn as they pass.

use faer::Mat;
use rand::Rng as _;

use crate::random::{Rng, stream};
use crate::{BLOCK_ROWS, Block, Error, Labels, Result, RowBlocks};

/// Stream component of the draw, one stream for every [`BLOCK_ROWS`] rows.
const COMPONENT: u32 = 10;

/// A uniform sample of the rows of a source, mergeable: the `rows` rows that draw the smallest numbers, and of every class
/// at least its `FEWEST` smallest, so that a rare class is there. A source with no more rows is taken whole.
///
/// What a row draws depends on the seed and on the row's number alone:
///
/// ```text
/// draw(i) = number i mod 2048 of stream ⌊i / 2048⌋
/// ```
///
/// where i counts the rows of the source from 0. So the sample is the same however the rows are cut and whoever reads them, as long as
/// each is called by the same number.
#[derive(Debug, Clone, PartialEq)]
pub struct RowSample {
    rows: usize,
    seed: u64,
    n_classes: usize,
    width: usize,
    /// What was drawn and by which row, sorted by that.
    kept: Vec<(u64, SampledRow)>,
}

/// Rows of each class a sample keeps in any case.
const FEWEST: usize = 16;

/// What the numbers of rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowNumbers<'a> {
    /// Successive ones from this.
    From(u64),
    /// One a row: no two rows of a source may have the same.
    Each(&'a [u64]),
}

impl RowNumbers<'_> {
    /// Those of block `number` of a source that is cut into blocks of [`BLOCK_ROWS`] rows.
    pub fn of_block(number: usize) -> Self {
        Self::From(number as u64 * BLOCK_ROWS as u64)
    }

    /// That of a row, counted from 0 within the rows at hand.
    pub fn at(&self, row: usize) -> u64 {
        match self {
            Self::From(first) => first + row as u64,
            Self::Each(numbers) => numbers[row],
        }
    }
}

/// What rows draw, quickly where they are in order.
struct Draws {
    seed: u64,
    /// The row whose draw the stream is at.
    next: Option<u64>,
    rng: Rng,
}

impl Draws {
    fn new(seed: u64) -> Self {
        Self { seed, next: None, rng: stream(seed, COMPONENT, 0) }
    }

    fn of(&mut self, number: u64) -> u64 {
        const ROWS: u64 = BLOCK_ROWS as u64;
        if self.next != Some(number) || number.is_multiple_of(ROWS) {
            // beyond 2^43 rows streams are used again, and ties broken by number
            self.rng = stream(self.seed, COMPONENT, (number / ROWS) as u32);
            // a draw is two words
            self.rng.set_word_pos(u128::from(number % ROWS) * 2);
        }
        self.next = Some(number + 1);
        self.rng.next_u64()
    }
}

/// A row of a [`RowSample`].
#[derive(Debug, Clone, PartialEq)]
pub struct SampledRow {
    /// The number of the row in its source, from 0.
    pub number: u64,
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
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &SampledRow> {
        self.kept.iter().map(|(_, row)| row)
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
        let mut draws = Draws::new(self.seed);
        let kept = rows.into_iter().map(|row| (draws.of(row.number), row)).collect();
        self.kept.clear();
        self.merge(Self { kept, ..self });
        Ok(self)
    }

    /// The part of the sample that some rows give.
    ///
    /// # Panics
    /// If there are fewer numbers than rows.
    pub fn of_rows(&self, numbers: RowNumbers<'_>, block: &Block) -> Self {
        let mut draws = Draws::new(self.seed);
        let of_row = |i: usize| (draws.of(numbers.at(i)), numbers.at(i), i);
        let mut drawn: Vec<(u64, u64, usize)> = (0..block.codes.len()).map(of_row).collect();
        drawn.sort_unstable();
        let mut part = Self { kept: Vec::new(), ..*self };
        let codes: Vec<usize> = drawn.iter().map(|&(.., i)| block.codes[i]).collect();
        for (place, keeps) in part.keeps(&codes).into_iter().enumerate() {
            if keeps {
                let (draw, number, i) = drawn[place];
                let row = (0..block.rows.ncols()).map(|k| block.rows[(i, k)]).collect();
                part.kept.push((draw, SampledRow { number, code: codes[place], row }));
            }
        }
        part
    }

    /// Joins two samples of different rows.
    pub fn merge(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.kept.sort_unstable_by_key(|(draw, row)| (*draw, row.number));
        let codes: Vec<usize> = self.kept.iter().map(|(_, row)| row.code).collect();
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
        self.kept.sort_unstable_by_key(|(_, row)| (row.code, row.number));
        let codes = self.kept.iter().map(|(_, row)| row.code).collect();
        let labels = Labels::with_classes(codes, self.n_classes)?;
        Ok((Mat::from_fn(self.kept.len(), self.width, |i, k| self.kept[i].1.row[k]), labels))
    }
}
