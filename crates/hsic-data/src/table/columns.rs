//! Which column of a table is which feature of a schema.

use super::{ColumnProblem, Schema, Source};
use crate::{Error, Result};

/// What to do with columns that a schema does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExtraRule {
    /// They are an error: perhaps a misspelt feature.
    #[default]
    Refuse,
    /// They are passed over.
    Ignore,
}

/// Places of the features and the label in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding {
    /// The column of every feature, in the order of the schema.
    pub features: Vec<usize>,
    /// The column of the label, if it is there.
    pub label: Option<usize>,
}

impl Binding {
    /// Finds every feature by its name; a column without a name by its place. A table without names whose columns are as many
    /// as the features is taken in their order.
    pub(super) fn new(schema: &Schema, source: &Source<'_>, extra: ExtraRule) -> Result<Self> {
        let names = source.all_names();
        let failed = |problem| Err(Error::Columns { file: source.file().into(), problem });
        // a name that was made up for a column is none that another table can have
        let same = |wanted: &str, column: usize| {
            names.all()[column] == wanted
                && schema.is_unnamed(wanted).is_none_or(|unnamed| unnamed == names.is_invented(column))
        };
        let place = |wanted: &str| names.find(wanted).filter(|&column| same(wanted, column));
        let wanted = || schema.features().iter().map(|feature| feature.name.as_str());
        let found: Option<Vec<usize>> = wanted().map(place).collect();
        let label = place(schema.label());
        if let Some(features) = found {
            let ignored: Vec<Option<usize>> = schema.ignored().iter().map(|name| place(name)).collect();
            let known = |column: &usize| {
                label == Some(*column) || features.contains(column) || ignored.contains(&Some(*column))
            };
            let unexpected = (0..names.all().len()).filter(|column| !known(column));
            let unexpected: Vec<String> = unexpected.map(|column| names.all()[column].clone()).collect();
            if !unexpected.is_empty() && extra == ExtraRule::Refuse && source.has_names() {
                let unused = schema.ignored().iter().map(String::as_str).chain([schema.label()]);
                let unused = unused.filter(|name| place(name).is_none()).map(String::from).collect();
                return failed(ColumnProblem::Unexpected { names: unexpected, unused });
            }
            if unexpected.is_empty() || source.has_names() {
                return Ok(Self { features, label });
            }
        } else if source.has_names() {
            let columns = names.all().to_vec();
            if wanted().all(|name| schema.is_unnamed(name) == Some(true)) {
                return failed(ColumnProblem::Names { columns });
            }
            let absent = wanted().filter(|wanted| place(wanted).is_none()).map(String::from).collect();
            return failed(ColumnProblem::Absent { names: absent, columns });
        }
        // x1, x2, … are not the table's own names; labels that stand beside the rows are no feature
        let label = source.label();
        let (found, expected) = (names.all().len() - usize::from(label.is_some()), schema.features().len());
        if found == expected {
            return Ok(Self { features: (0..found).collect(), label });
        }
        failed(ColumnProblem::Count { found, expected, label: schema.label().into() })
    }
}
