//! Claims 1 to 4: what happens as layers are stacked.

use hsic_kernels::all_threads;
use hsic_kernels::bandwidth::Subsample;
use hsic_kernels::gaussian::gram;
use hsic_net::LayerTrace;

use super::stacked::{Data, Stacked};
use super::{Finding, Verdict};
use crate::Result;
use crate::metrics::{cross_entropy, scatter_trace_ratio, within_class_mse};

/// Claim 1: W_s layers reach the global optimum of the objective on any labelling without equal rows of different class.
pub(super) fn any_labelling(data: &Data, network: &Stacked, schedule: &Stacked) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let separable = data.is_separable();
    let verdict = |holds| if separable { Verdict::of(holds) } else { Verdict::NotApplicable };
    let last = network.layers().len() - 1;
    let hsic = network.layers()[last].summary.hsic_normalized;
    let accuracy = network.train_accuracy(data, last)?;
    let named = |what: &str| format!("{what}, {}", network.name);
    findings.push(
        Finding::new(1, named("H* of the last layer"), hsic, "≥ 0.99", verdict(hsic >= 0.99)).at(last + 1),
    );
    findings.push(
        Finding::new(1, named("train accuracy"), accuracy, "= 1", verdict(accuracy == 1.0)).at(last + 1),
    );
    let last = schedule.layers().len() - 1;
    let hsic = schedule.layers()[last].summary.hsic_normalized;
    findings.push(Finding::reported(1, "H* of the last layer, default schedule", hsic).at(last + 1));
    let accuracy = schedule.train_accuracy(data, last)?;
    findings.push(Finding::reported(1, "train accuracy, default schedule", accuracy).at(last + 1));
    Ok(findings)
}

/// Values of a kernel over pairs of rows, sorted.
struct Pairs {
    same: Vec<f64>,
    different: Vec<f64>,
}

impl Pairs {
    /// Of the Gram matrix of a layer's Z, on at most 1000 rows (a stratified subsample of a larger set).
    fn of(data: &Data, network: &Stacked, depth: usize) -> Result<Self> {
        let rows = Subsample { rows: 1000, seed: 0 }.stratified(&data.labels);
        let z = &network.layers()[depth].z;
        let z = faer::Mat::from_fn(rows.len(), z.ncols(), |i, k| z[(rows[i], k)]);
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

fn mean(values: &[f64]) -> f64 {
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
                Finding::new(2, quantity, mean(values), bound, Verdict::of(holds))
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
    let verdict = Verdict::of(ratios[last] <= 0.05 && falls);
    findings.push(Finding::new(3, quantity, ratios[last], bound, verdict).at(last + 1));
    findings
}

/// Claim 4: as H* rises, MSE (a share of the total variance of Z) and CE fall.
pub(super) fn label_matching(data: &Data, network: &Stacked) -> Result<Vec<Finding>> {
    let hsic: Vec<f64> = network.layers().iter().map(|layer| layer.summary.hsic_normalized).collect();
    let mut shares = Vec::new();
    let mut entropies = Vec::new();
    for (depth, LayerTrace { z, .. }) in network.layers().iter().enumerate() {
        shares.push(within_class_mse(z.as_ref(), &data.labels) / total_variance(z));
        entropies.push(cross_entropy(network.head_features(depth)?.as_ref(), &data.labels)?);
    }
    let mut findings = Vec::new();
    for (what, values) in [("MSE / total variance", &shares), ("CE", &entropies)] {
        let quantity = format!("rank correlation of {what} with H* over layers, {}", network.name);
        if hsic.len() >= 4 {
            let correlation = rank_correlation(values, &hsic);
            findings.push(Finding::new(4, quantity, correlation, "≤ −0.8", Verdict::of(correlation <= -0.8)));
        } else {
            let finding = Finding::new(4, quantity, f64::NAN, "at least four layers", Verdict::NotApplicable);
            findings.push(finding.at(hsic.len()));
        }
        let quantity = format!("{what} of the last layer, {}", network.name);
        findings.push(Finding::reported(4, quantity, values[values.len() - 1]).at(values.len()));
    }
    Ok(findings)
}

/// (1/n) Σ ‖z − mean‖².
fn total_variance(z: &faer::Mat<f64>) -> f64 {
    let n = z.nrows() as f64;
    z.col_iter()
        .map(|column| {
            let mean = column.iter().sum::<f64>() / n;
            column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n
        })
        .sum()
}

/// Spearman's correlation: Pearson's of the ranks, equal values sharing their mean rank.
pub(super) fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    correlation(&ranks(a), &ranks(b))
}

fn ranks(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .map(|value| {
            let below = values.iter().filter(|other| *other < value).count();
            let equal = values.iter().filter(|other| *other == value).count();
            below as f64 + (equal as f64 - 1.0) / 2.0
        })
        .collect()
}

/// Pearson's correlation, NaN where either is constant.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum =
        |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| f(a - mean_a, b - mean_b)).sum::<f64>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlation_of_known_orders() {
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[10.0, 20.0, 90.0]), 1.0);
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[5.0, 4.0, -1.0]), -1.0);
        // scipy.stats.spearmanr([1, 2, 2, 4], [4, 3, 1, 2]) = -0.6324555320336758
        let got = rank_correlation(&[1.0, 2.0, 2.0, 4.0], &[4.0, 3.0, 1.0, 2.0]);
        assert!((got - -0.632_455_532_033_675_8).abs() < 1e-15, "{got}");
    }
}
