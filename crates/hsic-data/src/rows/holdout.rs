//! Test rows held out of rows that come in blocks.

use faer::{Mat, Par};
use hsic_rows::random::stream;
use hsic_rows::{Block, Blocks, Deferred, RowBlocks, reduce_blocks};
use rand::RngExt as _;
use rand::seq::index;

use super::in_pass;
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
/// of them, drawn uniformly from its own. The split depends on the seed and on how the source cuts its blocks, never on threads.
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
    /// Classes, ascending, and how many rows of each are held out.
    test: Vec<(usize, usize)>,
}

impl BlockHoldout {
    /// Holds out this share of the rows of a source, whose missing cells may be NaN.
    ///
    /// # Errors
    /// [`Error::HoldoutShare`] for a share that is not above 0 and below 1, [`Error::EmptyHoldout`] where it holds out no row,
    /// [`Error::Rows`] for a source that cannot be read.
    ///
    /// # Cost
    /// One pass over the rows; two numbers for each class of a block.
    pub fn new(rows: &dyn RowBlocks, share: f64, seed: u64, par: Par) -> Result<Self> {
        let c = rows.n_classes();
        let mut present: Vec<Vec<(usize, usize)>> = Vec::new();
        let count = |_, block: Block| -> hsic_rows::Result<_> {
            block.check_codes(c, 0)?;
            let mut codes = block.codes;
            codes.sort_unstable();
            Ok(codes.chunk_by(|a, b| a == b).map(|class| (class[0], class.len())).collect::<Vec<_>>())
        };
        reduce_blocks(rows, par, count, |part| present.push(part))?;
        let mut counts = vec![0; c];
        present.iter().flatten().for_each(|&(class, count)| counts[class] += count);
        let test = held_out(&counts, share)?;
        let mut rng = stream(seed, COMPONENT, 0);
        let offsets: Vec<usize> = counts.iter().map(|&n| rng.random_range(0..n.max(1))).collect();
        let mut before = vec![0; c];
        let mut quota = |(class, count): (usize, usize)| {
            let reached = |rows: usize| {
                let numerator = test[class] as u128 * rows as u128 + offsets[class] as u128;
                (numerator / counts[class] as u128) as usize
            };
            let first = before[class];
            before[class] += count;
            (class, reached(first + count) - reached(first))
        };
        let mut of_block = |classes: Vec<(usize, usize)>| {
            let rows = classes.iter().map(|(_, count)| count).sum();
            let quotas = classes.into_iter().map(&mut quota);
            Quota { rows, test: quotas.filter(|&(_, count)| count > 0).collect() }
        };
        let blocks = present.into_iter().map(&mut of_block).collect();
        let train = counts.iter().zip(&test).map(|(count, test)| count - test).collect();
        Ok(Self { seed, blocks, train, test })
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
        for &(class, count) in &quota.test {
            let rows: Vec<usize> = (0..codes.len()).filter(|&row| codes[row] == class).collect();
            if rows.len() < count {
                return changed(rows.len(), count);
            }
            index::sample(&mut rng, rows.len(), count).iter().for_each(|drawn| is_test[rows[drawn]] = true);
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
    fn select(&self, number: usize, quota: &Quota, block: Block) -> Result<Block> {
        let Block { rows, codes } = block;
        let is_test = self.holdout.is_test(number, quota, &codes)?;
        let kept: Vec<usize> = (0..codes.len()).filter(|&row| is_test[row] == self.test).collect();
        Ok(Block {
            rows: Mat::from_fn(kept.len(), rows.ncols(), |i, j| rows[(kept[i], j)]),
            codes: kept.into_iter().map(|row| codes[row]).collect(),
        })
    }

    fn has_rows(&self, quota: &Quota) -> bool {
        let test: usize = quota.test.iter().map(|(_, count)| count).sum();
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
}
