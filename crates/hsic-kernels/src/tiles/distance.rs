//! Distances of a tile: the micro-kernel.
//!
//! A block of one panel of rows (two registers) by as many columns as fit into the registers is summed over the features in
//! registers, as products, ½‖x‖² + ½‖y‖² − ⟨x,y⟩, or as differences, ½Σ(x−y)²; the function of the distance is taken before
//! they leave them. The value of a pair depends on its two rows alone, not on the block, the tile or which of the two comes
//! first: Gram matrices are exactly symmetric.

use std::ops::Range;

use super::Points;
use super::function::{Map, WithMap};
use super::sink::{BlockMemory, MOST_ROWS, Sink, map_memory, store_block};
use crate::Real;
use crate::simd::{Lanes, VectorOp};

/// A tile to be filled, block by block: a function of the distances between i in `rows` and j in `columns`.
///
/// A pair whose product form is below [`NEAR`](crate::real::Sealed::NEAR) of its norms is computed again from differences:
/// products cancel there. So equal rows are at exactly 0, and the relative error of a distance is at most a few times
/// d·eps/NEAR.
///
/// # Panics
/// If the ranges do not start at a whole panel and block.
pub struct Fill<'a, 'x, 'y, T: Real, K> {
    pub x: &'a Points<'x, T>,
    pub rows: Range<usize>,
    pub y: &'a Points<'y, T>,
    pub columns: Range<usize>,
    pub sink: K,
}

impl<T: Real, K: Sink<T>> WithMap<T> for Fill<'_, '_, '_, T, K> {
    fn call(self, function: impl Map<T>) {
        T::run(self.x.path(), FillWith { tile: self, function });
    }
}

/// A tile and its function.
struct FillWith<'a, 'x, 'y, T: Real, F, K> {
    tile: Fill<'a, 'x, 'y, T, K>,
    function: F,
}

impl<T: Real, F: Map<T>, K: Sink<T>> VectorOp<T> for FillWith<'_, '_, '_, T, F, K> {
    type Output = ();
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) {
        match (S::COLUMNS, self.tile.x.norms().is_some() && self.tile.y.norms().is_some()) {
            (8, true) => self.blocks::<S, 8, true>(simd),
            (8, false) => self.blocks::<S, 8, false>(simd),
            (_, true) => self.blocks::<S, 4, true>(simd),
            (_, false) => self.blocks::<S, 4, false>(simd),
        }
    }
}

impl<T: Real, F: Map<T>, K: Sink<T>> FillWith<'_, '_, '_, T, F, K> {
    #[inline(always)]
    fn blocks<S: Lanes<T>, const COLUMNS: usize, const PRODUCTS: bool>(self, simd: S) {
        let Self { tile: Fill { x, rows, y, columns, mut sink }, function } = self;
        let (d, height) = (x.d(), 2 * S::LANES);
        assert!(rows.start % height == 0 && columns.start % COLUMNS == 0 && y.d() == d);
        assert!(rows.end <= x.n() && columns.end <= y.n() && (!PRODUCTS || d > 0));
        let norms = if PRODUCTS { x.norms().zip(y.norms()) } else { None };
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
            let whole = if wide == COLUMNS { rows.len() / height * height } else { 0 };
            for i in (rows.start..rows.start + whole).step_by(height) {
                // SAFETY: the block's panels and norms
                let halves = unsafe { block.halves() };
                sink.registers(simd, i, j, halves, function);
                block.next_panel();
            }
            for i in (rows.start + whole..rows.end).step_by(height) {
                // SAFETY: the block's panels and norms
                let mut memory = store_block(simd, unsafe { block.halves() });
                map_memory(simd, function, &mut memory, height * COLUMNS);
                sink.edge(i..(i + height).min(rows.end), j..j + wide, &memory, height);
                block.next_panel();
            }
        }
        sink.finish(simd);
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

    /// Half squared distances.
    ///
    /// # Safety
    /// As [`Block::over_features`], and the norms are those of its rows.
    #[inline(always)]
    unsafe fn halves(self) -> [[S::V; COLUMNS]; 2] {
        // SAFETY: of the caller
        unsafe {
            let Some(norms) = self.norms else { return self.differences::<COLUMNS>(0) };
            let (mut halves, near) = self.products(norms);
            if near {
                let mut memory = store_block(self.simd, halves);
                self.differences_where_near(norms, &mut memory);
                for j in 0..COLUMNS {
                    for part in 0..2 {
                        halves[part][j] = self.simd.load(memory.as_ptr().add((2 * j + part) * S::LANES));
                    }
                }
            }
            halves
        }
    }

    /// Goes from `sums` to `term(sum, x, y)`, feature by feature.
    ///
    /// # Safety
    /// `x` and `y` point into panels of `d` features.
    #[inline(always)]
    unsafe fn over_features<const WIDTH: usize>(
        self,
        first: usize,
        mut sums: [[S::V; WIDTH]; 2],
        term: impl Fn(S::V, S::V, S::V) -> S::V,
    ) -> [[S::V; WIDTH]; 2] {
        let simd = self.simd;
        let (mut x, mut y) = (self.x, self.y.wrapping_add(first));
        for _ in 0..self.d {
            // SAFETY: the caller's panels
            let values = unsafe { [simd.load(x), simd.load(x.add(S::LANES))] };
            for j in 0..WIDTH {
                // SAFETY: as above
                let other = simd.splat(unsafe { *y.add(j) });
                sums[0][j] = term(sums[0][j], values[0], other);
                sums[1][j] = term(sums[1][j], values[1], other);
            }
            (x, y) = (x.wrapping_add(2 * S::LANES), y.wrapping_add(2 * S::LANES));
        }
        sums
    }

    /// ½‖x‖² + ½‖y‖² − ⟨x,y⟩, and whether one of them is near.
    ///
    /// # Safety
    /// As [`Block::halves`].
    #[inline(always)]
    unsafe fn products(self, norms: BlockNorms<T>) -> ([[S::V; COLUMNS]; 2], bool) {
        let simd = self.simd;
        // SAFETY: the caller's panels and norms
        unsafe {
            let x_half = [simd.load(norms.x), simd.load(norms.x.add(S::LANES))];
            let mut halves = x_half.map(
                #[inline(always)]
                |half| [half; COLUMNS],
            );
            for j in 0..COLUMNS {
                let y_half = simd.splat(*norms.y.add(j));
                for part in 0..2 {
                    halves[part][j] = simd.add(halves[part][j], y_half);
                }
            }
            let halves = self.over_features::<COLUMNS>(
                0,
                halves,
                #[inline(always)]
                |rest, x, y| simd.neg_mul_add(x, y, rest),
            );
            let mut lowest = [halves[0][0], halves[1][0]];
            for j in 1..COLUMNS {
                lowest = [simd.min(lowest[0], halves[0][j]), simd.min(lowest[1], halves[1][j])];
            }
            let near = T::NEAR * (*norms.x_top + norms.y_top);
            (halves, simd.any_at_most(simd.min(lowest[0], lowest[1]), near))
        }
    }

    /// ½Σ(x−y)², at most the largest finite number.
    ///
    /// # Safety
    /// As [`Block::over_features`].
    #[inline(always)]
    unsafe fn differences<const WIDTH: usize>(self, first: usize) -> [[S::V; WIDTH]; 2] {
        let simd = self.simd;
        // SAFETY: the caller's panels
        let sums = unsafe {
            self.over_features::<WIDTH>(
                first,
                [[simd.splat(T::ZERO); WIDTH]; 2],
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
                halves[part][j] = simd.min(simd.mul(sums[part][j], half), most);
            }
        }
        halves
    }

    /// Replaces the near pairs of a block of products, column by column in `memory`.
    ///
    /// # Safety
    /// As [`Block::halves`].
    #[inline(always)]
    unsafe fn differences_where_near(self, norms: BlockNorms<T>, memory: &mut BlockMemory<T>) {
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
                let [[low], [high]] = self.differences::<1>(j);
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
    use crate::tiles::sink::Scratch;

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
                let sink = Scratch { values: &mut half, rows: rows.clone(), columns: columns.clone() };
                Fill { x: &points, rows: rows.clone(), y: &points, columns: columns.clone(), sink }
                    .call(Half);
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
