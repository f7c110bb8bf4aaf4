//! `hsic-cli transform`: the rows of a table as they leave a layer.

use clap::Args;
use hsic::Output;
use hsic_data::table::LabelRule;
use serde_json::json;

use super::predict::csv_line;
use super::rows::RowsArgs;
use super::sink::{Sink, json_end};
use crate::error::CliError;
use crate::places::argument;

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
    /// File to write; - is standard output [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<argument::Rows>,
    /// Write one JSON object instead of CSV; with --out, the object is in the file, and one with the number of rows is printed
    #[arg(long)]
    pub json: bool,
}

/// Writes Z or R of rows as they come.
///
/// # Errors
/// [`CliError::Usage`] for a model, a layer or a table that are not right; what is written then is as by `predict`.
pub fn run(args: &TransformArgs) -> Result<(), CliError> {
    let model = args.rows.load()?;
    let layer = args.layer.unwrap_or(model.network().layers().len());
    let out = args.out.as_ref().and_then(argument::Rows::file);
    let mut sink = Sink::open(out)?;
    let (mut rows, mut skipped) = (0, 0);
    let letter = if args.activation { 'r' } else { 'z' };
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        sink.put(&format!(
            "{{\"command\":\"transform\",\"version\":\"{version}\",\"layer\":{layer},\"output\":\"{letter}\",\"rows\":["
        ))?;
    }
    let output = if args.activation { Output::Activated(layer) } else { Output::Projected(layer) };
    let stream = args.rows.for_each(&model, LabelRule::Ignore, output, |batch| {
        let output = &batch.values;
        let mut text = String::new();
        if rows == 0 && !args.json && !batch.rows.is_empty() {
            let names: Vec<String> = (1..=output.ncols()).map(|k| format!("{letter}{k}")).collect();
            text += &(names.join(",") + "\n");
        }
        for row in &batch.rows {
            let numbers: Option<Vec<String>> =
                row.as_ref().ok().map(|&i| output.row(i).iter().map(|value| format!("{value:?}")).collect());
            text += &match (args.json, numbers) {
                (false, Some(numbers)) => numbers.join(",") + "\n",
                (false, None) => csv_line(&vec![""; output.ncols()])?,
                (true, numbers) => {
                    let row = numbers.map_or("null".into(), |numbers| format!("[{}]", numbers.join(",")));
                    format!("{}\n{row}", if rows == 0 { "" } else { "," })
                }
            };
            rows += 1;
            skipped += usize::from(row.is_err());
        }
        sink.put(&text)
    });
    sink.end(stream, |error| if args.json { json_end(rows, skipped, error) } else { String::new() })?;
    if let (true, Some(out)) = (args.json, out) {
        let json = json!({
            "command": "transform",
            "layer": layer,
            "output": letter.to_string(),
            "n": rows,
            "skipped": skipped,
        });
        return args.rows.print_written(json, out);
    }
    Ok(())
}
