//! Claim 4: as H* rises, MSE and CE fall.

use faer::Mat;
use hsic_kernels::class_sums::class_sums;
use hsic_kernels::hsic::against_labels;
use hsic_kernels::linalg::{product, symmetric_eigen};
use hsic_kernels::tiles::{PairFunction, Points};
use hsic_kernels::{Bandwidth, all_threads};

use super::stacked::Data;
use super::theory::Curve;
use super::trend::Trend;
use super::{Finding, Verdict};
use crate::Result;

/// Softmax's scale of the scores, which are near 0 and 1.
const SCALE: f64 = 10.0;
/// H* must rise by this much over the layers before there is a trend to speak of.
const RANGE: f64 = 0.05;
/// Layers below which no order is unlikely enough.
const LAYERS: usize = 5;
/// A trend is told where chance gives one as clear less often.
const LEVEL: f64 = 0.01;

/// The label-matching errors of a kernel, by a probe without a scale or a ridge of its own: kernel regression
///
/// F = βK̃ỸM, with K̃ = HKH, Ỹ = HY, M = (ỸᵀỸ)⁺ and β = ⟨K̃, L̃⟩/‖K̃‖², the least squares fit of L̃ by K̃.
///
/// L̃ỸM = Ỹ, so that Ỹ − F = (L̃ − βK̃)ỸM, and ‖L̃ − βK̃‖² = (1 − H*²)‖L̃‖²: the error is at most
/// (1 − H*²)‖ỸᵀỸ‖²/λ, λ the smallest positive eigenvalue of ỸᵀỸ. With classes of one size, as a share of ‖Ỹ‖², it is 1 − H*².
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Probe {
    /// ‖Ỹ − F‖²/‖Ỹ‖².
    pub(super) mse: f64,
    /// What it is at most, by H*.
    pub(super) bound: f64,
    /// Mean −log softmax(10(F + class shares)) of the own class.
    pub(super) ce: f64,
}

impl Probe {
    /// Of the Gram matrix of Z at a bandwidth.
    pub(super) fn of(data: &Data, z: &Mat<f64>, sigma: Bandwidth) -> Result<Self> {
        let (codes, counts) = (data.labels.codes(), data.labels.counts());
        let (n, c) = (codes.len(), counts.len());
        let share: Vec<f64> = counts.iter().map(|&count| count as f64 / n as f64).collect();
        let one_hot = |i: usize, a: usize| f64::from(u8::from(codes[i] == a));
        let scatter = Mat::from_fn(c, c, |a, b| {
            let own = if a == b { counts[a] as f64 } else { 0.0 };
            own - counts[a] as f64 * share[b]
        });
        let (values, vectors) = symmetric_eigen(scatter.as_ref())?;
        let positive = values.iter().take_while(|&&value| value > 1e-9 * values[0]).count();
        let inverse = Mat::from_fn(c, c, |a, b| {
            (0..positive).map(|k| vectors[(a, k)] * vectors[(b, k)] / values[k]).sum::<f64>()
        });
        let hsic = against_labels(z.as_ref(), sigma, &data.labels, all_threads())?.statistics;
        let (h, trace) = (hsic.normalized(), hsic.trace());
        let beta = if trace > 0.0 { h * h * scatter.squared_norm_l2() / trace } else { 0.0 };
        let function = [PairFunction::KernelMinusOne(sigma)];
        let sums = class_sums(&Points::new(z.as_ref())?, &data.labels, &function, all_threads())?.remove(0);
        // HKHY = HJHY: JHY is JY less the row sums of J times the shares, and H takes the column means off
        let rows = sums.row_sums();
        let mut smoothed = Mat::from_fn(n, c, |i, a| sums.sums[(i, a)] - data.centred(rows[i] * share[a]));
        for mut column in smoothed.col_iter_mut() {
            let mean = data.centred(column.as_ref().iter().sum::<f64>() / n as f64);
            column.as_mut().iter_mut().for_each(|value| *value -= mean);
        }
        let scores = product(smoothed.as_ref(), inverse.as_ref());
        let (mut error, mut total, mut ce) = (0.0, 0.0, 0.0);
        for i in 0..n {
            for a in 0..c {
                let centred = one_hot(i, a) - share[a];
                error += (centred - beta * scores[(i, a)]).powi(2);
                total += centred * centred;
            }
            let logit = |a: usize| SCALE * (beta * scores[(i, a)] + share[a]);
            let largest = (0..c).map(logit).fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = (0..c).map(|a| (logit(a) - largest).exp()).sum();
            ce += (largest + sum.ln() - logit(codes[i])) / n as f64;
        }
        let smallest = values[positive - 1];
        let bound = (1.0 - h * h).max(0.0) * scatter.squared_norm_l2() / (smallest * total);
        Ok(Self { mse: error / total, bound, ce })
    }
}

/// What the layers of a network say.
pub(super) fn findings(curve: &Curve) -> Vec<Finding> {
    let layers = curve.hsic.len();
    let excess = curve.mse.iter().zip(&curve.mse_bound).map(|(mse, bound)| mse - bound);
    let excess = excess.fold(f64::NEG_INFINITY, f64::max);
    let quantity = format!("largest excess of MSE over its bound by 1 − H*², {}", curve.network);
    // both are rounded where H* is near 1
    let mut findings =
        vec![Finding::new(4, quantity, excess, "≤ 1e-9", Verdict::of(excess <= 1e-9)).at(layers)];
    for (what, values) in [("MSE", &curve.mse), ("CE", &curve.ce)] {
        findings.push(trend(curve, what, values));
        let quantity = format!("{what} of the kernel regression, last layer, {}", curve.network);
        findings.push(Finding::reported(4, quantity, values[layers - 1]).at(layers));
    }
    for (what, values) in
        [("MSE of Z / total variance", &curve.mse_of_z), ("CE of the logistic probe", &curve.ce_of_logistic)]
    {
        let quantity = format!("rank correlation of {what} with H*, {}", curve.network);
        findings.push(Finding::reported(4, quantity, Trend::of(values, &curve.hsic, curve.seed).correlation));
        let quantity = format!("{what}, last layer, {}", curve.network);
        findings.push(Finding::reported(4, quantity, values[layers - 1]).at(layers));
    }
    findings
}

/// Whether an error falls as H* rises, where there is enough of a rise to tell.
fn trend(curve: &Curve, what: &str, values: &[f64]) -> Finding {
    let quantity = format!("rank correlation of {what} with H* over layers, {}", curve.network);
    let layers = curve.hsic.len();
    let extremes = curve.hsic.iter().fold((1.0f64, 0.0f64), |(low, high), &h| (low.min(h), high.max(h)));
    let range = extremes.1 - extremes.0;
    let trend = Trend::of(values, &curve.hsic, curve.seed);
    let of = |verdict, note: String| {
        Finding::new(4, quantity.clone(), trend.correlation, "< 0, p ≤ 0.01", verdict).because(note)
    };
    if layers < LAYERS || range < RANGE {
        let note =
            format!("{layers} layers over which H* rises by {range:.3}: a trend needs {LAYERS} and {RANGE}");
        return of(Verdict::NotApplicable, note);
    }
    let note = format!("p = {:.4} over {layers} layers, H* rises by {range:.3}", trend.falls);
    if trend.correlation < 0.0 && trend.falls <= LEVEL {
        return of(Verdict::Holds, note);
    }
    if trend.correlation > 0.0 && trend.rises <= LEVEL {
        let corrected = "the error rises with H*; what holds is its bound by 1 − H*², which falls";
        return of(Verdict::RefutedAsPrinted, format!("p = {:.4}: {corrected}", trend.rises));
    }
    of(Verdict::NotApplicable, format!("{note}: no trend that chance does not give as well"))
}
