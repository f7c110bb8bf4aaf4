//! Claim 7: the objective's reformulation with a penalty on each sample's norm.

use faer::Mat;
use hsic_kernels::gaussian::gram;
use hsic_kernels::linalg::product;
use hsic_kernels::{CenteredLabelGram, ClassWeight, all_threads};
use hsic_layer::{Context, LayerSolver, Objective, Spectral, SpectralLayer};
use hsic_net::LayerTrace;

use super::stacked::{Data, Stacked};
use super::trend::correlation;
use super::{Finding, Verdict};
use crate::Result;

/// Relative agreement of two ways to sum n² terms.
const AGREES: f64 = 1e-10;

/// Eq. 8 and 9 by explicit pair sums.
struct PairSums {
    /// D_i with signed Γ.
    signed: Vec<f64>,
    /// D_i as printed, with |Γ| between classes.
    printed: Vec<f64>,
    /// Σ_ij Γ_ij K_ij ⟨p_i, p_j⟩/σ².
    pairs: f64,
    /// ‖Wᵀr_i‖.
    norms: Vec<f64>,
}

impl PairSums {
    fn new(data: &Data, z: &Mat<f64>, sigma: hsic_kernels::Bandwidth) -> Result<Self> {
        let label_gram = CenteredLabelGram::new(&data.labels, ClassWeight::Plain);
        let k = gram(z.as_ref(), sigma, all_threads())?;
        let codes = data.labels.codes();
        let n = codes.len();
        let scale = 1.0 / (sigma.get() * sigma.get());
        let inner = product(z.as_ref(), z.transpose());
        let mut sums = Self { signed: vec![0.0; n], printed: vec![0.0; n], pairs: 0.0, norms: vec![0.0; n] };
        for j in 0..n {
            for i in 0..n {
                let weight = label_gram.block(codes[i], codes[j]);
                let term = weight * k[(i, j)] * scale;
                sums.signed[i] += term;
                sums.printed[i] +=
                    if codes[i] == codes[j] { term } else { -weight.abs() * k[(i, j)] * scale };
                sums.pairs += term * inner[(i, j)];
            }
            sums.norms[j] = inner[(j, j)].max(0.0).sqrt();
        }
        Ok(sums)
    }

    /// Eq. 9: the pair sum less Σ D_i·penalty(‖Wᵀr_i‖).
    fn eq9(&self, d: &[f64], penalty: impl Fn(f64) -> f64) -> f64 {
        self.pairs - d.iter().zip(&self.norms).map(|(d, &norm)| d * penalty(norm)).sum::<f64>()
    }
}

/// Claim 7 on every layer of the spectral network.
pub(super) fn reformulation(data: &Data, network: &Stacked, seed: u64) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (depth, LayerTrace { layer, summary, z, .. }) in network.layers().iter().enumerate() {
        let input = network.input(data, depth)?;
        let Some(layer) = layer.downcast_ref::<SpectralLayer>() else { continue };
        let objective =
            Objective::new(input.as_ref(), &data.labels, summary.sigma, ClassWeight::Plain, all_threads())
                .map_err(hsic_net::Error::from)?;
        let q = data.q_matrix(&objective, layer.weights()).map_err(hsic_net::Error::from)?;
        let qw = product(q.as_ref(), layer.weights());
        let trace: f64 =
            layer.weights().col_iter().zip(qw.col_iter()).map(|(w, qw)| w.transpose() * qw).sum();
        let expected = trace / (summary.sigma.get() * summary.sigma.get());
        let sums = PairSums::new(data, z, summary.sigma)?;
        // the two sums of eq. 9 can cancel, so what they agree to is measured on their size
        let size = sums.pairs.abs().max(expected.abs());
        let off = |value: f64| (value - expected).abs() / size;
        let corrected = off(sums.eq9(&sums.signed, |norm| norm * norm));
        let squared_printed = off(sums.eq9(&sums.printed, |norm| norm * norm));
        let printed = off(sums.eq9(&sums.printed, |norm| norm));
        let verdict = match (corrected <= AGREES, printed <= AGREES) {
            (true, true) => Verdict::Holds,
            (true, false) => Verdict::RefutedAsPrinted,
            (false, _) => Verdict::Failed,
        };
        let bound = "≤ 1e-10 with the signed Γ and the squared norm";
        let quantity = "eq. 9 against Tr(WᵀQW)/σ², relative difference, corrected";
        let note = if verdict == Verdict::RefutedAsPrinted {
            "eq. 9 holds with ‖Wᵀr‖² in place of ‖Wᵀr‖, and D with −Γ in place of |Γ|"
        } else {
            ""
        };
        findings.push(Finding::new(7, quantity, corrected, bound, verdict).at(depth + 1).because(note));
        let quantity = "the same with |Γ| as printed and the squared norm";
        findings.push(Finding::reported(7, quantity, squared_printed).at(depth + 1));
        let quantity = "the same as printed, |Γ| and the norm not squared";
        findings.push(Finding::reported(7, quantity, printed).at(depth + 1));
        findings.extend(penalty_over_iterations(data, &input, summary.sigma, seed, depth)?);
    }
    Ok(findings)
}

/// The correlation of D_i with ‖Wᵀr_i‖ before the first and after the last iteration of a layer.
fn penalty_over_iterations(
    data: &Data,
    input: &Mat<f64>,
    sigma: hsic_kernels::Bandwidth,
    seed: u64,
    depth: usize,
) -> Result<Vec<Finding>> {
    let context = Context { seed, layer: depth as u32, par: all_threads() };
    let mut findings = Vec::new();
    for (name, max_iterations) in [("at the start", 0), ("after one iteration", 1), ("at the end", 100)] {
        let solver = Spectral { max_iterations, ..Spectral::default() };
        let fit = solver.fit(input.as_ref(), &data.labels, sigma, &context).map_err(hsic_net::Error::from)?;
        let sums = PairSums::new(data, &fit.z, sigma)?;
        let quantity = format!("correlation of D_i with ‖Wᵀr_i‖ {name}");
        let value = correlation(&sums.signed, &sums.norms);
        findings.push(Finding::reported(7, quantity, value).at(depth + 1));
    }
    Ok(findings)
}
