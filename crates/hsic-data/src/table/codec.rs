//! From a row of a table to numbers, by a schema.

use std::collections::HashMap;

use faer::Mat;

use super::columns::Binding;
use super::encode::{EncodeOptions, LabelRule, MissingRule, UnknownRule};
use super::infer::class_of;
use super::rows::{Heading, Rows};
use super::{
    Cell, CellProblem, ColumnProblem, Feature, FeatureKind, MissingRemedy, NumberFormat, Row, Schema, Source,
};
use super::{is_missing, is_missing_number};
use crate::text::shortest;
use crate::warning::Rounding;
use crate::{Error, Result};

/// Encodes rows by a schema, on any thread.
#[derive(Debug)]
pub(crate) struct Codec {
    schema: Schema,
    options: EncodeOptions,
    binding: Binding,
    codes: HashMap<String, usize>,
    /// The same of classes that are numbers, by the bits of those.
    number_codes: HashMap<u64, usize>,
    /// The column of every feature that is a number.
    numbers: Vec<Option<usize>>,
    /// Code of every category or level, a map a feature.
    known: Vec<HashMap<String, usize>>,
    /// How the numbers of every feature are written here; `None` as programs do.
    formats: Vec<Option<NumberFormat>>,
}

/// Rows that are encoded, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(super) values: Vec<f64>,
    pub(super) codes: Vec<usize>,
    pub(super) lines: Vec<usize>,
    /// Rows left out.
    pub(super) dropped: usize,
    /// Numbers that were rounded, of every feature.
    pub(super) rounding: Vec<Rounding>,
}

impl Codec {
    /// A codec for the rows of a source, whose columns are found by their names, in any order.
    pub(crate) fn new(schema: &Schema, source: &Source<'_>, options: EncodeOptions) -> Result<Self> {
        let mut binding = Binding::new(schema, source, options.extra)?;
        match options.label {
            LabelRule::Ignore => binding.label = None,
            LabelRule::Read if binding.label.is_none() => {
                let columns = source.names().to_vec();
                let problem = ColumnProblem::NoLabel { label: schema.label().into(), columns };
                return Err(Error::Columns { file: source.file().into(), problem });
            }
            LabelRule::Read => {}
        }
        let by_name =
            |names: &[String]| names.iter().enumerate().map(|(code, name)| (name.clone(), code)).collect();
        let known = schema
            .features()
            .iter()
            .map(|feature| match &feature.kind {
                FeatureKind::Number => HashMap::new(),
                FeatureKind::Ordinal { levels } => by_name(levels),
                FeatureKind::OneHot { categories } => by_name(categories),
            })
            .collect();
        let codes = by_name(schema.classes());
        let decimal = source.decimal();
        let format = |feature: &Feature| {
            Some(feature.format.with_decimal(decimal)).filter(|format| !format.is_plain())
        };
        let formats = schema.features().iter().map(format).collect();
        let number = |(code, name): (usize, &String)| {
            let number: f64 = name.parse().ok().filter(|&number| shortest(number) == *name)?;
            Some(((number + 0.0).to_bits(), code))
        };
        let number_codes = schema.classes().iter().enumerate().filter_map(number).collect();
        let number = |(feature, &column): (&Feature, &usize)| {
            matches!(feature.kind, FeatureKind::Number).then_some(column)
        };
        let numbers = schema.features().iter().zip(&binding.features).map(number).collect();
        let schema = schema.clone();
        Ok(Self { schema, options, binding, codes, number_codes, numbers, known, formats })
    }

    /// The column of every feature that is a number: what [`Rows::copy_numbers`] is to copy.
    pub(super) fn numbers(&self) -> &[Option<usize>] {
        &self.numbers
    }

    /// The schema.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Missing cells are refused from here on.
    pub(crate) fn refuse_missing(&mut self) {
        self.options.missing = MissingRule::Refuse;
    }

    /// Whether rows have a class.
    pub(super) fn is_labelled(&self) -> bool {
        self.binding.label.is_some()
    }

    /// No rows yet.
    pub(crate) fn start(&self) -> Encoded {
        Encoded { rounding: vec![Rounding::default(); self.schema.features().len()], ..Encoded::default() }
    }

    /// All of some rows.
    pub(crate) fn encode(&self, mut rows: Rows, heading: &Heading) -> Result<Encoded> {
        let mut encoded = self.start();
        rows.copy_numbers(&self.numbers);
        while rows.advance(heading)? {
            self.push(&rows.row(heading), &mut encoded)?;
        }
        Ok(encoded)
    }

    /// Appends a row, or leaves it out: always one that cannot be encoded.
    pub(super) fn push(&self, row: &Row<'_>, encoded: &mut Encoded) -> Result<()> {
        let start = encoded.values.len();
        match self.encode_row(row, &mut encoded.values, &mut encoded.rounding) {
            Ok(Some(code)) => {
                encoded.codes.extend(code);
                encoded.lines.push(row.number());
                return Ok(());
            }
            Ok(None) => encoded.dropped += 1,
            Err(error) => {
                encoded.values.truncate(start);
                return Err(error);
            }
        }
        encoded.values.truncate(start);
        Ok(())
    }

    /// Appends the numbers of a row: its class code where there is a label, `None` for a row to be left out.
    fn encode_row(
        &self,
        row: &Row<'_>,
        values: &mut Vec<f64>,
        rounding: &mut [Rounding],
    ) -> Result<Option<Option<usize>>> {
        let complete = self.encode_features(row, values, rounding)?;
        let drops = self.options.missing == MissingRule::Drop;
        let Some(label) = self.binding.label else {
            return Ok(if drops && !complete { None } else { Some(None) });
        };
        let code = match row.cell(label)? {
            Cell::Text(text) => self.codes.get(text),
            Cell::Number(number) => self.number_codes.get(&(number + 0.0).to_bits()),
            Cell::Integer(_) => None,
        };
        if let Some(&code) = code {
            return Ok((complete || !drops).then_some(Some(code)));
        }
        let class = class_of(row, label, |text| self.codes.contains_key(text))?;
        if drops && (!complete || class.is_none()) {
            return Ok(None);
        }
        let Some(class) = class else {
            let remedy = MissingRemedy::Class;
            let value = row.cell(label)?.to_text().into_owned();
            return Err(row.error(label, CellProblem::Missing { value, remedy }));
        };
        match self.codes.get(&*class) {
            Some(&code) => Ok(Some(Some(code))),
            None => {
                let known = self.schema.classes().to_vec();
                Err(row.error(label, CellProblem::UnknownClass { value: class.into_owned(), known }))
            }
        }
    }

    /// Appends the numbers of a row's features; whether none is missing.
    fn encode_features(
        &self,
        row: &Row<'_>,
        values: &mut Vec<f64>,
        rounding: &mut [Rounding],
    ) -> Result<bool> {
        let options = self.options;
        let mut complete = true;
        let copied = row.numbers();
        if !copied.is_empty() && copied.iter().all(|number| number.is_finite()) {
            values.extend_from_slice(copied);
            return Ok(true);
        }
        let features = self
            .schema
            .features()
            .iter()
            .zip(&self.known)
            .zip(&self.binding.features)
            .zip(&self.formats)
            .zip(rounding)
            .enumerate();
        for (place, ((((feature, known), &column), format), rounding)) in features {
            if let Some(&number) = copied.get(place).filter(|number| number.is_finite()) {
                values.push(number);
                continue;
            }
            let cell = row.cell(column)?;
            let start = values.len();
            let missing = match &feature.kind {
                FeatureKind::Number => {
                    let written = match (cell, format) {
                        (Cell::Text(text), Some(format)) => Some(format.plain(text)),
                        _ => None,
                    };
                    // a text in another format is no number here, even if it were one in that of programs
                    let plain = match &written {
                        Some(written) => written.as_deref().map(Cell::Text),
                        None => Some(cell),
                    };
                    match (plain.and_then(Cell::number), cell) {
                        (Some(number), _) if !number.is_nan() => {
                            plain.iter().for_each(|plain| rounding.see(plain));
                            push_number(number, row, column, values)?
                        }
                        (_, Cell::Text(text)) if !is_missing_number(text) => {
                            let (value, format) = (text.into(), format.clone().unwrap_or_default());
                            return Err(row.error(column, CellProblem::NumberBefore { value, format }));
                        }
                        _ => true,
                    }
                }
                FeatureKind::Ordinal { levels } => {
                    let text = cell.to_text();
                    match known.get(&*text) {
                        Some(&code) => {
                            rounding.category(true);
                            values.push(code as f64);
                            false
                        }
                        None if is_missing(&text) => true,
                        None if options.unknown == UnknownRule::Ignore => {
                            rounding.category(false);
                            true
                        }
                        None => return Err(unknown(row, column, text.into_owned(), "levels", levels)),
                    }
                }
                FeatureKind::OneHot { categories } => {
                    let text = cell.to_text();
                    match known.get(&*text) {
                        None if is_missing(&text) => true,
                        None if options.unknown == UnknownRule::Refuse => {
                            return Err(unknown(row, column, text.into_owned(), "categories", categories));
                        }
                        code => {
                            rounding.category(code.is_some());
                            let one = |k: usize| f64::from(u8::from(code == Some(&k)));
                            values.extend((0..categories.len()).map(one));
                            false
                        }
                    }
                }
            };
            if missing {
                if options.missing == MissingRule::Refuse {
                    let remedy = MissingRemedy::Cell;
                    let value = cell.to_text().into_owned();
                    return Err(row.error(column, CellProblem::Missing { value, remedy }));
                }
                complete = false;
                values.resize(start + feature.kind.width(), f64::NAN);
            }
        }
        Ok(complete)
    }
}

impl Encoded {
    /// Number of rows kept.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Rows left out.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped
    }

    /// Line (of an array or a Parquet file: row) of every row.
    pub(crate) fn lines(&self) -> &[usize] {
        &self.lines
    }

    /// Numbers that were rounded, of every feature.
    pub(crate) fn rounding(&self) -> &[Rounding] {
        &self.rounding
    }

    /// The codes of the rows.
    pub(crate) fn codes(&self) -> &[usize] {
        &self.codes
    }

    /// The rows, n×`width`.
    pub(crate) fn features(&self, width: usize) -> Mat<f64> {
        Mat::from_fn(self.len(), width, |i, j| self.values[i * width + j])
    }
}

/// Appends a number; it is not missing.
fn push_number(number: f64, row: &Row<'_>, column: usize, values: &mut Vec<f64>) -> Result<bool> {
    if !number.is_finite() {
        let value = row.cell(column)?.to_text().into_owned();
        return Err(row.error(column, CellProblem::NonFinite { value }));
    }
    values.push(number);
    Ok(false)
}

fn unknown(row: &Row<'_>, column: usize, value: String, what: &'static str, known: &[String]) -> Error {
    row.error(column, CellProblem::Unknown { value, what, known: known.to_vec() })
}
