//! The kernels that take a compiler most of its time, one instance for each element type. They are compiled here: of what is generic,
//! every crate that calls it compiles its own.

use std::ops::Range;

use faer::{Accum, Mat, MatMut, MatRef};

use crate::class_sums::ClassSink;
use crate::features::SinesCosines;
use crate::gaussian::{Weigh, Write};
use crate::hsic::PairColumn;
use crate::laplacian;
use crate::linalg::{ThinSvd, routines};
use crate::real::sealed::Sealed as _;
use crate::simd::SimdPath;
use crate::tiles::{Apply, Fill, Half, Prepared, Scratch, WithMap as _};
use crate::{Real, Result};

macro_rules! compiled {
    ($($(#[$what:meta])* fn $name:ident($($argument:ident: $type:ty),*) $(-> $output:ty)? = $body:expr;)*) => {
        /// One instance of each kernel.
        pub trait Compiled: Sized {
            $($(#[$what])* fn $name($($argument: $type),*) $(-> $output)? where Self: Real;)*
        }
        compiled!(@of f64 $(fn $name($($argument: $type),*) $(-> $output)? = $body;)*);
        compiled!(@of f32 $(fn $name($($argument: $type),*) $(-> $output)? = $body;)*);
    };
    (@of $t:ident $(fn $name:ident($($argument:ident: $type:ty),*) $(-> $output:ty)? = $body:expr;)*) => {
        impl Compiled for $t {
            $(
                #[inline(never)]
                fn $name($($argument: $type),*) $(-> $output)? {
                    $body
                }
            )*
        }
    };
}

compiled! {
    /// Half squared distances of a tile.
    fn half_distances(tile: Fill<'_, '_, '_, Self, Scratch<'_, Self>>) = tile.call(Half);
    /// A function of the distances of a tile, to memory.
    fn fill_scratch(tile: Fill<'_, '_, '_, Self, Scratch<'_, Self>>, function: Prepared<Self>) = function.with(tile);
    /// The same, to sums over classes.
    fn fill_classes(tile: Fill<'_, '_, '_, Self, ClassSink<'_, Self>>, function: Prepared<Self>) = function.with(tile);
    /// A function of distances in memory, to memory.
    fn apply_scratch(path: SimdPath, tile: Apply<'_, Self, Scratch<'_, Self>>) = Self::run(path, tile);
    /// The same, to sums over classes.
    fn apply_classes(path: SimdPath, tile: Apply<'_, Self, ClassSink<'_, Self>>) = Self::run(path, tile);
    /// The Gaussian kernel of a tile, to a matrix and its mirror image.
    fn write_tile(group: &mut Write<'_, '_, Self>, rows: Range<usize>, columns: Range<usize>, mirrored: bool) =
        group.write_tile(rows, columns, mirrored);
    /// The Laplacian kernel of some columns.
    fn fill_laplacian(path: SimdPath, columns: laplacian::Fill<'_, '_, '_, Self>) = Self::run(path, columns);
    /// The sums of a column of two kernels.
    fn pair_column(path: SimdPath, pair: PairColumn<'_, Self>) -> ((Self, Self), [Self; 3]) = Self::run(path, pair);
    /// A stretch of a column of a kernel, weighted.
    fn weigh(path: SimdPath, stretch: Weigh<'_, Self>) -> Self = Self::run(path, stretch);
    /// Sines and cosines.
    fn sines_cosines(path: SimdPath, angles: SinesCosines<'_, Self>) = Self::run(path, angles);
    /// A matrix product.
    fn matmul(dst: MatMut<'_, Self>, accumulate: Accum, a: MatRef<'_, Self>, b: MatRef<'_, Self>, alpha: Self) =
        routines::matmul(dst, accumulate, a, b, alpha);
    /// The lower triangle of one.
    fn add_lower_product(dst: MatMut<'_, Self>, a: MatRef<'_, Self>, b: MatRef<'_, Self>) =
        routines::add_lower_product(dst, a, b);
    /// Eigenvalues and eigenvectors.
    fn symmetric_eigen(a: MatRef<'_, Self>) -> Result<(Vec<Self>, Mat<Self>)> = routines::symmetric_eigen(a);
    /// Singular values and vectors.
    fn thin_svd(a: MatRef<'_, Self>) -> Result<ThinSvd<Self>> = routines::thin_svd(a);
    /// A Cholesky factor.
    fn cholesky(a: &mut Mat<Self>) -> Result<()> = routines::cholesky(a);
    /// The solution of a lower triangular system.
    fn solve_lower(l: MatRef<'_, Self>, x: MatMut<'_, Self>) = routines::solve_lower(l, x);
    /// The solution of an upper triangular system.
    fn solve_upper(u: MatRef<'_, Self>, x: MatMut<'_, Self>) = routines::solve_upper(u, x);
}
