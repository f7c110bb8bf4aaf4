//! The networks that `fit` chooses among, and the choice.

use faer::{Mat, Par};
use hsic_eval::StandardisedFold;
use hsic_eval::records::SelectionRecord;
use hsic_eval::selection::{SelectionGrid, select};
use hsic_kernels::bandwidth::Subsample;
use hsic_net::{NetworkParams, SolverParams};

use super::args::{FitArgs, Solver};
use crate::commands::method::{Plan, plan};
use crate::config::{Config, Method};
use crate::error::CliError;
use crate::progress::FitProgress;

/// A network, and what its hyperparameters are chosen from, if they are.
pub struct Candidate {
    /// How its layers are solved.
    pub method: Method,
    /// The network.
    pub params: NetworkParams,
    /// What is chosen from.
    pub grid: Option<SelectionGrid>,
}

/// The networks to choose among: that of the configuration or of `--solver`, else one of each solver.
///
/// # Errors
/// [`CliError::Usage`] for a method that makes no model.
pub fn candidates(args: &FitArgs, config: &Config) -> Result<Vec<Candidate>, CliError> {
    let described = args.config.is_some() || !args.set.is_empty();
    let of_config = || {
        config.methods.iter().copied().find(|method| matches!(method, Method::Spectral | Method::ClosedForm))
    };
    let methods = match args.solver {
        Some(Solver::Spectral) => vec![Method::Spectral],
        Some(Solver::ClosedForm) => vec![Method::ClosedForm],
        None if described || args.no_search => vec![of_config().unwrap_or(Method::Spectral)],
        None => vec![Method::Spectral, Method::ClosedForm],
    };
    let candidate = |method: Method| -> Result<Candidate, CliError> {
        let (params, grid) = match plan(config, method)? {
            Plan::Fixed(hsic_eval::Method::Network(params)) if described => (params, None),
            Plan::Fixed(hsic_eval::Method::Network(params)) => {
                let grid = match params.solver {
                    SolverParams::Spectral(_) => SelectionGrid::spectral(),
                    SolverParams::ClosedForm(_) => SelectionGrid::closed_form(),
                };
                (params, Some(grid))
            }
            Plan::Fixed(hsic_eval::Method::Selected { base, grid }) => (base, Some(grid)),
            Plan::Fixed(hsic_eval::Method::NetworkInBlocks(_)) => {
                return Err(CliError::Usage(format!(
                    "{method}.in_blocks is of experiments alone: a model is fitted in memory"
                )));
            }
            _ => return Err(CliError::Usage(format!("a model is a network, and {method} is none"))),
        };
        let seed = config.solver_seed.unwrap_or(config.seed);
        Ok(Candidate {
            method,
            params: NetworkParams { seed, ..params },
            grid: grid.filter(|_| !args.no_search),
        })
    };
    methods.into_iter().map(candidate).collect()
}

/// Rows that hyperparameters are chosen on: as many as tell the candidates apart.
const SEARCH_ROWS: usize = 2000;

/// Chooses among the candidates on a stratified subsample of the training rows: the most right answers, of equally many the
/// first.
///
/// # Errors
/// That of the first candidate that cannot be fitted.
pub fn choose(
    candidates: Vec<Candidate>,
    rows: &StandardisedFold,
    progress: &FitProgress,
) -> hsic_eval::Result<(NetworkParams, Option<SelectionRecord>)> {
    let mut best: Option<(NetworkParams, Option<SelectionRecord>)> = None;
    for Candidate { params, grid, .. } in candidates {
        let found = match grid {
            None => (params, None),
            Some(grid) => {
                progress.say("choosing hyperparameters");
                let subsample = Subsample { rows: SEARCH_ROWS, seed: params.seed };
                let picked = subsample.stratified(&rows.train_labels);
                let x = Mat::from_fn(picked.len(), rows.train.ncols(), |i, k| rows.train[(picked[i], k)]);
                let labels = rows.train_labels.select(&picked)?;
                let (params, record) = select(&params, &grid, x.as_ref(), &labels, Par::rayon(0))?;
                (params, Some(record))
            }
        };
        let right = |found: &(NetworkParams, Option<SelectionRecord>)| {
            found.1.as_ref().and_then(|record| record.chosen.accuracy).unwrap_or(0.0)
        };
        if best.as_ref().is_none_or(|best| right(&found) > right(best)) {
            best = Some(found);
        }
    }
    Ok(best.expect("there is a candidate"))
}
