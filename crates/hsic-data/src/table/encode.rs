//! Rows of a table as numbers, by a schema.

use std::collections::HashMap;

use faer::Mat;

use super::columns::Binding;
use super::infer::class_of;
use super::{Cell, CellProblem, ColumnProblem, ExtraRule, FeatureKind, Row, Schema, Source};
use super::{is_missing, is_missing_number};
use crate::warning::Rounding;
use crate::{DataWarning, Error, Result};

/// What becomes of a row that misses a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingRule {
    /// It is an error.
    #[default]
    Refuse,
    /// It is left out.
    Drop,
    /// It stays, with NaN for the cell (in all columns of its categories).
    Keep,
}

/// What becomes of a text that is none of the known categories or levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownRule {
    /// It is an error.
    #[default]
    Refuse,
    /// A category: none of those known, zeros. A level: a missing value.
    Ignore,
}

/// How rows are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EncodeOptions {
    /// Missing cells.
    pub missing: MissingRule,
    /// Unknown categories and levels.
    pub unknown: UnknownRule,
    /// Unknown columns.
    pub extra: ExtraRule,
    /// The label column.
    pub label: LabelRule,
}

/// What becomes of the label column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LabelRule {
    /// It must be there, with a known class in every row.
    #[default]
    Read,
    /// It is passed over where it is there.
    Ignore,
}

/// Some rows as numbers.
#[derive(Debug)]
pub struct Chunk {
    /// The encoded features, a row a row; NaN stands for a missing value under [`MissingRule::Keep`].
    pub features: Mat<f64>,
    /// The class codes; `None` for a table without a label column.
    pub codes: Option<Vec<usize>>,
    /// Line (of an array: row), from 1, of every row.
    pub lines: Vec<usize>,
    /// The rows among them that cannot be encoded, in order.
    pub refused: Vec<RefusedRow>,
}

/// A row that cannot be encoded.
#[derive(Debug)]
pub struct RefusedRow {
    /// The encoded rows of the chunk before it.
    pub after: usize,
    /// What is wrong with it, and where it is.
    pub error: Error,
}

/// Whether a chunk ends at a row that cannot be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It does, and the row is its last: what follows is not read.
    End,
    /// It goes on.
    PassOver,
}

/// Encodes the rows of a source, chunk by chunk.
pub struct RowEncoder<'s> {
    schema: &'s Schema,
    source: Source<'s>,
    options: EncodeOptions,
    binding: Binding,
    codes: HashMap<&'s str, usize>,
    /// Code of every category or level, a map a feature.
    known: Vec<HashMap<&'s str, usize>>,
    dropped: usize,
    /// Numbers that were rounded, of every feature.
    rounding: Vec<Rounding>,
}

impl<'s> RowEncoder<'s> {
    /// An encoder of rows by a schema. Columns are found by their names, in any order.
    ///
    /// # Errors
    /// [`Error::Columns`] for columns that are not there, or that the schema does not know.
    pub fn new(schema: &'s Schema, source: Source<'s>, options: EncodeOptions) -> Result<Self> {
        let mut binding = Binding::new(schema, &source, options.extra)?;
        match options.label {
            LabelRule::Ignore => binding.label = None,
            LabelRule::Read if binding.label.is_none() => {
                let problem = ColumnProblem::NoLabel { label: schema.label().into() };
                return Err(Error::Columns { file: source.file().into(), problem });
            }
            LabelRule::Read => {}
        }
        let by_name = |names: &'s [String]| {
            names.iter().enumerate().map(|(code, name)| (name.as_str(), code)).collect()
        };
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
        let rounding = vec![Rounding::default(); schema.features().len()];
        Ok(Self { schema, source, options, binding, codes, known, dropped: 0, rounding })
    }

    /// The name of the file, as in messages.
    pub fn file(&self) -> &str {
        self.source.file()
    }

    /// What was odd about the rows so far: numbers that were rounded.
    pub fn warnings(&self) -> Vec<DataWarning> {
        let features = self.schema.features().iter();
        self.rounding.iter().zip(features).filter_map(|(seen, feature)| seen.warning(&feature.name)).collect()
    }

    /// The rows that are encoded.
    pub fn source(&self) -> &Source<'s> {
        &self.source
    }

    /// Rows left out so far.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Up to `most` rows, `None` after the last.
    ///
    /// # Errors
    /// [`Error::Cell`] for what cannot be encoded, any error of the source.
    ///
    /// # Cost
    /// Memory for the rows of the chunk.
    pub fn next_chunk(&mut self, most: usize) -> Result<Option<Chunk>> {
        let mut chunk = self.next_rows(most, Refused::End)?;
        match chunk.as_mut().and_then(|chunk| chunk.refused.pop()) {
            Some(refused) => Err(refused.error),
            None => Ok(chunk),
        }
    }

    /// Up to `most` rows, and what is wrong with those among them that cannot be encoded; `None` after the last.
    ///
    /// # Errors
    /// Any error of the source that is not one row's.
    ///
    /// # Cost
    /// Memory for the rows of the chunk.
    pub fn next_rows(&mut self, most: usize, rule: Refused) -> Result<Option<Chunk>> {
        let width = self.schema.encoded_width();
        let (mut values, mut codes, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        let mut refused = Vec::new();
        while lines.len() + refused.len() < most {
            let start = values.len();
            match self.next_row(&mut values) {
                Ok(None) => break,
                Ok(Some((_, Encoded::Dropped))) => self.dropped += 1,
                Ok(Some((line, Encoded::Row(code)))) => {
                    lines.push(line);
                    codes.extend(code);
                    continue;
                }
                Err(error @ (Error::Cell { .. } | Error::RaggedRow { .. })) => {
                    refused.push(RefusedRow { after: lines.len(), error });
                    if rule == Refused::End {
                        values.truncate(start);
                        break;
                    }
                }
                Err(error) => return Err(error),
            }
            values.truncate(start);
        }
        if lines.is_empty() && refused.is_empty() {
            return Ok(None);
        }
        let features = Mat::from_fn(lines.len(), width, |i, j| values[i * width + j]);
        let codes = self.binding.label.map(|_| codes);
        Ok(Some(Chunk { features, codes, lines, refused }))
    }

    /// Appends the numbers of the next row: its line, and its class code where there is a label; `None` after the last.
    fn next_row(&mut self, values: &mut Vec<f64>) -> Result<Option<(usize, Encoded)>> {
        let Some(row) = self.source.next_row()? else { return Ok(None) };
        let complete = {
            let (schema, known, binding) = (self.schema, &self.known, &self.binding);
            encode(schema, known, binding, self.options, &row, values, &mut self.rounding)?
        };
        let Some(label) = self.binding.label else {
            let dropped = self.options.missing == MissingRule::Drop && !complete;
            let encoded = if dropped { Encoded::Dropped } else { Encoded::Row(None) };
            return Ok(Some((row.number(), encoded)));
        };
        let class = class_of(&row, label, |text| self.codes.contains_key(text))?;
        if self.options.missing == MissingRule::Drop && (!complete || class.is_none()) {
            return Ok(Some((row.number(), Encoded::Dropped)));
        }
        let Some(class) = class else {
            let remedy = "fill in the class, or remove the row";
            let value = row.cell(label)?.to_text();
            return Err(row.error(label, CellProblem::Missing { value, remedy }));
        };
        match self.codes.get(class.as_str()) {
            Some(&code) => Ok(Some((row.number(), Encoded::Row(Some(code))))),
            None => {
                let known = self.schema.classes().to_vec();
                Err(row.error(label, CellProblem::UnknownClass { value: class, known }))
            }
        }
    }
}

/// What became of a row.
enum Encoded {
    /// It is left out, for it misses a cell.
    Dropped,
    /// Its class code, where there is a label.
    Row(Option<usize>),
}

/// Appends a row's numbers; whether none is missing.
fn encode(
    schema: &Schema,
    known: &[HashMap<&str, usize>],
    binding: &Binding,
    options: EncodeOptions,
    row: &Row<'_>,
    values: &mut Vec<f64>,
    rounding: &mut [Rounding],
) -> Result<bool> {
    let mut complete = true;
    let features = schema.features().iter().zip(known).zip(&binding.features).zip(rounding);
    for (((feature, known), &column), rounding) in features {
        let cell = row.cell(column)?;
        let start = values.len();
        let missing = match &feature.kind {
            FeatureKind::Number => match (cell.number(), cell) {
                (Some(number), _) if !number.is_nan() => {
                    rounding.see(&cell);
                    push_number(number, row, column, values)?
                }
                (_, Cell::Text(text)) if !is_missing_number(text) => {
                    return Err(row.error(column, CellProblem::NumberBefore { value: text.into() }));
                }
                _ => true,
            },
            FeatureKind::Ordinal { levels } => {
                let text = cell.to_text();
                match known.get(text.as_str()) {
                    Some(&code) => {
                        values.push(code as f64);
                        false
                    }
                    None if is_missing(&text) || options.unknown == UnknownRule::Ignore => true,
                    None => return Err(unknown(row, column, text, "levels", levels)),
                }
            }
            FeatureKind::OneHot { categories } => {
                let text = cell.to_text();
                match known.get(text.as_str()) {
                    None if is_missing(&text) => true,
                    None if options.unknown == UnknownRule::Refuse => {
                        return Err(unknown(row, column, text, "categories", categories));
                    }
                    code => {
                        let one = |k: usize| f64::from(u8::from(code == Some(&k)));
                        values.extend((0..categories.len()).map(one));
                        false
                    }
                }
            }
        };
        if missing {
            if options.missing == MissingRule::Refuse {
                let remedy =
                    "fill in the value or remove the row; a model fitted with --missing mean takes such rows";
                return Err(row.error(column, CellProblem::Missing { value: cell.to_text(), remedy }));
            }
            complete = false;
            values.resize(start + feature.kind.width(), f64::NAN);
        }
    }
    Ok(complete)
}

/// Appends a number; it is not missing.
fn push_number(number: f64, row: &Row<'_>, column: usize, values: &mut Vec<f64>) -> Result<bool> {
    if !number.is_finite() {
        let value = row.cell(column)?.to_text();
        return Err(row.error(column, CellProblem::NonFinite { value }));
    }
    values.push(number);
    Ok(false)
}

fn unknown(row: &Row<'_>, column: usize, value: String, what: &'static str, known: &[String]) -> Error {
    row.error(column, CellProblem::Unknown { value, what, known: known.to_vec() })
}
