//! The fit machine: passes and partials as bytes, for engines that have the rows.

use hsic::Preprocessing;
use hsic::data::Scaler;
use hsic::kernels::all_threads;
use hsic::net::passes::{FitMachine as Machine, Next, Partial, Pass};
use hsic::net::{NetworkParams, SolverParams};
use hsic::rows::{BLOCK_ROWS, Block, RowNumbers};
use numpy::{PyArray2, PyReadonlyArray1};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};

use crate::arrays::{Doubles, Rows, array, labels};
use crate::errors::{model_error, value_error};
use crate::fit::{candidates, origin, schema};
use crate::model::Model;
use crate::threads::{detached, interruptible};

fn pass_of(bytes: &[u8]) -> PyResult<Pass> {
    Pass::from_bytes(bytes).map_err(value_error)
}

/// The pass for what rows are standardised by.
#[pyfunction]
pub fn columns_pass(py: Python<'_>, n_features: usize, n_classes: usize) -> PyResult<Bound<'_, PyBytes>> {
    Ok(PyBytes::new(py, &Pass::columns(n_features, n_classes).to_bytes().map_err(value_error)?))
}

/// What a pass sums, in a word.
#[pyfunction]
pub fn pass_kind(pass: &[u8]) -> PyResult<&'static str> {
    Ok(pass_of(pass)?.kind())
}

/// The partial of some rows, which are numbered from this on.
#[pyfunction]
pub fn run<'py>(
    py: Python<'py>,
    pass: &[u8],
    x: Rows<'py>,
    codes: PyReadonlyArray1<'py, i64>,
    first_row: u64,
    n_jobs: Option<isize>,
) -> PyResult<Bound<'py, PyBytes>> {
    let pass = pass_of(pass)?;
    let labels = labels(&codes, pass.n_classes())?;
    let rows = Doubles::of(&x)?;
    let rows = rows.as_ref();
    labels.check_rows("a pass", rows.shape()).map_err(value_error)?;
    let bytes = detached(py, n_jobs, || {
        let of_block = |block: usize| {
            let start = block * BLOCK_ROWS;
            let count = BLOCK_ROWS.min(rows.nrows() - start);
            let codes = labels.codes()[start..start + count].to_vec();
            pass.run(
                RowNumbers::From(first_row + start as u64),
                Block { rows: rows.subrows(start, count).to_owned(), codes },
            )
        };
        let blocks = (0..rows.nrows().div_ceil(BLOCK_ROWS)).into_par_iter().map(of_block);
        // in the order of the blocks, whoever was first
        let partials = blocks.collect::<hsic::net::Result<Vec<_>>>()?;
        let mut all = pass.empty();
        partials.into_iter().try_for_each(|partial| all.merge(partial))?;
        all.to_bytes()
    })?;
    Ok(PyBytes::new(py, &bytes.map_err(value_error)?))
}

/// The partial of the rows of several.
#[pyfunction]
pub fn merge<'py>(py: Python<'py>, pass: &[u8], partials: Vec<Vec<u8>>) -> PyResult<Bound<'py, PyBytes>> {
    let pass = pass_of(pass)?;
    let merged = detached(py, None, || {
        let mut all = pass.empty();
        partials.iter().try_for_each(|partial| all.merge(Partial::from_bytes(partial, &pass)?))?;
        all.to_bytes()
    })?;
    Ok(PyBytes::new(py, &merged.map_err(value_error)?))
}

/// What rows are standardised by, of the merged partial of [`columns_pass`].
#[pyclass(frozen, module = "hsic._hsic")]
pub struct Standardiser(Scaler);

#[pymethods]
impl Standardiser {
    #[new]
    fn new(pass: &[u8], partial: &[u8]) -> PyResult<Self> {
        let partial = Partial::from_bytes(partial, &pass_of(pass)?).map_err(value_error)?;
        let moments = partial.into_columns().map_err(value_error)?;
        Scaler::of_moments(&moments).map(Self).map_err(value_error)
    }

    /// Read back.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        serde_json::from_slice(bytes).map(Self).map_err(value_error)
    }

    /// Written for the workers.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &serde_json::to_vec(&self.0).map_err(value_error)?))
    }

    /// Columns of a standardised row: constant ones are gone.
    #[getter]
    fn width(&self) -> usize {
        self.0.kept().len()
    }

    /// Columns of a row before.
    #[getter]
    fn n_columns(&self) -> usize {
        self.0.columns()
    }

    /// Standardised rows.
    fn transform<'py>(&self, py: Python<'py>, x: Rows<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let rows = Doubles::of(&x)?;
        let rows = rows.as_ref();
        let rows = detached(py, None, || self.0.transform(rows))?.map_err(value_error)?;
        array(py, rows.as_ref())
    }
}

/// A fit that never sees a row: it asks for passes and goes on with their partials.
#[pyclass(frozen, module = "hsic._hsic")]
pub struct FitMachine {
    /// `None` while it advances and after it gave its network away.
    machine: Mutex<Option<Machine<SolverParams>>>,
    params: NetworkParams,
    n_classes: usize,
}

impl FitMachine {
    fn with<T>(&self, f: impl FnOnce(&Machine<SolverParams>) -> PyResult<T>) -> PyResult<T> {
        let machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        f(machine.as_ref().ok_or_else(over)?)
    }
}

fn over() -> PyErr {
    PyRuntimeError::new_err("the fit is over, or another thread advances it: begin a new one")
}

#[pymethods]
impl FitMachine {
    #[new]
    fn new(solver: &str, settings: &str, width: usize, n_classes: usize, seed: u64) -> PyResult<Self> {
        let candidates = candidates(solver, settings, false)?;
        let params = NetworkParams { seed, ..*candidates[0].params() };
        let machine = Machine::new(&params, width, n_classes, all_threads()).map_err(value_error)?;
        Ok(Self { machine: Mutex::new(Some(machine)), params, n_classes })
    }

    /// The pass it wants, as bytes; `None` when it is done.
    fn next_pass<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        self.with(|machine| match machine.next().map_err(value_error)? {
            Next::Pass(pass) => Ok(Some(PyBytes::new(py, &pass.to_bytes().map_err(value_error)?))),
            Next::Done(_) => Ok(None),
        })
    }

    /// Goes on with the merged partial of all rows.
    fn advance(&self, py: Python<'_>, partial: &[u8]) -> PyResult<()> {
        let partial = self.with(|machine| match machine.next().map_err(value_error)? {
            Next::Pass(pass) => Partial::from_bytes(partial, pass).map_err(value_error),
            Next::Done(_) => Err(PyValueError::new_err("the fit is done: it asks for nothing more")),
        })?;
        let taken = self.machine.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut machine = taken.ok_or_else(over)?;
        let (machine, outcome) = interruptible(py, None, move |_| {
            let outcome = machine.advance(partial);
            (machine, outcome)
        })?;
        *self.machine.lock().unwrap_or_else(PoisonError::into_inner) = Some(machine);
        outcome.map_err(value_error)
    }

    /// The layers so far, as JSON: width, bandwidth, H*.
    fn layers(&self) -> PyResult<String> {
        self.with(|machine| {
            let layer = |trace: &hsic::net::LayerTrace| {
                let summary = &trace.summary;
                json!({
                    "layer": summary.layer,
                    "width": summary.width,
                    "sigma": summary.sigma.get(),
                    "hsic": summary.hsic_normalized,
                })
            };
            Ok(Value::from(machine.trace().iter().map(layer).collect::<Vec<_>>()).to_string())
        })
    }

    /// The model, once it is done.
    fn finish(
        &self,
        standardiser: &Standardiser,
        names: Vec<String>,
        classes: Vec<String>,
        rows: usize,
    ) -> PyResult<Model> {
        if classes.len() != self.n_classes {
            let message = format!("classes must be {} names, got {}", self.n_classes, classes.len());
            return Err(PyValueError::new_err(message));
        }
        let schema = schema(names, "class".into(), classes)?;
        let preprocessing = json!({ "schema": schema, "fill": null, "scaler": standardiser.0 });
        let preprocessing: Preprocessing = serde_json::from_value(preprocessing).map_err(value_error)?;
        let network = self.with(|machine| match machine.next().map_err(value_error)? {
            Next::Done(fit) => Ok(fit.network.clone()),
            Next::Pass(pass) => {
                Err(PyValueError::new_err(format!("the fit is not done: it asks for pass {}", pass.id())))
            }
        })?;
        let training = origin("rows in passes", rows, &self.params);
        hsic::Model::new(preprocessing, network, training).map(Model).map_err(model_error)
    }
}
