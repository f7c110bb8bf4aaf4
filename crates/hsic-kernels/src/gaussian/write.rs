//! Kernel values, written to a matrix and to its mirror image.

use std::marker::PhantomData;
use std::ops::Range;

use faer::{MatMut, Par};

use crate::Real;
use crate::simd::{Lanes, SimdPath, VectorOp, transpose};
use crate::tiles::{
    Aligned, Exp2, Fill, LINE, Map, Points, Scratch, Sink, Visitor, WithMap as _, map_registers, walk_cross,
    walk_symmetric,
};

/// Matrices of at least this many bytes are written past the caches, which they would only sweep.
const LARGE: usize = 8 << 20;

/// Writes a function of all pairs of rows, and its mirror image.
pub(super) fn write_symmetric<T: Real>(
    dst: MatMut<'_, T>,
    points: &Points<'_, T>,
    function: Exp2<T>,
    par: Par,
) {
    let to = Destination::new(dst);
    walk_symmetric(points.n(), par, |_| Write::new(points, points, function, to));
}

/// Writes a function of the pairs of rows of `x` and of `y`.
pub(super) fn write_cross<T: Real>(
    dst: MatMut<'_, T>,
    x: &Points<'_, T>,
    y: &Points<'_, T>,
    function: Exp2<T>,
    par: Par,
) {
    let to = Destination::new(dst);
    walk_cross(x.n(), y.n(), usize::MAX, par, |_| Write::new(x, y, function, to));
}

/// A matrix that many threads write.
#[derive(Clone, Copy)]
struct Destination<'a, T> {
    start: *mut T,
    row_stride: isize,
    column_stride: isize,
    access: Access,
    matrix: PhantomData<&'a T>,
}

/// How registers are written.
#[derive(Clone, Copy, PartialEq)]
enum Access {
    /// Past the caches, whole lines.
    Stream,
    /// Through the caches.
    Store,
    /// Number by number: a register's are not adjacent.
    Scatter,
}

// SAFETY: the pointer is to a matrix that `write_symmetric` or `write_cross` holds for as long as threads use it, and two
// tiles of a walk never share an entry (nor does a tile's mirror image share one with another tile), so threads write
// disjoint entries.
unsafe impl<T: Send> Sync for Destination<'_, T> {}

impl<'a, T: Real> Destination<'a, T> {
    fn new(dst: MatMut<'a, T>) -> Self {
        let (row_stride, column_stride) = (dst.row_stride(), dst.col_stride());
        let bytes = dst.nrows() * dst.ncols() * size_of::<T>();
        let start = dst.as_ptr_mut();
        let aligned = start.align_offset(LINE) == 0
            && (column_stride.unsigned_abs() * size_of::<T>()).is_multiple_of(LINE);
        let access = match row_stride {
            1 if aligned && bytes >= LARGE => Access::Stream,
            1 => Access::Store,
            _ => Access::Scatter,
        };
        Self { start, row_stride, column_stride, access, matrix: PhantomData }
    }

    /// Where an entry is.
    #[inline(always)]
    fn at(&self, row: usize, column: usize) -> *mut T {
        self.start.wrapping_offset(row as isize * self.row_stride + column as isize * self.column_stride)
    }
}

/// The work of one group.
pub struct Write<'w, 'm, T: Real> {
    x: &'w Points<'w, T>,
    y: &'w Points<'w, T>,
    function: Exp2<T>,
    to: Destination<'m, T>,
    /// A tile, where registers are no squares of lines.
    tile: Option<Aligned<T>>,
}

impl<'w, 'm, T: Real> Write<'w, 'm, T> {
    fn new(x: &'w Points<'w, T>, y: &'w Points<'w, T>, function: Exp2<T>, to: Destination<'m, T>) -> Self {
        let squares = T::run(x.path(), HasSquares);
        let tile = (!squares).then(|| Aligned::zeros(Self::ROWS * Self::COLUMNS));
        Self { x, y, function, to, tile }
    }

    /// Writes a tile.
    pub(crate) fn write_tile(&mut self, rows: Range<usize>, columns: Range<usize>, mirrored: bool) {
        match self.to.access {
            Access::Stream => self.write::<STREAM>(rows, columns, mirrored),
            Access::Store => self.write::<STORE>(rows, columns, mirrored),
            Access::Scatter => self.write::<SCATTER>(rows, columns, mirrored),
        }
    }

    fn write<const ACCESS: u8>(&mut self, rows: Range<usize>, columns: Range<usize>, mirrored: bool) {
        let sink = Images::<_, ACCESS> { to: self.to, mirrored };
        let (x, y) = (self.x, self.y);
        let Some(tile) = &mut self.tile else {
            return Fill { x, rows, y, columns, sink }.call(self.function);
        };
        let values = &mut tile.as_mut_slice()[..rows.len() * columns.len()];
        let scratch = Scratch { values, rows: rows.clone(), columns: columns.clone() };
        let to_scratch = Fill { x, rows: rows.clone(), y, columns: columns.clone(), sink: scratch };
        T::fill_scratch(to_scratch, self.function.prepared());
        T::run(x.path(), WriteTile { images: sink, rows, columns, values });
    }
}

/// Whether the registers of a block are the squares whose mirror images are whole lines.
struct HasSquares;

impl<T: Real> VectorOp<T> for HasSquares {
    type Output = bool;
    #[inline(always)]
    fn call<S: Lanes<T>>(self, _: S) -> bool {
        S::LANES == S::COLUMNS && S::LANES * size_of::<T>() == LINE
    }
}

impl<T: Real> Visitor for Write<'_, '_, T> {
    type Output = ();
    const ROWS: usize = 128;
    /// A row of a tile is a line of the mirror image.
    const COLUMNS: usize = LINE / size_of::<T>();

    fn row_bytes(&self) -> usize {
        self.x.d() * size_of::<T>()
    }

    fn tile(&mut self, rows: Range<usize>, columns: Range<usize>, mirrored: bool) {
        T::write_tile(self, rows, columns, mirrored);
    }

    fn finish(self) {
        if self.to.access == Access::Stream {
            T::run(SimdPath::detect(), Fence);
        }
    }
}

/// Orders streamed lines before what this thread does next.
struct Fence;

impl<T: Real> VectorOp<T> for Fence {
    type Output = ();
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) {
        simd.fence();
    }
}

const STREAM: u8 = Access::Stream as u8;
const STORE: u8 = Access::Store as u8;
const SCATTER: u8 = Access::Scatter as u8;

/// Both images of a tile, or the only one, with one [`Access`].
struct Images<'m, T, const ACCESS: u8> {
    to: Destination<'m, T>,
    mirrored: bool,
}

impl<T: Real, const ACCESS: u8> Images<'_, T, ACCESS> {
    /// Writes registers to columns from (row, column) on.
    ///
    /// # Safety
    /// The entries are inside the matrix, and no other thread accesses them.
    #[inline(always)]
    unsafe fn put<S: Lanes<T>, const COUNT: usize>(
        &self,
        simd: S,
        row: usize,
        column: usize,
        values: [S::V; COUNT],
    ) {
        let mut at = self.to.at(row, column);
        for i in 0..COUNT {
            // SAFETY: of the caller; entries at multiples of a register's length are aligned to it in a streamed matrix
            unsafe {
                match ACCESS {
                    STREAM => simd.stream(at, values[i]),
                    STORE => simd.store(at, values[i]),
                    _ => {
                        let mut memory = [T::ZERO; 16];
                        simd.store(memory.as_mut_ptr(), values[i]);
                        for (lane, &value) in memory[..S::LANES].iter().enumerate() {
                            at.wrapping_offset(lane as isize * self.to.row_stride).write(value);
                        }
                    }
                }
            }
            at = at.wrapping_offset(self.to.column_stride);
        }
    }

    /// Writes the mirror image of a square of registers.
    ///
    /// # Safety
    /// As [`Images::put`].
    #[inline(always)]
    unsafe fn mirror<S: Lanes<T>, const LANES: usize>(&self, simd: S, i: usize, j: usize, values: &[S::V]) {
        let mut square = [simd.splat(T::ZERO); LANES];
        square.copy_from_slice(values);
        // SAFETY: of the caller
        unsafe { self.put(simd, j, i, transpose::<T, S, LANES>(simd, square)) };
    }
}

impl<T: Real, const ACCESS: u8> Sink<T> for Images<'_, T, ACCESS> {
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
        for (part, values) in values.into_iter().enumerate() {
            let i = i + part * S::LANES;
            // SAFETY: the walk's ranges are within the checked shape of the destination, and its tiles with their mirror
            // images are disjoint
            unsafe { self.put(simd, i, j, values) };
            if !self.mirrored {
                continue;
            }
            if (S::LANES, COLUMNS) == (8, 8) {
                // SAFETY: above
                unsafe { self.mirror::<S, 8>(simd, i, j, &values) };
                continue;
            }
            let mut memory = [T::ZERO; 16];
            for column in 0..COLUMNS {
                // SAFETY: no register has more than 16 lanes
                unsafe { simd.store(memory.as_mut_ptr(), values[column]) };
                for lane in 0..S::LANES {
                    // SAFETY: above
                    unsafe { self.to.at(j + column, i + lane).write(memory[lane]) };
                }
            }
        }
    }

    #[inline(always)]
    fn edge(&mut self, rows: Range<usize>, columns: Range<usize>, values: &[T], stride: usize) {
        for (j, column) in columns.zip(values.chunks_exact(stride)) {
            for (i, &value) in rows.clone().zip(column) {
                // SAFETY: as above
                unsafe { self.to.at(i, j).write(value) };
                if self.mirrored {
                    // SAFETY: as above
                    unsafe { self.to.at(j, i).write(value) };
                }
            }
        }
    }
}

/// Writes a tile that is in memory.
struct WriteTile<'m, 'v, T, const ACCESS: u8> {
    images: Images<'m, T, ACCESS>,
    rows: Range<usize>,
    columns: Range<usize>,
    values: &'v [T],
}

impl<T: Real, const ACCESS: u8> VectorOp<T> for WriteTile<'_, '_, T, ACCESS> {
    type Output = ();
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) {
        match S::LANES {
            16 => self.squares::<S, 16>(simd),
            8 => self.squares::<S, 8>(simd),
            _ => self.squares::<S, 4>(simd),
        }
    }
}

impl<T: Real, const ACCESS: u8> WriteTile<'_, '_, T, ACCESS> {
    #[inline(always)]
    fn squares<S: Lanes<T>, const LANES: usize>(self, simd: S) {
        let Self { mut images, rows, columns, values } = self;
        let height = rows.len();
        if height % LANES != 0 || columns.len() % LANES != 0 {
            images.edge(rows, columns, values, height);
            return;
        }
        for i in (0..height).step_by(LANES) {
            for j in (0..columns.len()).step_by(LANES) {
                let mut square = [simd.splat(T::ZERO); LANES];
                for column in 0..LANES {
                    // SAFETY: a register of a column of the tile
                    square[column] = unsafe { simd.load(values.as_ptr().add(i + (j + column) * height)) };
                }
                // SAFETY: as in `Images::registers`
                unsafe {
                    images.put(simd, rows.start + i, columns.start + j, square);
                    if images.mirrored {
                        let mirror = transpose::<T, S, LANES>(simd, square);
                        images.put(simd, columns.start + j, rows.start + i, mirror);
                    }
                }
            }
        }
    }
}
