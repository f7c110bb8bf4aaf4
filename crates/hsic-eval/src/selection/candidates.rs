//! What an inner cross-validation chooses from.

use hsic_net::settings::{Problem, Settings};
use hsic_net::{HeadKind, NetworkParams, OutputKind};

use super::standing::Standing;
use crate::records::CandidateRecord;
use crate::{Error, Result};

/// Networks to choose from by cross-validation on training rows.
///
/// They are listed from the simplest to the least simple one: of candidates that score alike the first is taken. Candidates
/// that differ in depth, output and head alone share a stack of layers, which is fitted once.
///
/// ```
/// use hsic_eval::selection::Candidates;
/// use hsic_net::settings::{Settings, SpectralSettings};
/// let candidates = Candidates::of(&Settings::Spectral(SpectralSettings::default()))?;
/// assert_eq!(candidates.params.len(), 6 * 2 * 3 * 3);
/// # Ok::<(), hsic_net::settings::Problem>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    /// Folds of the inner cross-validation, at least 2.
    pub inner_folds: usize,
    /// The networks, at least one.
    pub params: Vec<NetworkParams>,
}

impl Candidates {
    /// Every network that the grid of some settings describes.
    ///
    /// # Errors
    /// The first value that is not allowed.
    pub fn of(settings: &Settings) -> std::result::Result<Self, Problem> {
        Ok(Self { inner_folds: settings.inner_folds(), params: settings.candidates()? })
    }

    /// Checks every candidate.
    ///
    /// # Errors
    /// [`Error::Network`] with the first value outside its bound, [`Error::Candidates`] for a list that names a network twice, or
    /// none.
    pub fn check(&self) -> Result<()> {
        if self.inner_folds < 2 {
            let value = self.inner_folds as f64;
            return Err(hsic_net::Error::Parameter { name: "inner_folds", bound: "at least 2", value }.into());
        }
        if self.params.is_empty() {
            return Err(Error::Candidates("there is no network to choose"));
        }
        self.params.iter().try_for_each(NetworkParams::check)?;
        let is_twice = |(i, params): (usize, &NetworkParams)| self.params[..i].contains(params);
        if self.params.iter().enumerate().any(is_twice) {
            return Err(Error::Candidates("a network to choose is named twice"));
        }
        Ok(())
    }

    /// The stacks of layers that all candidates need, each with its candidates, first to last.
    pub(crate) fn stacks(&self, seed: u64) -> Vec<(NetworkParams, Vec<NetworkParams>)> {
        let mut stacks: Vec<(NetworkParams, Vec<NetworkParams>)> = Vec::new();
        for &params in &self.params {
            let params = NetworkParams { seed, ..params };
            // heads and outputs are fitted on the layers afterwards; these stand in for any
            let (output, head) = (OutputKind::default(), HeadKind::NearestMean);
            let of_stack = |max_layers| NetworkParams { max_layers, output, head, ..params };
            // the input is the beginning of no stack
            let goes_with = |stack: &NetworkParams| {
                (stack.max_layers == 0) == (params.max_layers == 0) && *stack == of_stack(stack.max_layers)
            };
            match stacks.iter_mut().find(|(stack, _)| goes_with(stack)) {
                Some((stack, candidates)) => {
                    stack.max_layers = stack.max_layers.max(params.max_layers);
                    candidates.push(params);
                }
                None => stacks.push((of_stack(params.max_layers), vec![params])),
            }
        }
        stacks
    }
}

pub(crate) fn record(params: &NetworkParams, folds: usize, standing: Option<Standing>) -> CandidateRecord {
    CandidateRecord {
        settings: Settings::from(params).chosen(),
        folds,
        accuracy: standing.map(|standing| standing.accuracy),
        balanced_accuracy: standing.map(|standing| standing.balanced_accuracy),
        log_loss: standing.map(|standing| standing.log_loss),
    }
}
