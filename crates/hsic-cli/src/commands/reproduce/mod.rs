//! `hsic-cli reproduce`: the published table, measured beside published.

mod args;
mod shipped;

use std::path::{Path, PathBuf};

use hsic_eval::records::Results;
use serde_json::{Value, json};

use super::draft::{Draft, Start};
use super::dry_run::Preview;
use super::experiment::{Experiment, Outcome, warn_of};
use super::{dataset, interrupt};
use crate::config::schema::MethodName;
use crate::config::{Config, DatasetConfig, Override};
use crate::error::CliError;
use crate::log::Log;
use crate::output::{colour, print, print_json, value};
use crate::places::Places;
use crate::places::argument::Role;
use crate::progress::Progress;
pub use args::ReproduceArgs;
use hsic_report::{FolderLock, Reproduction, ResultsDir, mean_table, overview};
pub use shipped::NAMES;
use shipped::{SHIPPED, Shipped};

/// Steps of a perceptron's training, and steps without a fall of the loss, with `--fast`.
const FAST: [(&str, i64); 2] = [("max_updates", 1000), ("patience", 400)];

/// Runs every method on every set, each set in a folder of its own, and writes the table after each.
///
/// # Errors
/// [`CliError::Usage`] for arguments, named data sets and earlier results that are not right, before any work;
/// [`CliError::Failed`] for sets and fits that failed, after everything else is done.
pub fn run(args: &ReproduceArgs, mut places: Places) -> Result<(), CliError> {
    let out = args.out.as_deref().unwrap_or(Path::new("results/reproduce"));
    if args.out.is_none() {
        places.add("the folder", out, Role::ReproductionFolder);
    }
    for set in SHIPPED {
        let dataset = DatasetConfig { name: Some(set.name.into()), ..DatasetConfig::default() };
        dataset::files(&dataset).iter().for_each(|file| places.add("the data", file, Role::Input));
    }
    places.check()?;
    // that of the whole first: it says most plainly that another is at work
    let lock = |dir: &Path| if args.work.dry_run { Ok(None) } else { FolderLock::of_existing(dir) };
    let whole = lock(out)?;
    let methods = methods(args);
    let sets: Vec<(&'static Shipped, Result<Locked, CliError>)> = SHIPPED
        .iter()
        .filter(|set| args.datasets.is_empty() || args.datasets.iter().any(|name| name == set.name))
        .map(|set| {
            let dir = out.join(set.name);
            let draft = lock(&dir).map_err(CliError::from);
            (set, draft.and_then(|lock| Ok((draft_of(set, args, &methods, dir)?, lock))))
        })
        .collect();
    // a set that was not asked for by name may be missing; anything else is told before any work
    let may_be_missing = args.datasets.is_empty() && sets.iter().any(|(_, set)| set.is_ok());
    let refused = |error: &&CliError| !(may_be_missing && matches!(error, CliError::MissingData(_)));
    if let Some(error) = sets.iter().filter_map(|(_, set)| set.as_ref().err()).find(refused) {
        return Err(error.clone());
    }
    if args.work.dry_run {
        return preview(args, &sets, out);
    }
    // before any work, all of them
    interrupt::catch()?;
    let mut dir = ResultsDir::open(out, whole)?;
    warn_of(&dir);
    let open = |(set, draft): (&'static Shipped, Result<Locked, CliError>)| match draft {
        Ok((draft, lock)) => Ok((set, Ok(Experiment::open(draft, lock)?))),
        Err(error) => Ok((set, Err(error))),
    };
    let sets = sets.into_iter().map(open).collect::<Result<Vec<_>, CliError>>()?;
    let started = json!({
        "seed": args.seed,
        "datasets": sets.iter().map(|(set, _)| set.name).collect::<Vec<_>>(),
        "methods": methods.iter().map(|method| method.as_str()).collect::<Vec<_>>(),
        "folds": args.folds,
        "out": out.display().to_string(),
    });
    let log = Log::start(args.work.log.as_deref(), "reproduce", started)?;
    dir.tell(log.told_of_files());
    let outcome = carry_out(args, sets, &dir, &log);
    log.end(&outcome);
    outcome
}

/// A set's experiment before it is run, and the lock of its folder if that is there.
type Locked = (Draft, Option<FolderLock>);

/// A set and its experiment, or why there is none.
type Prepared = (&'static Shipped, Result<Experiment, CliError>);

fn carry_out(args: &ReproduceArgs, sets: Vec<Prepared>, dir: &ResultsDir, log: &Log) -> Result<(), CliError> {
    let out = dir.path();
    let talks = !args.work.quiet && !args.json;
    let sizes = || sets.iter().filter_map(|(_, set)| set.as_ref().ok()).map(|set| set.draft().counts());
    let total = sizes().map(|(total, _)| total).sum();
    let done = sizes().map(|(_, done)| done).sum();
    let progress = Progress::new(total, done, !talks, log);
    interrupt::exit_with(
        format!("interrupted: finished folds are in {}; the same command goes on", out.display()),
        progress.handle(),
        log,
    )?;

    let (mut table, mut finished) = (Reproduction::new(args.seed, args.folds), Vec::new());
    for (set, experiment) in sets {
        progress.of(set.name);
        let outcome = experiment.and_then(|experiment| {
            progress.warn(&experiment.draft().warnings());
            experiment.run(&progress, super::schedule(args.timing))
        });
        match outcome {
            Ok(Outcome { results, failures }) => {
                if talks {
                    progress.suspended(|| print(&format!("{}\n", mean_table(&results, colour()))))?;
                }
                table.push(set.name, &results, &failures);
                finished.push(results);
            }
            Err(error) => {
                log.event("dataset_failed", json!({ "dataset": set.name, "error": error.to_string() }));
                table.push_failed(set.name, error.to_string());
            }
        }
        write(&table, dir, &finished)?;
    }
    progress.finish();
    if args.json {
        let json = table.to_json().map_err(|error| CliError::failed(&error))?;
        print(&format!("{json}\n"))?;
    }
    if talks {
        print(&format!("{}\nresults are in {}\n", overview(&table), out.display()))?;
    }
    super::failed("the table is not complete", &table.failures())
}

fn write(table: &Reproduction, dir: &ResultsDir, finished: &[Results]) -> Result<(), CliError> {
    Ok(interrupt::while_writing(|| table.write(dir, finished))?)
}

/// Those asked for, or all that this program can fit.
fn methods(args: &ReproduceArgs) -> Vec<MethodName> {
    if !args.methods.is_empty() {
        return args.methods.clone();
    }
    let can_fit = |method: &MethodName| cfg!(feature = "baselines") || !method.is_perceptron();
    if !cfg!(feature = "baselines") {
        eprintln!(
            "note: without mlp-ce and mlp-mse, whose backpropagation this program was built without; to have them, build \
             with `--features baselines` (Rust 1.92 or newer)"
        );
    }
    MethodName::ALL.into_iter().filter(can_fit).collect()
}

/// What `--dry-run` prints.
fn preview(
    args: &ReproduceArgs,
    sets: &[(&Shipped, Result<Locked, CliError>)],
    out: &Path,
) -> Result<(), CliError> {
    let schedule = super::schedule(args.timing);
    if args.json {
        let of_set = |(set, draft): &(&Shipped, Result<Locked, CliError>)| match draft {
            Ok((draft, _)) => value(&Preview { draft, schedule }),
            Err(error) => Ok(json!({ "name": set.name, "error": error.to_string() })),
        };
        let json = json!({
            "command": "reproduce",
            "dry_run": true,
            "version": env!("CARGO_PKG_VERSION"),
            "seed": args.seed,
            "sets": sets.iter().map(of_set).collect::<Result<Vec<Value>, CliError>>()?,
            "out": out.display().to_string(),
        });
        return print_json(&json);
    }
    for (set, draft) in sets {
        match draft {
            Ok((draft, _)) => {
                draft.warnings().iter().for_each(|warning| eprintln!("warning: {warning}"));
                if !args.work.quiet {
                    print(&format!("{}\n", Preview { draft, schedule }))?;
                }
            }
            Err(error) => eprintln!("warning: {}: {error}", set.name),
        }
    }
    if args.work.quiet { Ok(()) } else { print(&format!("the table would go to {}\n", out.display())) }
}

fn draft_of(
    set: &Shipped,
    args: &ReproduceArgs,
    methods: &[MethodName],
    out: PathBuf,
) -> Result<Draft, CliError> {
    let mut overrides = args.set.iter().map(|set| Override::parse(set)).collect::<Result<Vec<_>, _>>()?;
    overrides.push(Override::words("--methods", &["methods"], methods));
    overrides.push(Override::option("--folds", &["folds"], args.folds as i64));
    overrides.push(Override::option("--seed", &["seed"], args.seed as i64));
    if args.fast {
        overrides.extend(FAST.map(|(key, value)| Override::option("--fast", &["mlp", key], value)));
    }
    let config = Config::parse(&format!("{}.toml", set.name), set.text, &overrides)?;
    let start = if args.fresh { Start::Fresh } else { Start::Resume("start over with --fresh") };
    Draft::new(config, out, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_the_published_table_is_shipped_in_its_order() {
        let mut published: Vec<&str> =
            hsic_eval::published::published_table().iter().map(|entry| entry.dataset.as_str()).collect();
        published.dedup();
        assert_eq!(NAMES, published);
        for set in SHIPPED {
            let config =
                Config::parse("x.toml", set.text, &[]).map(|config| (config.name, config.dataset.name));
            assert_eq!(config.ok(), Some((set.name.to_owned(), Some(set.name.to_owned()))));
        }
    }
}
