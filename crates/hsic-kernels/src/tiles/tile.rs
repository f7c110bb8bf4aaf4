//! Tiles in memory, handed to a reducer.

use std::ops::Range;

use super::aligned::Aligned;
use super::distance::{Sink, fill};
use super::function::{Apply, Half, Map, Prepared, WithMap};
use super::walk::Visitor;
use super::{Points, Reducer, Source, Tile};
use crate::Real;
use crate::simd::Lanes;

/// The work of one group: its partial result, and the two tiles it works in.
pub(super) struct Reduce<'w, 'p, 'a, T: Real, R: Reducer<T>> {
    x: &'w [Source<'p, 'a, T>],
    y: &'w [Source<'p, 'a, T>],
    functions: Vec<Prepared<T>>,
    reducer: &'w R,
    partial: R::Partial,
    half: Aligned<T>,
    values: Aligned<T>,
}

impl<'w, 'p, 'a, T: Real, R: Reducer<T>> Reduce<'w, 'p, 'a, T, R> {
    pub(super) fn new(
        x: &'w [Source<'p, 'a, T>],
        y: &'w [Source<'p, 'a, T>],
        reducer: &'w R,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> Self {
        let zeros = || Aligned::zeros(R::ROWS * R::COLUMNS);
        let functions = x.iter().map(|source| source.function.prepare()).collect();
        Self {
            x,
            y,
            functions,
            reducer,
            partial: reducer.start(rows, columns),
            half: zeros(),
            values: zeros(),
        }
    }
}

impl<T: Real, R: Reducer<T>> Visitor for Reduce<'_, '_, '_, T, R> {
    type Output = R::Partial;
    const ROWS: usize = R::ROWS;
    const COLUMNS: usize = R::COLUMNS;

    fn row_bytes(&self) -> usize {
        self.x.iter().map(|source| source.points.d()).max().unwrap_or(0) * size_of::<T>()
    }

    fn tile(&mut self, rows: Range<usize>, columns: Range<usize>, mirrored: bool) {
        let size = rows.len() * columns.len();
        let half = &mut self.half.as_mut_slice()[..size];
        let values = &mut self.values.as_mut_slice()[..size];
        let same = |a: usize, b: usize| std::ptr::eq(self.x[a].points, self.x[b].points);
        for index in 0..self.x.len() {
            let (x, y) = (self.x[index].points, self.y[index].points);
            let first = index == 0 || !same(index - 1, index);
            let only = first && (index + 1 == self.x.len() || !same(index, index + 1));
            // the distances of several functions are kept, those of a single one are never written
            let (rows, columns) = (rows.clone(), columns.clone());
            if only {
                let sink = Scratch { values, rows: rows.clone(), columns: columns.clone() };
                self.functions[index].with(FillWith {
                    x,
                    rows: rows.clone(),
                    y,
                    columns: columns.clone(),
                    sink,
                });
            } else {
                if first {
                    let sink = Scratch { values: half, rows: rows.clone(), columns: columns.clone() };
                    fill(x, rows.clone(), y, columns.clone(), Half, sink);
                }
                T::run(x.path(), Apply { function: self.functions[index], half, values });
            }
            let tile = Tile { rows, columns, mirrored, values };
            self.reducer.tile(&mut self.partial, index, tile);
        }
    }

    fn finish(self) -> R::Partial {
        self.partial
    }
}

/// A tile to be filled, waiting for its function.
struct FillWith<'t, 'p, 'a, T: Real> {
    x: &'p Points<'a, T>,
    rows: Range<usize>,
    y: &'p Points<'a, T>,
    columns: Range<usize>,
    sink: Scratch<'t, T>,
}

impl<T: Real> WithMap<T> for FillWith<'_, '_, '_, T> {
    fn call(self, map: impl Map<T>) {
        fill(self.x, self.rows, self.y, self.columns, map, self.sink);
    }
}

/// A tile in memory, column by column.
pub(crate) struct Scratch<'a, T> {
    pub(crate) values: &'a mut [T],
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

impl<T> Scratch<'_, T> {
    #[inline(always)]
    fn at(&self, i: usize, j: usize) -> usize {
        (i - self.rows.start) + (j - self.columns.start) * self.rows.len()
    }
}

impl<T: Real> Sink<T> for Scratch<'_, T> {
    #[inline(always)]
    fn registers<S: Lanes<T>, const COLUMNS: usize>(
        &mut self,
        simd: S,
        i: usize,
        j: usize,
        values: [S::V; COLUMNS],
    ) {
        let at = self.at(i, j);
        assert!(at + (COLUMNS - 1) * self.rows.len() + S::LANES <= self.values.len());
        let to = self.values.as_mut_ptr().wrapping_add(at);
        for j in 0..COLUMNS {
            // SAFETY: the last register ends where the assertion says
            unsafe { simd.store(to.add(j * self.rows.len()), values[j]) };
        }
    }

    #[inline(always)]
    fn edge(&mut self, rows: Range<usize>, columns: Range<usize>, values: &[T], stride: usize) {
        for (j, column) in columns.zip(values.chunks_exact(stride)) {
            let at = self.at(rows.start, j);
            self.values[at..][..rows.len()].copy_from_slice(&column[..rows.len()]);
        }
    }
}
