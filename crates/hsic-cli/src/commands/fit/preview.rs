//! `fit --dry-run`: what would be fitted, in words and as JSON.

use std::fmt;

use hsic::fit::Preview;
use serde::Serialize;
use serde_json::Value;

/// A fit that could begin, and all that it was told.
#[derive(Serialize)]
pub struct DryRun {
    /// Always.
    pub dry_run: bool,
    /// Of the program.
    pub version: &'static str,
    /// The file of the model.
    pub model: String,
    /// The seed.
    pub seed: u64,
    /// The configuration, every key with its value.
    pub config: Value,
    /// The rows and the networks.
    #[serde(flatten)]
    pub preview: Preview,
    /// The configuration as TOML.
    #[serde(skip)]
    pub resolved: String,
}

impl fmt::Display for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\nthe configuration, every key with its value\n\n{}\nthe model would be in {}; nothing was fitted, nothing written",
            self.preview, self.resolved, self.model,
        )
    }
}
