//! `hsic-cli hsic`: how much columns depend on each other, and whether more than by chance.

mod args;

use std::ops::Range;

use faer::{Mat, MatRef};
use hsic_data::scaler::{fill_missing, known_means};
use hsic_data::table::{InferOptions, Numbers, Table};
use hsic_data::{DataWarning, LabelColumn, Scaler, narrow_columns};
use hsic_kernels::bandwidth::{Subsample, max_hsic, median_heuristic};
use hsic_kernels::hsic::{
    HsicStatistics, PermutationTest, against_labels, between_samples, permute_labels,
    permute_labels_max_hsic, permute_samples,
};
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, all_threads};
use serde_json::json;

use super::source;
use crate::error::CliError;
use crate::output::print;
pub use args::HsicArgs;
use args::{Sigma, Test};
use hsic_report::number::number;
use hsic_report::text;

/// Up to this many rows the default test permutes.
const PERMUTED_ROWS: usize = 2000;

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
            "sigma_rule": args.sigma.rule(),
            "sigma_y": outcome.sigma_y.map(Bandwidth::get),
            "hsic_trace": statistics.trace(),
            "hsic_biased": biased,
            "hsic_unbiased": unbiased,
            "hsic_normalized": statistics.normalized(),
            "test": if permuted { "permutation" } else { "gamma" },
            "p_value": outcome.p_value,
            "sigma_reselected": permuted.then_some(args.sigma == Sigma::MaxHsic),
            "note": note(args, outcome.test),
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
        Test::Permutation if args.sigma == Sigma::MaxHsic => {
            format!("{} permutations, σ chosen anew in each, seed {}", args.permutations, args.seed)
        }
        Test::Permutation => format!("{} permutations, seed {}", args.permutations, args.seed),
        Test::Gamma => "gamma distribution".into(),
    };
    out += &format!("{:<12}{} ({how})\n", "p-value", number(Some(outcome.p_value)));
    if let Some(note) = note(args, outcome.test) {
        out += &format!("{:<12}{note}\n", "note");
    }
    print(&out)
}

/// What the p-value does not account for.
fn note(args: &HsicArgs, test: Test) -> Option<&'static str> {
    (args.sigma == Sigma::MaxHsic && test == Test::Gamma).then_some(
        "the p-value is too small: σ was chosen on the same classes, and the gamma distribution does not know; \
         --p-value permutation chooses it anew in every permutation",
    )
}

fn failed(error: hsic_kernels::Error) -> CliError {
    CliError::usage(&error)
}

fn standardised(
    file: &str,
    rows: &Mat<f64>,
    names: &[String],
    args: &HsicArgs,
) -> Result<Mat<f64>, CliError> {
    if args.raw {
        return Ok(rows.clone());
    }
    for warning in narrow_columns(rows.as_ref(), names) {
        eprintln!("warning: {file}: {warning}");
    }
    Ok(Scaler::fit(rows.as_ref())?.transform(rows.as_ref())?)
}

/// Missing cells as their column's mean; 0 after standardisation.
fn fill_means(rows: &mut Mat<f64>) {
    let means = known_means(rows.as_ref());
    fill_missing(rows.as_mut(), &means);
}

fn warn(file: &str, warnings: &[DataWarning]) {
    warnings.iter().for_each(|warning| eprintln!("warning: {file}: {warning}"));
}

fn against_classes(args: &HsicArgs) -> Result<Outcome, CliError> {
    let infer = InferOptions {
        label: args.label.clone().map_or(LabelColumn::Last, LabelColumn::Name),
        missing: args.missing.into(),
        ..InferOptions::default()
    };
    let table = Table::read(&args.source.content(&args.data)?, &args.source.options(), &infer)?;
    warn(&table.file, &table.warnings);
    let mut filled = table.features;
    fill_means(&mut filled);
    let x = standardised(&table.file, &filled, &table.schema.encoded_names(), args)?;
    let (x, labels) = (x.as_ref(), &table.labels);
    let subsample = Subsample { seed: args.seed, ..Subsample::default() };
    let sigma = match args.sigma {
        Sigma::Value(sigma) => sigma,
        Sigma::Median => median_heuristic(x, &subsample).map_err(failed)?,
        Sigma::MaxHsic => {
            let label_gram = CenteredLabelGram::new(labels, ClassWeight::Plain);
            max_hsic(x, labels, &label_gram, &subsample, all_threads()).map_err(failed)?
        }
    };
    let subject = format!(
        "{} against the {} classes of `{}`",
        text::count(table.schema.features().len(), "column"),
        labels.n_classes(),
        table.schema.label()
    );
    outcome(args, subject, sigma, None, labels.len(), &|test| match test {
        Test::Permutation if args.sigma == Sigma::MaxHsic => {
            permute_labels_max_hsic(x, labels, &subsample, args.permutations, args.seed, all_threads())
        }
        Test::Permutation => permute_labels(x, sigma, labels, args.permutations, args.seed, all_threads()),
        Test::Gamma => untested(against_labels(x, sigma, labels, all_threads())?.statistics),
    })
}

fn of_columns(args: &HsicArgs) -> Result<Outcome, CliError> {
    let content = args.source.content(&args.data)?;
    let mut rows = content.open(&args.source.options())?;
    let (names_x, names_y) = (source::columns(&args.x, &rows)?, source::columns(&args.y, &rows)?);
    // together, so that a row that misses a cell on one side is left out on both
    let names = [&names_x[..], &names_y].concat();
    let Numbers { rows: mut both, warnings, .. } = Numbers::read(&mut rows, &names, args.missing.into())?;
    warn(content.file(), &warnings);
    fill_means(&mut both);
    let columns = |columns: Range<usize>| {
        let (n, first) = (both.nrows(), columns.start);
        let rows = Mat::from_fn(n, columns.len(), |i, j| both[(i, first + j)]);
        standardised(content.file(), &rows, &names[columns], args)
    };
    let (x, y) = (columns(0..names_x.len())?, columns(names_x.len()..names.len())?);
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
    let subject = format!("{} against {}", names_x.join(", "), names_y.join(", "));
    outcome(args, subject, sigma, Some(sigma_y), x.nrows(), &|test| match test {
        Test::Permutation => {
            permute_samples(x, sigma, y, sigma_y, args.permutations, args.seed, all_threads())
        }
        Test::Gamma => untested(between_samples(x, sigma, y, sigma_y, all_threads())?),
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
