//! The networks that `fit` chooses among, and the choice.

use faer::Mat;
use hsic_eval::records::SelectionRecord;
use hsic_eval::selection::select;
use hsic_eval::{Candidates, StandardisedFold};
use hsic_kernels::all_threads;
use hsic_kernels::bandwidth::Subsample;
use hsic_net::NetworkParams;
use hsic_net::settings::Problem;

use super::args::{FitArgs, Solver};
use crate::config::{Config, Given, Method};
use crate::error::CliError;
use crate::progress::FitProgress;

/// A network, and what its hyperparameters are chosen from, if they are.
pub struct Candidate {
    /// How its layers are solved.
    pub method: Method,
    /// The network as configured.
    pub params: NetworkParams,
    /// The networks that are chosen among.
    pub grid: Option<Candidates>,
    /// The hyperparameters that were given.
    pub given: Vec<String>,
    /// The hyperparameters that are chosen.
    pub searched: Vec<&'static str>,
}

/// The networks to choose among: that of the configuration or of `--solver`, else one of each solver. What is given is fixed,
/// the rest is chosen.
///
/// # Errors
/// [`CliError::Usage`] for a method that makes no model.
pub fn candidates(args: &FitArgs, config: &Config, given: &Given) -> Result<Vec<Candidate>, CliError> {
    let methods = methods(args, config, given);
    let is_alone = methods.len() == 1;
    let candidate = |method: Method| -> Result<Candidate, CliError> {
        let none = || CliError::Usage(format!("a model is a network, and {method} is none"));
        let mut settings = config.network(method).ok_or_else(none)?;
        if settings.in_blocks() {
            return Err(CliError::Usage(format!(
                "{method}.in_blocks is of experiments alone: a model is fitted in memory"
            )));
        }
        // a grid that was asked for stays as it is
        if !settings.is_chosen() {
            settings.fix(|key| given.has(method, key));
        }
        let in_table = |problem: Problem| CliError::Usage(format!("{method}.{problem}"));
        let params = settings.params().map_err(in_table)?;
        let searched = if args.no_search { Vec::new() } else { settings.searched() };
        let grid = match (searched.is_empty(), is_alone || args.no_search) {
            (true, true) => None,
            // another solver is tried too: how well this one does must be known
            (true, false) => Some(Candidates { inner_folds: settings.inner_folds(), params: vec![params] }),
            (false, _) => Some(Candidates::of(&settings).map_err(in_table)?),
        };
        let seed = config.solver_seed.unwrap_or(config.seed);
        let is_field = |key: &&str| !key.starts_with("cv.") && !searched.contains(key);
        let given = given.of_method(method).filter(is_field).map(str::to_owned).collect();
        Ok(Candidate { method, params: NetworkParams { seed, ..params }, grid, given, searched })
    };
    methods.into_iter().map(candidate).collect()
}

/// The solvers to try: the one that is named, or that the configuration describes, else both.
fn methods(args: &FitArgs, config: &Config, given: &Given) -> Vec<Method> {
    const NETWORKS: [Method; 2] = [Method::Spectral, Method::ClosedForm];
    let configured = || {
        let is_network = |method: &Method| NETWORKS.contains(method);
        vec![config.methods.iter().copied().find(is_network).unwrap_or(Method::Spectral)]
    };
    let described: Vec<Method> =
        NETWORKS.into_iter().filter(|&method| given.of_method(method).next().is_some()).collect();
    match (args.solver, described.len()) {
        (Some(Solver::Spectral), _) => vec![Method::Spectral],
        (Some(Solver::ClosedForm), _) => vec![Method::ClosedForm],
        (None, _) if given.methods() => configured(),
        (None, 1) => described,
        (None, _) if args.no_search => configured(),
        (None, _) => NETWORKS.to_vec(),
    }
}

/// A network that was chosen.
pub struct Choice {
    /// Its hyperparameters.
    pub params: NetworkParams,
    /// What the choice was made of; `None` where there was none.
    pub selection: Option<SelectionRecord>,
    /// The hyperparameters that were given, and not chosen.
    pub given: Vec<String>,
    /// The hyperparameters that were chosen.
    pub searched: Vec<&'static str>,
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
) -> hsic_eval::Result<Choice> {
    let mut best: Option<Choice> = None;
    for Candidate { params, grid, given, searched, .. } in candidates {
        let found = match grid {
            None => Choice { params, selection: None, given, searched },
            Some(grid) => {
                progress.say("choosing hyperparameters");
                let subsample = Subsample { rows: SEARCH_ROWS, seed: params.seed };
                let picked = subsample.stratified(&rows.train_labels);
                let x = Mat::from_fn(picked.len(), rows.train.ncols(), |i, k| rows.train[(picked[i], k)]);
                let labels = rows.train_labels.select(&picked)?;
                let (params, record) = select(&grid, params.seed, x.as_ref(), &labels, all_threads())?;
                Choice { params, selection: Some(record), given, searched }
            }
        };
        let right = |choice: &Choice| {
            choice.selection.as_ref().and_then(|record| record.chosen.accuracy).unwrap_or(0.0)
        };
        if best.as_ref().is_none_or(|best| right(&found) > right(best)) {
            best = Some(found);
        }
    }
    Ok(best.expect("there is a candidate"))
}
