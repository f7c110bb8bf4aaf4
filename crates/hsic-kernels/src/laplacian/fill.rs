//! Values of the Laplacian kernel, columns at a time.

use faer::MatMut;

use crate::Real;
use crate::simd::{Lanes, VectorOp};
use crate::tiles::{Exp2, MOST_ROWS, Map, Points};

/// Columns of a block: with two registers each they and their terms fit into the registers of every path.
const COLUMNS: usize = 4;

/// The kernel between all rows of x and some of y from `first` on.
pub struct Fill<'a, 'x, 'y, T: Real> {
    pub x: &'a Points<'x, T>,
    pub y: &'a Points<'y, T>,
    pub first: usize,
    pub to: MatMut<'a, T>,
    pub function: Exp2<T>,
}

impl<T: Real> VectorOp<T> for Fill<'_, '_, '_, T> {
    type Output = ();
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) {
        let Self { x, y, first, mut to, function } = self;
        let (d, height) = (x.d(), 2 * S::LANES);
        let (zero, most) = (simd.splat(T::ZERO), simd.splat(T::MAX));
        let mut values = [T::ZERO; MOST_ROWS];
        for start in (0..to.ncols()).step_by(COLUMNS) {
            let wide = COLUMNS.min(to.ncols() - start);
            // beyond the last column it is computed again
            let columns: [usize; COLUMNS] = std::array::from_fn(|j| y.place(first + start + j.min(wide - 1)));
            for (index, panel) in x.panels().chunks_exact((height * d).max(1)).enumerate() {
                let mut sums = [[zero; COLUMNS]; 2];
                for (k, x) in panel.chunks_exact(height).enumerate() {
                    // SAFETY: the panel holds two registers of every feature
                    let x = unsafe { [simd.load(x.as_ptr()), simd.load(x.as_ptr().add(S::LANES))] };
                    for (j, column) in columns.iter().enumerate() {
                        let other = simd.splat(y.panels()[column + k * height]);
                        for part in 0..2 {
                            // s − min(x − y, y − x) = s + |x − y|
                            let least = simd.min(simd.sub(x[part], other), simd.sub(other, x[part]));
                            sums[part][j] = simd.sub(sums[part][j], least);
                        }
                    }
                }
                let rows = index * height..((index + 1) * height).min(x.n());
                for j in 0..wide {
                    for part in 0..2 {
                        let value = function.map(simd, simd.min(sums[part][j], most));
                        // SAFETY: no path has larger panels than the memory
                        unsafe { simd.store(values.as_mut_ptr().add(part * S::LANES), value) };
                    }
                    for (i, &value) in rows.clone().zip(&values) {
                        to[(i, start + j)] = value;
                    }
                }
            }
        }
    }
}
