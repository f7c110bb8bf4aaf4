//! `hsic-cli run`: an experiment file in, a folder of results out.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use hsic_data::Dataset;
use hsic_eval::FoldRows;
use hsic_eval::records::Results;

use super::dataset;
use super::experiment::{Experiment, Watch, run_methods};
use crate::cli::RunArgs;
use crate::config::Config;
use crate::error::CliError;
use crate::output::{colour, print};
use crate::progress::Progress;
use crate::report::{ResultsDir, figures, layer_table, mean_table, report};

/// Runs the experiment of a file.
///
/// # Errors
/// [`CliError::Usage`] for a configuration or data that are not right, [`CliError::Failed`] for a fit or a file that
/// fails.
pub fn run(args: &RunArgs) -> Result<(), CliError> {
    run_with(args, run_methods)
}

fn run_with(args: &RunArgs, experiment: Experiment) -> Result<(), CliError> {
    let config = Config::load(&args.config, &args.overrides()?)?;
    let resolved = config.to_toml().map_err(|error| CliError::failed(&error))?;
    let data = dataset::load(&config)?;
    // before any work: a folder that cannot be written must not cost a night
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&config.name));
    let dir = ResultsDir::open(out)?;
    if let Some(threads) = args.threads {
        super::set_threads(threads)?;
    }

    let talks = !args.quiet && !args.json;
    if talks {
        print(&loaded(&data))?;
    }
    for warning in data.warnings() {
        eprintln!("warning: {}: {warning}", data.name());
    }
    let progress = Progress::new((config.folds * config.methods.len()) as u64, !talks);
    let save = |results: &Results| Ok(dir.write(results, &resolved)?);
    let rows = Mutex::new(Vec::new());
    let keep = |method: &str, of_fold: FoldRows| {
        rows.lock().unwrap_or_else(PoisonError::into_inner).push((method.to_owned(), of_fold));
    };
    let results = experiment(&config, &data, &Watch { progress: &progress, save: &save, rows: &keep })?;
    progress.finish();
    save(&results)?;
    let figures = figures(&results, &rows.into_inner().unwrap_or_else(PoisonError::into_inner))?;
    dir.write_report(&figures, &report(&results, &figures, &resolved))?;

    if args.json {
        let json = serde_json::to_string_pretty(&results).map_err(|error| CliError::failed(&error))?;
        return print(&format!("{json}\n"));
    }
    if talks {
        print(&summary(&results, dir.path()))?;
    }
    Ok(())
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
    use std::fs;

    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::report::fixture;

    const SMALL: Experiment = |config, _, watch| {
        let mut results = fixture::results();
        results.name.clone_from(&config.name);
        results.seed = config.seed;
        watch.progress.layer("spectral", 0, 1, 0.5);
        watch.progress.fold_done();
        (watch.save)(&results)?;
        (watch.rows)("spectral", fixture::rows(60, 2, 2).map_err(|error| CliError::failed(&error))?);
        Ok(results)
    };

    fn args(arguments: &[&str]) -> Result<RunArgs, Box<dyn std::error::Error>> {
        match Cli::try_parse_from(["hsic-cli", "run"].iter().chain(arguments))?.command {
            Command::Run(args) => Ok(args),
            _ => Err("not run".into()),
        }
    }

    #[test]
    fn a_run_leaves_files_and_pictures() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let config = folder.path().join("t.toml");
        fs::write(&config, "name = \"t\"\ndataset.name = \"random\"")?;
        let out = folder.path().join("out");
        let (config, out_text) = (config.display().to_string(), out.display().to_string());
        run_with(
            &args(&[&config, "--out", &out_text, "--quiet", "--seed", "5", "--set", "folds=3"])?,
            SMALL,
        )?;
        let mut files: Vec<_> = fs::read_dir(&out)?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_, _>>()?;
        files.sort();
        assert_eq!(
            files,
            [
                "comparison.png",
                "comparison.svg",
                "config.toml",
                "folds.csv",
                "gram-spectral.png",
                "gram-spectral.svg",
                "layers.csv",
                "metrics-closed-form.png",
                "metrics-closed-form.svg",
                "metrics-spectral.png",
                "metrics-spectral.svg",
                "report.html",
                "results.json",
                "scatter-spectral.png",
                "scatter-spectral.svg",
            ]
        );
        let results: Results = serde_json::from_slice(&fs::read(out.join("results.json"))?)?;
        assert_eq!((results.name.as_str(), results.seed), ("t", 5));
        let resolved = Config::load(&out.join("config.toml"), &[])?;
        assert_eq!((resolved.seed, resolved.folds), (5, 3));
        Ok(())
    }

    #[test]
    fn a_folder_that_cannot_be_written_fails_before_the_work() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let config = folder.path().join("t.toml");
        fs::write(&config, "name = \"t\"\ndataset.name = \"random\"")?;
        let out = config.join("out").display().to_string();
        let config = config.display().to_string();
        let never: Experiment = |_, _, _| Err(CliError::Failed("worked".into()));
        let error = run_with(&args(&[&config, "--out", &out, "--quiet"])?, never);
        let expected = format!("{out}: cannot write results here\n  because: Not a directory (os error 20)");
        assert_eq!(error, Err(CliError::Failed(expected)));
        Ok(())
    }

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
