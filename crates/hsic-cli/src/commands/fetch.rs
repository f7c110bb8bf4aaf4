//! `hsic-cli data fetch`: the external data sets, from their sources into the data folder.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hsic_data::fetch::{FetchEvent, FetchOptions, fetch};
use hsic_data::registry::{self, Entry, Kind};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::interrupt;
use crate::error::CliError;
use crate::output::{object, print, print_json};
use crate::places::argument;

/// The arguments of `data fetch`.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// Name of the set, or `all` for every one that is not part of the program
    pub name: String,
    /// Take the source's archives, or the files in them, from this folder instead of a download
    #[arg(long, value_name = "DIR")]
    pub from: Option<argument::InputFolder>,
    /// Take the archives, by their names, from this address instead of the source's
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    pub mirror: Option<String>,
    /// Seconds that the server may be silent
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
    /// How often a download is tried
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub attempts: u32,
    /// Print one JSON object, after the last set
    #[arg(long)]
    pub json: bool,
}

/// Fetches one set or all into the folder of `HSIC_DATA_DIR`, by default the platform's for a user's data. Of `all`, a set
/// that fails does not stop the others.
///
/// # Errors
/// [`CliError::Usage`] for an unknown name and for a folder that has not got the files, [`CliError::Failed`] for a download
/// that fails.
pub fn run(args: &FetchArgs) -> Result<(), CliError> {
    let entries: Vec<&Entry> = match args.name.as_str() {
        "all" => registry::entries().iter().filter(|entry| entry.kind == Kind::External).collect(),
        name => vec![registry::entry(name)?],
    };
    let dir = registry::data_dir().ok_or_else(|| {
        CliError::Usage(format!(
            "{} is not set, and this platform has no folder for data",
            registry::DATA_DIR_VARIABLE
        ))
    })?;
    let options = FetchOptions {
        from: args.from.as_deref().map(PathBuf::from),
        mirror: args.mirror.clone(),
        attempts: args.attempts,
        timeout: Duration::from_secs(args.timeout),
        ..FetchOptions::new(dir)
    };
    interrupt::catch()?;
    let mut failed = Vec::new();
    let mut told = Vec::new();
    for entry in &entries {
        let mut files = Vec::new();
        let outcome = one(entry, &options, args.json, &mut files);
        told.push(json!({
            "name": entry.name,
            "source": entry.source_note(),
            "licence": entry.licence,
            "citation": entry.citation,
            "files": files,
            "error": outcome.as_ref().err().map(ToString::to_string),
        }));
        match outcome {
            Err(error) if entries.len() > 1 => {
                eprintln!("error: {error}");
                failed.push(entry.name.as_str());
            }
            Err(error) if !args.json => return Err(error),
            Err(error) => {
                print_json(&summary(&options, &told))?;
                return Err(error);
            }
            Ok(()) => {}
        }
    }
    if args.json {
        print_json(&summary(&options, &told))?;
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(CliError::Failed(format!("not fetched: {}", failed.join(", "))))
    }
}

fn summary(options: &FetchOptions, datasets: &[Value]) -> Value {
    object("data fetch", [json!({ "folder": options.dir.display().to_string(), "datasets": datasets })])
}

/// Fetches a set and adds its files to `files`.
fn one(entry: &Entry, options: &FetchOptions, quiet: bool, files: &mut Vec<Value>) -> Result<(), CliError> {
    // before the first byte: whoever may not use the data should not fetch them
    if !quiet && !entry.download.is_empty() {
        print(&format!(
            "{}: {}\n  licence   {}\n  citation  {}\n",
            entry.name,
            entry.source_note(),
            entry.licence,
            entry.citation
        ))?;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bytes}/{total_bytes} {msg}") {
        bar.set_style(style);
    }
    let mut lines = String::new();
    let mut file = |path: PathBuf, written: bool| {
        files.push(json!({ "file": path.display().to_string(), "written": written }));
    };
    let outcome = fetch(entry, options, &mut |event| match event {
        FetchEvent::Present(path) => {
            lines += &format!("  {} is there already\n", path.display());
            file(path, false);
        }
        FetchEvent::Written(path) => {
            lines += &format!("  written   {}\n", path.display());
            file(path, true);
        }
        FetchEvent::Download { url, attempt: 1 } => bar.set_message(url),
        FetchEvent::Download { url, attempt } => bar.set_message(format!("{url}, attempt {attempt}")),
        FetchEvent::Progress { received, total } => {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(received);
        }
        _ => {}
    });
    bar.finish_and_clear();
    if !quiet {
        print(&lines)?;
    }
    outcome.map_err(|error| match error {
        // the network's fault or the disk's, not the user's
        hsic_data::Error::Fetch { .. } if options.from.is_none() => CliError::failed(&error),
        hsic_data::Error::Place { .. } | hsic_data::Error::Checksum { .. } => CliError::failed(&error),
        error => error.into(),
    })
}
