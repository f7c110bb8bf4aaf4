//! The table of hyperparameters, for the generator of the estimators' constructors.

use hsic::net::settings::{Allowed, ClosedFormSettings, Field, SpectralSettings};
use pyo3::prelude::*;
use serde_json::{Value, json};

/// What is not of a fit in memory.
const ELSEWHERE: [&str; 2] = ["in_blocks", "sample_rows"];

fn fields(fields: Vec<Field>) -> Vec<Value> {
    let is_here = |field: &Field| !ELSEWHERE.contains(&field.name);
    let kind = |field: &Field| match field.allowed {
        Allowed::AtLeast(_) | Allowed::Even => "int",
        Allowed::Flag => "bool",
        Allowed::Words(_) => "str",
        Allowed::Head(_) => "str or dict",
        Allowed::Silhouette => "float or str",
        Allowed::Width => "int, str or dict",
        _ => "float",
    };
    let told = |field: Field| {
        json!({
            "name": field.name,
            "doc": field.doc,
            "type": kind(&field),
            "allowed": field.allowed.to_string(),
            "default": field.default,
            "is_searched": field.axis.is_some(),
        })
    };
    fields.into_iter().filter(is_here).map(told).collect()
}

/// Every hyperparameter by solver, as JSON: name, documentation, type, allowed values, default, and whether a search chooses it.
#[pyfunction]
pub fn parameters() -> String {
    json!({
        "spectral": fields(SpectralSettings::fields()),
        "closed-form": fields(ClosedFormSettings::fields()),
    })
    .to_string()
}
