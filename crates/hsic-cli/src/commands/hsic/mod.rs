//! `hsic-cli hsic`: how much columns depend on each other, and whether more than by chance.

mod args;

use std::fmt;
use std::ops::Range;

use faer::Mat;
use hsic::independence::{Independence, Options, Sigma, against_classes, between};
use hsic_data::scaler::{fill_missing, known_means};
use hsic_data::table::{InferOptions, Numbers, Table};
use hsic_data::{DataWarning, LabelColumn, Scaler, narrow_columns};
use hsic_report::text;
use serde::Serialize;

use crate::error::CliError;
use crate::output::tell;
pub use args::HsicArgs;

/// What was compared, and what came out.
#[derive(Serialize)]
struct Compared {
    data: String,
    n: usize,
    standardised: bool,
    #[serde(skip)]
    subject: String,
    #[serde(flatten)]
    outcome: Independence,
}

/// Computes HSIC and its p-value.
///
/// # Errors
/// [`CliError::Usage`] for arguments or a table that are not right, or that cannot be compared.
pub fn run(args: &HsicArgs) -> Result<(), CliError> {
    let options = Options {
        sigma: args.sigma,
        sigma_y: args.sigma_y,
        p_value: args.p_value.map(Into::into),
        permutations: args.permutations,
        seed: args.seed,
        ..Options::default()
    };
    let (subject, mut outcome) =
        if args.x.is_empty() { of_classes(args, &options)? } else { of_columns(args, &options)? };
    outcome.note = outcome.note.map(|_| {
        "the p-value is too small: σ was chosen on the same classes, and the gamma distribution does not know; \
         --p-value permutation chooses it anew in every permutation"
            .into()
    });
    let (data, n) = (args.data.display().to_string(), outcome.statistics.n());
    tell("hsic", args.json, &Compared { data, n, standardised: !args.raw, subject, outcome })
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standardised = if self.standardised { ", standardised" } else { "" };
        let rows = text::count(self.n, "row");
        write!(f, "{}: {rows}, {}{standardised}\n\n{}", self.data, self.subject, self.outcome)
    }
}

/// Rows that cannot be compared are the user's to mend.
fn of_rows(error: hsic::Error) -> CliError {
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

fn of_classes(args: &HsicArgs, options: &Options) -> Result<(String, Independence), CliError> {
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
    let subject = format!(
        "{} against the {} classes of `{}`",
        text::count(table.schema.features().len(), "column"),
        table.labels.n_classes(),
        table.schema.label()
    );
    Ok((subject, against_classes(x.as_ref(), &table.labels, options).map_err(of_rows)?))
}

fn of_columns(args: &HsicArgs, options: &Options) -> Result<(String, Independence), CliError> {
    let content = args.source.content(&args.data)?;
    let options_of_text = args.source.options();
    let rows = content.open(&options_of_text)?;
    let (names_x, names_y) = (rows.listed(&args.x), rows.listed(&args.y));
    // together, so that a row that misses a cell on one side is left out on both
    let names = [&names_x[..], &names_y].concat();
    let Numbers { rows: mut both, warnings, .. } =
        Numbers::of(&content, &options_of_text, &names, args.missing.into())?;
    warn(content.file(), &warnings);
    fill_means(&mut both);
    let columns = |columns: Range<usize>| {
        let (n, first) = (both.nrows(), columns.start);
        let rows = Mat::from_fn(n, columns.len(), |i, j| both[(i, first + j)]);
        standardised(content.file(), &rows, &names[columns], args)
    };
    let (x, y) = (columns(0..names_x.len())?, columns(names_x.len()..names.len())?);
    if [args.sigma, args.sigma_y].contains(&Sigma::MaxHsic) {
        let message = "--sigma max-hsic needs classes: give --label in place of --x and --y";
        return Err(CliError::Usage(message.into()));
    }
    let subject = format!("{} against {}", names_x.join(", "), names_y.join(", "));
    Ok((subject, between(x.as_ref(), y.as_ref(), options).map_err(of_rows)?))
}
