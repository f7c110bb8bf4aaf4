//! `hsic-cli transform`: the rows of a table as they leave a layer.

use clap::Args;
use faer::Par;
use hsic_data::table::LabelRule;
use serde_json::json;

use super::rows::{RowsArgs, of_model};
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
    let mut rows = 0;
    let letter = if args.activation { 'r' } else { 'z' };
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        sink.put(&format!(
            "{{\"command\":\"transform\",\"version\":\"{version}\",\"layer\":{layer},\"output\":\"{letter}\",\"rows\":["
        ))?;
    }
    let stream = args.rows.for_each(&model, LabelRule::Ignore, |chunk| {
        let x = chunk.features.as_ref();
        let output = if args.activation {
            model.activate(x, layer, Par::rayon(0))
        } else {
            model.transform(x, layer, Par::rayon(0))
        }
        .map_err(of_model)?;
        let mut text = String::new();
        if rows == 0 && !args.json {
            let names: Vec<String> = (1..=output.ncols()).map(|k| format!("{letter}{k}")).collect();
            text += &(names.join(",") + "\n");
        }
        for i in 0..output.nrows() {
            let numbers: Vec<String> = output.row(i).iter().map(|value| format!("{value:?}")).collect();
            let numbers = numbers.join(",");
            text += &match (args.json, rows) {
                (false, _) => format!("{numbers}\n"),
                (true, 0) => format!("\n[{numbers}]"),
                (true, _) => format!(",\n[{numbers}]"),
            };
            rows += 1;
        }
        sink.put(&text)
    });
    sink.end(stream, |error| if args.json { json_end(rows, error) } else { String::new() })?;
    if let (true, Some(out)) = (args.json, out) {
        let json = json!({ "command": "transform", "layer": layer, "output": letter.to_string(), "n": rows });
        return args.rows.print_written(json, out);
    }
    Ok(())
}
