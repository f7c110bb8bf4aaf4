//! `hsic-cli predict`: a class for every row of a table.

use clap::Args;
use hsic::Output;
use hsic_net::head::largest_columns;
use serde_json::{Value, json};

use super::rows::{RowsArgs, RowsOut, told};
use crate::error::CliError;

/// The arguments of `predict`.
#[derive(Debug, Args)]
pub struct PredictArgs {
    #[command(flatten)]
    pub rows: RowsArgs,
    /// Write the probability of every class beside the predicted one
    #[arg(long)]
    pub proba: bool,
    #[command(flatten)]
    pub to: RowsOut,
}

/// Predicts rows as they come; a label column in the table is passed over.
///
/// # Errors
/// [`CliError::Usage`] for a model or a table that are not right; the rows before the wrong one are written, and the JSON object is
/// closed with the error.
pub fn run(args: &PredictArgs) -> Result<(), CliError> {
    let model = args.rows.load()?;
    let names = model.schema().classes();
    let of_proba = |cells: Vec<String>| if args.proba { cells } else { Vec::new() };
    let columns = |_| {
        let proba = names.iter().map(|name| format!("p({name})")).collect();
        [vec!["predicted".to_owned()], of_proba(proba)].concat()
    };
    let fields = json!({ "class_names": names });
    args.rows.write(&args.to, ("predict", fields), (&model, Output::LogProba), columns, |values, row| {
        let p: Option<Vec<f64>> = row.ok().map(|i| values.row(i).iter().map(|log| log.exp()).collect());
        let name = row.ok().map(|i| &names[largest_columns(values.subrows(i, 1))[0]]);
        let of_classes = match &p {
            Some(p) => p.iter().map(|p| format!("{p:?}")).collect(),
            None => vec![String::new(); names.len()],
        };
        let mut value = json!({ "predicted": name });
        if let Err(fault) = row {
            value["error"] = told(fault).into();
        }
        if args.proba {
            value["probabilities"] = p.map_or(Value::Null, Value::from);
        }
        ([vec![name.cloned().unwrap_or_default()], of_proba(of_classes)].concat(), value)
    })
}
