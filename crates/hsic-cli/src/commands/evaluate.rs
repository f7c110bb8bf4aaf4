//! `hsic-cli evaluate`: how well a model does on rows whose class is known.

use clap::Args;
use hsic::Output;
use hsic_data::table::LabelRule;
use hsic_kernels::Labels;
use serde_json::{Value, json};

use super::quality::Quality;
use super::rows::RowsArgs;
use crate::error::CliError;
use crate::output::print;
use hsic_report::text;

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
    let mut quality = Quality::new(names.len());
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
    let file = args.rows.data.display();
    if quality.n() == 0 {
        let problem = if skipped > 0 { "has no row that can be used" } else { "has no rows" };
        return Err(CliError::Usage(format!("{file} {problem}: expected one row a sample")));
    }
    // the commonest class of the training rows is what a guess would be
    let training = &model.training().evaluation;
    let majority = training["majority_class"].as_str();
    let majority = majority.and_then(|class| names.iter().position(|name| name == class)).unwrap_or(0);
    if args.json {
        let mut json = json!({
            "command": "evaluate",
            "version": env!("CARGO_PKG_VERSION"),
            "model": args.rows.model.display().to_string(),
            "data": file.to_string(),
            "n": quality.n(),
            "skipped": skipped,
            "class_names": names,
        });
        if let (Value::Object(all), Value::Object(of)) = (&mut json, quality.to_json(majority, names)) {
            all.extend(of);
        }
        return print(&format!("{json:#}\n"));
    }
    print(&format!(
        "{file}: {}\n\n{}\n{}\n\nDoes the model know more than the commonest class? {}\n",
        text::count(quality.n(), "row"),
        quality.confusion_text(names),
        quality.line(),
        quality.verdict(majority, names),
    ))
}
