//! `hsic-cli hsic`: how much columns depend on each other, and whether more than by chance.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use faer::{Mat, MatRef, Par};
use hsic_data::table::{Cell, CellProblem, InferOptions, Source, Table};
use hsic_data::{LabelColumn, Scaler};
use hsic_kernels::bandwidth::{Subsample, max_hsic, median_heuristic};
use hsic_kernels::hsic::{
    HsicStatistics, PermutationTest, against_labels, between_samples, permute_labels, permute_samples,
};
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight};
use serde_json::json;

use super::fit::Missing;
use super::source::SourceArgs;
use super::text;
use crate::error::CliError;
use crate::output::print;
use crate::report::number::number;

/// Up to this many rows the default test permutes.
const PERMUTED_ROWS: usize = 2000;

/// The arguments of `hsic`.
#[derive(Debug, Args)]
pub struct HsicArgs {
    /// The table: CSV (packed with gzip or not), .npy, .npz or idx; - is standard input
    pub data: PathBuf,
    /// The column of classes, against all others [default: the last, unless --x and --y are given]
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["x", "y"])]
    pub label: Option<String>,
    /// Columns of numbers, against those of --y
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', requires = "y")]
    pub x: Vec<String>,
    /// Columns of numbers, against those of --x
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', requires = "x")]
    pub y: Vec<String>,
    /// Bandwidth of the columns (of --x): a number, `median` (of the distances) or, against classes, `max-hsic`
    #[arg(long, value_name = "SIGMA", default_value = "median", value_parser = sigma)]
    pub sigma: Sigma,
    /// Bandwidth of --y: a number or `median`
    #[arg(long, value_name = "SIGMA", default_value = "median", value_parser = sigma, requires = "y")]
    pub sigma_y: Sigma,
    /// How the p-value is found [default: permutation up to 2000 rows, gamma above]
    #[arg(long, value_enum, value_name = "TEST")]
    pub p_value: Option<Test>,
    /// Permutations of the permutation test
    #[arg(long, value_name = "N", default_value_t = 999, value_parser = clap::value_parser!(u32).range(1..))]
    pub permutations: u32,
    /// Take the columns as they are, not standardised
    #[arg(long)]
    pub raw: bool,
    /// Rows with missing cells, against classes: an error, left out, or filled with the column's mean
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    pub missing: Missing,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Seed of the permutations and of the rows a bandwidth is chosen on
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Threads [default: one a core]; the numbers do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A bandwidth, or how to choose one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sigma {
    /// The median distance.
    Median,
    /// The maximiser of Tr(ΓK).
    MaxHsic,
    /// This one.
    Value(Bandwidth),
}

fn sigma(text: &str) -> Result<Sigma, String> {
    match text {
        "median" => Ok(Sigma::Median),
        "max-hsic" => Ok(Sigma::MaxHsic),
        _ => match text.parse::<f64>() {
            Ok(value) => Bandwidth::new(value).map(Sigma::Value).map_err(|error| error.to_string()),
            Err(_) => Err("expected a number, `median` or `max-hsic`".into()),
        },
    }
}

/// How a p-value is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Test {
    /// By permuting the rows of one side.
    Permutation,
    /// By a gamma distribution of the same mean and variance.
    Gamma,
}

/// What was computed.
struct Outcome {
    subject: String,
    statistics: HsicStatistics,
    sigma: Bandwidth,
    sigma_y: Option<Bandwidth>,
    p_value: f64,
    test: Test,
    at_least_as_large: Option<u32>,
}

/// Computes HSIC and its p-value.
///
/// # Errors
/// [`CliError::Usage`] for arguments or a table that are not right, [`CliError::Failed`] for a computation that fails.
pub fn run(args: &HsicArgs) -> Result<(), CliError> {
    if let Some(threads) = args.threads {
        super::set_threads(threads)?;
    }
    let outcome = if args.x.is_empty() { against_classes(args)? } else { of_columns(args)? };
    let statistics = &outcome.statistics;
    // undefined for very few rows
    let (biased, unbiased) = (statistics.biased().ok(), statistics.unbiased().ok());
    if args.json {
        let permuted = outcome.test == Test::Permutation;
        let json = json!({
            "command": "hsic",
            "version": env!("CARGO_PKG_VERSION"),
            "data": args.data.display().to_string(),
            "n": statistics.n(),
            "standardised": !args.raw,
            "sigma": outcome.sigma.get(),
            "sigma_y": outcome.sigma_y.map(Bandwidth::get),
            "hsic_trace": statistics.trace(),
            "hsic_biased": biased,
            "hsic_unbiased": unbiased,
            "hsic_normalized": statistics.normalized(),
            "test": if permuted { "permutation" } else { "gamma" },
            "p_value": outcome.p_value,
            "permutations": permuted.then_some(args.permutations),
            "at_least_as_large": outcome.at_least_as_large,
            "seed": permuted.then_some(args.seed),
        });
        return print(&format!("{json:#}\n"));
    }
    let mut out = format!(
        "{}: {}, {}{}\n\n",
        args.data.display(),
        text::count(statistics.n(), "row"),
        outcome.subject,
        if args.raw { "" } else { ", standardised" }
    );
    let word = |sigma: Sigma| match sigma {
        Sigma::Median => ", the median distance",
        Sigma::MaxHsic => ", of the largest Tr(ΓK)",
        Sigma::Value(_) => "",
    };
    out += &format!("{:<12}{}{}\n", "σ", number(Some(outcome.sigma.get())), word(args.sigma));
    if let Some(sigma) = outcome.sigma_y {
        out += &format!("{:<12}{}{}\n", "σ of y", number(Some(sigma.get())), word(args.sigma_y));
    }
    for (name, value) in [
        ("trace", Some(statistics.trace())),
        ("biased", biased),
        ("unbiased", unbiased),
        ("normalised", Some(statistics.normalized())),
    ] {
        out += &format!("{name:<12}{}\n", number(value));
    }
    let how = match outcome.test {
        Test::Permutation => format!("{} permutations, seed {}", args.permutations, args.seed),
        Test::Gamma => "gamma distribution".into(),
    };
    out += &format!("{:<12}{} ({how})\n", "p-value", number(Some(outcome.p_value)));
    print(&out)
}

fn failed(error: hsic_kernels::Error) -> CliError {
    CliError::usage(&error)
}

fn standardised(rows: &Mat<f64>, args: &HsicArgs) -> Result<Mat<f64>, CliError> {
    if args.raw {
        return Ok(rows.clone());
    }
    Ok(Scaler::fit(rows.as_ref())?.transform(rows.as_ref())?)
}

fn against_classes(args: &HsicArgs) -> Result<Outcome, CliError> {
    let infer = InferOptions {
        label: args.label.clone().map_or(LabelColumn::Last, LabelColumn::Name),
        missing: args.missing.into(),
        ..InferOptions::default()
    };
    let table = Table::read(&args.source.content(&args.data)?, &args.source.options(), &infer)?;
    let filled = filled(&table.features);
    let x = standardised(&filled, args)?;
    let (x, labels) = (x.as_ref(), &table.labels);
    let subsample = Subsample { seed: args.seed, ..Subsample::default() };
    let sigma = match args.sigma {
        Sigma::Value(sigma) => sigma,
        Sigma::Median => median_heuristic(x, &subsample).map_err(failed)?,
        Sigma::MaxHsic => {
            let label_gram = CenteredLabelGram::new(labels, ClassWeight::Plain);
            max_hsic(x, labels, &label_gram, &subsample, Par::rayon(0)).map_err(failed)?
        }
    };
    let subject = format!(
        "{} against the {} classes of `{}`",
        text::count(table.schema.features().len(), "column"),
        labels.n_classes(),
        table.schema.label()
    );
    outcome(args, subject, sigma, None, labels.len(), &|test| match test {
        Test::Permutation => permute_labels(x, sigma, labels, args.permutations, args.seed, Par::rayon(0)),
        Test::Gamma => untested(against_labels(x, sigma, labels, Par::rayon(0))?.statistics),
    })
}

fn of_columns(args: &HsicArgs) -> Result<Outcome, CliError> {
    let content = args.source.content(&args.data)?;
    let columns = |names: &[String]| -> Result<Mat<f64>, CliError> {
        standardised(&numbers(&mut content.open(&args.source.options())?, names)?, args)
    };
    let (x, y) = (columns(&args.x)?, columns(&args.y)?);
    let subsample = Subsample { seed: args.seed, ..Subsample::default() };
    let choose = |sigma: Sigma, rows: MatRef<'_, f64>| match sigma {
        Sigma::Value(sigma) => Ok(sigma),
        Sigma::Median => median_heuristic(rows, &subsample).map_err(failed),
        Sigma::MaxHsic => Err(CliError::Usage(
            "--sigma max-hsic needs classes: give --label in place of --x and --y".into(),
        )),
    };
    let (x, y) = (x.as_ref(), y.as_ref());
    let (sigma, sigma_y) = (choose(args.sigma, x)?, choose(args.sigma_y, y)?);
    let subject = format!("{} against {}", args.x.join(", "), args.y.join(", "));
    outcome(args, subject, sigma, Some(sigma_y), x.nrows(), &|test| match test {
        Test::Permutation => {
            permute_samples(x, sigma, y, sigma_y, args.permutations, args.seed, Par::rayon(0))
        }
        Test::Gamma => untested(between_samples(x, sigma, y, sigma_y, Par::rayon(0))?),
    })
}

/// Statistics without permutations.
fn untested(statistics: HsicStatistics) -> hsic_kernels::Result<PermutationTest> {
    Ok(PermutationTest { statistics, permutations: 0, at_least_as_large: 0 })
}

fn outcome(
    args: &HsicArgs,
    subject: String,
    sigma: Bandwidth,
    sigma_y: Option<Bandwidth>,
    n: usize,
    compute: &dyn Fn(Test) -> hsic_kernels::Result<PermutationTest>,
) -> Result<Outcome, CliError> {
    let default = if n <= PERMUTED_ROWS { Test::Permutation } else { Test::Gamma };
    let test = args.p_value.unwrap_or(default);
    let computed = compute(test).map_err(failed)?;
    let statistics = computed.statistics;
    let (p_value, at_least_as_large) = match test {
        Test::Permutation => (computed.p_value(), Some(computed.at_least_as_large)),
        Test::Gamma => (statistics.gamma_p_value().map_err(failed)?, None),
    };
    Ok(Outcome { subject, statistics, sigma, sigma_y, p_value, test, at_least_as_large })
}

/// Missing cells as their column's mean; 0 after standardisation.
fn filled(rows: &Mat<f64>) -> Mat<f64> {
    let mean = |column: usize| {
        let known = || rows.col(column).iter().copied().filter(|value| !value.is_nan());
        let count = known().count() as f64;
        known().map(|value| value / count).sum::<f64>()
    };
    let means: Vec<f64> = (0..rows.ncols()).map(mean).collect();
    Mat::from_fn(
        rows.nrows(),
        rows.ncols(),
        |i, j| if rows[(i, j)].is_nan() { means[j] } else { rows[(i, j)] },
    )
}

/// Columns of numbers, without missing cells.
fn numbers(source: &mut Source<'_>, names: &[String]) -> Result<Mat<f64>, CliError> {
    let find = |name: &String| {
        source.names().iter().position(|other| other == name).ok_or_else(|| {
            let columns = source.names().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            let columns = text::first_few(&columns, 8);
            CliError::Usage(format!(
                "{}: there is no column `{name}`; the columns are {columns}",
                source.file()
            ))
        })
    };
    let columns = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let mut values = Vec::new();
    while let Some(row) = source.next_row()? {
        for &column in &columns {
            let cell = row.cell(column)?;
            let number = match cell {
                Cell::Number(number) => Some(number),
                Cell::Text(text) => text.parse().ok(),
            };
            match number {
                Some(number) if number.is_finite() => values.push(number),
                _ => {
                    let value = cell.to_text();
                    let problem = match number {
                        Some(_) => CellProblem::NonFinite { value },
                        None => CellProblem::NoNumber { value },
                    };
                    return Err(row.error(column, problem).into());
                }
            }
        }
    }
    let d = columns.len();
    if values.is_empty() {
        return Err(CliError::Usage(format!("{} has no rows: expected one row a sample", source.file())));
    }
    Ok(Mat::from_fn(values.len() / d, d, |i, j| values[i * d + j]))
}
