//! The paper's seven claims, each measured on a data set, with a verdict.
//!
//! Every claim is checked on all rows of the set, standardised: these are statements about what training does, not about
//! new rows. A claim gives one or more findings: a quantity, what was measured, the bound, and whether it holds.

mod convergence;
mod optimality;
mod regularisation;
mod stacked;

use hsic_data::scaler::{fill_missing, known_means};
use hsic_data::{Dataset, Scaler};
use serde::{Deserialize, Serialize};

use crate::Result;
use stacked::Stacked;

/// What a finding says of its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// The claim holds within its bound.
    Holds,
    /// Not as it is printed; the corrected statement beside it holds.
    RefutedAsPrinted,
    /// It does not hold.
    Failed,
    /// The claim says nothing about this case.
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
            Self::Failed => "failed",
            Self::NotApplicable => "not applicable",
            Self::Reported => "reported",
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
        }
    }

    fn reported(claim: u8, quantity: impl Into<String>, measured: f64) -> Self {
        Self::new(claim, quantity, measured, "", Verdict::Reported)
    }

    fn at(mut self, layer: usize) -> Self {
        self.layer = Some(layer);
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
    /// Seed of the networks' draws.
    pub seed: u64,
    /// In order of the claims.
    pub findings: Vec<Finding>,
}

impl ClaimReport {
    /// The worst verdict of a claim: failed, else refuted as printed, else holds, else not applicable.
    pub fn verdict(&self, claim: u8) -> Verdict {
        let of_claim = |verdict| self.findings.iter().any(|f| f.claim == claim && f.verdict == verdict);
        [Verdict::Failed, Verdict::RefutedAsPrinted, Verdict::Holds]
            .into_iter()
            .find(|&verdict| of_claim(verdict))
            .unwrap_or(Verdict::NotApplicable)
    }

    /// Whether any claim failed.
    pub fn failed(&self) -> bool {
        (1..=7).any(|claim| self.verdict(claim) == Verdict::Failed)
    }
}

/// Checks all seven claims on a data set.
///
/// # Errors
/// [`crate::Error::Data`] where the set cannot be standardised, [`crate::Error::Network`] where a fit fails.
///
/// # Cost
/// Some ten network fits, and 1000 objective values a spectral layer.
pub fn verify(dataset: &Dataset, seed: u64) -> Result<ClaimReport> {
    let mut x = dataset.features().to_owned();
    fill_missing(x.as_mut(), &known_means(dataset.features()));
    let x = Scaler::fit(x.as_ref())?.transform(x.as_ref())?;
    let data = stacked::Data::new(x, dataset.labels())?;
    let (spectral, spectral_limit) = (Stacked::spectral(&data, seed)?, Stacked::spectral_limit(&data, seed)?);
    let (closed_form, max_hsic) = (Stacked::closed_form(&data, seed)?, Stacked::max_hsic(&data, seed)?);
    let mut findings = convergence::any_labelling(&data, &max_hsic, &closed_form)?;
    for network in [&spectral_limit, &max_hsic] {
        findings.extend(convergence::indicator_kernel(&data, network)?);
    }
    for network in [&spectral_limit, &max_hsic] {
        findings.extend(convergence::scatter(&data, network));
    }
    for network in [&spectral, &closed_form] {
        findings.extend(convergence::label_matching(&data, network)?);
    }
    findings.extend(optimality::mean_embedding_is_not_stationary(&data, seed)?);
    findings.extend(optimality::spectral_is_optimal(&data, &spectral, seed)?);
    findings.extend(regularisation::reformulation(&data, &spectral, seed)?);
    Ok(ClaimReport {
        dataset: dataset.name().to_owned(),
        n: dataset.n(),
        d: dataset.d(),
        classes: dataset.n_classes(),
        seed,
        findings,
    })
}
