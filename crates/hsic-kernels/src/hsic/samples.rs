//! HSIC between two samples, each with a Gaussian kernel.

use std::ops::Range;

use faer::{MatRef, Par};

use super::HsicStatistics;
use super::independence::CentredDiagonal;
use crate::bandwidth::in_range;
use crate::simd::{Lanes, SimdPath, VectorOp};
use crate::spread::PairSpread;
use crate::tiles::{PairFunction, PairSource, Points, Reducer, TILE, Tile, reduce_symmetric};
use crate::{Bandwidth, Error, Real, Result};

/// HSIC between the rows of `x` (n×d₁) and of `y` (n×d₂), paired by row, with bandwidths of their own.
///
/// # Errors
/// [`Error::Shape`] where the numbers of rows differ, [`Error::NonFinite`].
///
/// # Cost
/// n²/2 kernel values for each sample, memory O(n).
///
/// ```
/// use faer::{Mat, Par};
/// use hsic_kernels::{Bandwidth, hsic::between_samples};
/// let x = Mat::from_fn(50, 1, |i, _| i as f64 / 50.0);
/// let y = Mat::from_fn(50, 1, |i, _| x[(i, 0)].powi(3));
/// let sigma = Bandwidth::new(0.3)?;
/// let hsic = between_samples(x.as_ref(), sigma, y.as_ref(), sigma, Par::Seq)?;
/// assert!(hsic.normalized() > 0.5);
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
pub fn between_samples<T: Real>(
    x: MatRef<'_, T>,
    sigma_x: Bandwidth,
    y: MatRef<'_, T>,
    sigma_y: Bandwidth,
    par: Par,
) -> Result<HsicStatistics> {
    if x.nrows() != y.nrows() {
        return Err(Error::Shape {
            operation: "HSIC between samples",
            left_name: "x",
            left: x.shape(),
            right_name: "y",
            right: y.shape(),
        });
    }
    if let Some(([x], sigma_x)) = in_range([x], sigma_x) {
        return between_samples(x.as_ref(), sigma_x, y, sigma_y, par);
    }
    if let Some(([y], sigma_y)) = in_range([y], sigma_y) {
        return between_samples(x, sigma_x, y.as_ref(), sigma_y, par);
    }
    let (x, y) = (Points::named(x, "x")?, Points::named(y, "y")?);
    let sources = [
        PairSource { points: &x, function: PairFunction::KernelMinusOne(sigma_x) },
        PairSource { points: &y, function: PairFunction::KernelMinusOne(sigma_y) },
    ];
    let partials = reduce_symmetric(&sources, &PairReducer { path: SimdPath::detect() }, par);
    let mut spread = PairSpread::default();
    let [mut rows_x, mut rows_y] = [vec![0.0; x.n()], vec![0.0; x.n()]];
    for partial in partials {
        spread = spread.merge(partial.spread);
        for (into, from) in [&mut rows_x, &mut rows_y].into_iter().zip(partial.row_sums) {
            for (into, from) in into[partial.start..].iter_mut().zip(from) {
                *into += from;
            }
        }
    }
    let n = x.n() as f64;
    let (first, second) = (spread.first.moments(), spread.second.moments());
    let codeviation = spread.codeviation();
    let cross = |a: &[f64], a_mean: f64, b: &[f64], b_mean: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - n * a_mean) * (b - n * b_mean)).sum()
    };
    Ok(HsicStatistics {
        n,
        trace: codeviation - 2.0 / n * cross(&rows_x, first.mean, &rows_y, second.mean),
        first_norm: first.deviation - 2.0 / n * cross(&rows_x, first.mean, &rows_x, first.mean),
        second_norm: second.deviation - 2.0 / n * cross(&rows_y, second.mean, &rows_y, second.mean),
        // the diagonals of J and M are 0, so sums over all pairs are sums over i ≠ j
        product: codeviation + first.count * first.mean * second.mean,
        sums: (rows_x.iter().sum(), rows_y.iter().sum()),
        row_product: rows_x.iter().zip(&rows_y).map(|(a, b)| a * b).sum(),
        diagonals: [rows_x, rows_y].map(|sums| CentredDiagonal::of_row_sums(sums.iter().copied(), n)),
    })
}

/// Columns of the tiles.
const STRIP: usize = 8;

/// Spreads of both kernels, and both row sums.
struct Pairs<T> {
    /// The first row that has sums.
    start: usize,
    spread: PairSpread,
    row_sums: [Vec<f64>; 2],
    /// The first kernel's tile, kept until the second one's comes.
    first: Vec<T>,
}

struct PairReducer {
    path: SimdPath,
}

impl<T: Real> Reducer<T> for PairReducer {
    type Partial = Pairs<T>;
    const COLUMNS: usize = STRIP;

    fn start(&self, rows: Range<usize>, columns: Range<usize>) -> Pairs<T> {
        Pairs {
            start: rows.start,
            spread: PairSpread::default(),
            row_sums: [vec![0.0; columns.len()], vec![0.0; columns.len()]],
            first: Vec::with_capacity(TILE * STRIP),
        }
    }

    fn tile(&self, partial: &mut Pairs<T>, source: usize, tile: Tile<'_, T>) {
        let Pairs { start, spread, row_sums, first } = partial;
        if source == 0 {
            first.clear();
            first.extend_from_slice(tile.values);
            return;
        }
        let (height, width) = (tile.rows.len(), tile.columns.len());
        let shifts = [spread.first.shift_by(first), spread.second.shift_by(tile.values)];
        let mut rows = [[T::ZERO; TILE]; 2];
        let mut sums = [[T::ZERO; STRIP]; 2];
        // squares of the first, of the second, and products
        let mut about = [T::ZERO; 3];
        for j in 0..width {
            let column = j * height..(j + 1) * height;
            let pair = [&first[column.clone()], &tile.values[column]];
            let pass = PairColumn { pair, rows: &mut rows, shifts };
            let (column_sums, more) = T::pair_column(self.path, pass);
            (sums[0][j], sums[1][j]) = column_sums;
            for (about, more) in about.iter_mut().zip(more) {
                *about += more;
            }
        }
        for (row_sums, (rows, sums)) in row_sums.iter_mut().zip(rows.iter().zip(&sums)) {
            for (into, sum) in row_sums[tile.rows.start - *start..][..height].iter_mut().zip(rows) {
                *into += sum.as_f64();
            }
            if tile.mirrored {
                for (into, sum) in row_sums[tile.columns.start - *start..][..width].iter_mut().zip(sums) {
                    *into += sum.as_f64();
                }
            }
        }
        for (spread, (sums, squares)) in
            [&mut spread.first, &mut spread.second].into_iter().zip(sums.iter().zip(about))
        {
            spread.sum_of(&sums[..width], tile.mirrored);
            spread.squares_of(squares, height * width, tile.mirrored);
        }
        spread.products_of(about[2], tile.mirrored);
    }
}

/// One column of both kernels: adds it to the sums of rows, and makes its sums, its squares and its products about the
/// shifts.
pub struct PairColumn<'a, T> {
    pair: [&'a [T]; 2],
    rows: &'a mut [[T; TILE]; 2],
    shifts: [T; 2],
}

impl<T: Real> VectorOp<T> for PairColumn<'_, T> {
    type Output = ((T, T), [T; 3]);
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) -> ((T, T), [T; 3]) {
        let Self { pair: [first, second], rows: [first_rows, second_rows], shifts } = self;
        let height = first.len();
        assert!(height == second.len() && height <= TILE);
        let whole = height / S::LANES * S::LANES;
        let zero = simd.splat(T::ZERO);
        let shift = [simd.splat(shifts[0]), simd.splat(shifts[1])];
        let (mut a_sum, mut b_sum, mut aa, mut bb, mut ab) = (zero, zero, zero, zero, zero);
        for at in (0..whole).step_by(S::LANES) {
            // SAFETY: a register at `at` lies within both columns and both sums of rows
            unsafe {
                let (a, b) = (simd.load(first.as_ptr().add(at)), simd.load(second.as_ptr().add(at)));
                let (a_rows, b_rows) = (first_rows.as_mut_ptr().add(at), second_rows.as_mut_ptr().add(at));
                simd.store(a_rows, simd.add(simd.load(a_rows), a));
                simd.store(b_rows, simd.add(simd.load(b_rows), b));
                (a_sum, b_sum) = (simd.add(a_sum, a), simd.add(b_sum, b));
                let (a, b) = (simd.sub(a, shift[0]), simd.sub(b, shift[1]));
                aa = simd.mul_add(a, a, aa);
                bb = simd.mul_add(b, b, bb);
                ab = simd.mul_add(a, b, ab);
            }
        }
        let mut sums = (simd.sum(a_sum), simd.sum(b_sum));
        let mut about = [simd.sum(aa), simd.sum(bb), simd.sum(ab)];
        for i in whole..height {
            let (a, b) = (first[i], second[i]);
            first_rows[i] += a;
            second_rows[i] += b;
            sums = (sums.0 + a, sums.1 + b);
            let (a, b) = (a - shifts[0], b - shifts[1]);
            about = [about[0] + a * a, about[1] + b * b, about[2] + a * b];
        }
        (sums, about)
    }
}
