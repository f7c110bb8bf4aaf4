//! A fitted classifier of tables.

use faer::{Mat, MatRef, Par};
use hsic_data::rows::TableRows;
use hsic_data::table::{Schema, Table};
use hsic_layer::LayerSolver;
use hsic_net::head::largest_columns;
use hsic_net::{Layer, Network, NetworkParams};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Error, Output, Preprocessing, Result};

/// A fitted network with everything that turns a row of a table into its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) preprocessing: Preprocessing,
    pub(crate) network: Network,
    pub(crate) training: Training,
}

/// Where a model comes from; nothing of it matters to a prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Version of the library that fitted it.
    pub library_version: String,
    /// Name of the solver: `spectral` or `closed-form`, or one that the caller brought.
    pub method: String,
    /// The hyperparameters, as [`NetworkParams::settings`] gives them.
    pub settings: Value,
    /// Seed of the fit.
    pub seed: u64,
    /// The training file.
    pub file: String,
    /// The sha256 of that file, unpacked.
    pub sha256: String,
    /// Rows the network was fitted on.
    pub rows: usize,
    /// What was measured, by the names of results.json; null if nothing was.
    pub evaluation: Value,
}

impl Training {
    /// The origin of a network fitted on `rows` rows of a table.
    pub fn new<S: LayerSolver>(table: &Table, rows: usize, params: &NetworkParams<S>) -> Self {
        Self::of_file(&table.file, &table.sha256, rows, params)
    }

    /// The origin of a network fitted on `rows` rows of a table in blocks.
    pub fn in_blocks<S: LayerSolver>(table: &TableRows, rows: usize, params: &NetworkParams<S>) -> Self {
        Self::of_blocks(table.file(), table.sha256(), rows, params)
    }

    /// The origin of a network fitted on `rows` rows of a table in partitions, of which there is no one file.
    pub fn in_partitions<S: LayerSolver>(table: &str, rows: usize, params: &NetworkParams<S>) -> Self {
        Self::of_blocks(table, "", rows, params)
    }

    fn of_blocks<S: LayerSolver>(file: &str, sha256: &str, rows: usize, params: &NetworkParams<S>) -> Self {
        let mut training = Self::of_file(file, sha256, rows, params);
        training.settings["in_blocks"] = true.into();
        training
    }

    fn of_file<S: LayerSolver>(file: &str, sha256: &str, rows: usize, params: &NetworkParams<S>) -> Self {
        Self {
            library_version: env!("CARGO_PKG_VERSION").into(),
            method: params.solver.name().into(),
            settings: params.settings(),
            seed: params.seed,
            file: file.into(),
            sha256: sha256.into(),
            rows,
            evaluation: Value::Null,
        }
    }
}

impl Model {
    /// Fits a network on all rows of a table; missing cells that the table kept are filled with their column's mean.
    ///
    /// # Errors
    /// [`Error::Data`] where no column varies, [`Error::Network`] where the fit fails.
    ///
    /// # Cost
    /// That of [`Network::fit`].
    pub fn fit<S: LayerSolver>(table: &Table, params: &NetworkParams<S>, par: Par) -> Result<Self> {
        let rows = table.features.as_ref();
        let preprocessing = Preprocessing::fit(table.schema.clone(), rows, table.missing.cells > 0)?;
        let x = preprocessing.transform(rows)?;
        let network = Network::fit(params, x.as_ref(), &table.labels, par, &mut ())?.network;
        let training = Training::new(table, rows.nrows(), params);
        Ok(Self { preprocessing, network, training })
    }

    /// A model of parts that were fitted together.
    ///
    /// # Errors
    /// [`Error::Width`] where the network takes rows of another width than the preprocessing makes.
    pub fn new(preprocessing: Preprocessing, network: Network, training: Training) -> Result<Self> {
        let (expected, got) = (network.input_width(), preprocessing.scaler().kept().len());
        if got == expected {
            Ok(Self { preprocessing, network, training })
        } else {
            Err(Error::Width { expected, got })
        }
    }

    /// What the columns of a table mean to the model.
    pub fn schema(&self) -> &Schema {
        self.preprocessing.schema()
    }

    /// From encoded rows to the network's input.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Where the model comes from.
    pub fn training(&self) -> &Training {
        &self.training
    }

    /// log p(class | row) of encoded rows, n×c; NaN stands for a missing cell.
    ///
    /// # Errors
    /// [`Error::Width`], [`Error::Row`] with the first row the model cannot take.
    pub fn predict_log_proba(&self, rows: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        self.every_output(rows, Output::LogProba, par)
    }

    /// The class code of every encoded row.
    ///
    /// # Errors
    /// As [`Model::predict_log_proba`].
    pub fn predict(&self, rows: MatRef<'_, f64>, par: Par) -> Result<Vec<usize>> {
        Ok(largest_columns(self.predict_log_proba(rows, par)?.as_ref()))
    }

    /// Z of encoded rows after a layer, counted from 1, n×q.
    ///
    /// # Errors
    /// [`Error::Layer`], else as [`Model::predict_log_proba`].
    pub fn transform(&self, rows: MatRef<'_, f64>, layer: usize, par: Par) -> Result<Mat<f64>> {
        self.every_output(rows, Output::Projected(layer), par)
    }

    /// The activation R of encoded rows after a layer, counted from 1: what the next layer takes.
    ///
    /// # Errors
    /// As [`Model::transform`].
    pub fn activate(&self, rows: MatRef<'_, f64>, layer: usize, par: Par) -> Result<Mat<f64>> {
        self.every_output(rows, Output::Activated(layer), par)
    }

    pub(crate) fn layer(&self, layer: usize) -> Result<&Layer> {
        let layers = self.network.layers();
        let missing = Error::Layer { layers: layers.len(), layer };
        layer.checked_sub(1).and_then(|index| layers.get(index)).ok_or(missing)
    }
}
