//! `hsic-cli predict`: a class for every row of a table.

use clap::Args;
use faer::Par;
use hsic_data::table::LabelRule;
use serde_json::json;

use super::rows::{RowsArgs, of_model};
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
    let mut rows = 0;
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
    let stream = args.rows.for_each(&model, LabelRule::Ignore, |chunk| {
        let log_proba = model.predict_log_proba(chunk.features.as_ref(), Par::rayon(0)).map_err(of_model)?;
        let mut text = String::new();
        for i in 0..log_proba.nrows() {
            let p: Vec<f64> = log_proba.row(i).iter().map(|log| log.exp()).collect();
            // the first of equals, as Model::predict
            let best = (0..p.len())
                .fold(0, |best, a| if log_proba[(i, a)] > log_proba[(i, best)] { a } else { best });
            if args.json {
                let mut row = json!({ "predicted": names[best] });
                if args.proba {
                    row["probabilities"] = json!(p);
                }
                text += if rows == 0 { "\n" } else { ",\n" };
                text += &row.to_string();
            } else {
                let mut fields = vec![names[best].clone()];
                if args.proba {
                    fields.extend(p.iter().map(|p| format!("{p:?}")));
                }
                text += &csv_line(&fields)?;
            }
            rows += 1;
        }
        sink.put(&text)
    });
    sink.end(stream, |error| if args.json { json_end(rows, error) } else { String::new() })?;
    if let (true, Some(out)) = (args.json, out) {
        let json = json!({ "command": "predict", "class_names": names, "n": rows });
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
