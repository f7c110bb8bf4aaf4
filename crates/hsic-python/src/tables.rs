//! What a table holds, before anything is fitted.

use std::path::PathBuf;
use std::str::FromStr;

use hsic::data::LabelColumn;
use hsic::data::table::{Content, InferOptions, Inspection, Mark, MissingRule, SourceOptions};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::value_error;
use crate::threads::detached;

fn option<T: FromStr<Err = String>>(name: &str, value: Option<&str>) -> PyResult<Option<T>> {
    let parsed = value.map(T::from_str).transpose();
    parsed.map_err(|problem| PyValueError::new_err(format!("{name}: {problem}")))
}

/// How a file is read: a dict of Python.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Reading {
    labels: Option<PathBuf>,
    label: Option<String>,
    ignore: Vec<String>,
    text: Vec<String>,
    decimal: Option<String>,
    encoding: Option<String>,
    comment: Option<String>,
    skip: usize,
}

/// What every column of a table holds and becomes, as JSON.
#[pyfunction]
pub fn inspect_table(py: Python<'_>, path: PathBuf, reading: Reading) -> PyResult<String> {
    let Reading { labels, label, ignore, text, decimal, encoding, comment, skip } = reading;
    let source = SourceOptions {
        decimal: option("decimal", decimal.as_deref())?,
        encoding: option("encoding", encoding.as_deref())?,
        comment: option::<Mark>("comment", comment.as_deref())?.map(Mark::byte),
        skip,
        ..SourceOptions::default()
    };
    let label = label.map_or(LabelColumn::Last, LabelColumn::Name);
    let infer = InferOptions { label, ignore, text, missing: MissingRule::Keep, ..InferOptions::default() };
    let found =
        detached(py, None, || Inspection::read(&Content::read(&path, labels.as_deref())?, &source, &infer))?;
    serde_json::to_string(&found.map_err(value_error)?).map_err(value_error)
}
