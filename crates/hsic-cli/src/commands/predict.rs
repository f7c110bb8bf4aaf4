//! `hsic-cli predict`: a class for every row of a table.

use clap::Args;
use hsic::Output;
use hsic_data::table::LabelRule;
use hsic_net::head::largest_columns;
use serde_json::json;

use super::rows::{RowsArgs, told};
use super::sink::{Sink, json_end};
use crate::error::CliError;
use crate::places::argument;

/// The arguments of `predict`.
#[derive(Debug, Args)]
pub struct PredictArgs {
    #[command(flatten)]
    pub rows: RowsArgs,
    /// Write the probability of every class beside the predicted one
    #[arg(long)]
    pub proba: bool,
    /// File to write; - is standard output [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<argument::Rows>,
    /// Write one JSON object instead of CSV; with --out, the object is in the file, and one with the number of rows is printed
    #[arg(long)]
    pub json: bool,
}

/// Predicts rows as they come; a label column in the table is passed over.
///
/// # Errors
/// [`CliError::Usage`] for a model or a table that are not right; the rows before the wrong one are written, and the JSON object is
/// closed with the error.
pub fn run(args: &PredictArgs) -> Result<(), CliError> {
    let model = args.rows.load()?;
    let out = args.out.as_ref().and_then(argument::Rows::file);
    let mut sink = Sink::open(out)?;
    let names = model.schema().classes();
    let (mut rows, mut skipped) = (0, 0);
    let header = if args.json {
        let names = serde_json::to_string(names).map_err(|error| CliError::failed(&error))?;
        let version = env!("CARGO_PKG_VERSION");
        format!("{{\"command\":\"predict\",\"version\":\"{version}\",\"class_names\":{names},\"rows\":[")
    } else {
        let mut columns = vec!["predicted".to_owned()];
        if args.proba {
            columns.extend(names.iter().map(|name| format!("p({name})")));
        }
        csv_line(&columns)?
    };
    sink.put(&header)?;
    let stream = args.rows.for_each(&model, LabelRule::Ignore, Output::LogProba, |batch| {
        let best = largest_columns(batch.values.as_ref());
        let mut text = String::new();
        for row in &batch.rows {
            let of = row.as_ref().map(|&i| {
                let p: Vec<f64> = batch.values.row(i).iter().map(|log| log.exp()).collect();
                (&names[best[i]], p)
            });
            if args.json {
                let mut row = match &of {
                    Ok((name, _)) => json!({ "predicted": name }),
                    Err(fault) => json!({ "predicted": null, "error": told(fault) }),
                };
                if args.proba {
                    row["probabilities"] = json!(of.ok().map(|(_, p)| p));
                }
                text += if rows == 0 { "\n" } else { ",\n" };
                text += &row.to_string();
            } else {
                let mut fields =
                    vec![of.as_ref().map_or_else(|_| String::new(), |(name, _)| (*name).clone())];
                if args.proba {
                    let empty = || vec![String::new(); names.len()];
                    fields.extend(
                        of.map_or_else(|_| empty(), |(_, p)| p.iter().map(|p| format!("{p:?}")).collect()),
                    );
                }
                text += &csv_line(&fields)?;
            }
            rows += 1;
            skipped += usize::from(row.is_err());
        }
        sink.put(&text)
    });
    sink.end(stream, |error| if args.json { json_end(rows, skipped, error) } else { String::new() })?;
    if let (true, Some(out)) = (args.json, out) {
        let json = json!({ "command": "predict", "class_names": names, "n": rows, "skipped": skipped });
        return args.rows.print_written(json, out);
    }
    Ok(())
}

/// A line of CSV, quoted where it must be.
pub(super) fn csv_line<S: AsRef<[u8]>>(fields: &[S]) -> Result<String, CliError> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    writer.write_record(fields).map_err(|error| CliError::failed(&error))?;
    let bytes = writer.into_inner().map_err(|error| CliError::failed(&error))?;
    String::from_utf8(bytes).map_err(|error| CliError::failed(&error))
}
