//! The tile engine: everything that touches all pairs of rows goes through here.
//!
//! A walk ([`reduce_symmetric`], [`reduce_cross`]) cuts the pair matrix into tiles, computes the half squared distances of a
//! tile block by block in registers, turns them into one or more functions of the distance ([`PairFunction`]), and hands
//! each tile to a [`Reducer`], which says how large a tile it wants. Nothing of size n×n is ever held. Inside the crate a
//! block can go to a sink instead, straight from the registers: a Gram matrix is written so, and class sums are made so.
//! The symmetric walk visits the upper triangle only; a tile above the diagonal stands for its mirror image too.
//!
//! Work is cut into groups by n and the reducer alone, and each group's partial result is returned in order, so a reduction
//! has the same bits for any number of threads (on one [`SimdPath`](crate::simd::SimdPath)).

mod aligned;
mod distance;
mod function;
mod points;
mod reduce;
mod sink;
mod tile;
mod walk;

use std::ops::Range;

pub(crate) use aligned::{Aligned, LINE};
pub(crate) use distance::Fill;
pub use function::PairFunction;
pub(crate) use function::{Exp2, Half, Map, Prepared, WithMap};
pub use points::{Points, check_finite};
pub use reduce::{fold_symmetric, reduce_cross, reduce_symmetric};
pub(crate) use sink::{Apply, MOST_COLUMNS, MOST_ROWS, Scratch, Sink, TileSink, map_registers, store_block};
pub(crate) use tile::{Evaluate, Sinks};
pub(crate) use walk::{Visitor, fold_walk_symmetric, walk_cross, walk_symmetric};

use crate::Real;

/// Rows and columns of the largest tile: 128 × 128 doubles are 128 KiB, within a second-level cache.
pub const TILE: usize = 128;

/// One function of the points of a walk; a walk takes several, in order.
#[derive(Debug, Clone, Copy)]
pub struct PairSource<'p, 'a, T: Real> {
    /// The rows whose distances are meant.
    pub points: &'p Points<'a, T>,
    /// What is made of them. Sources of the same points that follow each other share one distance tile.
    pub function: PairFunction,
}

/// A tile of one function of the pairs `rows × columns`.
#[derive(Debug)]
pub struct Tile<'a, T> {
    /// The rows of the tile.
    pub rows: Range<usize>,
    /// The columns of the tile.
    pub columns: Range<usize>,
    /// Whether the tile also stands for the pairs `columns × rows` (off the diagonal of a symmetric walk).
    pub mirrored: bool,
    /// The values, column by column: entry (i, j) at `i + j · rows.len()`. A reducer may overwrite them.
    pub values: &'a mut [T],
}

/// What is made of the tiles.
pub trait Reducer<T: Real>: Sync {
    /// The result of one group of tiles.
    type Partial: Send;
    /// Rows of a tile, a multiple of 32 up to [`TILE`]; at the ends of a walk there are smaller ones.
    const ROWS: usize = TILE;
    /// Columns of a tile: 8, 16 or 32, or else `ROWS`. A narrow tile stays in the first-level cache, a wide one suits products.
    const COLUMNS: usize = TILE;

    /// An empty partial result for a group whose tiles lie in these rows and columns. The columns of a symmetric walk start
    /// where its rows do, and hold them.
    fn start(&self, rows: Range<usize>, columns: Range<usize>) -> Self::Partial;
    /// Adds a tile of the `source`-th source.
    fn tile(&self, partial: &mut Self::Partial, source: usize, tile: Tile<'_, T>);
}
