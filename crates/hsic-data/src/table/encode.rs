//! Rows of a table as numbers, by a schema.

use std::collections::HashMap;

use faer::Mat;

use super::columns::Binding;
use super::infer::class_of;
use super::rows::{Heading, Rows};
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

/// Encodes rows by a schema, on any thread.
#[derive(Debug)]
pub(crate) struct Codec {
    schema: Schema,
    options: EncodeOptions,
    binding: Binding,
    codes: HashMap<String, usize>,
    /// Code of every category or level, a map a feature.
    known: Vec<HashMap<String, usize>>,
}

/// Rows that are encoded, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    values: Vec<f64>,
    codes: Vec<usize>,
    lines: Vec<usize>,
    /// Rows left out.
    dropped: usize,
    /// Numbers that were rounded, of every feature.
    rounding: Vec<Rounding>,
}

impl Codec {
    /// A codec for the rows of a source, whose columns are found by their names, in any order.
    pub(crate) fn new(schema: &Schema, source: &Source<'_>, options: EncodeOptions) -> Result<Self> {
        let mut binding = Binding::new(schema, source, options.extra)?;
        match options.label {
            LabelRule::Ignore => binding.label = None,
            LabelRule::Read if binding.label.is_none() => {
                let problem = ColumnProblem::NoLabel { label: schema.label().into() };
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
        Ok(Self { schema: schema.clone(), options, binding, codes, known })
    }

    /// The schema.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// No rows yet.
    pub(crate) fn start(&self) -> Encoded {
        Encoded { rounding: vec![Rounding::default(); self.schema.features().len()], ..Encoded::default() }
    }

    /// All of some rows.
    pub(crate) fn encode(&self, mut rows: Rows, heading: &Heading) -> Result<Encoded> {
        let mut encoded = self.start();
        while rows.advance(heading)? {
            self.push(&rows.row(heading), &mut encoded)?;
        }
        Ok(encoded)
    }

    /// Appends a row, or leaves it out: always one that cannot be encoded.
    fn push(&self, row: &Row<'_>, encoded: &mut Encoded) -> Result<()> {
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
        let class = class_of(row, label, |text| self.codes.contains_key(text))?;
        if drops && (!complete || class.is_none()) {
            return Ok(None);
        }
        let Some(class) = class else {
            let remedy = "fill in the class, or remove the row";
            let value = row.cell(label)?.to_text();
            return Err(row.error(label, CellProblem::Missing { value, remedy }));
        };
        match self.codes.get(class.as_str()) {
            Some(&code) => Ok(Some(Some(code))),
            None => {
                let known = self.schema.classes().to_vec();
                Err(row.error(label, CellProblem::UnknownClass { value: class, known }))
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
        let features =
            self.schema.features().iter().zip(&self.known).zip(&self.binding.features).zip(rounding);
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
                    let remedy = "fill in the value or remove the row; a model fitted with --missing mean takes such rows";
                    return Err(row.error(column, CellProblem::Missing { value: cell.to_text(), remedy }));
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

    /// The codes of the rows.
    pub(crate) fn codes(&self) -> &[usize] {
        &self.codes
    }

    /// The rows, n×`width`.
    pub(crate) fn features(&self, width: usize) -> Mat<f64> {
        Mat::from_fn(self.len(), width, |i, j| self.values[i * width + j])
    }
}

/// Encodes the rows of a source, chunk by chunk.
pub struct RowEncoder<'s> {
    codec: Codec,
    source: Source<'s>,
    dropped: usize,
    /// Numbers that were rounded, of every feature.
    rounding: Vec<Rounding>,
}

impl<'s> RowEncoder<'s> {
    /// An encoder of rows by a schema. Columns are found by their names, in any order.
    ///
    /// # Errors
    /// [`Error::Columns`] for columns that are not there, or that the schema does not know.
    pub fn new(schema: &Schema, source: Source<'s>, options: EncodeOptions) -> Result<Self> {
        let codec = Codec::new(schema, &source, options)?;
        let rounding = codec.start().rounding;
        Ok(Self { codec, source, dropped: 0, rounding })
    }

    /// The name of the file, as in messages.
    pub fn file(&self) -> &str {
        self.source.file()
    }

    /// What was odd about the rows so far: numbers that were rounded.
    pub fn warnings(&self) -> Vec<DataWarning> {
        let features = self.codec.schema.features().iter();
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
        let mut encoded = Encoded { rounding: std::mem::take(&mut self.rounding), ..Encoded::default() };
        let mut refused = Vec::new();
        let read = self.fill(&mut encoded, &mut refused, most, rule);
        self.rounding = std::mem::take(&mut encoded.rounding);
        self.dropped += encoded.dropped;
        read?;
        if encoded.len() == 0 && refused.is_empty() {
            return Ok(None);
        }
        let features = encoded.features(self.codec.schema.encoded_width());
        let codes = self.codec.binding.label.map(|_| encoded.codes);
        Ok(Some(Chunk { features, codes, lines: encoded.lines, refused }))
    }

    fn fill(
        &mut self,
        encoded: &mut Encoded,
        refused: &mut Vec<RefusedRow>,
        most: usize,
        rule: Refused,
    ) -> Result<()> {
        while encoded.len() + refused.len() < most {
            let pushed = match self.source.next_row() {
                Ok(None) => break,
                Ok(Some(row)) => self.codec.push(&row, encoded),
                Err(error) => Err(error),
            };
            match pushed {
                Ok(()) => {}
                Err(error @ (Error::Cell { .. } | Error::RaggedRow { .. })) => {
                    refused.push(RefusedRow { after: encoded.len(), error });
                    if rule == Refused::End {
                        break;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
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
