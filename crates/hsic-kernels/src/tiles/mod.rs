//! The tile engine: everything that touches all pairs of rows goes through here.
//!
//! A walk ([`reduce_symmetric`], [`reduce_cross`]) cuts the pair matrix into tiles of [`TILE`]×[`TILE`] entries,
//! computes the squared distances of a tile, turns them into one or more functions of the distance
//! ([`PairFunction`]) while they are in cache, and hands each to a [`Reducer`]. Nothing of size n×n is ever held.
//! The symmetric walk visits the upper triangle only; a tile off the diagonal stands for its mirror image too.
//!
//! Work is cut into a number of groups that depends on n alone, and each group's partial result is returned in
//! order, so a reduction has the same bits for any number of threads (on one [`SimdPath`](crate::simd::SimdPath)).

mod distance;
mod points;
mod walk;

use std::ops::Range;

pub use points::{Points, check_finite};
pub use walk::{reduce_cross, reduce_symmetric};

use crate::simd::{ExpFn, SimdOp};
use crate::{Bandwidth, Real};

/// Rows and columns of a tile: 128 × 128 doubles are 128 KiB, within a second-level cache.
pub const TILE: usize = 128;

/// A function of the distance between two rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PairFunction {
    /// The Gaussian kernel K = exp(−‖u−v‖²/2σ²).
    Kernel(Bandwidth),
    /// J = K − 1, by expm1: exact where σ is large and K is all but constant.
    KernelMinusOne(Bandwidth),
    /// ‖u−v‖².
    SquaredDistance,
    /// ‖u−v‖.
    Distance,
}

/// One function of the points of a walk; a walk takes several, in order.
#[derive(Debug, Clone, Copy)]
pub struct Source<'p, 'a, T: Real> {
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
    /// An empty partial result for a group whose tiles lie in these rows (and, of a symmetric walk, anywhere
    /// in the columns of the same range).
    fn start(&self, rows: Range<usize>) -> Self::Partial;
    /// Adds a tile of the `source`-th source.
    fn tile(&self, partial: &mut Self::Partial, source: usize, tile: Tile<'_, T>);
}

/// In-place map from squared distances to the function's values.
struct Apply<'a, T> {
    function: PairFunction,
    squared: &'a [T],
    values: &'a mut [T],
}

impl<T: Real> SimdOp for Apply<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<const FMA: bool>(self) {
        #[inline(always)]
        fn gaussian<T: Real, const FMA: bool>(
            squared: &[T],
            values: &mut [T],
            sigma: Bandwidth,
            function: ExpFn,
        ) {
            // −1/2σ², kept finite so that 0 · it is 0, as the squared distances are below
            let scale = -T::of((0.5 / sigma.get() / sigma.get()).min(T::MAX.as_f64()));
            for (value, &squared) in values.iter_mut().zip(squared) {
                let squared = if squared > T::MAX { T::MAX } else { squared };
                *value = (squared * scale).exp_branchless::<FMA>(function);
            }
        }
        match self.function {
            PairFunction::Kernel(sigma) => {
                gaussian::<T, FMA>(self.squared, self.values, sigma, ExpFn::Exp);
            }
            PairFunction::KernelMinusOne(sigma) => {
                gaussian::<T, FMA>(self.squared, self.values, sigma, ExpFn::ExpM1);
            }
            PairFunction::SquaredDistance => self.values.copy_from_slice(self.squared),
            PairFunction::Distance => {
                for (value, &squared) in self.values.iter_mut().zip(self.squared) {
                    *value = squared.square_root();
                }
            }
        }
    }
}
