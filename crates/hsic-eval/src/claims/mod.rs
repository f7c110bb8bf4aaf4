//! The paper's seven claims, each measured on a data set, with a verdict.
//!
//! Every claim is checked on all rows of the set, standardised: these are statements about what training does, not about
//! new rows. A claim gives one or more findings: a quantity, what was measured, the bound, and whether it holds.

mod bound;
mod certificate;
mod convergence;
#[cfg(test)]
mod faults;
mod label_matching;
mod optimality;
mod premise;
mod regularisation;
mod stacked;
mod theory;
mod trend;

use hsic_data::scaler::{fill_missing, known_means};
use hsic_data::{Dataset, Scaler};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Result;
pub use certificate::{Certificate, CertifiedLayer, Replay, replay};
use stacked::{Data, Stacked};
pub use theory::Curve;

/// What a finding says of its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// The claim holds within its bound.
    Holds,
    /// Not as it is printed; the corrected statement beside it holds.
    RefutedAsPrinted,
    /// No stack was found at which the claim says anything; the best one found is shown.
    PremiseNotReached,
    /// It does not hold, which is a bug of ours.
    Failed,
    /// The claim says nothing about this case; the note says why.
    NotApplicable,
    /// A number without a verdict.
    Reported,
}

impl Verdict {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::RefutedAsPrinted => "refuted as printed",
            Self::PremiseNotReached => "premise not reached",
            Self::Failed => "failed",
            Self::NotApplicable => "not applicable",
            Self::Reported => "reported",
        }
    }

    /// How much it asks for attention: what a summary of several shows is the highest.
    pub fn weight(self) -> u8 {
        match self {
            Self::Reported => 0,
            Self::NotApplicable => 1,
            Self::Holds => 2,
            Self::RefutedAsPrinted => 3,
            Self::PremiseNotReached => 4,
            Self::Failed => 5,
        }
    }

    /// Holds or failed.
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Failed }
    }
}

/// One measured quantity of a claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Number of the claim, 1 to 7.
    pub claim: u8,
    /// What was measured, and on which network.
    pub quantity: String,
    /// The value, `None` where it is not defined.
    pub measured: Option<f64>,
    /// The bound in words, empty for a number without a verdict.
    pub bound: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The layer it is about, where it is about one.
    pub layer: Option<usize>,
    /// Why the claim does not apply, or what holds in its place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Seed of the draws.
    #[serde(default)]
    pub seed: u64,
}

impl Finding {
    fn new(claim: u8, quantity: impl Into<String>, measured: f64, bound: &str, verdict: Verdict) -> Self {
        Self {
            claim,
            quantity: quantity.into(),
            measured: measured.is_finite().then_some(measured),
            bound: bound.to_owned(),
            verdict,
            layer: None,
            note: String::new(),
            seed: 0,
        }
    }

    fn reported(claim: u8, quantity: impl Into<String>, measured: f64) -> Self {
        Self::new(claim, quantity, measured, "", Verdict::Reported)
    }

    fn at(mut self, layer: usize) -> Self {
        self.layer = Some(layer);
        self
    }

    fn because(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// The findings on one data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimReport {
    /// Name of the data set.
    pub dataset: String,
    /// Rows, features, classes.
    pub n: usize,
    /// Features.
    pub d: usize,
    /// Classes.
    pub classes: usize,
    /// Seeds of the draws: of generated rows, of the networks, of sampled neighbours.
    pub seeds: Vec<u64>,
    /// In order of the seeds, and of the claims.
    pub findings: Vec<Finding>,
    /// The bandwidths claim 1 was seen with.
    pub certificates: Vec<Certificate>,
    /// What happened layer by layer.
    pub curves: Vec<Curve>,
}

impl ClaimReport {
    /// The verdict of a claim over all seeds: that of the [highest weight](Verdict::weight).
    pub fn verdict(&self, claim: u8) -> Verdict {
        let of_claim = self.findings.iter().filter(|finding| finding.claim == claim);
        let worst = of_claim.map(|finding| finding.verdict).max_by_key(|verdict| verdict.weight());
        worst.filter(|&verdict| verdict != Verdict::Reported).unwrap_or(Verdict::NotApplicable)
    }

    /// Whether any claim failed.
    pub fn failed(&self) -> bool {
        (1..=7).any(|claim| self.verdict(claim) == Verdict::Failed)
    }

    /// What a reader is shown first: of each quantity with a verdict the finding of the highest [weight](Verdict::weight), of equals
    /// the last layer of the last seed, but the first that failed; and the seeds it was seen for.
    pub fn shown(&self) -> Vec<(&Finding, Vec<u64>)> {
        let mut shown: Vec<(&Finding, Vec<u64>)> = Vec::new();
        for finding in self.findings.iter().filter(|finding| finding.verdict != Verdict::Reported) {
            let same = |known: &Finding| (known.claim, &known.quantity) == (finding.claim, &finding.quantity);
            let Some((known, seeds)) = shown.iter_mut().find(|(known, _)| same(known)) else {
                shown.push((finding, vec![finding.seed]));
                continue;
            };
            let (new, old) = (finding.verdict.weight(), known.verdict.weight());
            if new > old {
                (*known, *seeds) = (finding, vec![finding.seed]);
            } else if new == old {
                if finding.verdict != Verdict::Failed {
                    *known = finding;
                }
                if !seeds.contains(&finding.seed) {
                    seeds.push(finding.seed);
                }
            }
        }
        shown
    }
}

/// Standardised rows of a set.
fn rows_of(dataset: &Dataset) -> Result<Data> {
    let mut x = dataset.features().to_owned();
    fill_missing(x.as_mut(), &known_means(dataset.features()));
    let x = Scaler::fit(x.as_ref())?.transform(x.as_ref())?;
    Data::new(x, dataset.labels())
}

/// Checks all seven claims on a data set, once a seed: `sets` are the seeds with the rows each of them gives, of which there is at least
/// one. `told` hears what is done at the moment, from any thread.
///
/// # Errors
/// [`crate::Error::Data`] where the set cannot be standardised, [`crate::Error::Network`] where a fit fails: those of the first
/// seed that has one.
///
/// # Cost
/// Some ten network fits, a search of up to 30 layers of 120 candidates, and 350 objective values a spectral layer, for each seed.
pub fn verify(sets: &[(u64, Dataset)], told: &(dyn Fn(&str) + Sync)) -> Result<ClaimReport> {
    let Some((first, dataset)) = sets.first() else {
        return Err(crate::Error::Candidates("claims are checked for at least one seed"));
    };
    let seeds: Vec<Result<ClaimReport>> = sets
        .par_iter()
        .with_max_len(1)
        .map(|(seed, dataset)| {
            let mut report = empty(dataset, *seed);
            check(&rows_of(dataset)?, *seed, &|what| told(&format!("seed {seed}: {what}")), &mut report)?;
            Ok(report)
        })
        .collect();
    let mut report = ClaimReport { seeds: Vec::new(), ..empty(dataset, *first) };
    for of_seed in seeds {
        let of_seed = of_seed?;
        report.seeds.extend(of_seed.seeds);
        report.findings.extend(of_seed.findings);
        report.certificates.extend(of_seed.certificates);
        report.curves.extend(of_seed.curves);
    }
    told("test rows");
    report.findings.extend(theory::generalisation(dataset, *first)?);
    report.findings.sort_by_key(|finding| finding.claim);
    Ok(report)
}

/// A report without findings.
fn empty(dataset: &Dataset, seed: u64) -> ClaimReport {
    ClaimReport {
        dataset: dataset.name().to_owned(),
        n: dataset.n(),
        d: dataset.d(),
        classes: dataset.n_classes(),
        seeds: vec![seed],
        findings: Vec::new(),
        certificates: Vec::new(),
        curves: Vec::new(),
    }
}

fn check(data: &Data, seed: u64, told: &dyn Fn(&str), report: &mut ClaimReport) -> Result<()> {
    told("claim 1, the bandwidths of a stack");
    let spectral = Stacked::spectral(data, seed)?;
    let closed_form = Stacked::closed_form(data, seed)?;
    let stacks = premise::closed_form(data, seed, told)?;
    let reached = premise::best(&stacks);
    report.findings.extend(convergence::any_labelling(data, &stacks, &closed_form)?);
    report.certificates.push(Certificate::of(data, reached, seed)?);
    told("claims 2 and 3, the spectral network to its limit");
    let limit = premise::spectral(data, seed)?;
    for network in [&limit, reached] {
        report.findings.extend(convergence::indicator_kernel(data, network)?);
        report.findings.extend(convergence::scatter(data, network));
    }
    told("claim 4, MSE and CE layer by layer");
    for network in [&spectral, &limit, &closed_form, reached] {
        report.curves.push(Curve::of(data, network, seed)?);
    }
    for curve in &report.curves {
        report.findings.extend(label_matching::findings(curve));
    }
    report.findings.extend(theory::rates(&report.curves));
    told("claim 5, the gradient at W_s");
    report.findings.extend(optimality::mean_embedding_is_not_stationary(data, seed)?);
    told("claim 6, the neighbours of W*");
    report.findings.extend(optimality::spectral_is_optimal(data, &spectral, seed)?);
    told("claim 7, the reformulation");
    report.findings.extend(regularisation::reformulation(data, &spectral, seed)?);
    for finding in &mut report.findings {
        finding.seed = seed;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_of_most_weight_is_shown_with_its_seeds() {
        let finding =
            |seed, layer, verdict| Finding { seed, ..Finding::new(6, "q", 0.5, "", verdict).at(layer) };
        let of = |findings: &[(u64, usize, Verdict)]| {
            let findings = findings.iter().map(|&(seed, layer, verdict)| finding(seed, layer, verdict));
            let report = ClaimReport {
                dataset: String::new(),
                n: 0,
                d: 0,
                classes: 0,
                seeds: vec![0, 1],
                findings: findings.collect(),
                certificates: Vec::new(),
                curves: Vec::new(),
            };
            let shown: Vec<_> = report.shown().into_iter().map(|(f, seeds)| (f.layer, seeds)).collect();
            (shown, report.verdict(6))
        };
        use Verdict::{Failed, Holds, NotApplicable, PremiseNotReached, Reported};
        let all = of(&[(0, 1, Holds), (0, 2, Failed), (1, 1, Failed), (1, 2, Holds)]);
        assert_eq!(all, (vec![(Some(2), vec![0, 1])], Failed));
        let holds = of(&[(0, 1, Holds), (0, 2, NotApplicable), (1, 3, Holds), (1, 4, Reported)]);
        assert_eq!(holds, (vec![(Some(3), vec![0, 1])], Holds));
        let premise = of(&[(0, 1, Holds), (1, 2, PremiseNotReached)]);
        assert_eq!(premise, (vec![(Some(2), vec![1])], PremiseNotReached));
        assert_eq!(of(&[(0, 1, Reported)]), (Vec::new(), NotApplicable));
    }
}
