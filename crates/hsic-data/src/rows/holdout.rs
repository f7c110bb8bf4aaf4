//! Test rows held out of rows that come in blocks.

use std::ops::Range;

use faer::{Mat, Par};
use hsic_rows::random::stream;
use hsic_rows::{Block, Blocks, Deferred, RowBlocks, reduce_blocks};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::{FileRows, TableRows, in_pass};
use crate::folds::check_folds;
use crate::holdout::held_out;
use crate::{Error, Result};

/// Stream component of the split: where the first test row of each class is (index 0), and which rows of block b (index b + 1).
const COMPONENT: u32 = 14;

/// A share of the rows of each class of a source held out for testing, of which none is held in memory.
///
/// As many rows of each class as [`StratifiedHoldout`](crate::StratifiedHoldout) takes, spread evenly over the file: of the rows of a
/// class, h of n held out, a block that the first x rows come before and that ends with row y has
///
/// ```text
/// ⌊(h·y + u) / n⌋ − ⌊(h·x + u) / n⌋,    u uniform on 0, …, n − 1
/// ```
///
/// of them, the first of its own shuffled. The split depends on the seed and on how the source cuts its blocks, never on threads.
///
/// ```
/// use faer::{Mat, Par};
/// use hsic_data::rows::BlockHoldout;
/// use hsic_rows::{Labels, MatrixRows};
/// let labels = Labels::new((0..5000).map(|i| i % 2).collect())?;
/// let x = Mat::from_fn(5000, 1, |i, _| i as f64);
/// let rows = MatrixRows::new(x.as_ref(), &labels)?;
/// let split = BlockHoldout::new(&rows, 0.2, 0, Par::Seq)?;
/// assert_eq!((split.train_counts(), split.test_counts()), (&[2000, 2000][..], &[500, 500][..]));
/// let (train, test) = (split.train(&rows), split.test(&rows));
/// # Ok::<(), hsic_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BlockHoldout {
    seed: u64,
    blocks: Vec<Quota>,
    train: Vec<usize>,
    test: Vec<usize>,
}

/// What is held out of a block.
#[derive(Debug, Clone, PartialEq, Default)]
struct Quota {
    /// Rows of the block.
    rows: usize,
    /// Classes, ascending, and which of their shuffled rows are held out.
    test: Vec<(usize, Range<usize>)>,
}

/// Classes that a block has, ascending, and how many rows of each.
pub(super) type Present = Vec<(usize, usize)>;

/// Those of a block of these codes.
pub(super) fn classes_of(mut codes: Vec<usize>) -> Present {
    codes.sort_unstable();
    codes.chunk_by(|a, b| a == b).map(|class| (class[0], class.len())).collect()
}

/// The classes of every block of a source.
fn present(rows: &dyn RowBlocks, par: Par) -> Result<Vec<Present>> {
    let (c, mut all) = (rows.n_classes(), Vec::new());
    let count = |_, block: Block| -> hsic_rows::Result<Present> {
        block.check_codes(c, 0)?;
        Ok(classes_of(block.codes))
    };
    reduce_blocks(rows, par, count, |part| all.push(part))?;
    Ok(all)
}

/// Rows of every class.
fn totals(present: &[Present], n_classes: usize) -> Vec<usize> {
    let mut counts = vec![0; n_classes];
    present.iter().flatten().for_each(|&(class, count)| counts[class] += count);
    counts
}

impl BlockHoldout {
    /// Holds out this share of the rows of a source, whose missing cells may be NaN.
    ///
    /// # Errors
    /// [`Error::HoldoutShare`] for a share that is not above 0 and below 1, [`Error::EmptyHoldout`] where it holds out no row,
    /// [`Error::Rows`] for a source that cannot be read.
    ///
    /// # Cost
    /// One pass over the rows; some numbers for each class of a block.
    pub fn new(rows: &dyn RowBlocks, share: f64, seed: u64, par: Par) -> Result<Self> {
        Self::of_present(&present(rows, par)?, rows.n_classes(), share, seed)
    }

    /// The same of a table, which knows the classes of its blocks.
    ///
    /// # Errors
    /// As [`BlockHoldout::new`].
    pub fn of_table(table: &TableRows, share: f64, seed: u64) -> Result<Self> {
        Self::of_present(table.present(), table.n_classes(), share, seed)
    }

    fn of_present(present: &[Present], n_classes: usize, share: f64, seed: u64) -> Result<Self> {
        let counts = totals(present, n_classes);
        let test = held_out(&counts, share)?;
        let mut rng = stream(seed, COMPONENT, 0);
        let offsets: Vec<usize> = counts.iter().map(|&n| rng.random_range(0..n.max(1))).collect();
        Ok(Self::of(seed, present, &counts, |class, before, count| {
            let reached = |rows: usize| {
                let numerator = test[class] as u128 * rows as u128 + offsets[class] as u128;
                (numerator / counts[class] as u128) as usize
            };
            0..reached(before + count) - reached(before)
        }))
    }

    /// The folds of a cross-validation: every row is a test row of one of them. Of each class as many rows as
    /// [`StratifiedKFold`](crate::StratifiedKFold) gives, spread evenly over the file: the shuffled rows of a class are dealt to the
    /// folds in turn, block after block. A class that is too small is told by its name.
    ///
    /// # Errors
    /// As [`StratifiedKFold::split`](crate::StratifiedKFold::split), and [`Error::Rows`] for a source that cannot be read.
    ///
    /// # Cost
    /// One pass over the rows; some numbers for each class of a block and fold.
    pub fn folds(rows: &dyn FileRows, folds: usize, seed: u64, par: Par) -> Result<Vec<Self>> {
        let present = present(rows, par)?;
        let counts = totals(&present, rows.n_classes());
        check_folds(folds, &counts, |code| format!("`{}`", rows.class_names()[code]))?;
        // where a class ends the next goes on, so that the folds are of one size
        let starts = counts.iter().scan(0, |start, &count| Some(std::mem::replace(start, *start + count)));
        let starts: Vec<usize> = starts.collect();
        let of_fold = |fold: usize| {
            Self::of(seed, &present, &counts, |class, before, count| {
                let dealt = |rows: usize, fold: usize| (rows + folds - 1 - fold) / folds;
                let first = starts[class] + before;
                let of = |fold| dealt(first + count, fold) - dealt(first, fold);
                let start = (0..fold).map(of).sum();
                start..start + of(fold)
            })
        };
        Ok((0..folds).map(of_fold).collect())
    }

    /// A split by which of the shuffled rows of a class in a block, by its rows before and in it, are test rows.
    fn of(
        seed: u64,
        present: &[Present],
        counts: &[usize],
        test_rows: impl Fn(usize, usize, usize) -> Range<usize>,
    ) -> Self {
        let (mut before, mut test) = (vec![0; counts.len()], vec![0; counts.len()]);
        let mut quota = |&(class, count): &(usize, usize)| {
            let rows = test_rows(class, before[class], count);
            before[class] += count;
            test[class] += rows.len();
            (class, rows)
        };
        let mut of_block = |classes: &Present| Quota {
            rows: classes.iter().map(|(_, count)| count).sum(),
            test: classes.iter().map(&mut quota).filter(|(_, rows)| !rows.is_empty()).collect(),
        };
        let blocks = present.iter().map(&mut of_block).collect();
        let train = counts.iter().zip(&test).map(|(count, test)| count - test).collect();
        Self { seed, blocks, train, test }
    }

    /// Training rows of every class.
    pub fn train_counts(&self) -> &[usize] {
        &self.train
    }

    /// Test rows of every class.
    pub fn test_counts(&self) -> &[usize] {
        &self.test
    }

    /// The training rows, of the source that was split.
    pub fn train<'a>(&'a self, rows: &'a dyn RowBlocks) -> HeldRows<'a> {
        HeldRows { holdout: self, rows, test: false }
    }

    /// The test rows, of the source that was split.
    pub fn test<'a>(&'a self, rows: &'a dyn RowBlocks) -> HeldRows<'a> {
        HeldRows { holdout: self, rows, test: true }
    }

    /// Whether each row of a block is a test row.
    fn is_test(&self, number: usize, quota: &Quota, codes: &[usize]) -> Result<Vec<bool>> {
        let changed = |found, expected| {
            let what = "rows of a block of a source that has changed since its test rows were drawn";
            Err(Error::Size { what, found, expected })
        };
        if codes.len() != quota.rows {
            return changed(codes.len(), quota.rows);
        }
        let mut rng = stream(self.seed, COMPONENT, number as u32 + 1);
        let mut is_test = vec![false; codes.len()];
        for (class, held) in &quota.test {
            let mut rows: Vec<usize> = (0..codes.len()).filter(|&row| codes[row] == *class).collect();
            rows.shuffle(&mut rng);
            let Some(held_rows) = rows.get(held.clone()) else { return changed(rows.len(), held.end) };
            held_rows.iter().for_each(|&row| is_test[row] = true);
        }
        Ok(is_test)
    }
}

/// The training rows or the test rows of a [`BlockHoldout`]; a block without any is not decoded.
#[derive(Clone, Copy)]
pub struct HeldRows<'a> {
    holdout: &'a BlockHoldout,
    rows: &'a dyn RowBlocks,
    test: bool,
}

impl<'a> HeldRows<'a> {
    /// The rows of a block that are of this part.
    fn kept(&self, number: usize, quota: &Quota, codes: &[usize]) -> Result<Vec<usize>> {
        let is_test = self.holdout.is_test(number, quota, codes)?;
        Ok((0..codes.len()).filter(|&row| is_test[row] == self.test).collect())
    }

    fn select(&self, number: usize, quota: &Quota, block: Block) -> Result<Block> {
        let Block { rows, codes } = block;
        let kept = self.kept(number, quota, &codes)?;
        Ok(Block {
            rows: Mat::from_fn(kept.len(), rows.ncols(), |i, j| rows[(kept[i], j)]),
            codes: kept.into_iter().map(|row| codes[row]).collect(),
        })
    }

    fn has_rows(&self, quota: &Quota) -> bool {
        let test: usize = quota.test.iter().map(|(_, rows)| rows.len()).sum();
        if self.test { test > 0 } else { test < quota.rows }
    }
}

impl RowBlocks for HeldRows<'_> {
    fn width(&self) -> usize {
        self.rows.width()
    }

    fn n_classes(&self) -> usize {
        self.rows.n_classes()
    }

    fn blocks(&self) -> hsic_rows::Result<Blocks<'_>> {
        let held = *self;
        // the rows of one that was split have no block beyond those that were counted
        let blocks = self.rows.blocks()?.zip(&self.holdout.blocks).enumerate();
        Ok(Box::new(blocks.filter(move |(_, (_, quota))| held.has_rows(quota)).map(
            move |(number, (deferred, quota))| {
                let deferred = deferred?;
                let selected: Deferred<'_> =
                    Box::new(move || held.select(number, quota, deferred()?).map_err(in_pass));
                Ok(selected)
            },
        )))
    }

    fn place(&self, block: usize, row: usize) -> Option<String> {
        let mut blocks = self.holdout.blocks.iter().enumerate().filter(|(_, quota)| self.has_rows(quota));
        let (number, quota) = blocks.nth(block)?;
        let codes = (self.rows.blocks().ok()?.nth(number)?.ok()?)().ok()?.codes;
        self.rows.place(number, *self.kept(number, quota, &codes).ok()?.get(row)?)
    }
}
