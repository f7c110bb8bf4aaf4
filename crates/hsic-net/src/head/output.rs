//! The output of a network: what the head sees of a layer, and the head.

use faer::{Mat, MatRef, Par};
use hsic_kernels::gaussian::{cross_product, kernel_times_matrix};
use hsic_kernels::linalg::{ThinSvd, product, symmetric_eigen, thin_svd};
use hsic_kernels::tiles::Points;
use hsic_kernels::{ClassWeight, Labels};
use hsic_layer::spectral::class_directions;
use hsic_layer::stiefel::fix_signs;
use hsic_layer::{Identity, Layer, LayerSolver, OutputKind};

use super::{Head, HeadKind, largest_columns};
use crate::{NetworkParams, Result};

/// How the last step of a network is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutputParams {
    /// What the head sees of the last layer.
    pub output: OutputKind,
    /// How classes count in the directions between their means.
    pub class_weight: ClassWeight,
    /// From that to a class.
    pub head: HeadKind,
}

impl<S: LayerSolver> From<&NetworkParams<S>> for OutputParams {
    /// Those of a network: its solver has the last word on what its head sees; without a layer that is the input.
    fn from(params: &NetworkParams<S>) -> Self {
        let &NetworkParams { ref solver, output, class_weight, head, max_layers, .. } = params;
        let output = if max_layers == 0 { Identity.output(output) } else { solver.output(output) };
        Self { output, class_weight, head }
    }
}

/// From a layer's Z to what the head sees.
#[derive(Debug, Clone, PartialEq)]
pub enum Projection {
    /// Z itself.
    Identity,
    /// R on the c − 1 leading eigenvectors of RᵀΓR: m×(c−1).
    Features(Mat<f64>),
    /// φ(Z) on the c − 1 leading eigenvectors of ΦᵀΓΦ: k(Z, anchors)·weights.
    ///
    /// With A = HYD (n×c, D = I or diag(1/√n_a)) ΦᵀΓΦ is (ΦᵀA)(ΦᵀA)ᵀ, so that with the eigenvectors AᵀKA = US²Uᵀ its leading
    /// ones are ΦᵀA·U/S, and weights = A·U/S.
    Kernel {
        /// Z of the training rows, n×q.
        anchors: Mat<f64>,
        /// n×(c−1).
        weights: Mat<f64>,
    },
}

impl Projection {
    /// The projection of `kind` of a layer with Z of the training rows (in any order, n×q), and what it makes of them; nothing where that is Z.
    ///
    /// # Errors
    /// [`crate::Error::Layer`] for another width than the layer's, [`crate::Error::Kernel`] for non-finite numbers.
    ///
    /// # Cost
    /// Of [`OutputKind::Kernel`] n²/2 kernel values, else O(n·m·c).
    pub fn fit(
        kind: OutputKind,
        class_weight: ClassWeight,
        layer: &Layer,
        z: MatRef<'_, f64>,
        labels: &Labels,
        par: Par,
    ) -> Result<(Self, Option<Mat<f64>>)> {
        match kind {
            OutputKind::Features => {
                let r = layer.activate(z, par)?;
                let sums = class_directions(r.as_ref(), labels, class_weight);
                let directions = leading_directions(sums.as_ref(), labels.n_present())?;
                let features = product(r.as_ref(), directions.as_ref());
                Ok((Self::Features(directions), Some(features)))
            }
            OutputKind::Kernel => {
                let centred = centred_classes(labels, class_weight);
                let kernel = kernel_times_matrix(z, layer.sigma(), centred.as_ref(), par)?;
                let (squares, vectors) =
                    symmetric_eigen(product(centred.transpose(), kernel.as_ref()).as_ref())?;
                let kept = squares.iter().take_while(|&&square| square > 1e-12 * squares[0]).count();
                let kept = kept.min(labels.n_present().saturating_sub(1)).max(1);
                let scale = |k: usize| 1.0 / squares[k].max(f64::MIN_POSITIVE).sqrt();
                let mut directions = Mat::from_fn(vectors.nrows(), kept, |a, k| vectors[(a, k)] * scale(k));
                fix_signs(&mut directions);
                let features = product(kernel.as_ref(), directions.as_ref());
                let weights = product(centred.as_ref(), directions.as_ref());
                Ok((Self::Kernel { anchors: z.to_owned(), weights }, Some(features)))
            }
            // `Projection`
            _ => Ok((Self::Identity, None)),
        }
    }

    /// What the head sees of Z.
    ///
    /// # Errors
    /// [`crate::Error::Layer`] for another width than the layer's.
    pub fn features(&self, layer: &Layer, z: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        Ok(self.projected(layer, z, par)?.unwrap_or_else(|| z.to_owned()))
    }

    /// The same, `None` for Z itself.
    fn projected(&self, layer: &Layer, z: MatRef<'_, f64>, par: Par) -> Result<Option<Mat<f64>>> {
        Ok(match self {
            Self::Identity => None,
            Self::Features(directions) => {
                Some(product(layer.activate(z, par)?.as_ref(), directions.as_ref()))
            }
            Self::Kernel { anchors, weights } => {
                let points = Points::new(anchors.as_ref())?;
                Some(cross_product(z, &points, layer.sigma(), weights.as_ref(), par)?)
            }
        })
    }
}

/// HYD, n×c.
fn centred_classes(labels: &Labels, class_weight: ClassWeight) -> Mat<f64> {
    let (n, counts) = (labels.len() as f64, labels.counts());
    Mat::from_fn(labels.len(), counts.len(), |i, a| {
        (f64::from(u8::from(labels.codes()[i] == a)) - counts[a] as f64 / n) * class_weight.scale(counts[a])
    })
}

/// The last step of a network: what the head sees of the last layer, and the head.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    projection: Projection,
    head: Head,
}

impl Output {
    /// Fits the output on a layer's Z of the training rows (in any order, n×q) and their labels.
    ///
    /// # Errors
    /// As [`Head::fit`].
    ///
    /// # Cost
    /// Of [`OutputKind::Kernel`] n²/2 kernel values, else O(n·m·c); and that of the head.
    pub fn fit(
        params: &OutputParams,
        layer: &Layer,
        z: MatRef<'_, f64>,
        labels: &Labels,
        par: Par,
    ) -> Result<Self> {
        let (projection, features) =
            Projection::fit(params.output, params.class_weight, layer, z, labels, par)?;
        let features = features.as_ref().map_or(z, Mat::as_ref);
        let head = Head::fit(params.head, features, labels, par)?;
        Ok(Self { projection, head })
    }

    pub(crate) fn from_parts(projection: Projection, head: Head) -> Self {
        Self { projection, head }
    }

    /// From Z to what the head sees.
    pub fn projection(&self) -> &Projection {
        &self.projection
    }

    /// What the head sees of Z.
    ///
    /// # Errors
    /// As [`Projection::features`].
    pub fn features(&self, layer: &Layer, z: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        self.projection.features(layer, z, par)
    }

    /// log p(class | Z), n×c.
    ///
    /// # Errors
    /// As [`Output::features`].
    pub fn log_proba(&self, layer: &Layer, z: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        let features = self.projection.projected(layer, z, par)?;
        self.head.log_proba(features.as_ref().map_or(z, Mat::as_ref), par)
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
