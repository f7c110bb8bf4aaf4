//! The choice of a network on the training rows: from rows, classes and candidates to hyperparameters. How it is made is known
//! here alone.

use faer::{Mat, MatRef, Par};
use hsic_eval::records::SelectionRecord;
use hsic_eval::selection::select;
use hsic_eval::{Candidates, Progress};
use hsic_kernels::Labels;
use hsic_kernels::bandwidth::Subsample;
use hsic_layer::LayerSolver;
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

/// Rows that hyperparameters are chosen on: as many as tell the candidates apart.
const SEARCH_ROWS: usize = 2000;

/// Chooses among candidates on a stratified subsample of the training rows `x` (n×d): the most right answers, of equally many
/// the first.
///
/// # Errors
/// That of the first candidate that cannot be fitted, [`hsic_eval::Error::Candidates`] where there is none.
///
/// # Cost
/// For each candidate that of [`select`] on at most 2000 rows.
pub fn choose(
    candidates: &[Candidate],
    x: MatRef<'_, f64>,
    labels: &Labels,
    seed: u64,
    par: Par,
    progress: &dyn Progress,
) -> hsic_eval::Result<Choice> {
    let right = |choice: &Choice| choice.selection.as_ref().and_then(|record| record.chosen.accuracy);
    let mut best: Option<Choice> = None;
    for (place, candidate) in candidates.iter().enumerate() {
        let params = NetworkParams { seed, ..candidate.params };
        let grid = match &candidate.grid {
            Some(grid) => grid.clone(),
            None if candidates.len() == 1 => return Ok(Choice { candidate: place, params, selection: None }),
            // how well this one does beside the others must be known
            None => Candidates { inner_folds: candidate.inner_folds, params: vec![params] },
        };
        progress.choosing(params.solver.name(), best.as_ref().and_then(right));
        let picked = Subsample { rows: SEARCH_ROWS, seed }.stratified(labels);
        let rows = Mat::from_fn(picked.len(), x.ncols(), |i, k| x[(picked[i], k)]);
        let (params, record) = select(&grid, seed, rows.as_ref(), &labels.select(&picked)?, par)?;
        let found = Choice { candidate: place, params, selection: Some(record) };
        if best.as_ref().is_none_or(|best| right(&found) > right(best)) {
            best = Some(found);
        }
    }
    best.ok_or(hsic_eval::Error::Candidates("there is no network to choose"))
}
