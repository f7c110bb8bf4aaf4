//! `hsic-cli run`: an experiment file in, a folder of results out.

use std::path::{Path, PathBuf};

use hsic_data::Dataset;
use hsic_eval::records::Results;

use super::experiment::{Experiment, Outcome, Start};
use super::interrupt;
use crate::cli::RunArgs;
use crate::config::Config;
use crate::error::CliError;
use crate::output::{colour, print};
use crate::progress::Progress;
use crate::report::{layer_table, mean_table};

/// Runs the experiment of a file.
///
/// # Errors
/// [`CliError::Usage`] for a configuration or data that are not right, [`CliError::Failed`] for a fit or a file that
/// fails.
pub fn run(args: &RunArgs) -> Result<(), CliError> {
    let config = Config::load(&args.config, &args.overrides()?)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&config.name));
    let start = if args.resume { Start::Resume("start over without --resume") } else { Start::Fresh };
    let experiment = Experiment::prepare(config, out, start)?;
    if let Some(threads) = args.threads {
        super::set_threads(threads)?;
    }

    let talks = !args.quiet && !args.json;
    if talks {
        print(&loaded(experiment.data()))?;
    }
    super::warn(experiment.data());
    let (total, done) = experiment.folds();
    let progress = Progress::new(total, done, !talks);
    let dir = experiment.dir().to_owned();
    interrupt::exit_with(
        format!(
            "interrupted: finished folds are in {}; the same command goes on with --resume",
            dir.display()
        ),
        &progress,
    )?;
    let Outcome { results, failures } = experiment.run(&progress, super::schedule(args.timing))?;
    progress.finish();

    if args.json {
        let json = serde_json::to_string_pretty(&results).map_err(|error| CliError::failed(&error))?;
        print(&format!("{json}\n"))?;
    }
    if talks {
        print(&summary(&results, &dir))?;
    }
    super::failed_fits(&failures)
}

fn loaded(data: &Dataset) -> String {
    let counts = data.labels().counts();
    let classes: Vec<String> =
        data.class_names().iter().zip(counts).map(|(name, count)| format!("{name} ({count})")).collect();
    let (n, d) = (data.n(), data.d());
    format!("{}: {n} rows, {d} columns, classes {}\n\n", data.name(), first_few(&classes))
}

/// The twenty classes of a set of faces would fill the screen.
fn first_few(names: &[String]) -> String {
    const SHOWN: usize = 10;
    match names.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..SHOWN].join(", ")),
        _ => names.join(", "),
    }
}

fn summary(results: &Results, dir: &Path) -> String {
    let mut text = String::new();
    for method in &results.methods {
        if let Some(table) = layer_table(results, &method.method) {
            text += &format!("{table}\n");
        }
    }
    text += &mean_table(results, colour());
    text += &format!("\nresults are in {}\n", dir.display());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_tables_end_with_the_place_of_the_results() {
        let text = summary(&fixture::results(), Path::new("results/toy"));
        assert!(text.starts_with("random, spectral, layer by layer"), "{text}");
        assert!(text.ends_with("\n\nresults are in results/toy\n"), "{text}");
    }

    #[test]
    fn many_classes_are_cut_short() {
        let names: Vec<String> = (0..12).map(|class| class.to_string()).collect();
        assert_eq!(first_few(&names[..10]), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
        assert_eq!(first_few(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
    }
}
