//! What every column of a table holds and becomes, before anything is fitted.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hasher as _};

use faer::Par;
use serde::Serialize;

use super::observe::{Problem, Seen};
use super::{Cell, Content, FeatureKind, InferOptions, LabelColumn, SourceOptions, is_missing};
use crate::rows::TableRows;
use crate::{Result, text};

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
    fn see(&mut self, cell: Cell<'_>) {
        let text = cell.to_text();
        if is_missing(&text) {
            self.missing += 1;
        } else if self.values.len() <= COUNTED {
            let mut hasher = DefaultHasher::new();
            hasher.write(text.as_bytes());
            if self.values.insert(hasher.finish()) && self.first.len() < SHOWN {
                self.first.push(text);
            }
        }
    }
}

impl Inspection {
    /// Reads a table as [`Table::read`](super::Table::read) does. What is wrong with its columns does not end it, but is told.
    ///
    /// # Errors
    /// [`Error::Columns`](crate::Error::Columns) for columns that are named and not there, any error of the source.
    ///
    /// # Cost
    /// Four passes over the rows; memory for up to 10,000 values of every column.
    pub fn read(content: &Content, source: &SourceOptions, infer: &InferOptions) -> Result<Self> {
        let mut rows = content.open(source)?;
        let find = |list: &[String]| list.iter().map(|name| rows.column(name)).collect::<Result<Vec<_>>>();
        let (ignored, texts) = (find(&infer.ignore)?, find(&infer.text)?);
        let label = match &infer.label {
            LabelColumn::Last => rows.names().len() - 1,
            LabelColumn::Name(name) => rows.column(name)?,
        };
        let (names, delimiter, decimal) = (rows.names().to_vec(), rows.delimiter(), rows.decimal());
        let mut seen: Vec<Seen> = names.iter().map(|_| Seen::default()).collect();
        let mut counted: Vec<Counted> = names.iter().map(|_| Counted::default()).collect();
        let mut n = 0;
        while let Some(row) = rows.next_row()? {
            n += 1;
            for (column, (seen, counted)) in seen.iter_mut().zip(&mut counted).enumerate() {
                counted.see(row.cell(column)?);
                seen.see(&row, column, texts.contains(&column), infer.max_categories, decimal)?;
            }
        }
        let read = TableRows::open(content, source, infer, Par::Seq);
        let left_out = |name: &String| match &read {
            Ok(rows) => rows.schema().ignored().contains(name),
            Err(_) => false,
        };
        let commas = seen.iter().any(|seen| seen.formats.has_comma());
        let file = content.file();
        let column = |(column, (seen, counted)): (usize, (Seen, Counted))| {
            let name = names[column].clone();
            let distinct = Some(counted.values.len()).filter(|&count| count <= COUNTED);
            let is_text = texts.contains(&column);
            let levels = infer.ordinal.iter().find(|(of, _)| *of == name).map(|(_, levels)| levels.clone());
            let kind = seen.kind(&name, levels, is_text, infer.max_categories, (decimal, commas));
            let (becomes, format, problem) = if ignored.contains(&column) || left_out(&name) {
                ("left out".to_owned(), None, None)
            } else if column == label {
                let classes = distinct.map_or_else(|| "many".into(), |count| count.to_string());
                (format!("label of {classes} classes"), None, None)
            } else {
                match kind {
                    Ok((FeatureKind::Number, format)) => {
                        ("number".into(), Some(format).filter(|format| !format.is_plain()), None)
                    }
                    Ok((FeatureKind::Ordinal { .. }, _)) => ("ordered levels".into(), None, None),
                    Ok((FeatureKind::OneHot { categories }, _)) => {
                        (format!("{} categories", categories.len()), None, None)
                    }
                    Err(Problem::Column(problem)) => ("refused".into(), None, Some(problem.to_string())),
                    Err(problem) => ("refused".into(), None, Some(problem.of(file, &name).to_string())),
                }
            };
            let (missing, first) = (counted.missing, counted.first);
            let format = format.map(|format| format.to_string());
            InspectedColumn { name, missing, distinct, first, format, becomes, problem }
        };
        let columns = seen.into_iter().zip(counted).enumerate().map(column).collect();
        let (warnings, problem) = match &read {
            Ok(rows) => (rows.warnings().iter().map(ToString::to_string).collect(), None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let (file, sha256) = (content.file().to_owned(), content.sha256().to_owned());
        Ok(Self { file, sha256, rows: n, delimiter: delimiter.map(char::from), columns, warnings, problem })
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
        for column in &self.columns {
            let values = match column.distinct {
                Some(1) => "1 value".to_owned(),
                Some(count) => format!("{count} values"),
                None => format!("more than {COUNTED} values"),
            };
            let first = text::list(&column.first);
            write!(f, "`{}`: {}", column.name, column.becomes)?;
            if let Some(format) = &column.format {
                write!(f, " ({format})")?;
            }
            writeln!(f, "; {values}, {} missing; first {first}", column.missing)?;
            if let Some(problem) = &column.problem {
                writeln!(f, "  {problem}")?;
            }
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        match &self.problem {
            Some(problem) => writeln!(f, "refused: {problem}"),
            None => Ok(()),
        }
    }
}
