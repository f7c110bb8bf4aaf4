//! Choosing a bandwidth on a seeded subsample.

use faer::{Mat, MatRef, Par};
use rand::seq::SliceRandom;

use super::Bandwidth;
use super::unit::{distance, in_unit, is_ordinary, largest_difference};
use crate::class_sums::{ClassSums, class_sums};
use crate::random::stream;
use crate::tiles::{PairFunction, Points, check_finite};
use crate::{CenteredLabelGram, Error, Labels, Real, Result, power_of_two};

/// Points of the first grid whose objective is this close to the highest, relatively, count as equally good.
const PLATEAU: f64 = 1e-3;

/// Stream component of the subsample's draw.
const COMPONENT: u32 = 3;

/// How many rows a bandwidth is chosen on, and the seed that picks them.
///
/// A choice on all pairs would cost n² distances for a number that a few hundred rows give as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subsample {
    /// At most this many rows.
    pub rows: usize,
    /// Seed of the draw.
    pub seed: u64,
}

impl Default for Subsample {
    /// 512 rows of seed 0.
    fn default() -> Self {
        Self { rows: 512, seed: 0 }
    }
}

impl Subsample {
    /// The chosen rows, ascending: every class keeps its share (largest remainders; at least one row where it
    /// has one and room is left).
    pub fn stratified(&self, labels: &Labels) -> Vec<usize> {
        let n = labels.len();
        if n <= self.rows {
            return (0..n).collect();
        }
        let mut rng = stream(self.seed, COMPONENT, 0);
        let order = labels.class_sorted_order();
        // a row is picked where the running share passes the next integer: within one row of the exact share
        let mut start = 0;
        let mut picked = Vec::with_capacity(self.rows);
        for &count in labels.counts() {
            let quota = (start + count) * self.rows / n - start * self.rows / n;
            let quota = quota.max(usize::from(count > 0));
            let mut class = order[start..start + count].to_vec();
            class.shuffle(&mut rng);
            picked.extend_from_slice(&class[..quota]);
            start += count;
        }
        picked.sort_unstable();
        picked
    }

    /// The chosen rows of n unlabelled ones, ascending.
    pub fn uniform(&self, n: usize) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..n).collect();
        if n > self.rows {
            rows.shuffle(&mut stream(self.seed, COMPONENT, 0));
            rows.truncate(self.rows);
            rows.sort_unstable();
        }
        rows
    }
}

/// The median of the distances ‖x_i − x_j‖, i < j, over a subsample (the "median heuristic").
///
/// Where more than half of the pairs are equal rows the median of the positive distances is taken.
///
/// # Errors
/// [`Error::AllRowsEqual`] where no distance is positive, [`Error::Distances`] where the median is beyond a double,
/// [`Error::NonFinite`].
///
/// # Cost
/// O(s²·d) for s rows of the subsample, s² numbers.
///
/// # Source
/// Gretton et al. (2012), A kernel two-sample test, section 8.
pub fn median_heuristic<T: Real>(x: MatRef<'_, T>, subsample: &Subsample) -> Result<Bandwidth> {
    median_of(x, subsample, |i, j| distance(x, i, j))
}

/// The median of a distance between rows i and j.
pub(crate) fn median_of<T: Real>(
    x: MatRef<'_, T>,
    subsample: &Subsample,
    distance: impl Fn(usize, usize) -> f64,
) -> Result<Bandwidth> {
    check_finite(x, "x")?;
    let rows = subsample.uniform(x.nrows());
    let mut distances = Vec::with_capacity(rows.len() * rows.len().saturating_sub(1) / 2);
    for (a, &i) in rows.iter().enumerate() {
        for &j in &rows[..a] {
            distances.push(distance(i, j));
        }
    }
    distances.sort_by(f64::total_cmp);
    let median = |sorted: &[f64]| match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => sorted[n / 2 - 1] / 2.0 + sorted[n / 2] / 2.0,
    };
    let mut value = median(&distances);
    if value <= 0.0 {
        value = median(&distances[distances.partition_point(|&distance| distance <= 0.0)..]);
    }
    positive(value)
}

/// A distance as a bandwidth.
fn positive(distance: f64) -> Result<Bandwidth> {
    Bandwidth::new(distance).map_err(|_| if distance > 0.0 { Error::Distances } else { Error::AllRowsEqual })
}

/// The root mean square distance over all pairs i ≠ j: √(2 Σ_k var_k · n/(n−1)), var_k the population variance
/// of feature k.
///
/// # Errors
/// [`Error::AllRowsEqual`] where it is zero, [`Error::Distances`] where it is too large for a double, [`Error::NonFinite`].
///
/// # Cost
/// O(n·d).
pub fn rms_distance<T: Real>(x: MatRef<'_, T>) -> Result<Bandwidth> {
    check_finite(x, "x")?;
    let n = x.nrows() as f64;
    let sum: f64 = (0..x.ncols())
        .map(|k| {
            let mean = (0..x.nrows()).map(|i| x[(i, k)].as_f64() / n).sum::<f64>();
            (0..x.nrows()).map(|i| (x[(i, k)].as_f64() - mean).powi(2)).sum::<f64>()
        })
        .sum();
    let distance = (2.0 * sum / (n - 1.0)).sqrt();
    if is_ordinary::<f64>(distance) {
        return Bandwidth::new(distance);
    }
    let unit = if x.nrows() == 0 { 0.0 } else { largest_difference(x, 0..x.nrows(), x, 0) };
    if unit == 0.0 {
        return Err(Error::AllRowsEqual);
    }
    let scaled = in_unit(x, x, unit);
    positive(rms_distance(scaled.as_ref())?.get() * unit)
}

/// The bandwidth that maximises Tr(ΓK_σ) on a stratified subsample (max-HSIC selection).
///
/// # Errors
/// [`Error::AllRowsEqual`], [`Error::Distances`], [`Error::Shape`] where `labels` has another number of rows, [`Error::NonFinite`].
///
/// # Cost
/// About 15 kernel evaluations of the subsample's s²/2 pairs in `f32`, and 6 in `T`; memory for about a million sums of classes a
/// thread, or s·c where that is more.
///
/// ```
/// use faer::{Mat, Par};
/// use hsic_kernels::{CenteredLabelGram, ClassWeight, Labels, bandwidth::{Subsample, max_hsic}};
/// let x = Mat::from_fn(40, 1, |i, _| if i < 20 { i as f64 / 100.0 } else { 5.0 + i as f64 / 100.0 });
/// let labels = Labels::new((0..40).map(|i| i / 20).collect())?;
/// let gram = CenteredLabelGram::new(&labels, ClassWeight::Plain);
/// let sigma = max_hsic(x.as_ref(), &labels, &gram, &Subsample::default(), Par::Seq)?;
/// assert!((0.2..5.0).contains(&sigma.get()));
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
///
/// # Source
/// Wu et al., Deep layer-wise networks have closed-form weights: each layer's σ is the one of the highest HSIC.
pub fn max_hsic<T: Real>(
    x: MatRef<'_, T>,
    labels: &Labels,
    label_gram: &CenteredLabelGram,
    subsample: &Subsample,
    par: Par,
) -> Result<Bandwidth> {
    labels.check_rows("bandwidth selection", x.shape())?;
    let rows = subsample.stratified(labels);
    let picked = Mat::from_fn(rows.len(), x.ncols(), |i, k| x[(rows[i], k)]);
    let labels = labels.select(&rows)?;
    max_hsic_of(picked.as_ref(), &labels, &label_gram.of(&labels), par)
}

/// [`max_hsic`] on all the rows given.
///
/// The maximum is searched coarse to fine: on a logarithmic grid of 25 over 10⁻³ to 10 times the RMS distance, of every
/// second row where there are more than 256, then among 9 around its best point, then by parabolas through three. Of points of the
/// first grid within 0.1 % of the highest objective the largest is refined: the upper end of a plateau. Both grids are in `f32`,
/// on rows centred and divided by their RMS distance; several bandwidths share each distance tile.
///
/// # Errors
/// As [`max_hsic`].
pub fn max_hsic_of<T: Real>(
    x: MatRef<'_, T>,
    labels: &Labels,
    label_gram: &CenteredLabelGram,
    par: Par,
) -> Result<Bandwidth> {
    labels.check_rows("bandwidth selection", x.shape())?;
    let rms = rms_distance(x)?.get();
    if !is_ordinary::<T>(rms) {
        let unit = power_of_two(rms);
        let scaled = in_unit(x, x, unit);
        return positive(max_hsic_of(scaled.as_ref(), labels, label_gram, par)?.get() * unit);
    }
    let means: Vec<f64> = x
        .col_iter()
        .map(|column| column.iter().map(|value| value.as_f64() / x.nrows() as f64).sum())
        .collect();
    let rows = Mat::from_fn(x.nrows(), x.ncols(), |i, k| ((x[(i, k)].as_f64() - means[k]) / rms) as f32);
    let all = Objective::new(rows.as_ref(), 1.0, labels, label_gram, par)?;
    let (lowest, highest) = (1e-3f64.ln(), 10f64.ln());
    let step = (highest - lowest) / 24.0;
    let grid: Vec<f64> = (0..=24).map(|i| lowest + step * f64::from(i)).collect();
    let values = if labels.len() > COARSE_ROWS {
        let picked = every_second_of_each_class(labels);
        let half = Mat::from_fn(picked.len(), x.ncols(), |i, k| rows[(picked[i], k)]);
        let labels = labels.select(&picked)?;
        Objective::new(half.as_ref(), 1.0, &labels, &label_gram.of(&labels), par)?.at(&grid)?
    } else {
        all.at(&grid)?
    };
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // of a plateau (K all but the identity at every smaller bandwidth) its upper end
    let best = values.iter().rposition(|&value| value >= top - PLATEAU * top.abs()).unwrap_or(0);
    let around = |peak: f64, reach: i32, spacing: f64| -> Vec<f64> {
        (-reach..=reach).map(|i| (peak + f64::from(i) * spacing).clamp(lowest, highest)).collect()
    };
    let fine = around(grid[best], 4, step / 4.0);
    // rounded, so that what follows does not depend on the last bits of single precision, as those do on the order of rows
    let mut peak = (vertex(&fine, &all.at(&fine)?) / ROUNDED).round() * ROUNDED;
    let exact = Objective::new(x, rms, labels, label_gram, par)?;
    for spacing in [step / 16.0, step / 64.0] {
        let three = around(peak, 1, spacing);
        peak = vertex(&three, &exact.at(&three)?);
    }
    Bandwidth::new(peak.exp() * rms)
}

/// What ln σ is rounded to between single and double precision.
const ROUNDED: f64 = 1e-3;

/// A first grid is tried on about half of the rows where there are more than this.
const COARSE_ROWS: usize = 256;

/// As many bandwidths share a distance tile as have this many sums of classes together: for 25 bandwidths of 512 rows that is up to
/// 81 classes; with more of them the sums, not the distances, are what costs.
const MOST_SUMS: usize = 1 << 20;

fn every_second_of_each_class(labels: &Labels) -> Vec<usize> {
    let mut seen = vec![0usize; labels.n_classes()];
    let mut picked = Vec::with_capacity(labels.len() / 2 + labels.n_classes());
    for (row, &class) in labels.codes().iter().enumerate() {
        if seen[class].is_multiple_of(2) {
            picked.push(row);
        }
        seen[class] += 1;
    }
    picked
}

/// Tr(ΓK_σ) as a function of ln(σ/unit).
struct Objective<'a, T: Real> {
    points: Points<'a, T>,
    unit: f64,
    labels: &'a Labels,
    label_gram: &'a CenteredLabelGram,
    par: Par,
}

impl<'a, T: Real> Objective<'a, T> {
    fn new(
        rows: MatRef<'a, T>,
        unit: f64,
        labels: &'a Labels,
        label_gram: &'a CenteredLabelGram,
        par: Par,
    ) -> Result<Self> {
        Ok(Self { points: Points::new(rows)?, unit, labels, label_gram, par })
    }

    fn at(&self, log_sigmas: &[f64]) -> Result<Vec<f64>> {
        let functions = log_sigmas
            .iter()
            .map(|log_sigma| Bandwidth::new(log_sigma.exp() * self.unit).map(PairFunction::KernelMinusOne))
            .collect::<Result<Vec<_>>>()?;
        let together = (MOST_SUMS / (self.labels.len() * self.labels.n_classes()).max(1)).max(1);
        let mut traces = Vec::with_capacity(functions.len());
        for functions in functions.chunks(together) {
            let sums = class_sums(&self.points, self.labels, functions, self.par)?;
            let trace = |sums: &ClassSums| self.label_gram.weighted_sum(sums.blocks(self.labels).as_ref());
            traces.extend(sums.iter().map(trace));
        }
        Ok(traces)
    }
}

/// The highest point of a grid, moved to the vertex of the parabola through it and its neighbours where there is a top.
fn vertex(grid: &[f64], values: &[f64]) -> f64 {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let best = values.iter().rposition(|&value| value >= top).unwrap_or(0);
    if best == 0 || best + 1 == grid.len() {
        return grid[best];
    }
    let [left, middle, right] = [values[best - 1], values[best], values[best + 1]];
    let curvature = left - 2.0 * middle + right;
    if curvature >= 0.0 {
        return grid[best];
    }
    grid[best] + (grid[best + 1] - grid[best]) * 0.5 * (left - right) / curvature
}
