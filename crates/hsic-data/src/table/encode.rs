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
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// The encoded features, a row a row; NaN stands for a missing value under [`MissingRule::Keep`].
    pub features: Mat<f64>,
    /// The class codes; `None` for a table without a label column.
    pub codes: Option<Vec<usize>>,
    /// Line (of an array: row), from 1, of every row.
    pub lines: Vec<usize>,
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
        let width = self.schema.encoded_width();
        let (mut values, mut codes, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        while lines.len() < most {
            let Some(row) = self.source.next_row()? else { break };
            let start = values.len();
            let complete = {
                let (schema, known, binding) = (self.schema, &self.known, &self.binding);
                encode(schema, known, binding, self.options, &row, &mut values, &mut self.rounding)?
            };
            let class = match self.binding.label {
                Some(label) => {
                    class_of(&row, label, |text| self.codes.contains_key(text))?.map(|class| (label, class))
                }
                None => None,
            };
            let unlabelled = self.binding.label.is_some() && class.is_none();
            if self.options.missing == MissingRule::Drop && (!complete || unlabelled) {
                values.truncate(start);
                self.dropped += 1;
                continue;
            }
            if let Some(label) = self.binding.label.filter(|_| unlabelled) {
                let remedy = "fill in the class, or remove the row";
                let value = row.cell(label)?.to_text();
                return Err(row.error(label, CellProblem::Missing { value, remedy }));
            }
            if let Some((label, value)) = class {
                let Some(&code) = self.codes.get(value.as_str()) else {
                    let known = self.schema.classes().to_vec();
                    return Err(row.error(label, CellProblem::UnknownClass { value, known }));
                };
                codes.push(code);
            }
            lines.push(row.number());
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let features = Mat::from_fn(lines.len(), width, |i, j| values[i * width + j]);
        let codes = self.binding.label.map(|_| codes);
        Ok(Some(Chunk { features, codes, lines }))
    }
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
