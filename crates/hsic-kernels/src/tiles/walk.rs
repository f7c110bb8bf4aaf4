//! The walks over the tiles of a pair matrix.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use faer::Par;
use rayon::prelude::*;

use super::TILE;

/// Rows and columns of a block of tiles, at most: the pages that both images of a block lie in fit into a second-level
/// translation buffer, and one after the other is used up.
const BLOCK: usize = 512;

/// Packed rows that are kept in a second-level cache while all columns of a block pass by, in bytes.
const SLAB: usize = 1 << 19;

/// The squares on the diagonal that are walked whole; above them tiles are mirrored.
const SQUARE: usize = 32;

/// A reduction has at most this many partial results.
pub(super) const PARTIALS: usize = 16;

/// What is done with the tiles of one group.
pub(crate) trait Visitor {
    /// What is left of them.
    type Output: Send;
    /// Rows and columns of a tile, see [`Reducer`](super::Reducer).
    const ROWS: usize;
    /// Columns of a tile.
    const COLUMNS: usize;
    /// Bytes of a packed row.
    fn row_bytes(&self) -> usize;
    /// A tile; `mirrored` where it also stands for its mirror image.
    fn tile(&mut self, rows: Range<usize>, columns: Range<usize>, mirrored: bool);
    /// The end of the group.
    fn finish(self) -> Self::Output;
}

/// The tiles of the upper triangle of n×n pairs, each block a group, for what leaves no result.
pub(crate) fn walk_symmetric<V: Visitor<Output = ()>>(
    n: usize,
    par: Par,
    visitor: impl Fn(Range<usize>) -> V + Sync,
) {
    let triangle = Triangle::new(n);
    groups(triangle.blocks(), usize::MAX, par, |blocks| triangle.walk(blocks, &visitor));
}

/// The tiles of the upper triangle of n×n pairs, in at most 16 groups; their results in order, see [`fold_symmetric`](super::fold_symmetric).
pub(crate) fn fold_walk_symmetric<V: Visitor>(
    n: usize,
    par: Par,
    visitor: impl Fn(Range<usize>) -> V + Sync,
    fold: impl FnMut(V::Output) + Send,
) {
    let triangle = Triangle::new(n);
    let units = triangle.blocks();
    let count = units.min(PARTIALS);
    let work = |group: usize| triangle.walk(group * units / count..(group + 1) * units / count, &visitor);
    fold_in_order(count, par, work, fold);
}

/// The blocks of the upper triangle, band by band.
struct Triangle {
    n: usize,
    edge: usize,
    bands: usize,
}

impl Triangle {
    fn new(n: usize) -> Self {
        let edge = if n >= 4 * BLOCK { BLOCK } else { (n / 8).next_multiple_of(TILE).clamp(TILE, BLOCK) };
        Self { n, edge, bands: n.div_ceil(edge) }
    }

    fn blocks(&self) -> usize {
        self.bands * (self.bands + 1) / 2
    }

    fn range(&self, band: usize) -> Range<usize> {
        band * self.edge..((band + 1) * self.edge).min(self.n)
    }

    /// Band and column of a block: those of band b are at b, b + 1, … of the columns.
    fn place(&self, block: usize) -> (usize, usize) {
        let (mut band, mut skipped) = (0, 0);
        while skipped + self.bands - band <= block {
            skipped += self.bands - band;
            band += 1;
        }
        (band, band + block - skipped)
    }

    fn walk<V: Visitor>(&self, blocks: Range<usize>, visitor: impl Fn(Range<usize>) -> V) -> V::Output {
        let (mut band, mut across) = self.place(blocks.start);
        let (last, _) = self.place(blocks.end - 1);
        let mut visitor = visitor(self.range(band).start..self.range(last).end);
        for _ in blocks {
            let place = if band == across { Place::Diagonal } else { Place::Above };
            block(&mut visitor, self.range(band), self.range(across), place);
            across += 1;
            if across == self.bands {
                band += 1;
                across = band;
            }
        }
        visitor.finish()
    }
}

/// The tiles of n_x×n_y pairs, in at most `most` groups of rows.
pub(crate) fn walk_cross<V: Visitor>(
    n_x: usize,
    n_y: usize,
    most: usize,
    par: Par,
    visitor: impl Fn(Range<usize>) -> V + Sync,
) -> Vec<V::Output> {
    groups(n_x.div_ceil(TILE), most, par, |bands| {
        let rows = bands.start * TILE..(bands.end * TILE).min(n_x);
        let mut visitor = visitor(rows.clone());
        for start in rows.clone().step_by(BLOCK) {
            block(&mut visitor, start..(start + BLOCK).min(rows.end), 0..n_y, Place::Anywhere);
        }
        visitor.finish()
    })
}

/// Cuts `units` into groups that do not depend on the number of threads.
fn groups<P: Send>(units: usize, most: usize, par: Par, work: impl Fn(Range<usize>) -> P + Sync) -> Vec<P> {
    let count = units.min(most);
    let range = |group: usize| group * units / count..(group + 1) * units / count;
    match par {
        Par::Seq => (0..count).map(|group| work(range(group))).collect(),
        _ => (0..count).into_par_iter().with_max_len(1).map(|group| work(range(group))).collect(),
    }
}

/// Does the groups in any order and gives their results to `fold` in theirs. The groups are begun in order, so few results
/// wait for their turn.
fn fold_in_order<P: Send>(
    count: usize,
    par: Par,
    work: impl Fn(usize) -> P + Sync,
    mut fold: impl FnMut(P) + Send,
) {
    if let Par::Seq = par {
        return (0..count).for_each(|group| fold(work(group)));
    }
    let next = AtomicUsize::new(0);
    let turn = Mutex::new((0, BTreeMap::new(), fold));
    (0..rayon::current_num_threads().min(count)).into_par_iter().with_max_len(1).for_each(|_| {
        loop {
            let group = next.fetch_add(1, Ordering::Relaxed);
            if group >= count {
                break;
            }
            let partial = work(group);
            let mut turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            let (at, waiting, fold) = &mut *turn;
            waiting.insert(group, partial);
            while let Some(partial) = waiting.remove(at) {
                fold(partial);
                *at += 1;
            }
        }
    });
}

/// Where a block lies.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// In a matrix that has no mirror image.
    Anywhere,
    /// Above the diagonal.
    Above,
    /// On the diagonal.
    Diagonal,
}

/// Visits the tiles of a block; of one on the diagonal those above it, and the squares on it.
fn block<V: Visitor>(visitor: &mut V, rows: Range<usize>, columns: Range<usize>, place: Place) {
    let square = SQUARE.max(V::COLUMNS);
    let slab = (SLAB / visitor.row_bytes().max(1) / V::ROWS * V::ROWS).max(V::ROWS);
    for start in rows.clone().step_by(slab) {
        let slab = start..(start + slab).min(rows.end);
        for start in columns.clone().step_by(V::COLUMNS) {
            let columns = start..(start + V::COLUMNS).min(columns.end);
            // the square of these columns: above it everything, below it nothing
            let diagonal = start / square * square;
            let above = if place == Place::Diagonal { diagonal } else { rows.end };
            for start in (slab.start..slab.end.min(above)).step_by(V::ROWS) {
                let rows = start..(start + V::ROWS).min(slab.end).min(above);
                visitor.tile(rows, columns.clone(), place != Place::Anywhere);
            }
            if place == Place::Diagonal && slab.contains(&diagonal) {
                visitor.tile(diagonal..(diagonal + square).min(slab.end), columns, false);
            }
        }
    }
}
