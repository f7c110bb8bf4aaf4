//! HSIC and what it is made of, as functions of arrays.

use hsic::faer::MatMut;
use hsic::independence::{Independence, Options, PValue, Sigma, against_classes, between};
use hsic::kernels::bandwidth::{Subsample, median_heuristic};
use hsic::kernels::features::{Frequencies, RandomFeatures};
use hsic::kernels::hsic::{HsicStatistics, against_labels, between_samples};
use hsic::kernels::random::stream;
use hsic::kernels::{Bandwidth, all_threads, gaussian};
use numpy::{PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{Number, Rows, aligned, array, borrowed, either, fetch_pages, labels, owned, same};
use crate::errors::value_error;
use crate::threads::{detached, interruptible};

fn bandwidth(sigma: f64) -> PyResult<Bandwidth> {
    Bandwidth::new(sigma).map_err(value_error)
}

/// K of the rows of x.
#[pyfunction]
pub fn gram<'py>(
    py: Python<'py>,
    x: Rows<'py>,
    sigma: f64,
    n_jobs: Option<isize>,
) -> PyResult<Bound<'py, PyAny>> {
    fn of<'py, T: Number>(
        py: Python<'py>,
        x: &PyReadonlyArray2<'py, T>,
        sigma: Bandwidth,
        n_jobs: Option<isize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let rows = borrowed(x)?;
        let n = rows.nrows();
        let all = aligned::<T>(py, n, n)?;
        let mut written = all.readwrite();
        let values = written.as_slice_mut()?;
        // symmetric: its rows are its columns
        detached(py, n_jobs, || {
            fetch_pages(values);
            gaussian::gram_into(MatMut::from_column_major_slice_mut(values, n, n), rows, sigma, all_threads())
        })?
        .map_err(value_error)?;
        drop(written);
        Ok(all.into_any())
    }
    either!(x, x => of(py, &x, bandwidth(sigma)?, n_jobs))
}

/// K between the rows of x and those of y.
#[pyfunction]
pub fn cross_gram<'py>(
    py: Python<'py>,
    x: Rows<'py>,
    y: &Bound<'py, PyAny>,
    sigma: f64,
    n_jobs: Option<isize>,
) -> PyResult<Bound<'py, PyAny>> {
    fn of<'py, T: Number>(
        py: Python<'py>,
        x: &PyReadonlyArray2<'py, T>,
        y: &PyReadonlyArray2<'py, T>,
        sigma: Bandwidth,
        n_jobs: Option<isize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (x, y) = (borrowed(x)?, borrowed(y)?);
        let (n, m) = (x.nrows(), y.nrows());
        let all = aligned::<T>(py, n, m)?;
        let mut written = all.readwrite();
        let values = written.as_slice_mut()?;
        // by rows here, by columns there
        detached(py, n_jobs, || {
            let dst = MatMut::from_column_major_slice_mut(values, m, n);
            gaussian::cross_gram_into(dst, y, x, sigma, all_threads())
        })?
        .map_err(value_error)?;
        drop(written);
        Ok(all.into_any())
    }
    either!(x, x => of(py, &x, &same(y)?, bandwidth(sigma)?, n_jobs))
}

/// K·V without holding K.
#[pyfunction]
pub fn kernel_times_matrix<'py>(
    py: Python<'py>,
    x: Rows<'py>,
    v: &Bound<'py, PyAny>,
    sigma: f64,
    n_jobs: Option<isize>,
) -> PyResult<Bound<'py, PyAny>> {
    fn of<'py, T: Number>(
        py: Python<'py>,
        x: &PyReadonlyArray2<'py, T>,
        v: &PyReadonlyArray2<'py, T>,
        sigma: Bandwidth,
        n_jobs: Option<isize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (x, v) = (owned(x)?, owned(v)?);
        let work = move |_: &_| gaussian::kernel_times_matrix(x.as_ref(), sigma, v.as_ref(), all_threads());
        let product = interruptible(py, n_jobs, work)?.map_err(value_error)?;
        Ok(array(py, product.as_ref())?.into_any())
    }
    either!(x, x => of(py, &x, &same(v)?, bandwidth(sigma)?, n_jobs))
}

fn estimate(statistics: &HsicStatistics, estimator: &str) -> PyResult<f64> {
    match estimator {
        "biased" => statistics.biased().map_err(value_error),
        "unbiased" => statistics.unbiased().map_err(value_error),
        "normalized" => Ok(statistics.normalized()),
        _ => Err(PyValueError::new_err(format!(
            "estimator must be \"biased\", \"unbiased\" or \"normalized\", got \"{estimator}\""
        ))),
    }
}

/// HSIC of rows and classes.
#[pyfunction]
pub fn hsic_of_labels<'py>(
    py: Python<'py>,
    x: Rows<'py>,
    codes: PyReadonlyArray1<'py, i64>,
    n_classes: usize,
    sigma: f64,
    estimator: &str,
    n_jobs: Option<isize>,
) -> PyResult<f64> {
    let (labels, sigma) = (labels(&codes, n_classes)?, bandwidth(sigma)?);
    let hsic = either!(x, x => {
        let x = owned(&x)?;
        interruptible(py, n_jobs, move |_| against_labels(x.as_ref(), sigma, &labels, all_threads()))?
    });
    estimate(&hsic.map_err(value_error)?.statistics, estimator)
}

/// HSIC of two samples, row by row.
#[pyfunction]
pub fn hsic_of_samples<'py>(
    py: Python<'py>,
    x: Rows<'py>,
    y: &Bound<'py, PyAny>,
    sigma: f64,
    sigma_y: f64,
    estimator: &str,
    n_jobs: Option<isize>,
) -> PyResult<f64> {
    let (sigma, sigma_y) = (bandwidth(sigma)?, bandwidth(sigma_y)?);
    let hsic = either!(x, x => {
        let (y, x) = (alike(&x, y)?, owned(&x)?);
        interruptible(py, n_jobs, move |_| between_samples(x.as_ref(), sigma, y.as_ref(), sigma_y, all_threads()))?
    });
    estimate(&hsic.map_err(value_error)?, estimator)
}

/// A copy of another array of the type of x.
fn alike<T: Number>(_: &PyReadonlyArray2<'_, T>, y: &Bound<'_, PyAny>) -> PyResult<hsic::faer::Mat<T>> {
    owned(&same(y)?)
}

/// What a test takes beside the rows: a dict of Python.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Test {
    sigma: Option<f64>,
    sigma_y: Option<f64>,
    method: String,
    permutations: u32,
    seed: u64,
}

impl Test {
    fn options(&self) -> PyResult<Options> {
        let sigma =
            |sigma: Option<f64>| sigma.map_or(Ok(Sigma::Median), |sigma| bandwidth(sigma).map(Sigma::Value));
        let p_value = match self.method.as_str() {
            "permutation" => PValue::Permutation,
            "gamma" => PValue::Gamma,
            other => {
                let message = format!("method must be \"permutation\" or \"gamma\", got \"{other}\"");
                return Err(PyValueError::new_err(message));
            }
        };
        Ok(Options {
            sigma: sigma(self.sigma)?,
            sigma_y: sigma(self.sigma_y)?,
            p_value: Some(p_value),
            permutations: self.permutations,
            seed: self.seed,
            ..Options::default()
        })
    }
}

fn told(outcome: hsic::Result<Independence>) -> PyResult<String> {
    let outcome = outcome.map_err(value_error)?;
    serde_json::to_string(&outcome).map_err(value_error)
}

/// The test of rows and classes, as JSON.
#[pyfunction]
pub fn independence_of_labels<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f64>,
    codes: PyReadonlyArray1<'py, i64>,
    n_classes: usize,
    test: Test,
    n_jobs: Option<isize>,
) -> PyResult<String> {
    let options = test.options()?;
    let (x, labels) = (owned(&x)?, labels(&codes, n_classes)?);
    told(interruptible(py, n_jobs, move |_| against_classes(x.as_ref(), &labels, &options))?)
}

/// The test of two samples, as JSON.
#[pyfunction]
pub fn independence_of_samples<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f64>,
    y: PyReadonlyArray2<'py, f64>,
    test: Test,
    n_jobs: Option<isize>,
) -> PyResult<String> {
    let options = test.options()?;
    let (x, y) = (owned(&x)?, owned(&y)?);
    told(interruptible(py, n_jobs, move |_| between(x.as_ref(), y.as_ref(), &options))?)
}

/// The median distance.
#[pyfunction]
pub fn median_bandwidth<'py>(py: Python<'py>, x: Rows<'py>, rows: usize, seed: u64) -> PyResult<f64> {
    let subsample = Subsample { rows, seed };
    let sigma = either!(x, x => {
        let x = borrowed(&x)?;
        detached(py, None, || median_heuristic(x, &subsample))?
    });
    Ok(sigma.map_err(value_error)?.get())
}

/// Stream component of the draw, in the table of docs/mathematics.md.
const COMPONENT: u32 = 16;

/// ψ of the rows of x.
#[pyfunction]
pub fn random_features<'py>(
    py: Python<'py>,
    x: Rows<'py>,
    m: usize,
    sigma: f64,
    orthogonal: bool,
    seed: u64,
    n_jobs: Option<isize>,
) -> PyResult<Bound<'py, PyAny>> {
    fn of<'py, T: Number>(
        py: Python<'py>,
        x: &PyReadonlyArray2<'py, T>,
        (m, sigma, frequencies, seed): (usize, Bandwidth, Frequencies, u64),
        n_jobs: Option<isize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let rows = borrowed(x)?;
        let features = detached(py, n_jobs, || {
            let mut rng = stream(seed, COMPONENT, 0);
            RandomFeatures::<T>::draw(rows.ncols(), m, sigma, frequencies, &mut rng)?.transform(rows)
        })?;
        Ok(array(py, features.map_err(value_error)?.as_ref())?.into_any())
    }
    let frequencies = if orthogonal { Frequencies::Orthogonal } else { Frequencies::Independent };
    either!(x, x => of(py, &x, (m, bandwidth(sigma)?, frequencies, seed), n_jobs))
}
