//! From bytes to a data set, with the place of whatever is wrong.

use std::collections::HashMap;

use ::csv::ByteRecord;
use faer::Mat;
use hsic_kernels::Labels;

use super::{CsvOptions, LabelColumn};
use crate::table::{Names, Records, is_missing, is_missing_number, is_rounded};
use crate::warning::{Rounding, alike};
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
    let mut rounding = vec![Rounding::default(); columns.names.all().len()];
    let mut line = Some(first_line);
    if options.has_header {
        line = records.next(&mut record)?;
    }
    while let Some(at) = line {
        let place = Place { file, line: at };
        columns.values(&record, place, &mut values)?;
        columns.see_rounded(&record, &mut rounding);
        classes.push((at, columns.class(&record, place)?.to_owned()));
        line = records.next(&mut record)?;
    }
    if classes.is_empty() {
        return Err(Error::NoRows { file: file.into() });
    }
    let (codes, class_names) = columns.encode(classes, file, options.class_order.as_deref())?;

    let rounding = rounding.iter().zip(columns.names.all());
    let mut notes: Vec<_> = rounding.filter_map(|(seen, name)| seen.warning(name)).collect();
    let (n, d) = (codes.len(), columns.features.len());
    let features = Mat::from_fn(n, d, |i, j| values[i * d + j]);
    let labels = Labels::with_classes(codes, class_names.len())?;
    if options.class_order.is_none() {
        notes.extend(alike(&class_names, labels.counts()));
    }
    let names = columns.feature_names();
    Ok(Dataset::with_sha256(file, features, labels, names, class_names, sha256)?.with_notes(notes))
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

    fn feature_names(&self) -> Vec<String> {
        self.features.iter().map(|&column| self.name(column)).collect()
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

    /// Counts the numbers of a row that were rounded, a count a column.
    fn see_rounded(&self, record: &ByteRecord, rounding: &mut [Rounding]) {
        for (&column, _) in self.features.iter().zip(&self.levels).filter(|(_, levels)| levels.is_none()) {
            match std::str::from_utf8(&record[column]) {
                Ok(text) if is_rounded(text) => rounding[column].count(text),
                _ => {}
            }
        }
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
