//! What the columns of a table mean.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{ColumnProblem, NumberFormat};
use crate::{Error, Result};

/// The features of a table with their kinds, its label column and its classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Schema {
    features: Vec<Feature>,
    label: String,
    classes: Vec<String>,
    ignored: Vec<String>,
    /// The columns that the table did not name itself; `None` where that was not written down.
    unnamed: Option<Vec<String>>,
}

/// A column and how it becomes numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Name of the column.
    pub name: String,
    /// How it becomes numbers.
    #[serde(flatten)]
    pub kind: FeatureKind,
    /// How its numbers are written.
    #[serde(default, skip_serializing_if = "NumberFormat::is_plain")]
    pub format: NumberFormat,
}

/// How a column becomes numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FeatureKind {
    /// As it is.
    Number,
    /// Its levels in order, as 0, 1, 2, ….
    Ordinal {
        /// The levels.
        levels: Vec<String>,
    },
    /// One column of zeros and ones a category.
    OneHot {
        /// The categories, sorted.
        categories: Vec<String>,
    },
}

impl FeatureKind {
    /// Columns it becomes.
    pub fn width(&self) -> usize {
        match self {
            Self::Number | Self::Ordinal { .. } => 1,
            Self::OneHot { categories } => categories.len(),
        }
    }
}

/// The fields as stored; [`Schema::new`] checks them on the way in.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    features: Vec<Feature>,
    label: String,
    classes: Vec<String>,
    ignored: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unnamed: Option<Vec<String>>,
}

impl TryFrom<Parts> for Schema {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let schema = Self::new(parts.features, parts.label, parts.classes, parts.ignored)?;
        Ok(Self { unnamed: parts.unnamed, ..schema })
    }
}

impl From<Schema> for Parts {
    fn from(Schema { features, label, classes, ignored, unnamed }: Schema) -> Self {
        Self { features, label, classes, ignored, unnamed }
    }
}

impl Schema {
    /// A schema from its parts; `ignored` are columns that are passed over.
    ///
    /// # Errors
    /// [`Error::Columns`] for no feature, fewer than two classes, a feature without a level or category, and anything
    /// named twice.
    pub fn new(
        features: Vec<Feature>,
        label: String,
        classes: Vec<String>,
        ignored: Vec<String>,
    ) -> Result<Self> {
        let wrong =
            |what: String| Error::Columns { file: "the schema".into(), problem: ColumnProblem::Schema(what) };
        let twice = |mut names: Box<dyn Iterator<Item = &String> + '_>, what: &str| {
            let mut seen = HashSet::new();
            match names.find(|name| !seen.insert(name.as_str())) {
                Some(name) => Err(wrong(format!("{what} `{name}` is there twice"))),
                None => Ok(()),
            }
        };
        if features.is_empty() {
            return Err(wrong("there is no feature".into()));
        }
        if classes.len() < 2 {
            return Err(wrong(format!("there must be at least 2 classes, got {}", classes.len())));
        }
        twice(
            Box::new(features.iter().map(|feature| &feature.name).chain([&label]).chain(&ignored)),
            "column",
        )?;
        twice(Box::new(classes.iter()), "class")?;
        for feature in &features {
            let (what, names) = match &feature.kind {
                FeatureKind::Number => continue,
                FeatureKind::Ordinal { levels } => ("level", levels),
                FeatureKind::OneHot { categories } => ("category", categories),
            };
            if names.is_empty() {
                return Err(wrong(format!("column `{}` has no {what}", feature.name)));
            }
            twice(Box::new(names.iter()), what)?;
        }
        Ok(Self { features, label, classes, ignored, unnamed: Some(Vec::new()) })
    }

    /// The same where the table did not name some columns itself: those are found again among unnamed columns alone.
    #[must_use]
    pub fn with_unnamed(self, names: Vec<String>) -> Self {
        Self { unnamed: Some(names), ..self }
    }

    /// Whether the training table did not name a column itself; `None` in a schema that was written without it.
    pub fn is_unnamed(&self, name: &str) -> Option<bool> {
        self.unnamed.as_ref().map(|unnamed| unnamed.iter().any(|other| other == name))
    }

    /// The features in the order of the training table.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Name of the label column.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The classes in the order of their codes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Columns of the training table that were left out.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Number of columns of an encoded row.
    pub fn encoded_width(&self) -> usize {
        self.features.iter().map(|feature| feature.kind.width()).sum()
    }

    /// Names of the columns of an encoded row: those of the features, `colour=red` for a category.
    pub fn encoded_names(&self) -> Vec<String> {
        self.features
            .iter()
            .flat_map(|feature| match &feature.kind {
                FeatureKind::Number | FeatureKind::Ordinal { .. } => vec![feature.name.clone()],
                FeatureKind::OneHot { categories } => {
                    categories.iter().map(|category| format!("{}={category}", feature.name)).collect()
                }
            })
            .collect()
    }
}
