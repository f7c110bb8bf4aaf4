//! From bytes to a data set, with the place of whatever is wrong.

use std::collections::HashMap;

use ::csv::ByteRecord;
use faer::Mat;
use hsic_kernels::Labels;

use super::{CsvOptions, LabelColumn};
use crate::table::{Records, is_missing_number};
use crate::{Dataset, Error, Result};

pub(crate) fn parse(bytes: &[u8], file: &str, options: &CsvOptions, sha256: String) -> Result<Dataset> {
    check_options(options)?;
    let mut records = Records::new(bytes, file, options.delimiter, 1);
    let mut record = ByteRecord::new();
    let Some(first_line) = records.next(&mut record)? else {
        return Err(Error::EmptyFile { file: file.into() });
    };
    let columns = columns_of(&record, file, first_line, options)?;

    let (mut values, mut classes) = (Vec::new(), Vec::new());
    let mut line = Some(first_line);
    if options.has_header {
        line = records.next(&mut record)?;
    }
    while let Some(at) = line {
        let place = Place { file, line: at };
        columns.values(&record, place, &mut values)?;
        classes.push((at, columns.class(&record, place)?.to_owned()));
        line = records.next(&mut record)?;
    }
    if classes.is_empty() {
        return Err(Error::NoRows { file: file.into() });
    }
    let (codes, class_names) = columns.encode(classes, file, options.class_order.as_deref())?;

    let (n, d) = (codes.len(), columns.features.len());
    let features = Mat::from_fn(n, d, |i, j| values[i * d + j]);
    let labels = Labels::with_classes(codes, class_names.len())?;
    Dataset::with_sha256(file, features, labels, columns.feature_names(), class_names, sha256)
}

pub(crate) fn check_options(options: &CsvOptions) -> Result<()> {
    let orders = options.class_order.iter().map(|order| ("the class order".to_string(), order));
    let levels =
        options.ordinal.iter().map(|(column, levels)| (format!("`ordinal` of column `{column}`"), levels));
    for (what, list) in orders.chain(levels) {
        if let Some(i) = (1..list.len()).find(|&i| list[..i].contains(&list[i])) {
            return Err(Error::DuplicateLevel { what, value: list[i].clone() });
        }
    }
    let names: Vec<&String> = options.ordinal.iter().map(|(column, _)| column).collect();
    match (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
        Some(i) => Err(Error::DuplicateLevel { what: "`ordinal`".into(), value: names[i].clone() }),
        None => Ok(()),
    }
}

/// The columns that the first record of a file names or counts.
pub(crate) fn columns_of(
    first: &ByteRecord,
    file: &str,
    line: usize,
    options: &CsvOptions,
) -> Result<Columns> {
    let names = if options.has_header {
        header(first, file, line)?
    } else {
        (1..=first.len()).map(|column| format!("x{column}")).collect()
    };
    Columns::new(names, file, options)
}

pub(crate) fn header(record: &ByteRecord, file: &str, line: usize) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::with_capacity(record.len());
    let mut seen: HashMap<String, usize> = HashMap::with_capacity(record.len());
    for (i, field) in record.iter().enumerate() {
        let Ok(name) = std::str::from_utf8(field) else {
            return Err(Error::NotUtf8 { file: file.into(), line, column: (i + 1).to_string() });
        };
        if let Some(first) = seen.insert(name.into(), i) {
            let (first, second) = (first + 1, i + 1);
            return Err(Error::DuplicateColumn { file: file.into(), column: name.into(), first, second });
        }
        names.push(name.into());
    }
    Ok(names)
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
    names: Vec<String>,
    label: usize,
    features: Vec<usize>,
    /// Levels of each feature, `None` for numbers.
    levels: Vec<Option<Vec<String>>>,
}

impl Columns {
    fn new(names: Vec<String>, file: &str, options: &CsvOptions) -> Result<Self> {
        let label = match &options.label {
            // a record has at least one field
            LabelColumn::Last => names.len() - 1,
            LabelColumn::Name(label) => match names.iter().position(|name| name == label) {
                Some(column) => column,
                None => {
                    let (file, label) = (file.into(), label.clone());
                    return Err(Error::UnknownLabelColumn { file, label, columns: names });
                }
            },
        };
        let features: Vec<usize> = (0..names.len()).filter(|&column| column != label).collect();
        if features.is_empty() {
            return Err(Error::NoFeatures { file: file.into(), label: names[label].clone() });
        }
        let mut levels = vec![None; features.len()];
        for (column, list) in &options.ordinal {
            match features.iter().position(|&feature| names[feature] == *column) {
                Some(j) => levels[j] = Some(list.clone()),
                None => {
                    let columns = features.iter().map(|&feature| names[feature].clone()).collect();
                    let (file, column) = (file.into(), column.clone());
                    return Err(Error::UnknownOrdinalColumn { file, column, columns });
                }
            }
        }
        Ok(Self { names, label, features, levels })
    }

    fn feature_names(&self) -> Vec<String> {
        self.features.iter().map(|&column| self.names[column].clone()).collect()
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
        if class.is_empty() {
            return Err(self.missing(class, self.label, place));
        }
        Ok(class)
    }

    fn check_length(&self, record: &ByteRecord, place: Place<'_>) -> Result<()> {
        let (found, expected) = (record.len(), self.names.len());
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
            column: self.names[self.label].clone(),
            class: class.into(),
            order: order.to_vec(),
        }
    }

    fn text<'a>(&self, record: &'a ByteRecord, column: usize, place: Place<'_>) -> Result<&'a str> {
        std::str::from_utf8(&record[column]).map_err(|_| Error::NotUtf8 {
            file: place.file.into(),
            line: place.line,
            column: self.names[column].clone(),
        })
    }

    fn number(&self, text: &str, column: usize, place: Place<'_>) -> Result<f64> {
        if let Ok(value) = text.parse::<f64>() {
            if value.is_finite() {
                return Ok(value);
            }
            let (file, column) = (place.file.into(), self.names[column].clone());
            return Err(Error::NonFiniteCell { file, line: place.line, column, value: text.into() });
        }
        if is_missing_number(text) {
            return Err(self.missing(text, column, place));
        }
        let (file, column) = (place.file.into(), self.names[column].clone());
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
            column: self.names[column].clone(),
            value: text.into(),
            levels: levels.to_vec(),
        })
    }

    fn missing(&self, text: &str, column: usize, place: Place<'_>) -> Error {
        let (file, column) = (place.file.into(), self.names[column].clone());
        Error::MissingValue { file, line: place.line, column, value: text.into() }
    }

    /// The class codes and the class names in their order.
    fn encode(
        &self,
        classes: Vec<(usize, String)>,
        file: &str,
        order: Option<&[String]>,
    ) -> Result<(Vec<usize>, Vec<String>)> {
        let sorted = || sorted_classes(classes.iter().map(|(_, class)| class.clone()).collect());
        let names = order.map_or_else(sorted, <[String]>::to_vec);
        let code_of: HashMap<&str, usize> =
            names.iter().enumerate().map(|(code, name)| (&**name, code)).collect();
        let mut codes = Vec::with_capacity(classes.len());
        for (line, class) in &classes {
            match code_of.get(&**class) {
                Some(&code) => codes.push(code),
                None => return Err(self.unknown_class(class, Place { file, line: *line }, &names)),
            }
        }
        if codes.iter().all(|&code| code == codes[0]) {
            return Err(Error::OneClass { file: file.into(), class: classes[0].1.clone() });
        }
        Ok((codes, names))
    }
}

/// The classes once each, by value if all are integers, else as text.
pub(crate) fn sorted_classes(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    if names.iter().all(|name| name.parse::<i64>().is_ok()) {
        // stable, so `1` and `01` keep their order as text
        names.sort_by_key(|name| name.parse::<i64>().ok());
    }
    names
}
