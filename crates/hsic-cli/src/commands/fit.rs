//! `hsic-cli fit`: from a table of one's own to a model file and an honest report.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use faer::Par;
use hsic_data::table::{
    Content, EncodeOptions, InferOptions, LabelRule, MissingRule, RowEncoder, SourceOptions, Table,
};
use hsic_data::{LabelColumn, StratifiedHoldout};
use hsic_eval::StandardisedFold;
use hsic_eval::baselines::Baseline;
use hsic_eval::records::SelectionRecord;
use hsic_eval::selection::{SelectionGrid, select};
use hsic_kernels::Labels;
use hsic_kernels::bandwidth::Subsample;
use hsic_model::{Model, Preprocessing, Training};
use hsic_net::{NetworkParams, SolverParams};
use toml::Value;

use super::fit_report::{Report, understood};
use super::method::{Plan, plan};
use super::quality::Quality;
use super::sink::check_writable;
use super::source::{SourceArgs, Unknown};
use crate::config::{Config, Method, Override};
use crate::error::CliError;
use crate::output::print;
use crate::progress::FitProgress;

/// The arguments of `fit`.
#[derive(Debug, Args)]
pub struct FitArgs {
    /// The training table: CSV (packed with gzip or not), .npy, .npz or idx; - is standard input
    pub data: PathBuf,
    /// The column of the classes [default: the last]
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// The model file to write
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// Experiment file (TOML) with the hyperparameters, and with ordinal, class_order and the like of its table dataset
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set a value of the configuration, e.g. --set spectral.head=knn; may be repeated, the last one wins
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// How layers are solved [default: the one that does better in the cross-validation; the configuration's]
    #[arg(long, value_enum)]
    pub solver: Option<Solver>,
    /// Take the hyperparameters as they are; otherwise, without --config and --set, the solver, the bandwidth's factor, the
    /// depth and the head are chosen by cross-validation on the training rows
    #[arg(long)]
    pub no_search: bool,
    /// Share of the rows held out for testing; 0 trains on all of them
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share, conflicts_with = "test_file")]
    pub test_size: f64,
    /// Table of the test rows, in place of a share of the training table
    #[arg(long, value_name = "FILE")]
    pub test_file: Option<PathBuf>,
    /// Rows with missing cells: an error, left out, or filled with the column's training mean
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    pub missing: Missing,
    /// Columns to leave out; may be repeated or separated by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Columns to take as categories even where they read as numbers
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub text: Vec<String>,
    /// A text column of more different texts than this is refused
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub max_categories: usize,
    /// Categories of the test file that the training table does not have: an error, or none of them
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    pub unknown: Unknown,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Seed of the split and of the network [default: 0, or the configuration's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub seed: Option<i64>,
    /// Threads [default: one a core]; the model does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Print nothing but warnings and errors
    #[arg(long, conflicts_with = "json")]
    pub quiet: bool,
    /// Print one JSON object instead of tables
    #[arg(long)]
    pub json: bool,
}

/// How layers are solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Solver {
    /// W*, the spectral ascent.
    Spectral,
    /// W_s, class means in feature space.
    ClosedForm,
}

/// What becomes of missing cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Missing {
    /// They are an error.
    #[default]
    Refuse,
    /// Their rows are left out.
    Drop,
    /// They become their column's training mean.
    Mean,
}

impl From<Missing> for MissingRule {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Refuse => Self::Refuse,
            Missing::Drop => Self::Drop,
            Missing::Mean => Self::Keep,
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("expected a share from 0 up to, but not, 1".into()),
    }
}

/// Fits a model, measures it and writes it.
///
/// # Errors
/// [`CliError::Usage`] for arguments, a configuration or a table that are not right, [`CliError::Failed`] for a fit or a
/// file that fails.
pub fn run(args: &FitArgs) -> Result<(), CliError> {
    let config = config(args)?;
    let candidates = candidates(args, &config)?;
    if let Some(threads) = args.threads {
        super::set_threads(threads)?;
    }
    let (source, infer) = table_options(args, &config);
    let content = args.source.content(&args.data)?;
    let table = Table::read(&content, &source, &infer)?;
    // before the work: a model that cannot be written must not cost a night
    check_writable(&args.model)?;
    let talks = !args.quiet && !args.json;
    if talks {
        print(&understood(&table))?;
    }
    warn(&content, &source, &table)?;

    let split = Split::new(args, &table, &source, config.fold_seed.unwrap_or(config.seed))?;
    let fill = args.missing == Missing::Mean;
    let preprocessing = Preprocessing::fit(table.schema.clone(), split.train.as_ref(), fill)
        .map_err(super::rows::of_model)?;
    let standardised =
        |rows: &faer::Mat<f64>| preprocessing.transform(rows.as_ref()).map_err(super::rows::of_model);
    let train = standardised(&split.train)?;
    let (test, test_labels) = match &split.test {
        Some((rows, labels)) => (standardised(rows)?, labels.clone()),
        // nothing is held out; what is measured on them is not reported
        None => (train.clone(), split.train_labels.clone()),
    };
    let rows = StandardisedFold { train, train_labels: split.train_labels.clone(), test, test_labels };
    let progress = FitProgress::new(!talks);
    let failed = |error: hsic_eval::Error| match error {
        hsic_eval::Error::Data(error) => CliError::from(error),
        hsic_eval::Error::Fold { source, .. } => CliError::failed(&source),
        error => CliError::failed(&error),
    };
    let (params, selection) = choose(candidates, &rows, &progress).map_err(failed)?;
    let (network, mut record) = rows.evaluate_network(&params, Par::rayon(0), &progress).map_err(failed)?;
    progress.finish();
    record.selection = selection;
    let neighbours = rows.evaluate_baseline(&Baseline::knn(), params.seed).map_err(failed)?;

    let classes = table.schema.classes().len();
    let mut quality = Quality::new(classes);
    if split.test.is_some() {
        let log_proba = network.predict_log_proba(rows.test.as_ref(), Par::rayon(0));
        quality.add(log_proba.map_err(|error| CliError::failed(&error))?.as_ref(), &rows.test_labels);
    }
    let mut training = Training::new(&table, rows.train.nrows(), &params);
    let report = Report::new(&table, &rows, record, neighbours, quality, &training)?;
    training.evaluation = report.evaluation();
    let model = Model::new(preprocessing, network, training).map_err(super::rows::of_model)?;
    model.save(&args.model).map_err(|error| CliError::failed(&error))?;
    if args.json {
        return print(&format!("{:#}\n", report.to_json(&args.model)));
    }
    if talks {
        print(&report.to_text(&args.model))?;
    }
    Ok(())
}

/// A network, and what its hyperparameters are chosen from, if they are.
type Candidate = (NetworkParams, Option<SelectionGrid>);

/// The networks to choose among: that of the configuration or of `--solver`, else one of each solver.
fn candidates(args: &FitArgs, config: &Config) -> Result<Vec<Candidate>, CliError> {
    let described = args.config.is_some() || !args.set.is_empty();
    let of_config = || {
        config.methods.iter().copied().find(|method| matches!(method, Method::Spectral | Method::ClosedForm))
    };
    let methods = match args.solver {
        Some(Solver::Spectral) => vec![Method::Spectral],
        Some(Solver::ClosedForm) => vec![Method::ClosedForm],
        None if described || args.no_search => vec![of_config().unwrap_or(Method::Spectral)],
        None => vec![Method::Spectral, Method::ClosedForm],
    };
    let candidate = |method: Method| -> Result<Candidate, CliError> {
        let (params, grid) = match plan(config, method)? {
            Plan::Fixed(hsic_eval::Method::Network(params)) if described => (params, None),
            Plan::Fixed(hsic_eval::Method::Network(params)) => {
                let grid = match params.solver {
                    SolverParams::Spectral(_) => SelectionGrid::spectral(),
                    SolverParams::ClosedForm(_) => SelectionGrid::closed_form(),
                };
                (params, Some(grid))
            }
            Plan::Fixed(hsic_eval::Method::Selected { base, grid }) => (base, Some(grid)),
            Plan::Fixed(hsic_eval::Method::NetworkInBlocks(_)) => {
                return Err(CliError::Usage(format!(
                    "{method}.in_blocks is of experiments alone: a model is fitted in memory"
                )));
            }
            _ => return Err(CliError::Usage(format!("a model is a network, and {method} is none"))),
        };
        let seed = config.solver_seed.unwrap_or(config.seed);
        Ok((NetworkParams { seed, ..params }, grid.filter(|_| !args.no_search)))
    };
    methods.into_iter().map(candidate).collect()
}

/// Rows that hyperparameters are chosen on: as many as tell the candidates apart.
const SEARCH_ROWS: usize = 2000;

/// Chooses among the candidates on a stratified subsample of the training rows: the most right answers, of equally many the
/// first.
fn choose(
    candidates: Vec<Candidate>,
    rows: &StandardisedFold,
    progress: &FitProgress,
) -> hsic_eval::Result<(NetworkParams, Option<SelectionRecord>)> {
    let mut best: Option<(NetworkParams, Option<SelectionRecord>)> = None;
    for (params, grid) in candidates {
        let found = match grid {
            None => (params, None),
            Some(grid) => {
                progress.say("choosing hyperparameters");
                let subsample = Subsample { rows: SEARCH_ROWS, seed: params.seed };
                let picked = subsample.stratified(&rows.train_labels);
                let x =
                    faer::Mat::from_fn(picked.len(), rows.train.ncols(), |i, k| rows.train[(picked[i], k)]);
                let labels = rows.train_labels.select(&picked)?;
                let (params, record) = select(&params, &grid, x.as_ref(), &labels, Par::rayon(0))?;
                (params, Some(record))
            }
        };
        let right = |found: &(NetworkParams, Option<SelectionRecord>)| {
            found.1.as_ref().and_then(|record| record.chosen.accuracy).unwrap_or(0.0)
        };
        if best.as_ref().is_none_or(|best| right(&found) > right(best)) {
            best = Some(found);
        }
    }
    Ok(best.expect("there is a candidate"))
}

/// The configuration, with what the command line says of the table laid over it.
fn config(args: &FitArgs) -> Result<Config, CliError> {
    let mut overrides = args.set.iter().map(|set| Override::parse(set)).collect::<Result<Vec<_>, _>>()?;
    let mut text = |key: &str, value: &str| -> Result<(), CliError> {
        overrides.push(Override::parse(&format!("{key}={}", Value::from(value)))?);
        Ok(())
    };
    // a run has a name and a path of its own; here they are those of the arguments
    text("name", "fit")?;
    text("dataset.path", &args.data.display().to_string())?;
    if let Some(label) = &args.label {
        text("dataset.label", label)?;
    }
    overrides.extend(args.seed.map(|seed| Override::option("--seed", &["seed"], seed)));
    Ok(match &args.config {
        Some(path) => Config::load(path, &overrides)?,
        None => Config::without_file(&overrides)?,
    })
}

fn table_options(args: &FitArgs, config: &Config) -> (SourceOptions, InferOptions) {
    let dataset = &config.dataset;
    let of_config = dataset.delimiter.as_deref().map(|delimiter| match delimiter {
        "tab" => b'\t',
        // the configuration is checked to hold one byte
        other => other.bytes().next().unwrap_or(b','),
    });
    let source = SourceOptions {
        delimiter: args.source.delimiter.or(of_config),
        has_header: !args.source.no_header && dataset.header.unwrap_or(true),
    };
    let infer = InferOptions {
        label: dataset.label.clone().map_or(LabelColumn::Last, LabelColumn::Name),
        ignore: args.ignore.clone(),
        text: args.text.clone(),
        ordinal: dataset.ordinal.iter().map(|(column, levels)| (column.clone(), levels.clone())).collect(),
        class_order: dataset.class_order.clone(),
        max_categories: args.max_categories,
        missing: args.missing.into(),
    };
    (source, infer)
}

/// Says aloud what is odd about the table.
fn warn(content: &Content, source: &SourceOptions, table: &Table) -> Result<(), CliError> {
    let rows = content.open(source)?;
    if rows.has_names()
        && let Some(name) = rows.names().iter().find(|name| name.contains('.') && name.parse::<f64>().is_ok())
    {
        eprintln!(
            "warning: {}: the first line names a column `{name}`; if it is a row already, give --no-header",
            table.file
        );
    }
    if table.dropped > 0 {
        eprintln!(
            "warning: {}: {} with missing cells left out",
            table.file,
            super::text::count(table.dropped, "row")
        );
    }
    let classes = table.schema.classes();
    for (class, &count) in classes.iter().zip(table.labels.counts()).filter(|(_, count)| **count < 2) {
        let rows = super::text::count(count, "row");
        eprintln!("warning: {}: class `{class}` has {rows}: it cannot be both learnt and tested", table.file);
    }
    Ok(())
}

/// Encoded rows to train and to test on.
struct Split {
    train: faer::Mat<f64>,
    train_labels: Labels,
    test: Option<(faer::Mat<f64>, Labels)>,
}

impl Split {
    fn new(args: &FitArgs, table: &Table, source: &SourceOptions, seed: u64) -> Result<Self, CliError> {
        let all = |test| Self { train: table.features.clone(), train_labels: table.labels.clone(), test };
        if let Some(path) = &args.test_file {
            return Ok(all(Some(test_rows(args, path, table, source)?)));
        }
        if args.test_size == 0.0 {
            return Ok(all(None));
        }
        let split = StratifiedHoldout::new(args.test_size, seed).split(&table.labels)?;
        let (train, train_labels) = table.select(&split.train)?;
        Ok(Self { train, train_labels, test: Some(table.select(&split.test)?) })
    }
}

/// The rows of a test file, by the schema of the training table.
fn test_rows(
    args: &FitArgs,
    path: &Path,
    table: &Table,
    source: &SourceOptions,
) -> Result<(faer::Mat<f64>, Labels), CliError> {
    let content = Content::read(path, None)?;
    let options = EncodeOptions {
        missing: args.missing.into(),
        unknown: args.unknown.into(),
        label: LabelRule::Read,
        ..EncodeOptions::default()
    };
    let mut encoder = RowEncoder::new(&table.schema, content.open(source)?, options)?;
    let Some(chunk) = encoder.next_chunk(usize::MAX)? else {
        return Err(CliError::Usage(format!("{} has no rows: expected one row a sample", path.display())));
    };
    let labels = Labels::with_classes(chunk.codes.unwrap_or_default(), table.schema.classes().len());
    Ok((chunk.features, labels.map_err(|error| CliError::failed(&error))?))
}
