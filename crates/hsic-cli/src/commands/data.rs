//! `hsic-cli data`: the registered data sets.

use std::path::Path;

use clap::Subcommand;
use hsic_data::generate::generate_csv;
use hsic_data::output::Sink;
use hsic_data::table::Inspection;
use hsic_data::{Dataset, registry};
use hsic_report::registry::{SetDescription, SetList};
use serde_json::{Value, json};

use super::fetch::FetchArgs;
use super::sink::{cannot_write, check_writable};
use super::source::content;
use super::table::TableArgs;
use crate::error::CliError;
use crate::output::{object, print_json, tell};
use crate::places::argument;

/// The commands about data sets.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List the registered data sets
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show all that is known of a data set: source, licence, citation, files, columns, classes
    Describe {
        /// Name of the set
        name: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Download a data set from its source, convert and check it, and put it into the data folder
    Fetch(FetchArgs),
    /// Show what every column of a table holds and becomes, what is odd about it, and why it would be refused
    Inspect {
        /// The table: CSV (packed with gzip or not), Parquet, .npy, .npz or idx; - is standard input
        data: argument::Input,
        #[command(flatten)]
        table: TableArgs,
        /// File of the classes of an idx or .npy file; - is standard input
        #[arg(long, value_name = "FILE")]
        labels: Option<argument::Input>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write a generated data set as CSV
    Generate {
        /// Name of the set
        name: String,
        /// Seed of the generator
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u64,
        /// File to write; - is standard output [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<argument::Rows>,
        /// Print one JSON object with the sizes and the sum of the file, which is CSV all the same; needs --out
        #[arg(long, requires = "out")]
        json: bool,
    },
}

/// Runs a command about data sets.
///
/// # Errors
/// [`CliError::Usage`] for an unknown name, [`CliError::Failed`] for output that cannot be written.
pub fn run(command: &DataCommand) -> Result<(), CliError> {
    match command {
        DataCommand::Fetch(args) => super::fetch::run(args),
        DataCommand::List { json } => {
            let (entries, folder) = (registry::entries(), registry::data_dir());
            tell("data list", *json, &SetList { entries, folder })
        }
        DataCommand::Describe { name, json } => {
            let entry = registry::entry(name)?;
            let data = registry::load(name, 0, registry::data_dir().as_deref());
            let data = data.map_err(|error| CliError::usage(&error).to_string());
            tell("data describe", *json, &SetDescription { entry, data })
        }
        DataCommand::Inspect { data, table, labels, json } => {
            let content = content(data, labels.as_deref())?;
            let source = table.of_text.options();
            let infer = table.infer_options(&content.open(&source)?);
            tell("data inspect", *json, &Inspection::read(&content, &source, &infer)?)
        }
        DataCommand::Generate { name, seed, out, json } => {
            let file = out.as_ref().and_then(argument::Rows::file);
            if *json && file.is_none() {
                return Err(CliError::Usage(
                    "--json needs a file: with --out - the rows are on standard output".into(),
                ));
            }
            generate(name, *seed, file, *json)
        }
    }
}

fn generate(name: &str, seed: u64, out: Option<&Path>, json: bool) -> Result<(), CliError> {
    // made in memory first: an unknown name must not leave an empty file
    let mut text = Vec::new();
    generate_csv(name, seed, &mut text)?;
    let failed = |error| CliError::Failed(cannot_write(out, &error));
    out.map_or(Ok(()), check_writable)?;
    let mut sink = Sink::open(out).map_err(failed)?;
    sink.put(&String::from_utf8_lossy(&text)).map_err(failed)?;
    sink.end().map_err(failed)?;
    if let (true, Some(path)) = (json, out) {
        let data = registry::load(name, seed, None)?;
        print_json(&object("data generate", [generated(&data, seed, path)]))?;
    }
    Ok(())
}

/// A generated set that is in a file now.
fn generated(data: &Dataset, seed: u64, out: &Path) -> Value {
    json!({
        "name": data.name(),
        "seed": seed,
        "n": data.n(),
        "d": data.d(),
        "classes": data.n_classes(),
        "class_names": data.class_names(),
        "sha256": data.sha256(),
        "out": out.display().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use hsic_data::table::{InferOptions, SourceOptions};

    use super::*;

    #[test]
    fn an_unknown_set_leaves_no_file() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("x.csv");
        let error = generate("iris", 0, Some(&path), false);
        let expected = "there is no data set `iris`; the sets are `random`, `adversarial`, `spiral`, `car`";
        assert_eq!(error, Err(CliError::Usage(expected.into())));
        assert!(!path.exists());
        generate("random", 4, Some(&path), false)?;
        let data = Dataset::read(&path, &SourceOptions::default(), &InferOptions::default())?;
        assert_eq!(data.features(), registry::load("random", 4, None)?.features());
        Ok(())
    }
}
