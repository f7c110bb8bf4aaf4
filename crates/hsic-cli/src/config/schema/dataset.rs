//! The table `[dataset]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A registered data set or a CSV file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DatasetConfig {
    /// Name in the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Seed of a generator, instead of the experiment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// A CSV file; absolute once the configuration is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Column of the classes, by default the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// One ASCII character or `tab`, by default a comma.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Whether the first line names the columns, by default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Classes in the order of their codes, by default sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_order: Option<Vec<String>>,
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

/// Where test rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// Stratified cross-validation.
    Folds,
    /// The set has test rows of its own.
    Given,
}

/// What columns are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Each by its own deviation.
    Columns,
    /// All by one.
    Common,
}
