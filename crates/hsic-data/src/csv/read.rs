//! From bytes to a data set, with the place of whatever is wrong.

use std::collections::HashMap;

use ::csv::ByteRecord;

use super::CsvOptions;
use crate::table::{Names, is_missing, is_missing_number};
use crate::{Error, LabelColumn, Result};

/// The columns that the first record of a file names or counts.
pub(crate) fn columns_of(
    first: &ByteRecord,
    file: &str,
    line: usize,
    options: &CsvOptions,
) -> Result<Columns> {
    let names =
        if options.has_header { header(first, file, line)? } else { Names::numbered(first.len(), false) };
    Columns::new(names, file, options)
}

/// The names of a header; any number of columns may have none.
pub(crate) fn header(record: &ByteRecord, file: &str, line: usize) -> Result<Names> {
    let mut names: Vec<String> = Vec::with_capacity(record.len());
    let mut seen: HashMap<String, usize> = HashMap::with_capacity(record.len());
    for (i, field) in record.iter().enumerate() {
        let file = || file.to_owned();
        let Ok(name) = std::str::from_utf8(field) else {
            return Err(Error::NotUtf8 { file: file(), line, column: (i + 1).to_string() });
        };
        if !name.is_empty()
            && let Some(first) = seen.insert(name.into(), i)
        {
            let (first, second) = (first + 1, i + 1);
            return Err(Error::DuplicateColumn { file: file(), line, column: name.into(), first, second });
        }
        names.push(name.into());
    }
    Ok(Names::of_header(names))
}

/// Where a row stands, for messages.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub file: &'a str,
    pub line: usize,
}

/// The columns of a file and what each is read as.
#[derive(Debug)]
pub(crate) struct Columns {
    names: Names,
    label: usize,
    features: Vec<usize>,
    /// Levels of each feature, `None` for numbers.
    levels: Vec<Option<Vec<String>>>,
    /// The classes where they are given; none of them is a missing value.
    classes: Vec<String>,
}

impl Columns {
    fn new(names: Names, file: &str, options: &CsvOptions) -> Result<Self> {
        let label = match &options.label {
            // a record has at least one field
            LabelColumn::Last => names.all().len() - 1,
            LabelColumn::Name(label) => match names.find(label) {
                Some(column) => column,
                None => {
                    let (file, label) = (file.into(), label.clone());
                    return Err(Error::UnknownLabelColumn { file, label, columns: names.all().to_vec() });
                }
            },
        };
        let features: Vec<usize> = (0..names.all().len()).filter(|&column| column != label).collect();
        if features.is_empty() {
            return Err(Error::NoFeatures { file: file.into(), label: names.all()[label].clone() });
        }
        let mut levels = vec![None; features.len()];
        for (column, list) in &options.ordinal {
            match features.iter().position(|&feature| names.all()[feature] == *column) {
                Some(j) => levels[j] = Some(list.clone()),
                None => {
                    let columns = features.iter().map(|&feature| names.all()[feature].clone()).collect();
                    let (file, column) = (file.into(), column.clone());
                    return Err(Error::UnknownOrdinalColumn { file, column, columns });
                }
            }
        }
        let classes = options.class_order.clone().unwrap_or_default();
        Ok(Self { names, label, features, levels, classes })
    }

    fn name(&self, column: usize) -> String {
        self.names.all()[column].clone()
    }

    /// Number of features.
    pub fn width(&self) -> usize {
        self.features.len()
    }

    /// Appends the features of a row.
    pub fn values(&self, record: &ByteRecord, place: Place<'_>, values: &mut Vec<f64>) -> Result<()> {
        self.check_length(record, place)?;
        for (&column, levels) in self.features.iter().zip(&self.levels) {
            let text = self.text(record, column, place)?;
            values.push(match levels {
                Some(levels) => self.level(text, levels, column, place)?,
                None => self.number(text, column, place)?,
            });
        }
        Ok(())
    }

    /// The class of a row.
    pub fn class<'a>(&self, record: &'a ByteRecord, place: Place<'_>) -> Result<&'a str> {
        self.check_length(record, place)?;
        let class = self.text(record, self.label, place)?;
        if !is_missing(class) || self.classes.iter().any(|known| known == class) {
            return Ok(class);
        }
        if class.is_empty() {
            return Err(self.missing(class, self.label, place));
        }
        let (file, column) = (place.file.into(), self.name(self.label));
        Err(Error::MissingClass { file, line: place.line, column, value: class.into() })
    }

    fn check_length(&self, record: &ByteRecord, place: Place<'_>) -> Result<()> {
        let (found, expected) = (record.len(), self.names.all().len());
        if found == expected {
            return Ok(());
        }
        Err(Error::RaggedRow { file: place.file.into(), line: place.line, found, expected })
    }

    /// The error of a class that is not in the class order.
    pub fn unknown_class(&self, class: &str, place: Place<'_>, order: &[String]) -> Error {
        Error::UnknownClass {
            file: place.file.into(),
            line: place.line,
            column: self.name(self.label),
            class: class.into(),
            order: order.to_vec(),
        }
    }

    fn text<'a>(&self, record: &'a ByteRecord, column: usize, place: Place<'_>) -> Result<&'a str> {
        std::str::from_utf8(&record[column]).map_err(|_| Error::NotUtf8 {
            file: place.file.into(),
            line: place.line,
            column: self.name(column),
        })
    }

    fn number(&self, text: &str, column: usize, place: Place<'_>) -> Result<f64> {
        if let Ok(value) = text.parse::<f64>() {
            if value.is_finite() {
                return Ok(value);
            }
            let (file, column) = (place.file.into(), self.name(column));
            return Err(Error::NonFiniteCell { file, line: place.line, column, value: text.into() });
        }
        if is_missing_number(text) {
            return Err(self.missing(text, column, place));
        }
        let (file, column) = (place.file.into(), self.name(column));
        Err(Error::NotANumber { file, line: place.line, column, value: text.into() })
    }

    fn level(&self, text: &str, levels: &[String], column: usize, place: Place<'_>) -> Result<f64> {
        if let Some(code) = levels.iter().position(|level| level == text) {
            return Ok(code as f64);
        }
        if text.is_empty() {
            return Err(self.missing(text, column, place));
        }
        Err(Error::UnknownLevel {
            file: place.file.into(),
            line: place.line,
            column: self.name(column),
            value: text.into(),
            levels: levels.to_vec(),
        })
    }

    fn missing(&self, text: &str, column: usize, place: Place<'_>) -> Error {
        let (file, column) = (place.file.into(), self.name(column));
        Error::MissingValue { file, line: place.line, column, value: text.into() }
    }
}
