//! A fit of a table in partitions: passes and partials as bytes, partitions as columns.

use std::sync::{Mutex, PoisonError};

use hsic::data::table::{
    Content, EncodeOptions, Frame, FrameColumn, InferOptions, LabelColumn, LabelRule, MissingRule,
    RowEncoder, SourceOptions,
};
use hsic::faer::Mat;
use hsic::fit::Candidate;
use hsic::kernels::all_threads;
use hsic::partitions::{Partition, TableFit as Fit, TableOptions, TablePartial, TablePass};
use hsic::rows::RowNumbers;
use numpy::{PyArray2, PyReadonlyArray1};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::Value;

use crate::arrays::array;
use crate::errors::{model_error, value_error};
use crate::fit::{How, candidates};
use crate::model::Model;
use crate::threads::{detached, interruptible};

/// A column of a partition: numbers, or places among texts (-1 for a missing one) and those.
#[derive(FromPyObject)]
pub enum Column<'py> {
    Texts((PyReadonlyArray1<'py, i64>, Vec<String>)),
    Numbers(PyReadonlyArray1<'py, f64>),
    Integers(PyReadonlyArray1<'py, i64>),
}

/// What rows are called by: the first of successive numbers, or one a row.
#[derive(FromPyObject)]
pub enum Numbers<'py> {
    From(u64),
    Each(PyReadonlyArray1<'py, i64>),
}

/// The table of some columns after so many other rows; `file` stands for it in messages.
///
/// # Errors
/// `ValueError` for columns of several lengths, and for none.
pub fn content(columns: Vec<(String, Column<'_>)>, file: &str, before: usize) -> PyResult<Content> {
    let column = |(name, column): (String, Column<'_>)| {
        let column = match column {
            Column::Texts((places, texts)) => {
                FrameColumn::Texts { places: places.as_array().to_vec(), texts }
            }
            Column::Numbers(numbers) => FrameColumn::Numbers(numbers.as_array().to_vec()),
            Column::Integers(numbers) => FrameColumn::Integers(numbers.as_array().to_vec()),
        };
        (name, column)
    };
    let frame = Frame::new(columns.into_iter().map(column).collect());
    let frame = frame
        .ok_or_else(|| PyValueError::new_err(format!("{file}: the columns are not of one number of rows")))?;
    Ok(Content::of_frame(frame.after(before), file))
}

/// The partial of a partition, or of some rows of it after others.
#[pyfunction]
pub fn run_partition<'py>(
    py: Python<'py>,
    pass: &[u8],
    columns: Vec<(String, Column<'py>)>,
    file: &str,
    number: usize,
    before: usize,
    rows: Numbers<'py>,
) -> PyResult<Bound<'py, PyBytes>> {
    let pass = TablePass::from_bytes(pass).map_err(model_error)?;
    let content = content(columns, file, before)?;
    let each: Vec<u64> = match &rows {
        Numbers::From(_) => Vec::new(),
        Numbers::Each(numbers) => numbers.as_array().iter().map(|&number| number as u64).collect(),
    };
    let rows = match rows {
        Numbers::From(first) => RowNumbers::From(first),
        Numbers::Each(_) => RowNumbers::Each(&each),
    };
    // engines run several partitions at a time
    let bytes =
        detached(py, Some(1), || pass.run(&Partition { number, content: &content, rows })?.to_bytes())?;
    Ok(PyBytes::new(py, &bytes.map_err(model_error)?))
}

/// The partial of the partitions of several.
#[pyfunction]
pub fn merge_partitions<'py>(
    py: Python<'py>,
    pass: &[u8],
    partials: Vec<Vec<u8>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let pass = TablePass::from_bytes(pass).map_err(model_error)?;
    let merged = detached(py, Some(1), || {
        let mut all = pass.empty();
        partials
            .iter()
            .try_for_each(|partial| pass.merge(&mut all, TablePartial::from_bytes(partial, &pass)?))?;
        all.to_bytes()
    })?;
    Ok(PyBytes::new(py, &merged.map_err(model_error)?))
}

/// The rows of a partition as a model takes them: NaN stands for a missing cell.
#[pyfunction]
pub fn encode_partition<'py>(
    py: Python<'py>,
    model: &Model,
    columns: Vec<(String, Column<'py>)>,
    file: &str,
    before: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (content, model) = (content(columns, file, before)?, &model.0);
    let rows = detached(py, Some(1), || {
        let missing = model.preprocessing().fill().map_or(MissingRule::Refuse, |_| MissingRule::Keep);
        let options = EncodeOptions { missing, label: LabelRule::Ignore, ..EncodeOptions::default() };
        RowEncoder::new(model.schema(), content.open(&SourceOptions::default())?, options)?
            .next_chunk(usize::MAX)
    })?;
    let none = || Mat::zeros(0, model.schema().encoded_width());
    let rows = rows.map_err(value_error)?.map_or_else(none, |chunk| chunk.features);
    array(py, rows.as_ref())
}

/// A fit that never sees a partition.
#[pyclass(frozen, module = "hsic._hsic")]
pub struct TableFit {
    /// `None` while it advances and after it gave its model away.
    fit: Mutex<Option<Fit>>,
}

impl TableFit {
    fn with<T>(&self, f: impl FnOnce(&Fit) -> PyResult<T>) -> PyResult<T> {
        let fit = self.fit.lock().unwrap_or_else(PoisonError::into_inner);
        f(fit.as_ref().ok_or_else(over)?)
    }

    fn take(&self) -> PyResult<Fit> {
        self.fit.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(over)
    }
}

fn over() -> PyErr {
    PyRuntimeError::new_err("the fit is over, or another thread advances it: begin a new one")
}

/// The networks of some settings, in blocks.
fn in_blocks(solver: &str, settings: &str, search: bool) -> PyResult<Vec<Candidate>> {
    let mut settings: Value = serde_json::from_str(settings).map_err(value_error)?;
    let given =
        settings.as_object_mut().ok_or_else(|| PyValueError::new_err("settings must be an object"))?;
    if solver == "auto" && search && given.is_empty() {
        return Ok(Candidate::defaults_in_blocks());
    }
    given.insert("in_blocks".into(), true.into());
    given.entry("features").or_insert_with(|| "orthogonal".into());
    candidates(solver, &settings.to_string(), search)
}

#[pymethods]
impl TableFit {
    #[new]
    fn new(label: String, text: Vec<String>, how: How, file: String) -> PyResult<Self> {
        let infer = InferOptions {
            label: LabelColumn::Name(label),
            text,
            missing: how.missing(),
            ..InferOptions::default()
        };
        let networks = in_blocks(&how.solver, &how.settings, how.search)?;
        let options = TableOptions { infer, networks, seed: how.seed, file };
        let fit = Fit::new(options, all_threads()).map_err(model_error)?;
        Ok(Self { fit: Mutex::new(Some(fit)) })
    }

    /// The pass it wants, as bytes; `None` when it is done.
    fn next_pass<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        self.with(|fit| match fit.next().map_err(model_error)? {
            Some(pass) => Ok(Some(PyBytes::new(py, &pass.to_bytes().map_err(model_error)?))),
            None => Ok(None),
        })
    }

    /// Goes on with the merged partial of all partitions.
    fn advance(&self, py: Python<'_>, partial: &[u8]) -> PyResult<()> {
        let partial = self.with(|fit| match fit.next().map_err(model_error)? {
            Some(pass) => TablePartial::from_bytes(partial, pass).map_err(model_error),
            None => Err(PyValueError::new_err("the fit is done: it asks for nothing more")),
        })?;
        let mut fit = self.take()?;
        let (fit, outcome) = interruptible(py, None, move |_| {
            let outcome = fit.advance(partial);
            (fit, outcome)
        })?;
        *self.fit.lock().unwrap_or_else(PoisonError::into_inner) = Some(fit);
        outcome.map_err(model_error)
    }

    /// How far it is, as JSON.
    fn progress(&self) -> PyResult<String> {
        self.with(|fit| serde_json::to_string(&fit.progress()).map_err(value_error))
    }

    /// Numbers of the partitions, and their rows.
    fn partitions(&self) -> PyResult<Vec<(usize, usize)>> {
        self.with(|fit| Ok(fit.partitions().to_vec()))
    }

    /// The model, once it is done.
    fn finish(&self) -> PyResult<Model> {
        self.with(|fit| match fit.next().map_err(model_error)? {
            None => Ok(()),
            Some(pass) => {
                let message = format!("the fit is not done: it asks for a pass of kind `{}`", pass.kind());
                Err(PyValueError::new_err(message))
            }
        })?;
        self.take()?.finish().map(Model).map_err(model_error)
    }
}
