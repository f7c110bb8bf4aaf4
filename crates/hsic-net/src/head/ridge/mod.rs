//! Kernel ridge regression of the classes, everything about it chosen by leave-one-out.

mod blend;
mod centres;
mod factor;
mod metric;
mod path;
mod spectrum;
mod targets;
mod temperature;

use faer::{Mat, MatRef, Par};
use hsic_kernels::bandwidth::Subsample;
use hsic_kernels::linalg::product;
use hsic_kernels::tiles::Points;
use hsic_kernels::{ClassWeight, Kernel, KernelKind, Labels};
use rayon::prelude::*;

use super::{largest_columns, normalize_log};
use crate::Result;
use blend::{Blend, blend};
use path::Path;
use targets::Targets;

/// Bandwidths tried of either kind of kernel, in units of the median of its distances.
pub const BANDWIDTHS: [f64; 7] = [0.2, 0.35, 0.6, 1.0, 1.7, 3.0, 6.0];
/// Ridges tried, powers of √10; the kernel's diagonal is 1.
pub const RIDGES: [f64; 17] = [
    1e-7, 3.16e-7, 1e-6, 3.16e-6, 1e-5, 3.16e-5, 1e-4, 3.16e-4, 1e-3, 3.16e-3, 1e-2, 3.16e-2, 1e-1, 3.16e-1,
    1.0, 3.16, 10.0,
];
/// Up to this many rows are all centres.
pub const EXACT_ROWS: usize = 2000;
/// Of more rows at most this many are centres, unless more are asked for.
pub const CENTRES: usize = 1000;
/// Rows of the regression whose gradients give a metric.
const METRIC_ROWS: usize = 10_000;
/// Such regressions one after another, each in the metric of those before.
const METRIC_ROUNDS: usize = 2;
/// Rows of the sample on which bandwidths are told apart where there are more.
const SHORTLIST_ROWS: usize = 500;
/// Kernels of the sample's blend that are kept: more gained nothing (docs/tables.md), and each costs a decomposition of all rows.
const SHORTLIST: usize = 2;
/// Rows of it where there are more than [`EXACT_ROWS`] centres; that many are its centres.
const MANY_SHORTLIST_ROWS: usize = 10_000;

/// Hyperparameters of a [`RidgeHead`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RidgeParams {
    /// Whether every class counts alike.
    pub class_weight: ClassWeight,
    /// Of more than [`EXACT_ROWS`] rows at most this many are centres.
    pub centres: usize,
    /// Whether the kernels are of features in the metric that the gradients of a first regression give.
    pub learns_metric: bool,
}

impl RidgeParams {
    /// Every row alike, [`CENTRES`], in the metric of the features.
    pub const DEFAULT: Self =
        Self { class_weight: ClassWeight::Plain, centres: CENTRES, learns_metric: false };
}

impl Default for RidgeParams {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Least squares on one-hot classes in the space of Gaussian or Laplacian kernels, its scores made probabilities:
///
/// p(· | f) = softmax(τ·s(f)), s(f) = b + Σ_k k(f, C)·A_k.
///
/// For one kernel k and ridge λ the regression minimises Σᵢ wᵢ‖yᵢ − s(fᵢ)‖² + λ‖s‖²_H over the span of the kernel at the
/// centres C, with a free intercept b; wᵢ is 1, or n/(c·n_a) where every class counts alike. C are the training rows, or beyond
/// [`EXACT_ROWS`] a stratified sample of [`CENTRES`] of them (Nyström). With Φ the features of that span (ΦΦᵀ = K where all rows are centres),
/// centred with the weights, ΦᵀWΦ = V diag(g) Vᵀ and Ψ = ΦV, every ridge costs one product, and so do the scores of each row by a
/// regression without it (PRESS):
///
/// yᵢ − s₋ᵢ(fᵢ) = (yᵢ − s(fᵢ))/(1 − hᵢ), hᵢ = wᵢ·(1/Σw + Σⱼ Ψᵢⱼ²/(gⱼ + λ)).
///
/// Of both kinds of kernels at all [`BANDWIDTHS`], or beyond 500 rows those few that a sample of so many prefers, and of all [`RIDGES`] those are averaged
/// whose mean has the least squared leave-one-out error: one after another is added, as often as it helps. τ maximises the likelihood of the leave-one-out scores. Where the centres are a sample these are scores of
/// rows that are none, 4000 at most, and of more than [`EXACT_ROWS`] centres one kernel is fitted, that of the lowest leave-one-out log-loss on a sample.
///
/// # Cost
/// For each kernel n·m(p + exp) and about 3nm² + 20m³ flops, m the number of centres, and 2nmc a ridge; a prediction m kernel
/// values for each kernel that is left.
///
/// # Source
/// Allen (1974), The relationship between variable selection and data augmentation; Caruana et al. (2004), Ensemble selection from
/// libraries of models; Guo et al. (2017), On calibration of modern neural networks.
#[derive(Debug, Clone, PartialEq)]
pub struct RidgeHead {
    /// T, p×p, where the metric is learnt: then f stands for Tᵀf.
    pub(crate) metric: Option<Mat<f64>>,
    /// C, m×p.
    pub(crate) centres: Mat<f64>,
    /// The kernels that are left.
    pub(crate) kernels: Vec<RidgeKernel>,
    /// b; −∞ for a class without a training row.
    pub(crate) intercepts: Vec<f64>,
    /// τ.
    pub(crate) temperature: f64,
    pub(crate) leave_one_out: LeaveOneOut,
}

/// One kernel of a [`RidgeHead`].
#[derive(Debug, Clone, PartialEq)]
pub struct RidgeKernel {
    /// k.
    pub kernel: Kernel,
    /// A_k, m×c.
    pub coefficients: Mat<f64>,
}

/// How well the rows of a fit are predicted by regressions without them.
///
/// Of rows whose features were made with their labels, as those of a layer are, it is too good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeaveOneOut {
    /// Share of the rows classified correctly.
    pub accuracy: f64,
    /// Mean of −log p(yᵢ).
    pub log_loss: f64,
}

impl RidgeHead {
    /// Fits features (n×p) to labels.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] where a decomposition does not converge.
    pub fn fit(features: MatRef<'_, f64>, labels: &Labels, params: RidgeParams, par: Par) -> Result<Self> {
        if !params.learns_metric {
            return Self::fit_with(&KernelKind::ALL, features, labels, params, par);
        }
        let first = RidgeParams { centres: params.centres.min(EXACT_ROWS), ..params };
        let (mut sample, of_sample) = sample_of(features, labels, METRIC_ROWS)?;
        let mut metric: Option<Mat<f64>> = None;
        for _ in 0..METRIC_ROUNDS {
            let regression =
                Self::fit_with(&[KernelKind::Gaussian], sample.as_ref(), &of_sample, first, par)?;
            // scores that change nowhere have no gradient
            let Some(step) = metric::of_gradients(sample.as_ref(), &of_sample, &regression, par)? else {
                break;
            };
            sample = product(sample.as_ref(), step.as_ref());
            metric = Some(metric.map_or(step.clone(), |before| product(before.as_ref(), step.as_ref())));
        }
        let transformed = metric.as_ref().map(|metric| product(features, metric.as_ref()));
        let features = transformed.as_ref().map_or(features, Mat::as_ref);
        Ok(Self { metric, ..Self::fit_with(&KernelKind::ALL, features, labels, params, par)? })
    }

    /// In the metric of the features.
    fn fit_with(
        kinds: &[KernelKind],
        features: MatRef<'_, f64>,
        labels: &Labels,
        params: RidgeParams,
        par: Par,
    ) -> Result<Self> {
        let RidgeParams { class_weight, centres: most, .. } = params;
        let targets = Targets::new(labels, class_weight);
        let centres = centres::choose(features, labels, most);
        let held = centres::held_rows(labels, &centres, most);
        let centres = rows_of(features, &centres);
        let paths: Vec<Path> = match all_kernels(kinds, features) {
            Ok(kernels) => {
                let kernels = if centres.nrows() > EXACT_ROWS {
                    best_kernel(features, labels, class_weight, kernels, par)?
                } else {
                    shortlist(features, labels, params, kernels, par)?
                };
                fit_paths(features, centres.as_ref(), &kernels, &targets, &held, par)?
            }
            // all rows are equal to the head: there are shares of the classes, and nothing else
            Err(hsic_kernels::Error::AllRowsEqual) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let of_held = labels.select(&held)?;
        let Blend { members, mut held_out } = blend(&paths, &Targets::new(&of_held, class_weight));
        for (a, _) in labels.counts().iter().enumerate().filter(|&(_, &count)| count == 0) {
            held_out.col_mut(a).fill(f64::NEG_INFINITY);
        }
        let temperature = temperature::fit(held_out.as_ref(), &of_held);
        let mut head = Self {
            metric: None,
            intercepts: targets.means().to_vec(),
            kernels: Vec::new(),
            temperature,
            leave_one_out: leave_one_out(held_out.as_ref(), &of_held, temperature),
            centres,
        };
        for (path, members) in paths.iter().zip(members).filter(|(_, members)| !members.is_empty()) {
            let (coefficients, shift) = path.mean(&members);
            head.intercepts.iter_mut().zip(shift).for_each(|(intercept, shift)| *intercept -= shift);
            head.kernels.push(RidgeKernel { kernel: path.kernel, coefficients });
        }
        for (intercept, &count) in head.intercepts.iter_mut().zip(labels.counts()) {
            if count == 0 {
                *intercept = f64::NEG_INFINITY;
            }
        }
        Ok(head)
    }

    /// s of every row, n×c.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for another number of features than the centres have, or numbers that are not finite.
    pub fn scores(&self, features: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        let transformed = self.metric.as_ref().map(|metric| product(features, metric.as_ref()));
        let features = transformed.as_ref().map_or(features, Mat::as_ref);
        let mut scores = Mat::from_fn(features.nrows(), self.intercepts.len(), |_, a| self.intercepts[a]);
        let points = Points::new(self.centres.as_ref())?;
        for RidgeKernel { kernel, coefficients } in &self.kernels {
            scores += kernel.cross_product(features, &points, coefficients.as_ref(), par)?;
        }
        Ok(scores)
    }

    /// log p(class | features), n×c.
    ///
    /// # Errors
    /// As [`RidgeHead::scores`].
    pub fn log_proba(&self, features: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        let mut scores = self.scores(features, par)?;
        to_log_proba(&mut scores, self.temperature);
        Ok(scores)
    }

    /// How well the training rows are predicted by regressions without them.
    pub fn leave_one_out(&self) -> LeaveOneOut {
        self.leave_one_out
    }

    /// The kernels that are left of all that were tried.
    pub fn kernels(&self) -> &[RidgeKernel] {
        &self.kernels
    }
}

/// These kinds at all bandwidths, the narrowest of each first.
fn all_kernels(kinds: &[KernelKind], features: MatRef<'_, f64>) -> hsic_kernels::Result<Vec<Kernel>> {
    let mut kernels = Vec::with_capacity(kinds.len() * BANDWIDTHS.len());
    for &kind in kinds {
        let median = kind.median(features, &Subsample::default())?;
        for factor in BANDWIDTHS {
            kernels.push(Kernel { kind, sigma: median.scaled(factor)? });
        }
    }
    Ok(kernels)
}

fn fit_paths(
    rows: MatRef<'_, f64>,
    centres: MatRef<'_, f64>,
    kernels: &[Kernel],
    targets: &Targets<'_>,
    held: &[usize],
    par: Par,
) -> Result<Vec<Path>> {
    let path = |kernel: Kernel, par: Par| Path::fit(rows, centres, kernel, targets, held, par);
    // of many centres the matrices of one kernel at a time are held
    if par == Par::Seq || centres.nrows() > EXACT_ROWS {
        return kernels.iter().map(|&kernel| path(kernel, par)).collect();
    }
    kernels.par_iter().with_max_len(1).map(|&kernel| path(kernel, Par::Seq)).collect()
}

/// A stratified sample of rows.
fn sample_of(features: MatRef<'_, f64>, labels: &Labels, rows: usize) -> Result<(Mat<f64>, Labels)> {
    let sample = Subsample { rows, ..Subsample::default() }.stratified(labels);
    Ok((rows_of(features, &sample), labels.select(&sample)?))
}

fn rows_of(features: MatRef<'_, f64>, rows: &[usize]) -> Mat<f64> {
    Mat::from_fn(rows.len(), features.ncols(), |i, k| features[(rows[i], k)])
}

/// The kernel of the lowest leave-one-out log-loss on a sample of the rows with [`EXACT_ROWS`] centres: few rows need wider kernels than many, and the
/// squared error of scores prefers narrower ones than the classes do.
fn best_kernel(
    features: MatRef<'_, f64>,
    labels: &Labels,
    class_weight: ClassWeight,
    kernels: Vec<Kernel>,
    par: Par,
) -> Result<Vec<Kernel>> {
    let (rows, labels) = sample_of(features, labels, MANY_SHORTLIST_ROWS)?;
    let targets = Targets::new(&labels, class_weight);
    let centres = centres::choose(rows.as_ref(), &labels, EXACT_ROWS);
    let held = centres::held_rows(&labels, &centres, EXACT_ROWS);
    let centres = rows_of(rows.as_ref(), &centres);
    let paths = fit_paths(rows.as_ref(), centres.as_ref(), &kernels, &targets, &held, par)?;
    let of_held = labels.select(&held)?;
    let loss = |path: &Path| {
        let of_regression = |regression: &path::Regression| {
            let scores = regression.held_out.scores.as_ref();
            leave_one_out(scores, &of_held, temperature::fit(scores, &of_held)).log_loss
        };
        path.regressions.iter().map(of_regression).fold(f64::INFINITY, f64::min)
    };
    let losses = paths.iter().map(|path| (loss(path), path.kernel));
    let best = losses.min_by(|(one, _), (other, _)| one.total_cmp(other));
    Ok(best.map(|(_, kernel)| kernel).into_iter().collect())
}

/// The [`SHORTLIST`] kernels of the largest weight in a blend on a sample of the rows, and of each kind among them the next narrower one: more
/// rows allow it.
fn shortlist(
    features: MatRef<'_, f64>,
    labels: &Labels,
    params: RidgeParams,
    kernels: Vec<Kernel>,
    par: Par,
) -> Result<Vec<Kernel>> {
    if labels.len() <= SHORTLIST_ROWS {
        return Ok(kernels);
    }
    let (rows, labels) = sample_of(features, labels, SHORTLIST_ROWS)?;
    let targets = Targets::new(&labels, params.class_weight);
    let all: Vec<usize> = (0..labels.len()).collect();
    let paths = fit_paths(rows.as_ref(), rows.as_ref(), &kernels, &targets, &all, par)?;
    let members = blend(&paths, &targets).members;
    let weight = |place: usize| members[place].iter().map(|&(_, weight)| weight).sum::<f64>();
    let mut order: Vec<usize> = (0..kernels.len()).filter(|&place| weight(place) > 0.0).collect();
    order.sort_by(|&one, &other| weight(other).total_cmp(&weight(one)));
    order.truncate(SHORTLIST);
    let taken: Vec<bool> = (0..kernels.len()).map(|place| order.contains(&place)).collect();
    let is_first = |place: usize| {
        taken[place] && !(0..place).any(|other| taken[other] && kernels[other].kind == kernels[place].kind)
    };
    let is_next = |place: usize| {
        kernels.get(place + 1).is_some_and(|next| next.kind == kernels[place].kind) && is_first(place + 1)
    };
    // a sample on which nothing is gained says nothing of the rest
    let nothing = !taken.contains(&true);
    let kept = |&place: &usize| {
        taken[place] || is_next(place) || (nothing && BANDWIDTHS[place % BANDWIDTHS.len()] == 1.0)
    };
    Ok((0..kernels.len()).filter(kept).map(|place| kernels[place]).collect())
}

/// log softmax(τs), a row at a time.
fn to_log_proba(scores: &mut Mat<f64>, temperature: f64) {
    for column in scores.col_iter_mut() {
        column.iter_mut().for_each(|score| *score *= temperature);
    }
    normalize_log(scores);
}

fn leave_one_out(held_out: MatRef<'_, f64>, labels: &Labels, temperature: f64) -> LeaveOneOut {
    let (n, codes) = (labels.len() as f64, labels.codes());
    let right =
        largest_columns(held_out).iter().zip(codes).filter(|(predicted, code)| predicted == code).count();
    let mut log_proba = held_out.to_owned();
    to_log_proba(&mut log_proba, temperature);
    let loss: f64 = codes.iter().enumerate().map(|(i, &code)| -log_proba[(i, code)]).sum();
    LeaveOneOut { accuracy: right as f64 / n, log_loss: loss / n }
}

#[cfg(test)]
mod tests;
