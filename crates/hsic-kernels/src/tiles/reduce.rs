//! The walks of a [`Reducer`].

use std::ops::Range;

use faer::Par;

use super::tile::{Evaluate, InMemory};
use super::walk::{PARTIALS, fold_walk_symmetric, walk_cross};
use super::{PairSource, Reducer};
use crate::Real;

/// Walks the upper triangle of the pairs of the sources' rows with themselves.
///
/// Every source must have the same number of rows. The partial results come in a fixed order, each with the rows
/// and columns it was started for.
///
/// # Panics
/// If the sources differ in their number of rows.
///
/// # Cost
/// n²/2 distances (d fused multiplications and additions each, twice that for d ≤ 12) and n²/2 function values a source;
/// memory O([`TILE`](super::TILE)²) a thread and one partial result for each of at most 16 groups.
pub fn reduce_symmetric<T: Real, R: Reducer<T>>(
    sources: &[PairSource<'_, '_, T>],
    reducer: &R,
    par: Par,
) -> Vec<R::Partial> {
    let mut partials = Vec::new();
    fold_symmetric(sources, reducer, par, |partial| partials.push(partial));
    partials
}

/// [`reduce_symmetric`] for large partial results: each is given to `fold` as soon as those before it were, so that about two
/// a thread exist at once.
///
/// # Panics
/// As [`reduce_symmetric`].
pub fn fold_symmetric<T: Real, R: Reducer<T>>(
    sources: &[PairSource<'_, '_, T>],
    reducer: &R,
    par: Par,
    fold: impl FnMut(R::Partial) + Send,
) {
    let n = rows_of(sources);
    let visitor = |rows: Range<usize>| {
        Evaluate::new(sources, sources, InMemory::new(reducer, rows.clone(), rows.start..n))
    };
    fold_walk_symmetric(n, par, visitor, fold);
}

/// Walks all pairs of the rows of `x` (rows of the tiles) and of `y` (columns); `x[s]` and `y[s]` belong together
/// and share their function. The partial results come in order of the rows they were started for.
///
/// # Panics
/// If the sources differ in number or in their number of rows.
///
/// # Cost
/// n_x·n_y distances and function values a source; memory as [`reduce_symmetric`].
pub fn reduce_cross<T: Real, R: Reducer<T>>(
    x: &[PairSource<'_, '_, T>],
    y: &[PairSource<'_, '_, T>],
    reducer: &R,
    par: Par,
) -> Vec<R::Partial> {
    assert_eq!(x.len(), y.len(), "sources come in pairs");
    let n_y = rows_of(y);
    walk_cross(rows_of(x), n_y, PARTIALS, par, |rows| {
        Evaluate::new(x, y, InMemory::new(reducer, rows, 0..n_y))
    })
}

fn rows_of<T: Real>(sources: &[PairSource<'_, '_, T>]) -> usize {
    let n = sources.first().map_or(0, |source| source.points.n());
    assert!(sources.iter().all(|source| source.points.n() == n), "every source has the same rows");
    n
}
