//! Choosing a bandwidth on a seeded subsample.

use faer::{Mat, MatRef, Par};
use rand::seq::SliceRandom;

use super::Bandwidth;
use crate::class_sums::class_sums;
use crate::random::stream;
use crate::tiles::{PairFunction, Points, check_finite};
use crate::{CenteredLabelGram, Error, Labels, Real, Result};

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
/// [`Error::AllRowsEqual`] where no distance is positive, [`Error::NonFinite`].
///
/// # Cost
/// O(s²·d) for s rows of the subsample, s² numbers.
///
/// # Source
/// Gretton et al. (2012), A kernel two-sample test, section 8.
pub fn median_heuristic<T: Real>(x: MatRef<'_, T>, subsample: &Subsample) -> Result<Bandwidth> {
    check_finite(x, "x")?;
    let rows = subsample.uniform(x.nrows());
    let mut distances = Vec::with_capacity(rows.len() * rows.len().saturating_sub(1) / 2);
    for (a, &i) in rows.iter().enumerate() {
        for &j in &rows[..a] {
            let squared: f64 =
                (0..x.ncols()).map(|k| (x[(i, k)].as_f64() - x[(j, k)].as_f64()).powi(2)).sum();
            distances.push(squared.sqrt());
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
    Bandwidth::new(value).map_err(|_| Error::AllRowsEqual)
}

/// The root mean square distance over all pairs i ≠ j: √(2 Σ_k var_k · n/(n−1)), var_k the population variance
/// of feature k.
///
/// # Errors
/// [`Error::AllRowsEqual`] where it is zero (or too large for a double), [`Error::NonFinite`].
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
    Bandwidth::new((2.0 * sum / (n - 1.0)).sqrt()).map_err(|_| Error::AllRowsEqual)
}

/// The bandwidth that maximises Tr(ΓK_σ) on a stratified subsample (max-HSIC selection).
///
/// # Errors
/// [`Error::AllRowsEqual`], [`Error::Shape`] where `labels` has another number of rows, [`Error::NonFinite`].
///
/// # Cost
/// 52 kernel evaluations of the subsample's s²/2 pairs.
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
/// The maximum is searched on a logarithmic grid over 10⁻³ to 10 times the RMS distance, refined three times
/// around its best point, and placed by a parabola through the last three; several bandwidths share each
/// distance tile. Of points of the first grid within 0.1 % of the highest
/// objective the largest is refined: the upper end of a plateau.
///
/// # Errors
/// As [`max_hsic`].
pub fn max_hsic_of<T: Real>(
    x: MatRef<'_, T>,
    labels: &Labels,
    label_gram: &CenteredLabelGram,
    par: Par,
) -> Result<Bandwidth> {
    let rms = rms_distance(x)?.get();
    let points = Points::new(x)?;
    let objective = |log_sigmas: &[f64]| -> Result<Vec<f64>> {
        let functions = log_sigmas
            .iter()
            .map(|log_sigma| Bandwidth::new(log_sigma.exp()).map(PairFunction::KernelMinusOne))
            .collect::<Result<Vec<_>>>()?;
        let sums = class_sums(&points, labels, &functions, par)?;
        Ok(sums.iter().map(|sums| label_gram.weighted_sum(sums.blocks(labels).as_ref())).collect())
    };
    let (mut low, mut high) = ((rms * 1e-3).ln(), (rms * 10.0).ln());
    let mut intervals = 24;
    let mut peak = low;
    for round in 0..4 {
        let grid: Vec<f64> =
            (0..=intervals).map(|i| low + (high - low) * f64::from(i) / f64::from(intervals)).collect();
        let values = objective(&grid)?;
        let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // of a plateau (K all but the identity at every smaller bandwidth) its upper end
        let good = if round == 0 { top - PLATEAU * top.abs() } else { top };
        let best = values.iter().rposition(|&value| value >= good).unwrap_or(0);
        let (before, after) = (best.saturating_sub(1), (best + 1).min(grid.len() - 1));
        peak = grid[best];
        let (left, middle, right) = (values[before], values[best], values[after]);
        let curvature = left - 2.0 * middle + right;
        // only a top has a parabola whose vertex lies between its neighbours
        if before < best && best < after && middle >= left.max(right) && curvature < 0.0 {
            peak += (grid[after] - grid[best]) * 0.5 * (left - right) / curvature;
        }
        (low, high) = (grid[before], grid[after]);
        intervals = 8;
    }
    Bandwidth::new(peak.exp())
}
