//! Distances of a tile: the micro-kernel.
//!
//! A block of one panel of rows (two registers) by as many columns as fit into the registers is summed over the features in
//! registers, as products, ½‖x‖² + ½‖y‖² − ⟨x,y⟩, or as differences, ½Σ(x−y)²; the function of the distance is taken before
//! they leave them. The value of a pair depends on its two rows alone, not on the block, the tile or which of the two comes
//! first: Gram matrices are exactly symmetric.

use std::ops::Range;

use super::Points;
use super::function::Map;
use crate::Real;
use crate::simd::{Lanes, VectorOp};

/// Rows of a panel on any path, at most.
const MOST_ROWS: usize = 32;
/// Columns of a block on any path, at most.
const MOST_COLUMNS: usize = 8;

/// Where the blocks of a tile go.
pub(crate) trait Sink<T: Real> {
    /// Takes a register of each column of a whole block, from row `i` and column `j` on.
    fn registers<S: Lanes<T>, const COLUMNS: usize>(
        &mut self,
        simd: S,
        i: usize,
        j: usize,
        values: [S::V; COLUMNS],
    );
    /// Takes a block at the edge of the tile: column by column, `stride` apart.
    fn edge(&mut self, rows: Range<usize>, columns: Range<usize>, values: &[T], stride: usize);
}

/// A function of the distances between i in `rows` and j in `columns`, block by block.
///
/// A pair whose product form is below [`NEAR`](crate::real::Sealed::NEAR) of its norms is computed again from differences:
/// products cancel there. So equal rows are at exactly 0, and the relative error of a distance is at most a few times
/// d·eps/NEAR.
///
/// # Panics
/// If the ranges do not start at a whole panel and block.
pub(crate) fn fill<T: Real>(
    x: &Points<'_, T>,
    rows: Range<usize>,
    y: &Points<'_, T>,
    columns: Range<usize>,
    function: impl Map<T>,
    sink: impl Sink<T>,
) {
    T::run(x.path(), Fill { x, rows, y, columns, function, sink });
}

struct Fill<'a, 'x, 'y, T: Real, F, K> {
    x: &'a Points<'x, T>,
    rows: Range<usize>,
    y: &'a Points<'y, T>,
    columns: Range<usize>,
    function: F,
    sink: K,
}

impl<T: Real, F: Map<T>, K: Sink<T>> VectorOp<T> for Fill<'_, '_, '_, T, F, K> {
    type Output = ();
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) {
        match S::COLUMNS {
            8 => self.blocks::<S, 8>(simd),
            _ => self.blocks::<S, 4>(simd),
        }
    }
}

impl<T: Real, F: Map<T>, K: Sink<T>> Fill<'_, '_, '_, T, F, K> {
    #[inline(always)]
    fn blocks<S: Lanes<T>, const COLUMNS: usize>(self, simd: S) {
        let Self { x, rows, y, columns, function, mut sink } = self;
        let (d, height) = (x.d(), 2 * S::LANES);
        assert!(rows.start % height == 0 && columns.start % COLUMNS == 0 && y.d() == d);
        assert!(rows.end <= x.n() && columns.end <= y.n());
        let norms = x.norms().zip(y.norms());
        let mut memory = [T::ZERO; MOST_ROWS * MOST_COLUMNS];
        for j in columns.clone().step_by(COLUMNS) {
            let wide = COLUMNS.min(columns.end - j);
            // SAFETY: row i starts a panel of x and column j a block of a panel of y, packed to their ends, with norms
            let mut block = unsafe {
                Block::<T, S, COLUMNS> {
                    simd,
                    d,
                    x: x.panels().as_ptr().add(rows.start * d),
                    y: y.panels().as_ptr().add(j / height * height * d + j % height),
                    norms: norms.map(|(x, y)| BlockNorms {
                        x: x.half.as_ptr().add(rows.start),
                        x_top: x.top.as_ptr().add(rows.start / height),
                        y: y.half.as_ptr().add(j),
                        y_top: y.top[j / height],
                    }),
                }
            };
            let mut i = rows.start;
            while i < rows.end {
                // SAFETY: the block's panels and norms
                let (values, near) = unsafe { block.halves() };
                if wide == COLUMNS && i + height <= rows.end && !near {
                    for part in 0..2 {
                        let mut registers = [simd.splat(T::ZERO); COLUMNS];
                        for j in 0..COLUMNS {
                            registers[j] = function.map(simd, values[j][part]);
                        }
                        sink.registers(simd, i + part * S::LANES, j, registers);
                    }
                } else {
                    block.store(values, &mut memory);
                    if near {
                        // SAFETY: the block's panels and norms
                        unsafe { block.differences_where_near(&mut memory) };
                    }
                    for at in (0..height * COLUMNS).step_by(S::LANES) {
                        // SAFETY: a block is at most as large as the memory
                        unsafe {
                            let at = memory.as_mut_ptr().add(at);
                            simd.store(at, function.map(simd, simd.load(at)));
                        }
                    }
                    sink.edge(i..(i + height).min(rows.end), j..j + wide, &memory, height);
                }
                block.next_panel();
                i += height;
            }
        }
    }
}

/// Half squared norms of a panel of x and of `COLUMNS` rows of y, and the largest of both panels.
#[derive(Clone, Copy)]
struct BlockNorms<T> {
    x: *const T,
    x_top: *const T,
    y: *const T,
    y_top: T,
}

/// A panel of x and `COLUMNS` rows of a panel of y.
#[derive(Clone, Copy)]
struct Block<T, S, const COLUMNS: usize> {
    simd: S,
    d: usize,
    x: *const T,
    y: *const T,
    norms: Option<BlockNorms<T>>,
}

impl<T: Real, S: Lanes<T>, const COLUMNS: usize> Block<T, S, COLUMNS> {
    /// On to the next panel of x.
    #[inline(always)]
    fn next_panel(&mut self) {
        let height = 2 * S::LANES;
        self.x = self.x.wrapping_add(height * self.d);
        if let Some(norms) = &mut self.norms {
            norms.x = norms.x.wrapping_add(height);
            norms.x_top = norms.x_top.wrapping_add(1);
        }
    }

    #[inline(always)]
    fn store(self, values: [[S::V; 2]; COLUMNS], memory: &mut [T; MOST_ROWS * MOST_COLUMNS]) {
        for j in 0..COLUMNS {
            for part in 0..2 {
                // SAFETY: a block is at most as large as the memory
                unsafe {
                    self.simd.store(memory.as_mut_ptr().add((2 * j + part) * S::LANES), values[j][part])
                };
            }
        }
    }

    /// Half squared distances, and whether some of them come from products that are too near.
    ///
    /// # Safety
    /// As [`Block::sums`], and the norms are those of its rows.
    #[inline(always)]
    unsafe fn halves(self) -> ([[S::V; 2]; COLUMNS], bool) {
        // SAFETY: of the caller
        unsafe {
            match self.norms {
                Some(norms) => {
                    let (halves, lowest) = self.products(norms);
                    (halves, lowest <= T::NEAR * (*norms.x_top + norms.y_top))
                }
                None => (self.differences::<COLUMNS>(0), false),
            }
        }
    }

    /// Sums `term(sum, x, y)` over the features.
    ///
    /// # Safety
    /// `x` and `y` point into panels of `d` features.
    #[inline(always)]
    unsafe fn sums<const WIDTH: usize>(
        self,
        first: usize,
        term: impl Fn(S::V, S::V, S::V) -> S::V,
    ) -> [[S::V; 2]; WIDTH] {
        let simd = self.simd;
        let mut sums = [[simd.splat(T::ZERO); 2]; WIDTH];
        let (mut x, mut y) = (self.x, self.y.wrapping_add(first));
        for _ in 0..self.d {
            // SAFETY: the caller's panels
            let values = unsafe { [simd.load(x), simd.load(x.add(S::LANES))] };
            for j in 0..WIDTH {
                // SAFETY: as above
                let other = simd.splat(unsafe { *y.add(j) });
                sums[j] = [term(sums[j][0], values[0], other), term(sums[j][1], values[1], other)];
            }
            (x, y) = (x.wrapping_add(2 * S::LANES), y.wrapping_add(2 * S::LANES));
        }
        sums
    }

    /// ½‖x‖² + ½‖y‖² − ⟨x,y⟩, and the lowest of all.
    ///
    /// # Safety
    /// As [`Block::halves`].
    #[inline(always)]
    unsafe fn products(self, norms: BlockNorms<T>) -> ([[S::V; 2]; COLUMNS], T) {
        let simd = self.simd;
        // SAFETY: the caller's panels and norms
        unsafe {
            let mut halves = self.sums::<COLUMNS>(
                0,
                #[inline(always)]
                |sum, x, y| simd.mul_add(x, y, sum),
            );
            let x_half = [simd.load(norms.x), simd.load(norms.x.add(S::LANES))];
            let mut lowest = simd.splat(T::MAX);
            for j in 0..COLUMNS {
                let y_half = simd.splat(*norms.y.add(j));
                for part in 0..2 {
                    halves[j][part] = simd.sub(simd.add(x_half[part], y_half), halves[j][part]);
                    lowest = simd.min(lowest, halves[j][part]);
                }
            }
            (halves, simd.lowest(lowest))
        }
    }

    /// ½Σ(x−y)², at most the largest finite number.
    ///
    /// # Safety
    /// As [`Block::sums`].
    #[inline(always)]
    unsafe fn differences<const WIDTH: usize>(self, first: usize) -> [[S::V; 2]; WIDTH] {
        let simd = self.simd;
        // SAFETY: the caller's panels
        let sums = unsafe {
            self.sums::<WIDTH>(
                first,
                #[inline(always)]
                |sum, x, y| {
                    let difference = simd.sub(x, y);
                    simd.mul_add(difference, difference, sum)
                },
            )
        };
        let (half, most) = (simd.splat(T::of(0.5)), simd.splat(T::MAX));
        let mut halves = sums;
        for j in 0..WIDTH {
            for part in 0..2 {
                halves[j][part] = simd.min(simd.mul(sums[j][part], half), most);
            }
        }
        halves
    }

    /// Replaces the near pairs of a block of products, column by column in `memory`.
    ///
    /// # Safety
    /// As [`Block::halves`].
    #[inline(always)]
    unsafe fn differences_where_near(self, memory: &mut [T; MOST_ROWS * MOST_COLUMNS]) {
        let Some(norms) = self.norms else { return };
        let height = 2 * S::LANES;
        // SAFETY: of the caller
        let x_half = unsafe { std::slice::from_raw_parts(norms.x, height) };
        let mut exact = [T::ZERO; MOST_ROWS];
        for (j, column) in memory.chunks_exact_mut(height).take(COLUMNS).enumerate() {
            // SAFETY: of the caller
            let y_half = unsafe { *norms.y.add(j) };
            let is_near = |half: T, x_half: T| half <= T::NEAR * (x_half + y_half);
            if !column.iter().zip(x_half).any(|(&half, &x_half)| is_near(half, x_half)) {
                continue;
            }
            // SAFETY: the caller's panels; a column is two registers
            unsafe {
                let [[low, high]] = self.differences::<1>(j);
                self.simd.store(exact.as_mut_ptr(), low);
                self.simd.store(exact.as_mut_ptr().add(S::LANES), high);
            }
            for ((half, &x_half), &exact) in column.iter_mut().zip(x_half).zip(&exact) {
                if is_near(*half, x_half) {
                    *half = exact;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;
    use crate::simd::SimdPath;
    use crate::tiles::function::Half;
    use crate::tiles::tile::Scratch;

    /// Rows in two tight groups far apart, one pair of them equal.
    fn rows(n: usize, d: usize) -> Mat<f64> {
        let row = |i: usize| if i == 7 { 5 } else { i };
        Mat::from_fn(n, d, |i, k| {
            let (i, k) = (row(i) as f64, k as f64);
            (if i < 20.0 { 100.0 } else { -50.0 }) + (i * 1.7 + k * 0.3).sin()
        })
    }

    #[test]
    fn every_path_and_both_forms_agree_with_the_definition() {
        for d in [1, 3, 4, 11, 12, 13, 50] {
            let x = rows(37, d);
            for path in SimdPath::available() {
                let points = Points::on_path(x.as_ref(), path);
                let (rows, columns) = (0..30, 8..37);
                let mut half = vec![0.0; rows.len() * columns.len()];
                let to = Scratch { values: &mut half, rows: rows.clone(), columns: columns.clone() };
                fill(&points, rows.clone(), &points, columns.clone(), Half, to);
                for (j, column) in columns.clone().zip(half.chunks_exact(rows.len())) {
                    for (i, &got) in rows.clone().zip(column) {
                        let exact = (0..d).map(|k| (x[(i, k)] - x[(j, k)]).powi(2)).sum::<f64>() / 2.0;
                        assert!((got - exact).abs() <= 1e-10 * exact, "{path:?}, d {d}: {got} for {exact}");
                    }
                }
            }
        }
    }
}
