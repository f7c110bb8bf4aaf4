//! The networks that `fit` chooses among, as the command line and the configuration say.

use hsic::fit::Candidate;
use hsic_net::settings::Problem;

use super::args::{FitArgs, Solver};
use crate::config::{Config, Given, MethodName};
use crate::error::CliError;

/// The networks to choose among: that of the configuration or of `--solver`; where nothing is said of either, the defaults. What
/// is given is fixed, the rest is chosen.
///
/// # Errors
/// [`CliError::Usage`] for a method that makes no model.
pub fn candidates(args: &FitArgs, config: &Config, given: &Given) -> Result<Vec<Candidate>, CliError> {
    let says_nothing =
        given.of_method(MethodName::Spectral).chain(given.of_method(MethodName::ClosedForm)).next().is_none();
    if args.solver.is_none() && !args.no_search && !given.methods() && says_nothing {
        return Ok(if config.in_blocks { Candidate::defaults_in_blocks() } else { Candidate::defaults() });
    }
    let candidate = |method: MethodName| -> Result<Candidate, CliError> {
        let none = || CliError::Usage(format!("a model is a network, and {method} is none"));
        let settings = config.network(method).ok_or_else(none)?;
        let given: Vec<&str> = given.of_method(method).collect();
        let of = if args.no_search { Candidate::fixed } else { Candidate::searched };
        of(settings, &given).map_err(|problem: Problem| CliError::Usage(format!("{method}.{problem}")))
    };
    let found: Vec<Candidate> =
        methods(args, config, given).into_iter().map(candidate).collect::<Result<_, _>>()?;
    match found.iter().filter(|candidate| candidate.in_blocks()).count() {
        0 => Ok(found),
        count if count == found.len() => Ok(found),
        _ => {
            let remedy = "give in_blocks = true for both, or name one with --solver";
            Err(CliError::Usage(format!("one network is fitted in blocks and the other in memory: {remedy}")))
        }
    }
}

/// The solvers to try: the one that is named, or that the configuration describes, else both.
fn methods(args: &FitArgs, config: &Config, given: &Given) -> Vec<MethodName> {
    const NETWORKS: [MethodName; 2] = [MethodName::Spectral, MethodName::ClosedForm];
    let configured = || {
        let is_network = |method: &MethodName| NETWORKS.contains(method);
        vec![config.methods.iter().copied().find(is_network).unwrap_or(MethodName::Spectral)]
    };
    let described: Vec<MethodName> =
        NETWORKS.into_iter().filter(|&method| given.of_method(method).next().is_some()).collect();
    match (args.solver, described.len()) {
        (Some(Solver::Spectral), _) => vec![MethodName::Spectral],
        (Some(Solver::ClosedForm), _) => vec![MethodName::ClosedForm],
        (None, _) if given.methods() => configured(),
        (None, 1) => described,
        (None, _) if args.no_search => configured(),
        (None, _) => NETWORKS.to_vec(),
    }
}
