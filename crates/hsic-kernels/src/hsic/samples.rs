//! HSIC between two samples, each with a Gaussian kernel.

use std::ops::Range;

use faer::{MatRef, Par};

use super::HsicStatistics;
use super::independence::CentredDiagonal;
use crate::class_sums::{Moments, moments_of};
use crate::simd::{SimdOp, SimdPath, sum_lanes};
use crate::tiles::{PairFunction, Points, Reducer, Source, Tile, reduce_symmetric};
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
    let (x, y) = (Points::named(x, "x")?, Points::named(y, "y")?);
    let sources = [
        Source { points: &x, function: PairFunction::KernelMinusOne(sigma_x) },
        Source { points: &y, function: PairFunction::KernelMinusOne(sigma_y) },
    ];
    let partials = reduce_symmetric(&sources, &PairReducer { path: SimdPath::detect() }, par);
    let total = partials.into_iter().reduce(Pairs::merge).expect("at least one row");
    let n = x.n() as f64;
    let [first, second] = total.moments;
    let cross = |a: &[f64], a_mean: f64, b: &[f64], b_mean: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - n * a_mean) * (b - n * b_mean)).sum()
    };
    let [rows_x, rows_y] = &total.row_sums;
    Ok(HsicStatistics {
        n,
        trace: total.codeviation - 2.0 / n * cross(rows_x, first.mean, rows_y, second.mean),
        first_norm: first.deviation - 2.0 / n * cross(rows_x, first.mean, rows_x, first.mean),
        second_norm: second.deviation - 2.0 / n * cross(rows_y, second.mean, rows_y, second.mean),
        // the diagonals of J and M are 0, so sums over all pairs are sums over i ≠ j
        product: total.codeviation + first.count * first.mean * second.mean,
        sums: (rows_x.iter().sum(), rows_y.iter().sum()),
        row_product: rows_x.iter().zip(rows_y).map(|(a, b)| a * b).sum(),
        diagonals: [rows_x, rows_y].map(|sums| CentredDiagonal::of_row_sums(sums.iter().copied(), n)),
    })
}

/// Moments of both kernels, their co-deviation Σ (J − mean)(M − mean), and both row sums.
struct Pairs<T> {
    moments: [Moments; 2],
    codeviation: f64,
    row_sums: [Vec<f64>; 2],
    /// The first kernel's tile, kept until the second one's comes.
    first: Vec<T>,
}

impl<T> Pairs<T> {
    /// Adds `times` copies of a tile's moments.
    fn add_moments(&mut self, moments: [Moments; 2], codeviation: f64, times: usize) {
        for _ in 0..times {
            let ([a, b], [c, d]) = (self.moments, moments);
            let count = a.count + c.count;
            self.codeviation +=
                codeviation + (c.mean - a.mean) * (d.mean - b.mean) * a.count * (c.count / count);
            self.moments = [a.merge(c), b.merge(d)];
        }
    }

    fn merge(mut self, other: Self) -> Self {
        self.add_moments(other.moments, other.codeviation, 1);
        for (into, from) in self.row_sums.iter_mut().zip(other.row_sums) {
            for (into, from) in into.iter_mut().zip(from) {
                *into += from;
            }
        }
        self
    }
}

struct PairReducer {
    path: SimdPath,
}

impl<T: Real> Reducer<T> for PairReducer {
    type Partial = Pairs<T>;

    fn start(&self, rows: Range<usize>) -> Pairs<T> {
        Pairs {
            moments: [Moments::default(); 2],
            codeviation: 0.0,
            row_sums: [vec![0.0; rows.len()], vec![0.0; rows.len()]],
            first: Vec::new(),
        }
    }

    fn tile(&self, partial: &mut Pairs<T>, source: usize, tile: Tile<'_, T>) {
        let height = tile.rows.len();
        let row_sums = &mut partial.row_sums[source];
        let mut down = vec![T::ZERO; height];
        for (j, column) in tile.columns.clone().zip(tile.values.chunks_exact(height)) {
            for (sum, &value) in down.iter_mut().zip(column) {
                *sum += value;
            }
            if tile.mirrored {
                row_sums[j] += sum_lanes(column, |value| value).as_f64();
            }
        }
        for (i, sum) in tile.rows.clone().zip(down) {
            row_sums[i] += sum.as_f64();
        }
        if source == 0 {
            partial.first.clear();
            partial.first.extend_from_slice(tile.values);
            return;
        }
        let moments = [moments_of(self.path, &partial.first), moments_of(self.path, tile.values)];
        let means = [T::of(moments[0].mean), T::of(moments[1].mean)];
        let codeviation = self.path.run(Codeviation { first: &partial.first, second: tile.values, means });
        partial.add_moments(moments, codeviation.as_f64(), if tile.mirrored { 2 } else { 1 });
    }
}

struct Codeviation<'a, T> {
    first: &'a [T],
    second: &'a mut [T],
    means: [T; 2],
}

impl<T: Real> SimdOp for Codeviation<'_, T> {
    type Output = T;
    #[inline(always)]
    fn call<const FMA: bool>(self) -> T {
        for (second, &first) in self.second.iter_mut().zip(self.first) {
            *second = (*second - self.means[1]) * (first - self.means[0]);
        }
        sum_lanes(self.second, |value| value)
    }
}
