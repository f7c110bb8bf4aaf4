//! `hsic-cli transform`: the rows of a table as they leave a layer.

use clap::Args;
use hsic::Output;
use serde_json::{Value, json};

use super::rows::{RowsArgs, RowsOut};
use crate::error::CliError;

/// The arguments of `transform`.
#[derive(Debug, Args)]
pub struct TransformArgs {
    #[command(flatten)]
    pub rows: RowsArgs,
    /// Number of the layer, from 1 [default: the last]
    #[arg(long, value_name = "N")]
    pub layer: Option<usize>,
    /// Write the activation R, what the next layer takes, instead of the projected rows Z
    #[arg(long)]
    pub activation: bool,
    #[command(flatten)]
    pub to: RowsOut,
}

/// Writes Z or R of rows as they come.
///
/// # Errors
/// [`CliError::Usage`] for a model, a layer or a table that are not right; what is written then is as by `predict`.
pub fn run(args: &TransformArgs) -> Result<(), CliError> {
    let model = args.rows.load()?;
    let layer = args.layer.unwrap_or(model.network().layers().len());
    let (letter, output) = match args.activation {
        true => ("r", Output::Activated(layer)),
        false => ("z", Output::Projected(layer)),
    };
    let fields = json!({ "layer": layer, "output": letter });
    let columns = |width| (1..=width).map(|k| format!("{letter}{k}")).collect();
    args.rows.write(&args.to, ("transform", fields), (&model, output), columns, |values, row| {
        let numbers: Option<Vec<f64>> = row.ok().map(|i| values.row(i).iter().copied().collect());
        let cells = match &numbers {
            Some(numbers) => numbers.iter().map(|value| format!("{value:?}")).collect(),
            None => vec![String::new(); values.ncols()],
        };
        (cells, numbers.map_or(Value::Null, Value::from))
    })
}
