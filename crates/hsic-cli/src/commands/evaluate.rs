//! `hsic-cli evaluate`: how well a model does on rows whose class is known.

use std::fmt;

use clap::Args;
use hsic::{Output, Quality};
use hsic_data::table::LabelRule;
use hsic_kernels::Labels;
use hsic_report::text;
use serde::Serialize;

use super::rows::RowsArgs;
use crate::error::CliError;
use crate::output::tell;

/// The arguments of `evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    #[command(flatten)]
    pub rows: RowsArgs,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Compares predictions with the label column of a table.
///
/// # Errors
/// [`CliError::Usage`] for a model or a table that are not right, or a table without the label column or rows.
pub fn run(args: &EvaluateArgs) -> Result<(), CliError> {
    let model = args.rows.load()?;
    let names = model.schema().classes();
    // the commonest class of the training rows is what a guess would be
    let majority = model.training().evaluation["majority_class"].as_str();
    let majority = majority.and_then(|class| names.iter().position(|name| name == class)).unwrap_or(0);
    let mut quality = Quality::new(names, majority);
    let mut skipped = 0;
    args.rows.for_each(&model, LabelRule::Read, Output::LogProba, |batch| {
        skipped += batch.rows.iter().filter(|row| row.is_err()).count();
        let codes = batch.codes.unwrap_or_default();
        if !codes.is_empty() {
            let labels = Labels::with_classes(codes, names.len());
            quality.add(batch.values.as_ref(), &labels.map_err(|error| CliError::failed(&error))?);
        }
        Ok(true)
    })?;
    let data = args.rows.data.display().to_string();
    if quality.n() == 0 {
        let problem = if skipped > 0 { "has no row that can be used" } else { "has no rows" };
        return Err(CliError::Usage(format!("{data} {problem}: expected one row a sample")));
    }
    let model = args.rows.model.display().to_string();
    tell(
        "evaluate",
        args.json,
        &Evaluated { model, data, n: quality.n(), skipped, class_names: names, quality },
    )
}

/// How well a model does on a table.
#[derive(Serialize)]
struct Evaluated<'a> {
    model: String,
    data: String,
    n: usize,
    skipped: usize,
    class_names: &'a [String],
    #[serde(flatten)]
    quality: Quality,
}

impl fmt::Display for Evaluated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = text::count(self.n, "row");
        let verdict = self.quality.verdict();
        write!(f, "{}: {rows}\n\n{}\n", self.data, self.quality)?;
        writeln!(f, "Does the model know more than the commonest class? {verdict}")
    }
}
