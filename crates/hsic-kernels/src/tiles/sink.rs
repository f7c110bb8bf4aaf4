//! Where the values of a tile go, block by block, and a function's way from distances in memory to there.

use std::ops::Range;

use super::Fill;
use super::function::{Map, Prepared, WithMap};
use crate::Real;
use crate::simd::{Lanes, SimdPath, VectorOp};

/// Rows of a block on any path, at most.
pub(crate) const MOST_ROWS: usize = 32;
/// Columns of a block on any path, at most.
pub(crate) const MOST_COLUMNS: usize = 8;

/// The values of a block in memory, column by column, two registers each.
pub(crate) type BlockMemory<T> = [T; MOST_ROWS * MOST_COLUMNS];

/// A block in memory.
#[inline(always)]
pub(crate) fn store_block<T: Real, S: Lanes<T>, const COLUMNS: usize>(
    simd: S,
    values: [[S::V; COLUMNS]; 2],
) -> BlockMemory<T> {
    let mut memory = [T::ZERO; MOST_ROWS * MOST_COLUMNS];
    for j in 0..COLUMNS {
        for part in 0..2 {
            // SAFETY: no block is larger than the memory
            unsafe { simd.store(memory.as_mut_ptr().add((2 * j + part) * S::LANES), values[part][j]) };
        }
    }
    memory
}

/// Where the blocks of a tile go. Those of the same columns come one after the other, down the rows.
pub(crate) trait Sink<T: Real> {
    /// Takes a function of the half squared distances of a whole block from row `i` and column `j` on: two registers of each
    /// column, the upper ones first.
    fn registers<S: Lanes<T>, const COLUMNS: usize>(
        &mut self,
        simd: S,
        i: usize,
        j: usize,
        halves: [[S::V; COLUMNS]; 2],
        function: impl Map<T>,
    );
    /// Takes a block at the edge of the tile: column by column, `stride` apart.
    fn edge(&mut self, rows: Range<usize>, columns: Range<usize>, values: &[T], stride: usize);
    /// The end of the tile.
    #[inline(always)]
    fn finish<S: Lanes<T>>(&mut self, _: S) {}
}

/// A sink whose kernels are compiled here, with every function of the distance.
pub(crate) trait TileSink<T: Real>: Sink<T> + Sized {
    /// Fills a tile.
    fn fill(tile: Fill<'_, '_, '_, T, Self>, function: Prepared<T>);
    /// Takes a function of distances in memory.
    fn apply(path: SimdPath, tile: Apply<'_, T, Self>);
}

impl<T: Real> TileSink<T> for Scratch<'_, T> {
    fn fill(tile: Fill<'_, '_, '_, T, Self>, function: Prepared<T>) {
        T::fill_scratch(tile, function);
    }
    fn apply(path: SimdPath, tile: Apply<'_, T, Self>) {
        T::apply_scratch(path, tile);
    }
}

/// A function of every value of a block in registers.
#[inline(always)]
pub(crate) fn map_registers<T: Real, S: Lanes<T>, const COLUMNS: usize>(
    simd: S,
    function: impl Map<T>,
    mut values: [[S::V; COLUMNS]; 2],
) -> [[S::V; COLUMNS]; 2] {
    // a loop around this much code would not be unrolled, and its values would go through memory
    macro_rules! columns {
        ($($j:literal)*) => {$(
            if $j < COLUMNS {
                values[0][$j] = function.map(simd, values[0][$j]);
                values[1][$j] = function.map(simd, values[1][$j]);
            }
        )*};
    }
    columns!(0 1 2 3 4 5 6 7);
    values
}

/// A function of every value of a block in memory.
#[inline(always)]
pub(super) fn map_memory<T: Real, S: Lanes<T>>(
    simd: S,
    function: impl Map<T>,
    memory: &mut BlockMemory<T>,
    count: usize,
) {
    assert!(count.is_multiple_of(S::LANES) && count <= memory.len());
    for at in (0..count).step_by(S::LANES) {
        // SAFETY: a register at `at` lies within the memory
        unsafe {
            let at = memory.as_mut_ptr().add(at);
            simd.store(at, function.map(simd, simd.load(at)));
        }
    }
}

/// A tile in memory, column by column.
pub struct Scratch<'a, T> {
    pub values: &'a mut [T],
    pub rows: Range<usize>,
    pub columns: Range<usize>,
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
        halves: [[S::V; COLUMNS]; 2],
        function: impl Map<T>,
    ) {
        let values = map_registers(simd, function, halves);
        let at = self.at(i, j);
        assert!(at + (COLUMNS - 1) * self.rows.len() + 2 * S::LANES <= self.values.len());
        let to = self.values.as_mut_ptr().wrapping_add(at);
        for j in 0..COLUMNS {
            // SAFETY: the last register ends where the assertion says
            unsafe {
                simd.store(to.add(j * self.rows.len()), values[0][j]);
                simd.store(to.add(j * self.rows.len() + S::LANES), values[1][j]);
            }
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

/// A function of the half squared distances of a tile in memory, on its way to a sink.
pub struct Apply<'a, T, K> {
    pub function: Prepared<T>,
    pub half: &'a [T],
    pub rows: Range<usize>,
    pub columns: Range<usize>,
    pub sink: K,
}

impl<T: Real, K: Sink<T>> VectorOp<T> for Apply<'_, T, K> {
    type Output = ();
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) {
        self.function.with(ApplyWith { tile: self, simd });
    }
}

struct ApplyWith<'a, T, K, S> {
    tile: Apply<'a, T, K>,
    simd: S,
}

impl<T: Real, K: Sink<T>, S: Lanes<T>> WithMap<T> for ApplyWith<'_, T, K, S> {
    #[inline(always)]
    fn call(self, function: impl Map<T>) {
        match S::COLUMNS {
            8 => self.blocks::<8>(function),
            _ => self.blocks::<4>(function),
        }
    }
}

impl<T: Real, K: Sink<T>, S: Lanes<T>> ApplyWith<'_, T, K, S> {
    #[inline(always)]
    fn blocks<const COLUMNS: usize>(self, function: impl Map<T>) {
        let Self { tile: Apply { half, rows, columns, mut sink, .. }, simd } = self;
        let (stride, height) = (rows.len(), 2 * S::LANES);
        assert!(half.len() >= stride * columns.len());
        let mut memory = [T::ZERO; MOST_ROWS * MOST_COLUMNS];
        for j in columns.clone().step_by(COLUMNS) {
            let wide = COLUMNS.min(columns.end - j);
            for i in rows.clone().step_by(height) {
                let high = height.min(rows.end - i);
                let block = &half[(j - columns.start) * stride + i - rows.start..];
                if (high, wide) == (height, COLUMNS) {
                    let mut values = [[simd.splat(T::ZERO); COLUMNS]; 2];
                    for j in 0..COLUMNS {
                        for part in 0..2 {
                            // SAFETY: the block is whole, so that its columns lie within the tile
                            values[part][j] =
                                unsafe { simd.load(block.as_ptr().add(j * stride + part * S::LANES)) };
                        }
                    }
                    sink.registers(simd, i, j, values, function);
                } else {
                    for (to, from) in memory.chunks_exact_mut(height).zip(block.chunks(stride)).take(wide) {
                        to[..high].copy_from_slice(&from[..high]);
                    }
                    map_memory(simd, function, &mut memory, wide * height);
                    sink.edge(i..i + high, j..j + wide, &memory, height);
                }
            }
        }
        sink.finish(simd);
    }
}
