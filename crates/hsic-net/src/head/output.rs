//! The output of a network: what the head sees of a layer, and the head.

use faer::{Mat, MatRef, Par};
use hsic_kernels::Labels;
use hsic_kernels::linalg::{ThinSvd, product, thin_svd};
use hsic_layer::FittedLayer;
use hsic_layer::spectral::class_directions;
use hsic_layer::stiefel::fix_signs;

use super::{Head, largest_columns};
use crate::{Layer, NetworkParams, Result};

/// The last step of a network. The head's input is Z of a closed-form layer, and of a spectral layer its activation
/// R projected on the c − 1 leading eigenvectors of RᵀΓR (its rank).
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// m×(c−1), for a spectral layer.
    directions: Option<Mat<f64>>,
    head: Head,
}

impl Output {
    /// Fits the output on a layer's Z of the training rows (in any order, n×q) and their labels.
    ///
    /// # Errors
    /// As [`Head::fit`].
    pub fn fit(
        params: &NetworkParams,
        layer: &Layer,
        z: MatRef<'_, f64>,
        labels: &Labels,
        par: Par,
    ) -> Result<Self> {
        let (directions, features) = match layer {
            Layer::ClosedForm(_) => (None, z.to_owned()),
            Layer::Spectral(_) => {
                let r = layer.activate(z, par)?;
                let sums = class_directions(r.as_ref(), labels, params.class_weight);
                let directions = leading_directions(sums.as_ref(), labels.n_present())?;
                let features = product(r.as_ref(), directions.as_ref());
                (Some(directions), features)
            }
        };
        let head = Head::fit(params.head, features.as_ref(), labels)?;
        Ok(Self { directions, head })
    }

    pub(crate) fn from_parts(directions: Option<Mat<f64>>, head: Head) -> Self {
        Self { directions, head }
    }

    /// m×k, what the features of a spectral network are projected on.
    pub fn directions(&self) -> Option<MatRef<'_, f64>> {
        self.directions.as_ref().map(Mat::as_ref)
    }

    /// What the head sees of Z.
    ///
    /// # Errors
    /// [`crate::Error::Layer`] for another width than the layer's.
    pub fn features(&self, layer: &Layer, z: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        match &self.directions {
            None => Ok(z.to_owned()),
            Some(directions) => Ok(product(layer.activate(z, par)?.as_ref(), directions.as_ref())),
        }
    }

    /// log p(class | Z), n×c.
    ///
    /// # Errors
    /// As [`Output::features`].
    pub fn log_proba(&self, layer: &Layer, z: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        Ok(self.head.log_proba(self.features(layer, z, par)?.as_ref()))
    }

    /// The most probable class of every row of Z.
    ///
    /// # Errors
    /// As [`Output::features`].
    pub fn predict(&self, layer: &Layer, z: MatRef<'_, f64>, par: Par) -> Result<Vec<usize>> {
        Ok(largest_columns(self.log_proba(layer, z, par)?.as_ref()))
    }

    /// The head.
    pub fn head(&self) -> &Head {
        &self.head
    }
}

/// The c − 1 leading left singular vectors of RᵀHYD (m×c), signs fixed: m×(c−1).
pub(crate) fn leading_directions(sums: MatRef<'_, f64>, n_present: usize) -> Result<Mat<f64>> {
    let ThinSvd { u, .. } = thin_svd(sums)?;
    let rank = n_present.saturating_sub(1).clamp(1, u.ncols());
    let mut directions = u.subcols(0, rank).to_owned();
    fix_signs(&mut directions);
    Ok(directions)
}
