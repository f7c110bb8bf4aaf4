//! What the command line and a configuration say of a fit and its table.

use super::args::FitArgs;
use crate::config::{Config, Given, Override};
use crate::error::CliError;

/// The configuration, with what the command line says of the table laid over it, and which keys were given.
///
/// # Errors
/// [`CliError::Usage`] for a file, a key or a value that is not right.
pub fn config(args: &FitArgs) -> Result<(Config, Given), CliError> {
    let mut overrides = args.set.iter().map(|set| Override::parse(set)).collect::<Result<Vec<_>, _>>()?;
    // a run has a name and a path of its own; here they are those of the arguments
    overrides.push(Override::word("fit", &["name"], "fit"));
    overrides.push(Override::word("DATA", &["dataset", "path"], &args.data.display().to_string()));
    if let Some(labels) = &args.labels {
        overrides.push(Override::word("--labels", &["dataset", "labels"], &labels.display().to_string()));
    }
    overrides.extend(args.table.overrides());
    overrides.extend(args.seed.map(|seed| Override::option("--seed", &["seed"], seed)));
    Ok(Config::load_or_defaults(args.config.as_deref(), &overrides)?)
}
