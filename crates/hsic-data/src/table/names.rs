//! Names of columns, and which of them the table does not have itself.

use std::collections::HashMap;

use ::csv::{ByteRecord, ReaderBuilder, Trim};

use crate::{Error, Result};

/// What the label column of arrays is called.
const LABEL: &str = "class";

/// The names of a table's columns, no two alike. A column without a name gets one to be spoken of, which never stands for
/// a column that bears it in another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    names: Vec<String>,
    invented: Vec<bool>,
}

impl Names {
    /// Of a header whose names are no two alike, but for empty ones: those are called by their place.
    pub(crate) fn of_header(header: Vec<String>) -> Self {
        let invented: Vec<bool> = header.iter().map(String::is_empty).collect();
        let mut names = header;
        for column in (0..names.len()).filter(|&column| invented[column]) {
            let mut name = format!("{} (no name)", column + 1);
            while names.contains(&name) {
                name.push('\'');
            }
            names[column] = name;
        }
        Self { names, invented }
    }

    /// Of columns without a header: `x1`, `x2`, …, and `class` for labels that stand beside them.
    pub(crate) fn numbered(columns: usize, labels: bool) -> Self {
        let label = labels.then(|| LABEL.to_owned());
        let names: Vec<String> = (1..=columns).map(|j| format!("x{j}")).chain(label).collect();
        Self { invented: vec![true; names.len()], names }
    }

    /// All of them, in the order of the columns.
    pub(crate) fn all(&self) -> &[String] {
        &self.names
    }

    /// The column of a name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// The columns that words name, see [`super::Source::listed`].
    pub(crate) fn listed(&self, words: &[String]) -> Vec<String> {
        let mut columns = Vec::new();
        for word in words {
            if self.find(word).is_some() {
                columns.push(word.clone());
                continue;
            }
            let mut reader = ReaderBuilder::new();
            let reader =
                reader.has_headers(false).flexible(true).trim(Trim::All).from_reader(word.as_bytes());
            // what is read is memory, and text: no record can fail
            let records = reader.into_records().flatten();
            columns.extend(records.flat_map(|record| record.iter().map(String::from).collect::<Vec<_>>()));
        }
        columns
    }

    /// Whether the table has no name for a column.
    pub(crate) fn is_invented(&self, column: usize) -> bool {
        self.invented[column]
    }

    /// Whether the table names a column at all.
    pub(crate) fn any(&self) -> bool {
        self.invented.contains(&false)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_a_name_is_called_by_its_place() {
        let header = |names: &[&str]| Names::of_header(names.iter().map(ToString::to_string).collect());
        let names = header(&["x2", "", "class", ""]);
        assert_eq!(names.all(), ["x2", "2 (no name)", "class", "4 (no name)"]);
        assert_eq!((names.find("x2"), names.find("4 (no name)"), names.find("")), (Some(0), Some(3), None));
        assert_eq!((names.is_invented(0), names.is_invented(1), names.any()), (false, true, true));
        // a name that someone has given stays that column's
        let names = header(&["", "1 (no name)"]);
        assert_eq!(names.all(), ["1 (no name)'", "1 (no name)"]);
        let names = Names::numbered(2, true);
        assert_eq!((names.all(), names.any()), (&["x1", "x2", "class"].map(String::from)[..], false));
    }
    #[test]
    fn a_name_is_taken_whole_and_a_list_as_a_line_of_csv() {
        let columns = ["weight (kg, dry)", "age", "a,b", "a", "b", "kind"];
        let names = Names::of_header(columns.map(String::from).to_vec());
        let of = |words: &[&str]| names.listed(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(of(&["weight (kg, dry)"]), ["weight (kg, dry)"]);
        assert_eq!(of(&["\"weight (kg, dry)\",age"]), ["weight (kg, dry)", "age"]);
        assert_eq!(of(&["a,b", "b,a", "kind"]), ["a,b", "b", "a", "kind"]);
        assert_eq!(of(&["nobody, age"]), ["nobody", "age"]);
        // no line ends a list, and a quote that is not closed ends with it
        assert_eq!(of(&["a\nb,age", "\"b"]), ["a", "b", "age", "b"]);
        assert_eq!(of(&[]), [""; 0]);
    }
}
