//! A whole table in memory, to be fitted.

use std::sync::Arc;

use faer::Mat;
use hsic_rows::Labels;
use serde::{Deserialize, Serialize};

use super::{
    CellProblem, ColumnProblem, Content, EncodeOptions, Evidence, Heading, InferOptions, MissingRule,
    RowEncoder, Schema, SourceOptions, Spread, nearly_tells,
};
use crate::warning::alike;
use crate::{DataWarning, Error, Result};

/// Cells without a value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingCells {
    /// How many.
    pub cells: usize,
    /// Rows that have one.
    pub rows: usize,
    /// The columns that have one, and how many.
    pub columns: Vec<(String, usize)>,
}

impl MissingCells {
    /// Those of encoded rows, NaN each.
    pub(crate) fn of(schema: &Schema, features: &Mat<f64>) -> Self {
        let mut found = Self::default();
        let mut missing_rows = vec![false; features.nrows()];
        let mut column = 0;
        for feature in schema.features() {
            let mut count = 0;
            for (row, missing) in missing_rows.iter_mut().enumerate() {
                // all columns of a category are missing together
                if features[(row, column)].is_nan() {
                    *missing = true;
                    count += 1;
                }
            }
            if count > 0 {
                found.columns.push((feature.name.clone(), count));
            }
            found.cells += count;
            column += feature.kind.width();
        }
        found.rows = missing_rows.into_iter().filter(|&missing| missing).count();
        found
    }

    /// With those of other rows.
    pub(crate) fn merge(&mut self, other: Self) {
        self.cells += other.cells;
        self.rows += other.rows;
        for (name, count) in other.columns {
            match self.columns.iter_mut().find(|(of, _)| *of == name) {
                Some((_, known)) => *known += count,
                None => self.columns.push((name, count)),
            }
        }
    }
}

/// A table with its columns typed and its rows encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of the file.
    pub file: String,
    /// The sha256 of the unpacked file.
    pub sha256: String,
    /// The byte between fields of a text.
    pub delimiter: Option<u8>,
    /// What the columns mean.
    pub schema: Schema,
    /// The encoded features, n×[`Schema::encoded_width`]; NaN stands for a missing value.
    pub features: Mat<f64>,
    /// The classes.
    pub labels: Labels,
    /// Line (of an array: row), from 1, of every row.
    pub lines: Vec<usize>,
    /// What is missing in the rows kept.
    pub missing: MissingCells,
    /// Rows left out because they miss a cell.
    pub dropped: usize,
    /// What is odd: a header that may be a row, rows and columns left out, numbers that were rounded, columns that name rows,
    /// tell the class or nearly do, or repeat another, classes that may be one.
    pub warnings: Vec<DataWarning>,
}

impl Table {
    /// Types the columns of a table by its own rows and encodes them. What is missing is refused, left out or kept as
    /// NaN, as `infer.missing` says.
    ///
    /// # Errors
    /// As [`Schema::infer`] and [`RowEncoder::next_chunk`]; [`Error::Columns`] with the number of missing cells where
    /// they are refused.
    ///
    /// # Cost
    /// Two passes over the rows; 16 bytes a number while they are read.
    pub fn read(content: &Content, source: &SourceOptions, infer: &InferOptions) -> Result<Self> {
        let (schema, told) = Schema::infer_told(&mut content.open(source)?, infer)?;
        let rule = if infer.missing == MissingRule::Drop { MissingRule::Drop } else { MissingRule::Keep };
        let rows = content.open(source)?;
        let heading = Arc::clone(rows.heading());
        let options = EncodeOptions { missing: rule, ..EncodeOptions::default() };
        let mut encoder = RowEncoder::new(&schema, rows, options)?;
        let chunk = encoder.next_chunk(usize::MAX).map_err(of_training)?;
        let (dropped, rounded) = (encoder.dropped(), encoder.warnings());
        drop(encoder);
        let Some(chunk) = chunk else {
            let problem = ColumnProblem::AllDropped { n: dropped };
            return Err(Error::Columns { file: content.file().into(), problem });
        };
        let missing = MissingCells::of(&schema, &chunk.features);
        let labels = Labels::with_classes(chunk.codes.unwrap_or_default(), schema.classes().len())?;
        check_training(&heading.file, &schema, labels.counts(), &missing, dropped, infer)?;
        let of_columns =
            Evidence::of(&schema, |i, j| chunk.features[(i, j)], labels.codes(), None).warnings(&schema);
        let mut spread = Spread::new(schema.encoded_width());
        spread.see(chunk.features.as_ref(), labels.codes());
        let nearly = nearly_tells(&schema, &spread, &of_columns);
        let told = [told, rounded, of_columns, nearly].concat();
        let warnings = oddities(&heading, &schema, labels.counts(), dropped, told, infer);
        let (file, sha256, delimiter) = (content.file().into(), content.sha256().into(), heading.delimiter);
        let (features, lines) = (chunk.features, chunk.lines);
        Ok(Self { file, sha256, delimiter, schema, features, labels, lines, missing, dropped, warnings })
    }

    /// Features and labels of some rows, in the order given.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`], [`Error::Rows`] for an empty selection.
    pub fn select(&self, rows: &[usize]) -> Result<(Mat<f64>, Labels)> {
        let n = self.features.nrows();
        if let Some(&row) = rows.iter().find(|&&row| row >= n) {
            return Err(Error::RowOutOfRange { row, n });
        }
        let labels = self.labels.select(rows)?;
        Ok((Mat::from_fn(rows.len(), self.features.ncols(), |i, j| self.features[(rows[i], j)]), labels))
    }
}

/// Of a table that tells what is known itself, the levels alone are known beforehand.
pub(crate) fn of_training(error: Error) -> Error {
    match error {
        Error::Cell { place, column, problem: CellProblem::Unknown { value, known: levels, .. } } => {
            Error::Cell { place, column, problem: CellProblem::UnknownLevel { value, levels } }
        }
        error => error,
    }
}

/// Refuses rows that nothing can be learnt from, by how many of every class are kept.
pub(crate) fn check_training(
    file: &str,
    schema: &Schema,
    counts: &[usize],
    missing: &MissingCells,
    dropped: usize,
    infer: &InferOptions,
) -> Result<()> {
    let failed = |problem| Err(Error::Columns { file: file.into(), problem });
    if infer.missing == MissingRule::Refuse && missing.cells > 0 {
        let (n, MissingCells { cells, rows, columns }) = (counts.iter().sum(), missing.clone());
        return failed(ColumnProblem::Missing { cells, rows, n, columns });
    }
    let mut present = counts.iter().zip(schema.classes()).filter(|(count, _)| **count > 0);
    match (present.next(), present.next()) {
        (None, _) => failed(ColumnProblem::AllDropped { n: dropped }),
        (Some((_, class)), None) => {
            failed(ColumnProblem::OneClass { class: class.clone(), label: schema.label().into() })
        }
        _ => Ok(()),
    }
}

/// What is odd about the rows of a table that is learnt from.
pub(crate) fn oddities(
    heading: &Heading,
    schema: &Schema,
    counts: &[usize],
    dropped: usize,
    told: Vec<DataWarning>,
    infer: &InferOptions,
) -> Vec<DataWarning> {
    let is_number = |name: &&String| name.contains('.') && name.parse::<f64>().is_ok();
    let number = heading.names.all().iter().find(is_number).filter(|_| heading.names.any()).cloned();
    let mut warnings: Vec<_> = number.map(|name| DataWarning::NumberAsName { name }).into_iter().collect();
    if heading.trails {
        warnings.push(DataWarning::TrailingDelimiter);
    }
    if dropped > 0 {
        warnings.push(DataWarning::DroppedRows { rows: dropped });
    }
    warnings.extend(told);
    if infer.class_order.is_none() {
        warnings.extend(alike(schema.classes(), counts));
    }
    warnings
}
