//! What every column of a table holds and becomes, before anything is fitted.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use faer::Par;
use serde::Serialize;

use super::observe::Problem;
use super::rows::Rows;
use super::scan::Kind;
use super::{
    Cell, Content, FeatureKind, InferOptions, Scan, Schema, Source, SourceOptions, fold_batches, is_missing,
};
use crate::rows::TableRows;
use crate::{DataWarning, Error, Result, text};

/// Different values that are counted; beyond, there are more than so many.
const COUNTED: usize = 10_000;

/// Values that are shown.
const SHOWN: usize = 4;

/// What every column of a table holds and becomes, what is odd about them, and why the table would be refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// Name of the file.
    pub file: String,
    /// The sha256 of the unpacked file.
    pub sha256: String,
    /// Rows.
    pub rows: usize,
    /// What stands between the fields of a text.
    pub delimiter: Option<char>,
    /// The columns, in the order of the table.
    pub columns: Vec<InspectedColumn>,
    /// What is odd, as [`Table::warnings`](super::Table::warnings).
    pub warnings: Vec<String>,
    /// Why the table would be refused.
    pub problem: Option<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InspectedColumn {
    /// Its name, or what it is called.
    pub name: String,
    /// Cells without a value.
    pub missing: usize,
    /// Different values; `None` for more than 10,000.
    pub distinct: Option<usize>,
    /// The first different values.
    pub first: Vec<String>,
    /// How its numbers are written, where that is not as programs write them.
    pub format: Option<String>,
    /// What it becomes: `number`, `3 categories`, `ordered levels`, `label of 2 classes`, `left out`, or `refused`.
    pub becomes: String,
    /// Why it is refused.
    pub problem: Option<String>,
}

/// What is counted of a column.
#[derive(Default)]
struct Counted {
    missing: usize,
    values: HashSet<u64>,
    first: Vec<String>,
}

impl Counted {
    fn see(&mut self, cell: Cell<'_>, counts: bool) {
        let text = cell.to_text();
        if is_missing(&text) {
            self.missing += 1;
        } else if counts && self.values.len() <= COUNTED {
            let mut hasher = DefaultHasher::new();
            hasher.write(text.as_bytes());
            if self.values.insert(hasher.finish()) && self.first.len() < SHOWN {
                self.first.push(text.into_owned());
            }
        }
    }

    /// Adds that of the rows that follow.
    fn append(&mut self, later: Self) {
        self.missing += later.missing;
        // a value that comes first in later rows is new if all there were before are shown and it is none of them
        let all_are_shown = self.values.len() == self.first.len();
        for text in later.first {
            if all_are_shown && self.first.len() < SHOWN && !self.first.contains(&text) {
                self.first.push(text);
            }
        }
        if self.values.len() <= COUNTED {
            self.values.extend(later.values);
        }
    }

    /// The column, by what it becomes where it is learnt from.
    fn column(self, file: &str, name: String, kind: Option<Kind>, is_label: bool) -> InspectedColumn {
        let distinct = Some(self.values.len()).filter(|&count| count <= COUNTED);
        let (becomes, format, problem) = match kind {
            None if is_label => {
                let classes = distinct.map_or_else(|| "many".into(), |count| count.to_string());
                (format!("label of {classes} classes"), None, None)
            }
            None => ("left out".into(), None, None),
            Some(Ok((FeatureKind::Number, format))) => {
                ("number".into(), Some(format).filter(|format| !format.is_plain()), None)
            }
            Some(Ok((FeatureKind::Ordinal { .. }, _))) => ("ordered levels".into(), None, None),
            Some(Ok((FeatureKind::OneHot { categories }, _))) => {
                (format!("{} categories", categories.len()), None, None)
            }
            Some(Err(Problem::Column(problem))) => ("refused".into(), None, Some(problem.to_string())),
            Some(Err(problem)) => ("refused".into(), None, Some(problem.of(file, &name).to_string())),
        };
        let (missing, first) = (self.missing, self.first);
        let format = format.map(|format| format.to_string());
        InspectedColumn { name, missing, distinct, first, format, becomes, problem }
    }
}

/// What is counted of all columns, and what types them.
struct Columns {
    scan: Scan,
    counted: Vec<Counted>,
    /// Why the classes are refused.
    refused: Option<Error>,
}

impl Columns {
    /// Of all rows of a source.
    fn of(source: &mut Source<'_>, infer: &InferOptions) -> Result<Self> {
        let (empty, width, heading) =
            (Scan::new(source, infer)?, source.names().len(), Arc::clone(source.heading()));
        let none = || (0..width).map(|_| Counted::default()).collect();
        let mut all = Self { scan: empty.clone(), counted: none(), refused: None };
        let of_batch = |so_far: &Self, mut rows: Rows| {
            let mut found = Self { scan: empty.clone(), counted: none(), refused: None };
            while rows.advance(&heading)? {
                let row = rows.row(&heading);
                for (column, counted) in found.counted.iter_mut().enumerate() {
                    counted.see(row.cell(column)?, so_far.counted[column].values.len() <= COUNTED);
                }
                if let Err(error) = found.scan.see_class(&row, infer) {
                    found.refused.get_or_insert(error);
                }
                found.scan.see_features(&row)?;
            }
            Ok(found)
        };
        fold_batches(source, Par::rayon(0), &mut all, of_batch, |all, found| {
            all.scan.append(found.scan);
            all.counted.iter_mut().zip(found.counted).for_each(|(all, found)| all.append(found));
            all.refused = all.refused.take().or(found.refused);
            Ok(())
        })?;
        Ok(all)
    }
}

/// What one pass over a table tells.
struct Looked {
    rows: usize,
    delimiter: Option<u8>,
    columns: Vec<InspectedColumn>,
    /// What the columns mean and what is odd about them, or why that cannot be said.
    typed: Result<(Schema, Vec<DataWarning>)>,
}

impl Looked {
    fn at(content: &Content, source: &SourceOptions, infer: &InferOptions) -> Result<Self> {
        let mut rows = content.open(source)?;
        let (names, delimiter) = (rows.names().to_vec(), rows.delimiter());
        let Columns { scan, counted, refused } = Columns::of(&mut rows, infer)?;
        let n = scan.rows();
        let (file, label) = (content.file(), scan.label());
        let mut kinds: Vec<Option<Kind>> = names.iter().map(|_| None).collect();
        for (column, kind) in scan.kinds(infer) {
            kinds[column] = Some(kind);
        }
        let typed = match refused {
            Some(error) => Err(error),
            None => scan.schema_told(file, infer),
        };
        let is_left_out =
            |name: &String| typed.as_ref().is_ok_and(|(schema, _)| schema.ignored().contains(name));
        let columns = names.into_iter().zip(counted).zip(kinds).enumerate();
        let columns = columns.map(|(column, ((name, counted), kind))| {
            let kind = kind.filter(|_| !is_left_out(&name));
            counted.column(file, name, kind, column == label)
        });
        Ok(Self { rows: n, delimiter, columns: columns.collect(), typed })
    }
}

impl InspectedColumn {
    /// All columns of a table, by the column alone: what is odd about them beside each other and beside the classes is told by
    /// [`Inspection::read`].
    ///
    /// # Errors
    /// As [`Inspection::read`].
    ///
    /// # Cost
    /// One pass over the rows; memory as [`Inspection::read`].
    pub fn all(content: &Content, source: &SourceOptions, infer: &InferOptions) -> Result<Vec<Self>> {
        Looked::at(content, source, infer).map(|looked| looked.columns)
    }
}

impl Inspection {
    /// Reads a table as [`Table::read`](super::Table::read) does. What is wrong with its columns does not end it, but is told.
    ///
    /// # Errors
    /// [`Error::Columns`](crate::Error::Columns) for columns that are named and not there, any error of the source.
    ///
    /// # Cost
    /// Two passes over the rows; memory for up to 10,000 values of every column.
    pub fn read(content: &Content, source: &SourceOptions, infer: &InferOptions) -> Result<Self> {
        let Looked { rows, delimiter, columns, typed } = Looked::at(content, source, infer)?;
        let read = typed.and_then(|typed| TableRows::typed(content, source, infer, typed, Par::rayon(0)));
        let (warnings, problem) = match &read {
            Ok(rows) => (rows.warnings().iter().map(ToString::to_string).collect(), None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let (file, sha256) = (content.file().to_owned(), content.sha256().to_owned());
        Ok(Self { file, sha256, rows, delimiter: delimiter.map(char::from), columns, warnings, problem })
    }
}

impl fmt::Display for InspectedColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = match self.distinct {
            Some(1) => "1 value".to_owned(),
            Some(count) => format!("{count} values"),
            None => format!("more than {COUNTED} values"),
        };
        write!(f, "`{}`: {}", self.name, self.becomes)?;
        if let Some(format) = &self.format {
            write!(f, " ({format})")?;
        }
        writeln!(f, "; {values}, {} missing; first {}", self.missing, text::list(&self.first))?;
        match &self.problem {
            Some(problem) => writeln!(f, "  {problem}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} rows, {} columns", self.file, self.rows, self.columns.len())?;
        match self.delimiter {
            Some('\t') => writeln!(f, ", delimiter tab")?,
            Some(delimiter) => writeln!(f, ", delimiter {delimiter}")?,
            None => writeln!(f)?,
        }
        self.columns.iter().try_for_each(|column| column.fmt(f))?;
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        match &self.problem {
            Some(problem) => writeln!(f, "refused: {problem}"),
            None => Ok(()),
        }
    }
}
