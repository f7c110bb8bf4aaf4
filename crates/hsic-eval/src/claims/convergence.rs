//! Claims 1 to 3: what happens as layers are stacked.

use faer::Mat;
use hsic_kernels::all_threads;
use hsic_kernels::bandwidth::Subsample;
use hsic_kernels::gaussian::gram;
use hsic_layer::{ClosedFormLayer, Embedding};
use hsic_net::LayerTrace;

use super::bound::Bound;
use super::premise::{REACHED, best};
use super::stacked::{Data, Stacked};
use super::{Finding, Verdict};
use crate::Result;
use crate::metrics::scatter_trace_ratio;

/// How far a column of W_s may be from length 1.
const UNIT: f64 = 1e-10;

/// Claim 1: W_s layers reach the global optimum of the objective on any labelling without equal rows of different class; with
/// such rows, no network passes the [`Bound`].
pub(super) fn any_labelling(data: &Data, stacks: &[Stacked], schedule: &Stacked) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let (bound, decisive) = (Bound::of(data), best(stacks));
    for stack in stacks {
        let last = stack.layers().len() - 1;
        let (hsic, accuracy) = (stack.hsic(), stack.train_accuracy(data, last)?);
        for (what, value, limit, asked) in [
            ("H* of the last layer", hsic, bound.hsic, REACHED),
            ("train accuracy", accuracy, bound.accuracy, 1.0),
        ] {
            let quantity = format!("{what}, {}", stack.name);
            let finding = if !std::ptr::eq(stack, decisive) {
                Finding::reported(1, quantity, value)
            } else if bound.binds() {
                let within = value <= limit + 1e-9;
                let verdict = if within { Verdict::NotApplicable } else { Verdict::Failed };
                let reached = if value >= limit - 0.01 { "reached" } else { "not reached" };
                let note =
                    format!("equal rows have different classes: at most {limit:.4}, which is {reached}");
                Finding::new(1, quantity, value, &format!("≤ {limit:.4}"), verdict).because(note)
            } else {
                let verdict = if value >= asked { Verdict::Holds } else { Verdict::PremiseNotReached };
                let words = if asked == 1.0 { "= 1" } else { "≥ 0.99" };
                Finding::new(1, quantity, value, words, verdict).because(bandwidths(stack))
            };
            findings.push(finding.at(last + 1));
        }
        let off = off_unit(data, stack)?;
        let quantity = format!("largest |‖w‖² − 1| of a column of W_s, {}", stack.name);
        findings.push(Finding::new(1, quantity, off, "≤ 1e-10", Verdict::of(off <= UNIT)).at(last + 1));
    }
    let last = schedule.layers().len() - 1;
    findings
        .push(Finding::reported(1, "H* of the last layer, default schedule", schedule.hsic()).at(last + 1));
    let accuracy = schedule.train_accuracy(data, last)?;
    findings.push(Finding::reported(1, "train accuracy, default schedule", accuracy).at(last + 1));
    Ok(findings)
}

/// The certificate in words.
fn bandwidths(stack: &Stacked) -> String {
    let sigmas: Vec<String> =
        stack.layers().iter().map(|layer| format!("{:.4e}", layer.summary.sigma.get())).collect();
    format!("bandwidths {}", sigmas.join(", "))
}

/// The largest |‖w_a‖² − 1| over all layers: W_s = Ψᵀ(weights), so that ‖w_a‖² = Σ_i weights_ia Z_ia, Z = K·weights. The
/// constraint of eq. 1.
fn off_unit(data: &Data, stack: &Stacked) -> Result<f64> {
    let mut off = 0.0f64;
    for (depth, LayerTrace { layer, .. }) in stack.layers().iter().enumerate() {
        let Some(Embedding::Kernel { weights, .. }) =
            layer.downcast_ref::<ClosedFormLayer>().map(ClosedFormLayer::embedding)
        else {
            continue;
        };
        let input = stack.input(data, depth)?;
        let z = layer.project(input.as_ref(), all_threads()).map_err(hsic_net::Error::from)?;
        for (a, &count) in data.labels.counts().iter().enumerate() {
            let squared: f64 = (0..z.nrows()).map(|i| weights[(i, a)] * z[(i, a)]).sum();
            if count > 0 {
                off = off.max((squared - 1.0).abs());
            }
        }
    }
    Ok(off)
}

/// Values of a kernel over pairs of rows, sorted.
pub(super) struct Pairs {
    pub(super) same: Vec<f64>,
    pub(super) different: Vec<f64>,
}

impl Pairs {
    /// Of the Gram matrix of a layer's Z, on at most 1000 rows (a stratified subsample of a larger set).
    pub(super) fn of(data: &Data, network: &Stacked, depth: usize) -> Result<Self> {
        let rows = Subsample { rows: 1000, seed: 0 }.stratified(&data.labels);
        let z = &network.layers()[depth].z;
        let z = Mat::from_fn(rows.len(), z.ncols(), |i, k| z[(rows[i], k)]);
        let k = gram(z.as_ref(), network.layers()[depth].summary.metric_sigma, all_threads())?;
        let code = |i: usize| data.labels.codes()[rows[i]];
        let (mut same, mut different) = (Vec::new(), Vec::new());
        for j in 0..rows.len() {
            for i in 0..j {
                if code(i) == code(j) { same.push(k[(i, j)]) } else { different.push(k[(i, j)]) }
            }
        }
        same.sort_by(f64::total_cmp);
        different.sort_by(f64::total_cmp);
        Ok(Self { same, different })
    }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The value below which this share of the sorted values lies.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted.get(((sorted.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// Claim 2: the kernel converges to the indicator of the classes.
pub(super) fn indicator_kernel(data: &Data, network: &Stacked) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let last = network.layers().len() - 1;
    for depth in 0..=last {
        let Pairs { same, different } = Pairs::of(data, network, depth)?;
        for (what, values, bound, holds) in [
            ("same", &same, "≥ 0.95", mean(&same) >= 0.95),
            ("different", &different, "≤ 0.05", mean(&different) <= 0.05),
        ] {
            let quantity = format!("mean of K, pairs of {what} class, {}", network.name);
            let finding = if depth == last {
                judged(2, data, network, quantity, mean(values), bound, holds)
            } else {
                Finding::reported(2, quantity, mean(values))
            };
            findings.push(finding.at(depth + 1));
            for (name, share) in [("min", 0.0), ("5 %", 0.05), ("median", 0.5), ("95 %", 0.95), ("max", 1.0)]
            {
                let quantity = format!("{name} of K, pairs of {what} class, {}", network.name);
                findings.push(Finding::reported(2, quantity, quantile(values, share)).at(depth + 1));
            }
        }
    }
    Ok(findings)
}

/// Claim 3: within-class scatter vanishes beside between-class scatter.
pub(super) fn scatter(data: &Data, network: &Stacked) -> Vec<Finding> {
    let ratios: Vec<f64> = network
        .layers()
        .iter()
        .map(|LayerTrace { z, .. }| scatter_trace_ratio(z.as_ref(), &data.labels).unwrap_or(f64::INFINITY))
        .collect();
    let quantity = format!("Tr(S_w)/Tr(S_b), {}", network.name);
    let last = ratios.len() - 1;
    let mut findings: Vec<Finding> =
        (0..last).map(|depth| Finding::reported(3, quantity.clone(), ratios[depth]).at(depth + 1)).collect();
    // a network of one layer has no first one to improve on
    let falls = last == 0 || ratios[last] < ratios[0];
    let bound = if last == 0 { "≤ 0.05" } else { "≤ 0.05 and below the first layer's" };
    let holds = ratios[last] <= 0.05 && falls;
    let mut finding = judged(3, data, network, quantity, ratios[last], bound, holds).at(last + 1);
    if finding.verdict == Verdict::Failed && falls && last > 0 {
        // the claim is about a limit: on the way to it, but not there
        finding.verdict = Verdict::PremiseNotReached;
        finding.note = format!(
            "it falls from {:.3} in the first layer; H* {:.4} is not near enough to the limit",
            ratios[0],
            network.hsic()
        );
    }
    findings.push(finding);
    findings
}

/// What a limit says of a stack: something only where the stack has reached the premise.
fn judged(
    claim: u8,
    data: &Data,
    network: &Stacked,
    quantity: String,
    value: f64,
    bound: &str,
    holds: bool,
) -> Finding {
    let (hsic, limit) = (network.hsic(), Bound::of(data));
    let of = |verdict| Finding::new(claim, quantity, value, bound, verdict);
    if hsic >= REACHED {
        return of(Verdict::of(holds));
    }
    if limit.binds() {
        let note = format!("equal rows have different classes: H* is at most {:.4}", limit.hsic);
        return of(Verdict::NotApplicable).because(note);
    }
    of(Verdict::PremiseNotReached).because(format!("the highest H* found is {hsic:.4}"))
}
