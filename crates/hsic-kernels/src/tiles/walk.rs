//! The walks over the tiles of a pair matrix.

use std::ops::Range;

use faer::Par;
use rayon::prelude::*;

use super::{Apply, Points, Reducer, Source, TILE, Tile, distance::squared_distances};
use crate::Real;
use crate::simd::SimdPath;

/// At most this many partial results exist at once.
const GROUPS: usize = 16;

/// Walks the upper triangle of the pairs of the sources' rows with themselves.
///
/// Every source must have the same number of rows. The partial results come in a fixed order, each with the rows
/// it was started for (all of them).
///
/// # Panics
/// If the sources differ in their number of rows.
///
/// # Cost
/// n²/2 distances (2d flops each) and n²/2 function values a source; memory O([`TILE`]²) a thread and one
/// partial result for each of at most 16 groups.
pub fn reduce_symmetric<T: Real, R: Reducer<T>>(
    sources: &[Source<'_, '_, T>],
    reducer: &R,
    par: Par,
) -> Vec<R::Partial> {
    let n = sources.first().map_or(0, |source| source.points.n());
    assert!(sources.iter().all(|source| source.points.n() == n), "every source has the same rows");
    let bands = n.div_ceil(TILE);
    // band b has bands − b tiles; a band and its counterpart from the other end always have bands + 1
    let units = bands.div_ceil(2);
    groups(units, par, |units| {
        let mut partial = reducer.start(0..n);
        let mut scratch = Scratch::new();
        for unit in units {
            let counterpart = bands - 1 - unit;
            for band in [unit, counterpart].into_iter().take(if unit == counterpart { 1 } else { 2 }) {
                for across in band..bands {
                    scratch.visit(sources, sources, reducer, &mut partial, tile_range(band, n), {
                        tile_range(across, n)
                    });
                }
            }
        }
        partial
    })
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
    x: &[Source<'_, '_, T>],
    y: &[Source<'_, '_, T>],
    reducer: &R,
    par: Par,
) -> Vec<R::Partial> {
    assert_eq!(x.len(), y.len(), "sources come in pairs");
    let (n_x, n_y) =
        (x.first().map_or(0, |source| source.points.n()), y.first().map_or(0, |source| source.points.n()));
    assert!(x.iter().all(|source| source.points.n() == n_x) && y.iter().all(|s| s.points.n() == n_y));
    let bands = n_x.div_ceil(TILE);
    groups(bands, par, |bands| {
        let mut partial = reducer.start(bands.start * TILE..(bands.end * TILE).min(n_x));
        let mut scratch = Scratch::new();
        for band in bands {
            for across in 0..n_y.div_ceil(TILE) {
                scratch.visit(x, y, reducer, &mut partial, tile_range(band, n_x), tile_range(across, n_y));
            }
        }
        partial
    })
}

fn tile_range(band: usize, n: usize) -> Range<usize> {
    band * TILE..((band + 1) * TILE).min(n)
}

/// Cuts `units` into groups that do not depend on the number of threads.
fn groups<P: Send>(units: usize, par: Par, work: impl Fn(Range<usize>) -> P + Sync) -> Vec<P> {
    let count = units.min(GROUPS);
    let range = |group: usize| group * units / count..(group + 1) * units / count;
    match par {
        Par::Seq => (0..count).map(|group| work(range(group))).collect(),
        _ => (0..count).into_par_iter().with_max_len(1).map(|group| work(range(group))).collect(),
    }
}

/// The two tiles a thread works in.
struct Scratch<T> {
    squared: Vec<T>,
    values: Vec<T>,
    path: SimdPath,
}

impl<T: Real> Scratch<T> {
    fn new() -> Self {
        let zeros = || vec![T::ZERO; TILE * TILE];
        Self { squared: zeros(), values: zeros(), path: SimdPath::detect() }
    }

    fn visit<R: Reducer<T>>(
        &mut self,
        x: &[Source<'_, '_, T>],
        y: &[Source<'_, '_, T>],
        reducer: &R,
        partial: &mut R::Partial,
        rows: Range<usize>,
        columns: Range<usize>,
    ) {
        let size = rows.len() * columns.len();
        let symmetric = std::ptr::eq(x, y);
        let diagonal = symmetric && rows.start == columns.start;
        let mut held: Option<*const Points<'_, T>> = None;
        for (index, (x, y)) in x.iter().zip(y).enumerate() {
            if held != Some(std::ptr::from_ref(x.points)) {
                let squared = &mut self.squared[..size];
                squared_distances(self.path, x.points, rows.clone(), y.points, columns.clone(), squared);
                if diagonal {
                    copy_upper_to_lower(squared, rows.len());
                }
                held = Some(std::ptr::from_ref(x.points));
            }
            let values = &mut self.values[..size];
            self.path.run(Apply { function: x.function, squared: &self.squared[..size], values });
            let mirrored = symmetric && !diagonal;
            reducer.tile(
                partial,
                index,
                Tile { rows: rows.clone(), columns: columns.clone(), mirrored, values },
            );
        }
    }
}

/// Makes a square tile exactly symmetric: a product may round (i, j) and (j, i) differently.
fn copy_upper_to_lower<T: Copy>(values: &mut [T], n: usize) {
    for j in 0..n {
        for i in 0..j {
            values[j + i * n] = values[i + j * n];
        }
    }
}
