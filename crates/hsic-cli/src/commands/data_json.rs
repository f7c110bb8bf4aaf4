//! `hsic-cli data … --json`: what is known of the registered data sets.

use std::path::Path;

use hsic_data::registry::{self, Entry};
use hsic_data::{Dataset, Error};
use serde_json::{Value, json};

use crate::error::CliError;

/// The registered sets, by the names of results.json.
pub fn list(entries: &[Entry]) -> Value {
    json!({
        "command": "data list",
        "version": env!("CARGO_PKG_VERSION"),
        "folder": registry::data_dir().map(|dir| dir.display().to_string()),
        "datasets": entries.iter().map(sizes).collect::<Vec<Value>>(),
    })
}

fn sizes(entry: &Entry) -> Value {
    json!({
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind.name(),
        "n": entry.n,
        "n_test": entry.n_test,
        "d": entry.d,
        "classes": entry.classes.len(),
        "class_names": entry.classes,
        "licence": entry.licence,
    })
}

/// All that is known of a set; `dataset` is null and `problem` says why where it could not be loaded.
pub fn describe(entry: &Entry, data: &Result<Dataset, Error>) -> Value {
    let file = |path: &str, sha256: &str| json!({ "path": path, "sha256": sha256 });
    let files: Vec<Value> = entry.files.iter().map(|of| file(&of.path, &of.sha256)).collect();
    let dataset = data.as_ref().ok().map(|data| {
        let warnings: Vec<String> = data.warnings().iter().map(ToString::to_string).collect();
        json!({
            "n": data.n(),
            "d": data.d(),
            "feature_names": data.feature_names(),
            "class_names": data.class_names(),
            "class_rows": data.labels().counts(),
            "sha256": data.sha256(),
            "warnings": warnings,
        })
    });
    let mut json = json!({ "command": "data describe", "version": env!("CARGO_PKG_VERSION") });
    let more = json!({
        "source": entry.source,
        "uci_id": entry.uci_id,
        "doi": entry.doi,
        "url": entry.url,
        "citation": entry.citation,
        "changes": entry.changes,
        "files": files,
        "original": entry.original.as_ref().map(|of| file(&of.path, &of.sha256)),
        "dataset": dataset,
        "problem": data.as_ref().err().map(|error| CliError::usage(error).to_string()),
    });
    for part in [sizes(entry), more] {
        if let (Value::Object(all), Value::Object(of)) = (&mut json, part) {
            all.extend(of);
        }
    }
    json
}

/// A generated set that is in a file now.
pub fn generated(data: &Dataset, seed: u64, out: &Path) -> Value {
    json!({
        "command": "data generate",
        "version": env!("CARGO_PKG_VERSION"),
        "name": data.name(),
        "seed": seed,
        "n": data.n(),
        "d": data.d(),
        "classes": data.n_classes(),
        "class_names": data.class_names(),
        "sha256": data.sha256(),
        "out": out.display().to_string(),
    })
}
