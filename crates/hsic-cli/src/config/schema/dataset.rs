//! The table `[dataset]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use hsic_data::Scaling;
use hsic_data::table::{Decimal, Encoding, Mark, MissingRule};
use serde::{Deserialize, Serialize};

/// A registered data set or a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DatasetConfig {
    /// Name in the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Seed of a generator, instead of the experiment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// A table; absolute once the configuration is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The classes of an idx or .npy file; absolute once the configuration is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<PathBuf>,
    /// Column of the classes, by default the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// One ASCII character or `tab`, by default the one of , ; tab | that the first line has most of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Mark>,
    /// Whether the first line names the columns, by default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The mark before the fraction of numbers, by default the one that fits all cells of a column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<Decimal>,
    /// How characters are stored, by default UTF-8; a byte order mark goes before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// One ASCII character: lines that start with it are no rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Mark>,
    /// Lines before the header that are passed over, by default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<usize>,
    /// Classes in the order of their codes, by default sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_order: Option<Vec<String>>,
    /// What becomes of missing cells, by default an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// Columns to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Columns to take as categories even where they read as numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<String>,
    /// A text column of more different texts is refused, by default 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_categories: Option<usize>,
    /// Where the test rows come from, by default folds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// What columns are divided by, by default each by its own deviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
    /// Text columns and their levels in order.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ordinal: BTreeMap<String, Vec<String>>,
}

/// What becomes of missing cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// They are an error.
    #[default]
    Refuse,
    /// Their rows are left out.
    Drop,
    /// They become their column's training mean.
    Mean,
}

impl Missing {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Drop => "drop",
            Self::Mean => "mean",
        }
    }
}

impl From<Missing> for MissingRule {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Refuse => Self::Refuse,
            Missing::Drop => Self::Drop,
            Missing::Mean => Self::Keep,
        }
    }
}

/// Where test rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// Stratified cross-validation.
    Folds,
    /// The set has test rows of its own.
    Given,
}
