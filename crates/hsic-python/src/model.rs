//! The fitted model, which both estimators stand on.

use hsic::data::table::{
    EncodeOptions, FeatureKind, InferOptions, LabelColumn, LabelRule, MissingRule, RowEncoder, SourceOptions,
    Table,
};
use hsic::eval::records::SelectionRecord;
use hsic::faer::{Mat, MatRef};
use hsic::kernels::all_threads;
use hsic::{Output, Preprocessing};
use numpy::{PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays::{Doubles, Rows, array, labels};
use crate::errors::{model_error, value_error};
use crate::fit::{Choosing, How, Run, schema};
use crate::partitions::{Column, content};
use crate::threads::{Caller, detached, told};

/// What a table is called in messages.
const TABLE: &str = "X";

/// A fitted model.
#[pyclass(frozen, module = "hsic._hsic")]
pub struct Model(pub hsic::Model);

/// A fitted model, and as JSON what the search for it found.
fn told_model(fitted: hsic::Result<(hsic::Model, Option<SelectionRecord>)>) -> PyResult<(Model, String)> {
    let (model, selection) = fitted.map_err(model_error)?;
    Ok((Model(model), serde_json::to_string(&selection).map_err(value_error)?))
}

#[pymethods]
impl Model {
    /// Chooses a network on all rows and fits it on them; with what the search found, as JSON.
    #[staticmethod]
    fn fit<'py>(
        py: Python<'py>,
        x: Rows<'py>,
        codes: PyReadonlyArray1<'py, i64>,
        classes: Vec<String>,
        names: Vec<String>,
        how: How,
        run: Run,
    ) -> PyResult<(Self, String)> {
        let choosing = Choosing::new(&how, &run)?;
        let labels = labels(&codes, classes.len())?;
        let label = ["class", "target", "y", "label"]
            .into_iter()
            .find(|&name| !names.iter().any(|other| other == name));
        let label = label.map_or_else(|| format!("label of {}", names.len()), Into::into);
        let schema = schema(names, label, classes)?;
        let rows = Doubles::of(&x)?;
        let (preprocessing, x) = detached(py, run.n_jobs, || {
            let preprocessing = Preprocessing::fit(schema, rows.as_ref(), how.fill)?;
            let x = preprocessing.transform(rows.as_ref())?;
            Ok((preprocessing, x))
        })?
        .map_err(model_error)?;
        // a copy of single precision is not kept for the fit
        drop(rows);
        let work = move |caller: &Caller| choosing.fit(preprocessing, &x, &labels, caller);
        told_model(told(py, run.n_jobs, run.listener.as_ref(), work)?)
    }

    /// The same of a table with a column of classes; columns of `text` are categories whatever they hold.
    #[staticmethod]
    fn fit_table<'py>(
        py: Python<'py>,
        table: Vec<(String, Column<'py>)>,
        label: String,
        classes: Vec<String>,
        text: Vec<String>,
        how: How,
        run: Run,
    ) -> PyResult<(Self, String)> {
        let choosing = Choosing::new(&how, &run)?;
        let content = content(table, TABLE, 0)?;
        let infer = InferOptions {
            label: LabelColumn::Name(label),
            text,
            class_order: Some(classes),
            missing: how.missing(),
            ..InferOptions::default()
        };
        let work = move |caller: &Caller| {
            let Table { schema, features, labels, .. } =
                Table::read(&content, &SourceOptions::default(), &infer)?;
            drop(content);
            let preprocessing = Preprocessing::fit(schema, features.as_ref(), how.fill)?;
            let x = preprocessing.transform(features.as_ref())?;
            drop(features);
            choosing.fit(preprocessing, &x, &labels, caller)
        };
        told_model(told(py, run.n_jobs, run.listener.as_ref(), work)?)
    }

    /// The rows of a table as the model takes them: NaN stands for a missing cell.
    fn encode<'py>(
        &self,
        py: Python<'py>,
        table: Vec<(String, Column<'py>)>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let content = content(table, TABLE, 0)?;
        let rows = detached(py, None, || {
            let missing = self.0.preprocessing().fill().map_or(MissingRule::Refuse, |_| MissingRule::Keep);
            let options = EncodeOptions { missing, label: LabelRule::Ignore, ..EncodeOptions::default() };
            let mut encoder =
                RowEncoder::new(self.0.schema(), content.open(&SourceOptions::default())?, options)?;
            encoder.next_chunk(usize::MAX)
        })?;
        let chunk = rows.map_err(value_error)?;
        let features =
            chunk.map_or_else(|| Mat::zeros(0, self.0.schema().encoded_width()), |chunk| chunk.features);
        array(py, features.as_ref())
    }

    /// log p(class | row).
    fn predict_log_proba<'py>(
        &self,
        py: Python<'py>,
        x: Rows<'py>,
        n_jobs: Option<isize>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        array(py, self.output(py, &x, Output::LogProba, n_jobs)?.as_ref())
    }

    /// p(class | row), to the bit what the program prints: NumPy's exp is another one.
    fn predict_proba<'py>(
        &self,
        py: Python<'py>,
        x: Rows<'py>,
        n_jobs: Option<isize>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let mut values = self.output(py, &x, Output::LogProba, n_jobs)?;
        for column in values.as_mut().col_iter_mut() {
            column.iter_mut().for_each(|log| *log = log.exp());
        }
        array(py, values.as_ref())
    }

    /// Z after a layer, counted from 1.
    fn transform<'py>(
        &self,
        py: Python<'py>,
        x: Rows<'py>,
        layer: usize,
        n_jobs: Option<isize>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        array(py, self.output(py, &x, Output::Projected(layer), n_jobs)?.as_ref())
    }

    /// The model file as bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.0.to_bytes().map_err(model_error)?))
    }

    /// A model of the bytes of its file.
    #[staticmethod]
    fn from_bytes(bytes: &[u8], file: &str) -> PyResult<Self> {
        hsic::Model::from_bytes(bytes, file).map(Self).map_err(model_error)
    }

    /// Writes the model file.
    fn save(&self, path: std::path::PathBuf) -> PyResult<()> {
        self.0.save(path).map_err(model_error)
    }

    /// Reads a model file.
    #[staticmethod]
    fn load(path: std::path::PathBuf) -> PyResult<Self> {
        hsic::Model::load(path).map(Self).map_err(model_error)
    }

    /// What it holds, as JSON.
    fn describe(&self) -> PyResult<String> {
        serde_json::to_string(&self.0.describe()).map_err(value_error)
    }

    /// Columns of Z of every layer, q.
    fn widths(&self) -> Vec<usize> {
        self.0.network().layers().iter().map(|layer| layer.width()).collect()
    }

    /// Names of the columns of a table it takes.
    fn columns(&self) -> Vec<String> {
        self.0.schema().features().iter().map(|feature| feature.name.clone()).collect()
    }

    /// Whether all of them are numbers, so that a row is an array.
    fn takes_arrays(&self) -> bool {
        self.0.schema().features().iter().all(|feature| feature.kind == FeatureKind::Number)
    }

    /// Names of the classes.
    fn classes(&self) -> Vec<String> {
        self.0.schema().classes().to_vec()
    }
}

impl Model {
    fn output(
        &self,
        py: Python<'_>,
        x: &Rows<'_>,
        output: Output,
        n_jobs: Option<isize>,
    ) -> PyResult<Mat<f64>> {
        let rows = Doubles::of(x)?;
        let rows: MatRef<'_, f64> = rows.as_ref();
        let values = detached(py, n_jobs, || match output {
            Output::Projected(layer) => self.0.transform(rows, layer, all_threads()),
            _ => self.0.predict_log_proba(rows, all_threads()),
        })?;
        values.map_err(model_error)
    }
}
