//! A whole table in memory, to be fitted.

use faer::{Mat, Par};
use hsic_rows::Labels;
use serde::{Deserialize, Serialize};

use super::{
    CellProblem, Codec, ColumnProblem, Content, EncodeOptions, Encoded, Heading, InferOptions, MissingRule,
    Scan, Schema, SourceOptions, Survey,
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

    /// The columns in the order of a table.
    pub(crate) fn sort(&mut self, schema: &Schema) {
        let place = |name: &str| schema.features().iter().position(|feature| feature.name == name);
        self.columns.sort_by_key(|(name, _)| place(name));
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
    /// As [`Schema::infer`] and [`RowEncoder::next_chunk`](super::RowEncoder::next_chunk); [`Error::Columns`] with the number of missing cells where
    /// they are refused.
    ///
    /// # Cost
    /// Two passes over the rows, on all threads; 8 bytes a number, and a block of rows a thread.
    pub fn read(content: &Content, source: &SourceOptions, infer: &InferOptions) -> Result<Self> {
        let par = Par::rayon(0);
        let scan = Scan::of(&mut content.open(source)?, infer, par)?;
        let n = scan.rows();
        let (schema, told) = scan.schema_told(content.file(), infer)?;
        let missing = if infer.missing == MissingRule::Drop { MissingRule::Drop } else { MissingRule::Keep };
        let mut rows = content.open(source)?;
        let codec = Codec::new(&schema, &rows, EncodeOptions { missing, ..EncodeOptions::default() })?;
        let width = schema.encoded_width();
        let (mut features, mut codes, mut lines) =
            (Mat::with_capacity(n, width), Vec::with_capacity(n), Vec::with_capacity(n));
        let keep = |block: Mat<f64>, encoded: &Encoded| {
            let start = lines.len();
            codes.extend_from_slice(encoded.codes());
            lines.extend_from_slice(encoded.lines());
            features.resize_with(lines.len(), width, |i, j| block[(i - start, j)]);
        };
        let survey = Survey::of(&mut rows, &codec, par, keep).map_err(of_training)?;
        check_training(content.file(), &schema, &survey.counts, &survey.missing, survey.dropped, infer)?;
        let labels = Labels::with_classes(codes, schema.classes().len())?;
        let (missing, dropped) = (survey.missing.clone(), survey.dropped);
        let warnings = survey.warnings(told, &schema, rows.heading(), infer);
        let (file, sha256, delimiter) = (content.file().into(), content.sha256().into(), rows.delimiter());
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
