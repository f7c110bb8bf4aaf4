//! The closed-form layer W_s: one column a class, its normalised kernel mean embedding.

mod rows;

use faer::{Mat, MatRef, Par};
use hsic_kernels::class_moments::{ClassMoments, ClassTotals};
use hsic_kernels::class_sums::{ClassSums, class_sums};
use hsic_kernels::features::{Frequencies, RandomFeatures};
use hsic_kernels::gaussian::cross_product;
use hsic_kernels::linalg::product;
use hsic_kernels::tiles::{PairFunction, Points};
use hsic_kernels::{Bandwidth, ClassSorted, Labels};

use crate::solver::{check_features, check_input, check_parts, check_width};
use crate::state::{EXACT, LayerParts, LayerState, RANDOM};
use crate::sums::{Psi, RowSum};
use crate::{
    Context, Error, Fit, FittedLayer, Layer, LayerSolver, OutputKind, Refit, Result, Solution, Trial,
    after_one_pass,
};

/// W_s (eq. 2): with K the Gaussian Gram matrix of the layer's input and Y the one-hot labels,
///
/// - ζ_a = Σ_{i,j in class a} K_ij, the squared norm of the class sum in feature space;
/// - Z = K Y diag(ζ)^(−1/2), for new rows Z(x) = k(x, ·) Y diag(ζ)^(−1/2).
///
/// The activation is implicit: the next layer's kernel acts on Z, so [`FittedLayer::activate`] returns Z.
///
/// # Cost
/// Exact: n²/2 kernel values, O(n·p) memory; a new row costs n kernel values. With random features
/// O(n·p·m), linear in n.
///
/// # Source
/// Wu, Masoomi, Gretton, Dy, Deep layer-wise networks have closed-form weights, eq. 2.
///
/// ```
/// use faer::mat;
/// use hsic_kernels::{Bandwidth, Labels};
/// use hsic_layer::{ClosedForm, Context, LayerSolver};
/// let x = mat![[0.0], [0.1], [5.0], [5.1]];
/// let labels = Labels::new(vec![0, 0, 1, 1])?;
/// let fit = ClosedForm::default().fit(x.as_ref(), &labels, Bandwidth::new(1.0)?, &Context::default())?;
/// assert!(fit.z[(0, 0)] > 0.9 && fit.z[(0, 1)] < 0.1);
/// # Ok::<(), hsic_layer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClosedForm {
    /// The kernel itself, or random features in its place.
    pub features: KernelFeatures,
    /// Whether Z of the training rows leaves out each row's own term K_ii (ζ keeps it), so that training rows look
    /// like new ones. Exact features only.
    pub self_excluded: bool,
}

/// How the feature map ψ is represented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KernelFeatures {
    /// Exactly.
    #[default]
    Exact,
    /// By m random Fourier features.
    Random {
        /// Number of features, even.
        m: usize,
        /// How the frequencies are drawn.
        frequencies: Frequencies,
    },
}

impl LayerSolver for ClosedForm {
    type Layer = ClosedFormLayer;

    fn name(&self) -> &'static str {
        ClosedFormLayer::SOLVER
    }

    fn fit(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<Fit<ClosedFormLayer>> {
        check_input(input, labels)?;
        let (embedding, z) = match self.features {
            KernelFeatures::Exact => self.fit_exact(input, labels, sigma, context.par)?,
            KernelFeatures::Random { m, frequencies } => {
                let map = RandomFeatures::draw(input.ncols(), m, sigma, frequencies, &mut context.rng())?;
                let psi = map.transform(input)?;
                let mut totals = ClassTotals::new(m, labels.n_classes());
                totals.update(psi.as_ref(), labels.codes());
                let weights = mean_embedding(&totals);
                let z = product(psi.as_ref(), weights.as_ref());
                (Embedding::Explicit { map, weights }, z)
            }
        };
        let layer = ClosedFormLayer { sigma, embedding };
        Ok(Fit { layer, z, solution: Solution::closed_form() })
    }

    /// Distances are shared.
    fn try_each(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigmas: &[Bandwidth],
        context: &Context,
    ) -> Result<Vec<Trial>> {
        let embeddings: Vec<Mat<f64>> = match self.features {
            KernelFeatures::Exact => {
                check_input(input, labels)?;
                let embedded = self.embed(input, labels, sigmas, context.par)?;
                embedded.into_iter().map(|(z, _)| z).collect()
            }
            KernelFeatures::Random { .. } => {
                let z = |&sigma: &Bandwidth| Ok(self.fit(input, labels, sigma, context)?.z);
                sigmas.iter().map(z).collect::<Result<_>>()?
            }
        };
        Ok(embeddings.into_iter().map(|z| Trial { activation: z.clone(), z }).collect())
    }

    fn check(&self) -> Result<()> {
        match self.features {
            KernelFeatures::Random { m, .. } => check_features(m),
            KernelFeatures::Exact => Ok(()),
        }
    }

    /// That of the last layer's metric: it is the argmax of this one's input.
    fn preferred_sigma(
        &self,
        of_metric: Option<Bandwidth>,
        argmax: &dyn Fn() -> Result<Bandwidth>,
    ) -> Result<Bandwidth> {
        of_metric.map_or_else(argmax, Ok)
    }

    /// The argmax: the kernel acts on Z in the next layer alone.
    fn metric_sigma(&self, sigma: Bandwidth, argmax: &dyn Fn() -> Result<Bandwidth>) -> Result<Bandwidth> {
        match argmax() {
            // Z can have collapsed to one point: then any bandwidth gives H* = 0
            Err(Error::Kernel(hsic_kernels::Error::AllRowsEqual)) => Ok(sigma),
            found => found,
        }
    }

    fn self_excluded(&self) -> Option<Self> {
        (self.features == KernelFeatures::Exact).then_some(Self { self_excluded: true, ..*self })
    }

    /// Z is made of class means already.
    fn output(&self, _: OutputKind) -> OutputKind {
        OutputKind::Projection
    }

    fn check_blocks(&self) -> Result<()> {
        match self.features {
            KernelFeatures::Random { .. } => Ok(()),
            KernelFeatures::Exact => Err(Error::ExactInBlocks),
        }
    }

    fn refit(&self, _: &ClassMoments, of_sample: &Layer, context: &Context) -> Result<Box<dyn Refit>> {
        let (sigma, map) =
            (of_sample.sigma(), self.map(of_sample.input_width(), of_sample.sigma(), context)?);
        let sum = RowSum::Totals(Psi::of_rows(map.clone()));
        Ok(after_one_pass(sum, move |sums| {
            Ok(ClosedFormLayer::of_totals(sigma, map, &sums.into_totals()?)?.into())
        }))
    }

    /// The features of the next layer, at the bandwidth its search starts from.
    fn metric_features(
        &self,
        layer: &Layer,
        metric_sigma: Bandwidth,
        next: &Context,
    ) -> Result<Option<RandomFeatures<f64>>> {
        self.map(layer.width(), metric_sigma, next).map(Some)
    }
}

impl ClosedForm {
    /// ψ of rows of this width.
    fn map(&self, width: usize, sigma: Bandwidth, context: &Context) -> Result<RandomFeatures<f64>> {
        let KernelFeatures::Random { m, frequencies } = self.features else {
            return Err(Error::ExactInBlocks);
        };
        Ok(RandomFeatures::draw(width, m, sigma, frequencies, &mut context.rng())?)
    }

    fn fit_exact(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        par: Par,
    ) -> Result<(Embedding, Mat<f64>)> {
        let (z, scale) = self.embed(input, labels, &[sigma], par)?.remove(0);
        let sorted = ClassSorted::new(input, labels)?;
        let codes = sorted.labels().codes();
        let weights =
            Mat::from_fn(codes.len(), labels.n_classes(), |i, a| if codes[i] == a { scale[a] } else { 0.0 });
        Ok((Embedding::Kernel { anchors: sorted.rows(input).to_owned(), weights }, z))
    }

    /// Z and ζ^(−1/2) at several bandwidths, from one distance tile each.
    fn embed(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigmas: &[Bandwidth],
        par: Par,
    ) -> Result<Vec<(Mat<f64>, Vec<f64>)>> {
        let sorted = ClassSorted::new(input, labels)?;
        let (rows, labels) = (sorted.rows(input), sorted.labels());
        let kernels: Vec<_> = sigmas.iter().map(|&sigma| PairFunction::Kernel(sigma)).collect();
        let own = |i: usize, a: usize| f64::from(u8::from(self.self_excluded && labels.codes()[i] == a));
        let embed = |sums: ClassSums| {
            let blocks = sums.blocks(labels);
            let scale: Vec<f64> = (0..labels.n_classes()).map(|a| inverse_root(blocks[(a, a)])).collect();
            let z = Mat::from_fn(labels.len(), labels.n_classes(), |i, a| {
                (sums.sums[(i, a)] - own(i, a)) * scale[a]
            });
            (sorted.restore(z), scale)
        };
        Ok(class_sums(&Points::new(rows)?, labels, &kernels, par)?.into_iter().map(embed).collect())
    }
}

/// The class sums of ψ, each divided by its norm: W_s, m×c.
fn mean_embedding(totals: &ClassTotals) -> Mat<f64> {
    let mut weights = totals.sums().to_owned();
    for column in weights.col_iter_mut() {
        let scale = inverse_root(column.squared_norm_l2());
        column.iter_mut().for_each(|value| *value *= scale);
    }
    weights
}

/// ζ^(−1/2), 0 for a class without rows.
fn inverse_root(zeta: f64) -> f64 {
    if zeta > 0.0 { 1.0 / zeta.sqrt() } else { 0.0 }
}

/// A fitted [`ClosedForm`] layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedFormLayer {
    sigma: Bandwidth,
    embedding: Embedding,
}

/// What a fitted [`ClosedForm`] layer holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Embedding {
    /// Of the exact kernel: Z(x) = k(x, anchors)·weights.
    Kernel {
        /// Training inputs in class order, n×p.
        anchors: Mat<f64>,
        /// Y diag(ζ)^(−1/2), n×c.
        weights: Mat<f64>,
    },
    /// Of random features: Z(x) = ψ(x)·weights.
    Explicit {
        /// ψ.
        map: RandomFeatures<f64>,
        /// W_s, m×c.
        weights: Mat<f64>,
    },
}

impl ClosedFormLayer {
    /// Name of the solver.
    pub const SOLVER: &'static str = "closed-form";

    /// A layer from what is stored of it.
    ///
    /// # Errors
    /// [`crate::Error::State`] for parts that do not fit.
    pub fn read(parts: &mut LayerParts<'_>) -> Result<Self> {
        let embedding = match parts.features() {
            EXACT => {
                let anchors = parts.matrix("anchors", (None, parts.input_width()))?;
                let weights = parts.matrix("weights", (Some(anchors.nrows()), None))?;
                Embedding::Kernel { anchors, weights }
            }
            RANDOM => {
                let frequencies = parts.matrix("frequencies", (parts.input_width(), None))?;
                let map = RandomFeatures::from_frequencies(frequencies)?;
                let weights = parts.matrix("weights", (Some(map.n_features()), None))?;
                Embedding::Explicit { map, weights }
            }
            _ => return Err(parts.unknown_kind(Self::SOLVER)),
        };
        Self::from_parts(parts.sigma(), embedding)
    }

    /// A layer from what another one held.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for parts whose shapes do not fit, that are empty, or that are not finite.
    pub fn from_parts(sigma: Bandwidth, embedding: Embedding) -> Result<Self> {
        let operation = "a closed-form layer";
        match &embedding {
            Embedding::Kernel { anchors, weights } => {
                let parts = (("the anchors", anchors.as_ref()), ("the weights", weights.as_ref()));
                check_parts(operation, parts.0, parts.1, |anchors, weights| anchors.0 == weights.0)?;
            }
            Embedding::Explicit { map, weights } => {
                let parts = (("the frequencies", map.frequencies()), ("the weights", weights.as_ref()));
                check_parts(operation, parts.0, parts.1, |map, weights| 2 * map.1 == weights.0)?;
            }
        }
        Ok(Self { sigma, embedding })
    }

    /// What the layer holds.
    pub fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// W_s where it is finite: the m×c weights of a layer of random features.
    pub fn explicit_weights(&self) -> Option<MatRef<'_, f64>> {
        match &self.embedding {
            Embedding::Kernel { .. } => None,
            Embedding::Explicit { weights, .. } => Some(weights.as_ref()),
        }
    }

    /// The feature map ψ of a layer of random features.
    pub fn random_features(&self) -> Option<&RandomFeatures<f64>> {
        match &self.embedding {
            Embedding::Kernel { .. } => None,
            Embedding::Explicit { map, .. } => Some(map),
        }
    }
}

impl FittedLayer for ClosedFormLayer {
    fn sigma(&self) -> Bandwidth {
        self.sigma
    }

    fn input_width(&self) -> usize {
        match &self.embedding {
            Embedding::Kernel { anchors, .. } => anchors.ncols(),
            Embedding::Explicit { map, .. } => map.input_width(),
        }
    }

    fn activation_width(&self) -> usize {
        self.width()
    }

    fn width(&self) -> usize {
        match &self.embedding {
            Embedding::Kernel { weights, .. } | Embedding::Explicit { weights, .. } => weights.ncols(),
        }
    }

    fn project(&self, input: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        check_width(input, self.input_width())?;
        match &self.embedding {
            Embedding::Kernel { anchors, weights } => {
                Ok(cross_product(input, &Points::new(anchors.as_ref())?, self.sigma, weights.as_ref(), par)?)
            }
            Embedding::Explicit { map, weights } => {
                Ok(product(map.transform(input)?.as_ref(), weights.as_ref()))
            }
        }
    }

    fn activate(&self, z: MatRef<'_, f64>, _: Par) -> Result<Mat<f64>> {
        check_width(z, self.width())?;
        Ok(z.to_owned())
    }

    fn state(&self) -> LayerState {
        let (features, tensors) = match &self.embedding {
            Embedding::Kernel { anchors, weights } => {
                (EXACT, vec![("anchors", anchors.clone()), ("weights", weights.clone())])
            }
            Embedding::Explicit { map, weights } => {
                (RANDOM, vec![("frequencies", map.frequencies().to_owned()), ("weights", weights.clone())])
            }
        };
        LayerState::new(Self::SOLVER, features, tensors)
    }
}
