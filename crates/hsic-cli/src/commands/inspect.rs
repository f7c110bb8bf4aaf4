//! `hsic-cli inspect`: what a model file holds.

use std::fmt;

use clap::Args;
use hsic::{FORMAT_VERSION, Model};
use serde::Serialize;

use super::rows::load;
use crate::error::CliError;
use crate::output::tell;
use crate::places::argument;

/// The arguments of `inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The model file that `fit` wrote
    pub model: argument::Input,
    /// Print one JSON object with everything but the tensors' values
    #[arg(long)]
    pub json: bool,
}

/// A model and its file.
#[derive(Serialize)]
struct Inspected<'a> {
    #[serde(skip)]
    file: &'a argument::Input,
    #[serde(skip)]
    model: &'a Model,
    #[serde(flatten)]
    description: hsic::Description<'a>,
}

/// Shows where a model comes from, what it takes and how its layers were found.
///
/// # Errors
/// [`CliError::Usage`] with what is wrong with the file.
pub fn run(args: &InspectArgs) -> Result<(), CliError> {
    let model = &load(&args.model)?;
    tell("inspect", args.json, &Inspected { file: &args.model, model, description: model.describe() })
}

impl fmt::Display for Inspected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, version) = (self.file.display(), &self.model.training().library_version);
        writeln!(f, "{:<12}{file}, format {FORMAT_VERSION}, written by hsic {version}", "model")?;
        self.description.fmt(f)
    }
}
