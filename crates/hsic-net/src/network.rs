//! A fitted network.

use std::time::Duration;

use faer::{Mat, MatRef, Par};
use hsic_layer::FittedLayer;

use crate::head::Output;
use crate::observer::LayerSummary;
use crate::stopping::StopReason;
use crate::{Layer, Result};

/// A fitted network: its layers, and the head on the last one's output.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub(crate) layers: Vec<Layer>,
    pub(crate) summaries: Vec<LayerSummary>,
    pub(crate) output: Output,
    pub(crate) stop_reason: StopReason,
    pub(crate) elapsed: Duration,
}

impl Network {
    /// The layers, first to last.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Columns of an input row.
    pub fn input_width(&self) -> usize {
        self.layers[0].input_width()
    }

    /// How each layer was fitted.
    pub fn summaries(&self) -> &[LayerSummary] {
        &self.summaries
    }

    /// The map from the last Z to classes.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Why stacking ended.
    pub fn stop_reason(&self) -> StopReason {
        self.stop_reason
    }

    /// Time of the fit, the observer's left out.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Z of every layer for rows of `x` (n×d), first to last: n×q_l each.
    ///
    /// # Errors
    /// [`crate::Error::Layer`] for another number of columns and non-finite numbers.
    ///
    /// # Cost
    /// A closed-form layer n·n_train kernel values, a spectral one n·p·q flops and its features.
    pub fn transform_layers(&self, x: MatRef<'_, f64>, par: Par) -> Result<Vec<Mat<f64>>> {
        let mut outputs: Vec<Mat<f64>> = Vec::with_capacity(self.layers.len());
        for (index, layer) in self.layers.iter().enumerate() {
            let z = match index.checked_sub(1) {
                None => layer.project(x, par)?,
                Some(last) => {
                    let input = self.layers[last].activate(outputs[last].as_ref(), par)?;
                    layer.project(input.as_ref(), par)?
                }
            };
            outputs.push(z);
        }
        Ok(outputs)
    }

    /// Z of the last layer for rows of `x`: n×q.
    ///
    /// # Errors
    /// As [`Network::transform_layers`].
    pub fn transform(&self, x: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        let mut outputs = self.transform_layers(x, par)?;
        Ok(outputs.pop().expect("a network has at least one layer"))
    }

    /// log p(class | row) for rows of `x`: n×c, −∞ for a class that had no training row.
    ///
    /// # Errors
    /// As [`Network::transform_layers`].
    pub fn predict_log_proba(&self, x: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        let z = self.transform(x, par)?;
        self.output.log_proba(&self.layers[self.layers.len() - 1], z.as_ref(), par)
    }

    /// The class code of every row of `x`.
    ///
    /// # Errors
    /// As [`Network::transform_layers`].
    pub fn predict(&self, x: MatRef<'_, f64>, par: Par) -> Result<Vec<usize>> {
        let z = self.transform(x, par)?;
        self.output.predict(&self.layers[self.layers.len() - 1], z.as_ref(), par)
    }
}
