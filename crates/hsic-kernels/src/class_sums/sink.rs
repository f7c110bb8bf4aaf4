//! Sums over classes, made of the values of a tile while they are in registers.

use std::ops::Range;

use faer::Mat;

use crate::simd::{Lanes, SimdPath};
use crate::spread::Spread;
use crate::tiles::{
    Apply, Fill, MOST_COLUMNS, MOST_ROWS, Map, Prepared, Sink, Sinks, TileSink, map_registers, store_block,
};
use crate::{Labels, Real};

/// Columns of the tiles: those of a block, so that the sums of columns are few.
const STRIP: usize = 8;

/// Numbers in a register on any path, at most.
const MOST_LANES: usize = MOST_ROWS / 2;

/// Sums of one function over the tiles of a group.
pub(super) struct FunctionSums {
    /// The first row that has sums.
    pub(super) start: usize,
    pub(super) sums: Mat<f64>,
    pub(super) spread: Spread,
}

impl FunctionSums {
    /// Adds to the sums of one class, from a row on.
    #[inline(always)]
    fn add<T: Real>(&mut self, row: usize, class: usize, more: &[T]) {
        let column = self.sums.col_mut(class).try_as_col_major_mut();
        let column = column.expect("a matrix of its own has contiguous columns").as_slice_mut();
        for (sum, &more) in column[row - self.start..][..more.len()].iter_mut().zip(more) {
            *sum += more.as_f64();
        }
    }
}

/// The sums of several functions.
pub(super) struct ClassSinks<'a, T> {
    labels: &'a Labels,
    /// Whether rows of a class are next to each other.
    sorted: bool,
    functions: Vec<FunctionSums>,
    registers: Registers<T>,
}

impl<'a, T: Real> ClassSinks<'a, T> {
    pub(super) fn new(labels: &'a Labels, sorted: bool, functions: Vec<FunctionSums>) -> Self {
        Self { labels, sorted, functions, registers: Registers::zeros() }
    }
}

impl<T: Real> Sinks<T> for ClassSinks<'_, T> {
    type Output = Vec<FunctionSums>;
    const ROWS: usize = crate::tiles::TILE;
    const COLUMNS: usize = STRIP;
    type Sink<'s>
        = ClassSink<'s, T>
    where
        Self: 's;

    fn sink(&mut self, source: usize, _: Range<usize>, _: Range<usize>, mirrored: bool) -> ClassSink<'_, T> {
        ClassSink {
            codes: self.labels.codes(),
            sorted: self.sorted,
            mirrored,
            open: None,
            count: 0,
            registers: &mut self.registers,
            into: &mut self.functions[source],
        }
    }

    fn done(&mut self, _: usize, _: Range<usize>, _: Range<usize>, _: bool) {}

    fn finish(self) -> Vec<FunctionSums> {
        self.functions
    }
}

/// Takes one tile of a function.
pub struct ClassSink<'s, T> {
    codes: &'s [usize],
    sorted: bool,
    mirrored: bool,
    /// The blocks whose sums of columns are being made.
    open: Option<Open>,
    /// Values of whole blocks.
    count: usize,
    registers: &'s mut Registers<T>,
    into: &'s mut FunctionSums,
}

impl<T: Real> TileSink<T> for ClassSink<'_, T> {
    fn fill(tile: Fill<'_, '_, '_, T, Self>, function: Prepared<T>) {
        T::fill_classes(tile, function);
    }
    fn apply(path: SimdPath, tile: Apply<'_, T, Self>) {
        T::apply_classes(path, tile);
    }
}

/// Sums of whole blocks, 0 between tiles.
#[repr(align(64))]
struct Registers<T> {
    /// Of the columns of open blocks, a register each.
    columns: [T; MOST_COLUMNS * MOST_LANES],
    /// Σ (value − shift)² of a tile, one register.
    squares: [T; MOST_LANES],
}

impl<T: Real> Registers<T> {
    fn zeros() -> Self {
        Self { columns: [T::ZERO; MOST_COLUMNS * MOST_LANES], squares: [T::ZERO; MOST_LANES] }
    }
}

/// Blocks of the same columns whose rows are of one class.
#[derive(Clone, Copy, PartialEq)]
struct Open {
    columns: usize,
    class: usize,
}

impl<T: Real> ClassSink<'_, T> {
    /// Ends the sums of columns.
    #[inline(always)]
    fn close<S: Lanes<T>>(&mut self, simd: S) {
        let Some(Open { columns, class }) = self.open.take() else { return };
        let mut sums = [T::ZERO; MOST_COLUMNS];
        for (sum, column) in
            sums.iter_mut().zip(self.registers.columns.chunks_exact_mut(S::LANES)).take(S::COLUMNS)
        {
            // SAFETY: a chunk is a register
            *sum = simd.sum(unsafe { simd.load(column.as_ptr()) });
            column.fill(T::ZERO);
        }
        let sums = &sums[..S::COLUMNS];
        self.into.spread.sum_of(sums, self.mirrored);
        if self.mirrored {
            self.into.add(columns, class, sums);
        }
    }
}

impl<T: Real> Sink<T> for ClassSink<'_, T> {
    #[inline(always)]
    fn registers<S: Lanes<T>, const COLUMNS: usize>(
        &mut self,
        simd: S,
        i: usize,
        j: usize,
        halves: [[S::V; COLUMNS]; 2],
        function: impl Map<T>,
    ) {
        let height = 2 * S::LANES;
        let (row_class, column_class) = (self.codes[i], self.codes[j]);
        let one_class =
            self.codes[i + height - 1] == row_class && self.codes[j + COLUMNS - 1] == column_class;
        if !(self.sorted && one_class) {
            let memory = store_block(simd, map_registers(simd, function, halves));
            return self.edge(i..i + height, j..j + COLUMNS, &memory, height);
        }
        let open = Some(Open { columns: j, class: row_class });
        if self.open != open {
            self.close(simd);
            self.open = open;
        }
        self.count += height * COLUMNS;
        let zero = simd.splat(T::ZERO);
        let shift = simd.splat(self.into.spread.shift());
        let (mut rows, mut squares) = ([zero; 2], [zero; 2]);
        for column in 0..COLUMNS {
            let low = function.map(simd, halves[0][column]);
            let high = function.map(simd, halves[1][column]);
            rows = [simd.add(rows[0], low), simd.add(rows[1], high)];
            // SAFETY: a register a column, as many as the memory has
            unsafe {
                let sum = self.registers.columns.as_mut_ptr().add(column * S::LANES);
                simd.store(sum, simd.add(simd.load(sum), simd.add(low, high)));
            }
            let off = [simd.sub(low, shift), simd.sub(high, shift)];
            squares = [simd.mul_add(off[0], off[0], squares[0]), simd.mul_add(off[1], off[1], squares[1])];
        }
        let mut sums = [T::ZERO; MOST_ROWS];
        // SAFETY: two registers are no more than the most rows, one no more than the most lanes
        unsafe {
            simd.store(sums.as_mut_ptr(), rows[0]);
            simd.store(sums.as_mut_ptr().add(S::LANES), rows[1]);
            let total = simd.load(self.registers.squares.as_ptr());
            simd.store(
                self.registers.squares.as_mut_ptr(),
                simd.add(total, simd.add(squares[0], squares[1])),
            );
        }
        self.into.add(i, column_class, &sums[..height]);
    }

    // scalar code in the way of the registers' otherwise
    #[cold]
    #[inline(never)]
    fn edge(&mut self, rows: Range<usize>, columns: Range<usize>, values: &[T], stride: usize) {
        let shift = self.into.spread.shift::<T>();
        let count = rows.len() * columns.len();
        // by rows, so that no addition waits for the one before it
        let mut squares = [T::ZERO; MOST_ROWS];
        for (j, column) in columns.zip(values.chunks_exact(stride)) {
            let column = &column[..rows.len()];
            self.into.add(rows.start, self.codes[j], column);
            for (squares, &value) in squares.iter_mut().zip(column) {
                *squares += (value - shift) * (value - shift);
            }
            let mut rest = column;
            for run in self.codes[rows.clone()].chunk_by(|a, b| a == b) {
                let (of_class, others) = rest.split_at(run.len());
                let sum = of_class.iter().fold(T::ZERO, |sum, &value| sum + value);
                self.into.spread.sum_of(&[sum], self.mirrored);
                if self.mirrored {
                    self.into.add(j, run[0], &[sum]);
                }
                rest = others;
            }
        }
        let squares = squares.iter().fold(T::ZERO, |sum, &square| sum + square);
        self.into.spread.squares_of(squares, count, self.mirrored);
    }

    #[inline(always)]
    fn finish<S: Lanes<T>>(&mut self, simd: S) {
        self.close(simd);
        // SAFETY: a register is no longer than the memory
        let squares = simd.sum(unsafe { simd.load(self.registers.squares.as_ptr()) });
        self.registers.squares.fill(T::ZERO);
        self.into.spread.squares_of(squares, self.count, self.mirrored);
    }
}
