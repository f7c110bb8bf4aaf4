//! The choice of a network on the training rows: from rows, classes and candidates to hyperparameters. How it is made is known
//! here alone.

use std::time::Duration;

use faer::{Mat, MatRef, Par};
use hsic_eval::records::SelectionRecord;
use hsic_eval::selection::select;
use hsic_eval::{Candidates, Progress};
use hsic_kernels::Labels;
use hsic_kernels::bandwidth::Subsample;
use hsic_net::NetworkParams;

use super::Candidate;

/// A network that was chosen.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Which of the candidates it comes from.
    pub candidate: usize,
    /// Its hyperparameters.
    pub params: NetworkParams,
    /// What the choice was made of; `None` where there was none.
    pub selection: Option<SelectionRecord>,
}

/// Rows that a whole grid is searched on: as many as tell its candidates apart.
const SEARCH_ROWS: usize = 2000;
/// Rows that tell what is clearly better than the input without a layer.
const CLEAR_ROWS: usize = 300;

/// Chooses among candidates in one race on a stratified subsample of the training rows `x` (n×d), as [`select`] says.
///
/// # Errors
/// That of the first network that is not allowed, [`hsic_eval::Error::Candidates`] where there is none.
///
/// # Cost
/// That of [`select`] on at most 2000 rows; on 300 where the input without a layer is among the candidates.
pub fn choose(
    candidates: &[Candidate],
    x: MatRef<'_, f64>,
    labels: &Labels,
    seed: u64,
    budget: Option<Duration>,
    par: Par,
    progress: &dyn Progress,
) -> hsic_eval::Result<Choice> {
    if let [Candidate { grid: None, params, .. }] = candidates {
        return Ok(Choice { candidate: 0, params: NetworkParams { seed, ..*params }, selection: None });
    }
    let race = Candidates {
        inner_folds: candidates.iter().map(|candidate| candidate.inner_folds).min().unwrap_or(2),
        params: candidates.iter().flat_map(Candidate::networks).copied().collect(),
    };
    let sees_input = race.params.iter().any(|params| params.max_layers == 0);
    let rows = if sees_input { CLEAR_ROWS } else { SEARCH_ROWS };
    progress.choosing(&format!("{} networks", race.params.len()), None);
    let picked = Subsample { rows, seed }.stratified(labels);
    let rows = Mat::from_fn(picked.len(), x.ncols(), |i, k| x[(picked[i], k)]);
    let (params, record) =
        select(&race, seed, rows.as_ref(), &labels.select(&picked)?, budget, par, progress)?;
    let holds = |candidate: &Candidate| {
        candidate.networks().iter().any(|network| NetworkParams { seed, ..*network } == params)
    };
    let candidate = candidates.iter().position(holds).expect("the race is of the candidates' networks");
    Ok(Choice { candidate, params, selection: Some(record) })
}
