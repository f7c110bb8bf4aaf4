//! The functions of a tile, each on its way to a sink, and the sink of a [`Reducer`].

use std::ops::Range;

use super::aligned::Aligned;
use super::function::Prepared;
use super::sink::{Apply, Scratch, TileSink};
use super::walk::Visitor;
use super::{Fill, PairSource, Reducer, Tile};
use crate::Real;

/// The sinks of one group of tiles.
pub(crate) trait Sinks<T: Real> {
    /// The result of the group.
    type Output: Send;
    /// As in [`Reducer`].
    const ROWS: usize;
    /// As in [`Reducer`].
    const COLUMNS: usize;
    /// Takes a tile of one source.
    type Sink<'s>: TileSink<T>
    where
        Self: 's;

    /// The sink of a tile of the `source`-th source.
    fn sink(
        &mut self,
        source: usize,
        rows: Range<usize>,
        columns: Range<usize>,
        mirrored: bool,
    ) -> Self::Sink<'_>;
    /// That tile is whole.
    fn done(&mut self, source: usize, rows: Range<usize>, columns: Range<usize>, mirrored: bool);
    /// The end of the group.
    fn finish(self) -> Self::Output;
}

/// The functions of the tiles of one group.
pub(crate) struct Evaluate<'w, 'p, 'a, T: Real, K> {
    x: &'w [PairSource<'p, 'a, T>],
    y: &'w [PairSource<'p, 'a, T>],
    functions: Vec<Prepared<T>>,
    /// Half squared distances that several functions share.
    half: Aligned<T>,
    sinks: K,
}

impl<'w, 'p, 'a, T: Real, K: Sinks<T>> Evaluate<'w, 'p, 'a, T, K> {
    pub(crate) fn new(x: &'w [PairSource<'p, 'a, T>], y: &'w [PairSource<'p, 'a, T>], sinks: K) -> Self {
        let functions = x.iter().map(|source| source.function.prepare()).collect();
        Self { x, y, functions, half: Aligned::zeros(K::ROWS * K::COLUMNS), sinks }
    }
}

impl<T: Real, K: Sinks<T>> Visitor for Evaluate<'_, '_, '_, T, K> {
    type Output = K::Output;
    const ROWS: usize = K::ROWS;
    const COLUMNS: usize = K::COLUMNS;

    fn row_bytes(&self) -> usize {
        self.x.iter().map(|source| source.points.d()).max().unwrap_or(0) * size_of::<T>()
    }

    fn tile(&mut self, rows: Range<usize>, columns: Range<usize>, mirrored: bool) {
        let half = &mut self.half.as_mut_slice()[..rows.len() * columns.len()];
        let same = |a: usize, b: usize| std::ptr::eq(self.x[a].points, self.x[b].points);
        for (index, &function) in self.functions.iter().enumerate() {
            let (x, y) = (self.x[index].points, self.y[index].points);
            let first = index == 0 || !same(index - 1, index);
            let only = first && (index + 1 == self.x.len() || !same(index, index + 1));
            // the distances of several functions are kept, those of a single one never leave the registers
            if first && !only {
                let (rows, columns) = (rows.clone(), columns.clone());
                let sink = Scratch { values: half, rows: rows.clone(), columns: columns.clone() };
                T::half_distances(Fill { x, rows, y, columns, sink });
            }
            let sink = self.sinks.sink(index, rows.clone(), columns.clone(), mirrored);
            let (tile_rows, tile_columns) = (rows.clone(), columns.clone());
            if only {
                K::Sink::fill(Fill { x, rows: tile_rows, y, columns: tile_columns, sink }, function);
            } else {
                let tile = Apply { function, half, rows: tile_rows, columns: tile_columns, sink };
                K::Sink::apply(x.path(), tile);
            }
            self.sinks.done(index, rows.clone(), columns.clone(), mirrored);
        }
    }

    fn finish(self) -> K::Output {
        self.sinks.finish()
    }
}

/// The sinks of a reducer: a tile in memory, handed to it.
pub(super) struct InMemory<'w, T: Real, R: Reducer<T>> {
    reducer: &'w R,
    partial: R::Partial,
    values: Aligned<T>,
}

impl<'w, T: Real, R: Reducer<T>> InMemory<'w, T, R> {
    pub(super) fn new(reducer: &'w R, rows: Range<usize>, columns: Range<usize>) -> Self {
        Self { reducer, partial: reducer.start(rows, columns), values: Aligned::zeros(R::ROWS * R::COLUMNS) }
    }
}

impl<T: Real, R: Reducer<T>> Sinks<T> for InMemory<'_, T, R> {
    type Output = R::Partial;
    const ROWS: usize = R::ROWS;
    const COLUMNS: usize = R::COLUMNS;
    type Sink<'s>
        = Scratch<'s, T>
    where
        Self: 's;

    fn sink(&mut self, _: usize, rows: Range<usize>, columns: Range<usize>, _: bool) -> Scratch<'_, T> {
        let values = &mut self.values.as_mut_slice()[..rows.len() * columns.len()];
        Scratch { values, rows, columns }
    }

    fn done(&mut self, source: usize, rows: Range<usize>, columns: Range<usize>, mirrored: bool) {
        let values = &mut self.values.as_mut_slice()[..rows.len() * columns.len()];
        self.reducer.tile(&mut self.partial, source, Tile { rows, columns, mirrored, values });
    }

    fn finish(self) -> R::Partial {
        self.partial
    }
}
