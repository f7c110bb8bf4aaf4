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
    /// Finds every feature by its name. A table without names whose columns are as many as the features is taken in their
    /// order.
    pub(super) fn new(schema: &Schema, source: &Source<'_>, extra: ExtraRule) -> Result<Self> {
        let names = source.names();
        let failed = |problem| Err(Error::Columns { file: source.file().into(), problem });
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let wanted = || schema.features().iter().map(|feature| feature.name.as_str());
        let found: Option<Vec<usize>> = wanted().map(place).collect();
        let label = place(schema.label());
        if let Some(features) = found {
            let known = |name: &String| {
                name == schema.label()
                    || schema.ignored().contains(name)
                    || wanted().any(|wanted| wanted == name)
            };
            let unexpected: Vec<String> = names.iter().filter(|name| !known(name)).cloned().collect();
            if !unexpected.is_empty() && extra == ExtraRule::Refuse && source.has_names() {
                return failed(ColumnProblem::Unexpected { names: unexpected });
            }
            if unexpected.is_empty() || source.has_names() {
                return Ok(Self { features, label });
            }
        } else if source.has_names() {
            let absent = wanted().filter(|wanted| place(wanted).is_none()).map(String::from).collect();
            return failed(ColumnProblem::Absent { names: absent, columns: names.to_vec() });
        }
        // x1, x2, … are not the table's own names
        let (found, expected) = (names.len(), schema.features().len());
        if found == expected {
            return Ok(Self { features: (0..found).collect(), label: None });
        }
        failed(ColumnProblem::Count { found, expected, label: schema.label().into() })
    }
}
