//! A network as named tensors and plain numbers, and back: what a model file holds, whatever its container.
//!
//! The tensors of a layer are its own affair ([`FittedLayer::state`](hsic_layer::FittedLayer::state)); it is read back by a
//! [`LayerRegistry`], by the name of its solver. Those of the two solvers of this project are
//!
//! | tensor | shape | of |
//! |---|---|---|
//! | `layers.L.w` | p×q | a spectral layer, W |
//! | `layers.L.frequencies` | q×m/2 (closed form: p×m/2) | random features |
//! | `layers.L.anchors` | n×q (closed form: n×p) | exact features: training Z (closed form: inputs) in class order |
//! | `layers.L.basis` | n×rank | a spectral layer of exact features, U Λ^(−1/2) |
//! | `layers.L.weights` | n×c exact, m×c random | a closed-form layer, Y diag(ζ)^(−1/2) or W_s |
//! | `output.directions` | m×k | what the head sees of the last R; a spectral network. Without it and the next, Z |
//! | `output.anchors`, `output.weights` | n×q, n×k | in its place where the head sees the kernel: training Z, and the weights of k(Z, anchors) |
//! | `head.means`, `head.log_priors` | c×k, 1×c | the Gaussian head |
//! | `head.features`, `head.codes` | n×k, n | the k-NN head |
//! | `head.weights`, `head.intercepts` | k×c, 1×c | the logistic head |
//! | `head.centres`, `head.intercepts`, `head.coefficients.B` | m×k, 1×c, m×c | the ridge head, B its kernels |

mod description;

use faer::Mat;
use hsic_kernels::{Kernel, KernelKind, Labels};

pub use description::{HeadDescription, LayerDescription, NetworkDescription};
pub use hsic_layer::state::{
    LayerParts, LayerReader, LayerRegistry, LayerState, StateError, Tensor, Tensors,
};

use crate::head::{
    GaussianHead, Head, KnnHead, LeaveOneOut, LogisticHead, Output, Projection, RidgeHead, RidgeKernel,
};
use crate::{Error, Layer, Network, Result};
pub(crate) use description::bandwidth;
use description::duration;
use hsic_layer::state::{check_entries, take, take_any, take_codes};

/// All that a [`Network`] is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkState {
    /// The plain numbers and names.
    pub description: NetworkDescription,
    /// The tensors.
    pub tensors: Tensors,
}

impl Network {
    /// All that the network is made of.
    ///
    /// # Cost
    /// A copy of every tensor.
    pub fn state(&self) -> NetworkState {
        let mut tensors = Tensors::new();
        let layers = self
            .layers
            .iter()
            .zip(&self.summaries)
            .enumerate()
            .map(|(index, (layer, summary))| {
                let LayerState { solver, features, tensors: of_layer } = layer.state();
                let named = |(name, tensor)| (format!("layers.{index}.{name}"), tensor);
                tensors.extend(of_layer.into_iter().map(named));
                LayerDescription::of(summary, solver, features)
            })
            .collect();
        let head = self.output.put(&mut tensors);
        let description = NetworkDescription {
            layers,
            head,
            stop_reason: self.stop_reason.name().into(),
            seconds: self.elapsed.as_secs_f64(),
        };
        NetworkState { description, tensors }
    }

    /// The network of a state, for rows of `n_classes` classes. Nothing is believed: every shape is held against the
    /// others, every number against its bound.
    ///
    /// ```
    /// use faer::{Mat, Par};
    /// use hsic_kernels::{Kernel, KernelKind, Labels};
    /// use hsic_net::{Network, NetworkParams};
    /// let x = Mat::from_fn(40, 2, |i, k| ((i % 2 * 3 + k) as f64) + (i as f64 * 0.7 + k as f64).sin());
    /// let labels = Labels::new((0..40).map(|i| i % 2).collect())?;
    /// let network = Network::fit(&NetworkParams::spectral(), x.as_ref(), &labels, Par::Seq, &mut ())?.network;
    /// assert_eq!(Network::from_state(network.state(), 2)?, network);
    /// # Ok::<(), hsic_net::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::State`] with the first thing that does not fit.
    pub fn from_state(state: NetworkState, n_classes: usize) -> Result<Self> {
        Self::from_state_with(state, n_classes, &LayerRegistry::default())
    }

    /// As [`Network::from_state`], its layers read by `registry`: for solvers that are not of this project.
    ///
    /// # Errors
    /// As [`Network::from_state`].
    pub fn from_state_with(state: NetworkState, n_classes: usize, registry: &LayerRegistry) -> Result<Self> {
        let NetworkState { description, mut tensors } = state;
        let mut layers: Vec<Layer> = Vec::new();
        let mut summaries = Vec::new();
        let mut width = None;
        for (index, layer) in description.layers.iter().enumerate() {
            let sigma = bandwidth(format!("sigma of layer {}", index + 1), layer.sigma)?;
            let mut parts = LayerParts::new(index, &layer.features, sigma, width, &mut tensors);
            let fitted = registry.read(&layer.solver, &mut parts).map_err(of_layer)?;
            width = Some(fitted.activation_width());
            summaries.push(layer.summary(index, fitted.width())?);
            layers.push(fitted);
        }
        let Some(last) = layers.last() else { return Err(StateError::NoLayers.into()) };
        let output = Output::read(&description.head, last, n_classes, &mut tensors)?;
        if let Some(name) = tensors.into_keys().next() {
            return Err(StateError::Unexpected { name }.into());
        }
        Ok(Self {
            layers,
            summaries,
            output,
            stop_reason: description.stop_reason()?,
            elapsed: duration("seconds".into(), description.seconds)?,
        })
    }
}

/// A stored layer's problem as that of a stored network.
pub(crate) fn of_layer(error: hsic_layer::Error) -> Error {
    match error {
        hsic_layer::Error::State(problem) => Error::State(problem),
        other => Error::Layer(other),
    }
}

impl Output {
    /// Puts its tensors among others.
    pub(crate) fn put(&self, tensors: &mut Tensors) -> HeadDescription {
        let mut put = |name: &str, matrix: &Mat<f64>| {
            tensors.insert(format!("output.{name}"), Tensor::Matrix(matrix.clone()));
        };
        match self.projection() {
            Projection::Identity => {}
            Projection::Features(directions) => put("directions", directions),
            Projection::Kernel { anchors, weights } => {
                put("anchors", anchors);
                put("weights", weights);
            }
        }
        self.head().state(tensors)
    }

    /// Takes what [`put`](Self::put) put out again: the output on a layer.
    pub(crate) fn read(
        description: &HeadDescription,
        last: &Layer,
        n_classes: usize,
        tensors: &mut Tensors,
    ) -> Result<Self> {
        let (projection, features) = if tensors.contains_key("output.anchors") {
            let anchors = take(tensors, "output.anchors", (None, Some(last.width())))?;
            let weights = take(tensors, "output.weights", (Some(anchors.nrows()), None))?;
            let features = weights.ncols();
            (Projection::Kernel { anchors, weights }, features)
        } else if tensors.contains_key("output.directions") {
            let directions = take(tensors, "output.directions", (Some(last.activation_width()), None))?;
            let features = directions.ncols();
            (Projection::Features(directions), features)
        } else {
            (Projection::Identity, last.width())
        };
        let head = head_of(description, features, n_classes, tensors)?;
        Ok(Self::from_parts(projection, head))
    }
}

impl Head {
    fn state(&self, tensors: &mut Tensors) -> HeadDescription {
        let mut put = |name: &str, matrix: Mat<f64>| {
            tensors.insert(format!("head.{name}"), Tensor::Matrix(matrix));
        };
        let row = |values: &[f64]| Mat::from_fn(1, values.len(), |_, a| values[a]);
        match self {
            Self::Gaussian(head) => {
                put("means", head.means.clone());
                put("log_priors", row(&head.log_priors));
                HeadDescription::Gaussian { variance: head.variance }
            }
            Self::Knn(head) => {
                put("features", head.features.clone());
                tensors.insert("head.codes".into(), Tensor::Codes(head.labels.codes().to_vec()));
                HeadDescription::Knn { k: head.k }
            }
            Self::Logistic(head) => {
                put("weights", head.weights.clone());
                put("intercepts", row(&head.intercepts));
                HeadDescription::Logistic {}
            }
            Self::Ridge(head) => {
                put("centres", head.centres.clone());
                if let Some(metric) = &head.metric {
                    put("metric", metric.clone());
                }
                put("intercepts", row(&head.intercepts));
                for (b, kernel) in head.kernels.iter().enumerate() {
                    put(&format!("coefficients.{b}"), kernel.coefficients.clone());
                }
                HeadDescription::Ridge {
                    kernels: head.kernels.iter().map(|ridge| ridge.kernel.kind.name().into()).collect(),
                    sigmas: head.kernels.iter().map(|ridge| ridge.kernel.sigma.get()).collect(),
                    temperature: head.temperature,
                    leave_one_out_accuracy: head.leave_one_out.accuracy,
                    leave_one_out_log_loss: head.leave_one_out.log_loss,
                }
            }
        }
    }
}

fn head_of(
    description: &HeadDescription,
    width: usize,
    n_classes: usize,
    tensors: &mut Tensors,
) -> Result<Head> {
    let row = |matrix: &Mat<f64>| matrix.row(0).iter().copied().collect::<Vec<f64>>();
    let value = |name: &str, bound, value| StateError::Value { name: name.into(), bound, value };
    Ok(match description {
        HeadDescription::Gaussian { variance } => {
            let variance = *variance;
            if !(variance > 0.0 && variance.is_finite()) {
                return Err(value("the head's variance", "positive and finite", variance).into());
            }
            let means = take(tensors, "head.means", (Some(n_classes), Some(width)))?;
            let log_priors = take_any(tensors, "head.log_priors", (Some(1), Some(n_classes)))?;
            check_entries(&log_priors, "head.log_priors", "a logarithm of a probability", |log| log <= 0.0)?;
            let log_priors = row(&log_priors);
            if log_priors.iter().all(|log| log.is_infinite()) {
                return Err(value("the head's prior of every class", "above 0", 0.0).into());
            }
            Head::Gaussian(GaussianHead { means, variance, log_priors })
        }
        HeadDescription::Knn { k } => {
            let k = *k;
            let features = take(tensors, "head.features", (None, Some(width)))?;
            let codes = take_codes(tensors, "head.codes", features.nrows())?;
            if k == 0 || k > codes.len() {
                let bound = "at least 1 and at most the number of training rows";
                return Err(value("the head's k", bound, k as f64).into());
            }
            let labels = Labels::with_classes(codes, n_classes)?;
            Head::Knn(KnnHead { features, labels, k })
        }
        HeadDescription::Logistic {} => {
            let weights = take(tensors, "head.weights", (Some(width), Some(n_classes)))?;
            let intercepts = row(&take(tensors, "head.intercepts", (Some(1), Some(n_classes)))?);
            Head::Logistic(LogisticHead { weights, intercepts })
        }
        HeadDescription::Ridge {
            kernels: kinds,
            sigmas,
            temperature,
            leave_one_out_accuracy,
            leave_one_out_log_loss,
        } => {
            let (accuracy, log_loss) = (*leave_one_out_accuracy, *leave_one_out_log_loss);
            let bounded = [
                ("the head's temperature", "positive and finite", *temperature, f64::MIN_POSITIVE..=f64::MAX),
                ("the head's leave-one-out accuracy", "from 0 to 1", accuracy, 0.0..=1.0),
                ("the head's leave-one-out log-loss", "at least 0 and finite", log_loss, 0.0..=f64::MAX),
            ];
            for (name, bound, number, range) in bounded {
                if !range.contains(&number) {
                    return Err(value(name, bound, number).into());
                }
            }
            let square = (Some(width), Some(width));
            let metric = tensors.contains_key("head.metric").then(|| take(tensors, "head.metric", square));
            let metric = metric.transpose()?;
            let centres = take(tensors, "head.centres", (None, Some(width)))?;
            let intercepts = take_any(tensors, "head.intercepts", (Some(1), Some(n_classes)))?;
            check_entries(&intercepts, "head.intercepts", "a number or -inf", |value| value < f64::INFINITY)?;
            let intercepts = row(&intercepts);
            if intercepts.iter().all(|intercept| intercept.is_infinite()) {
                return Err(value("the head's intercept of every class", "finite", f64::NEG_INFINITY).into());
            }
            if kinds.len() != sigmas.len() {
                let (name, bound) = ("the number of the head's kernels", "that of their bandwidths");
                return Err(value(name, bound, kinds.len() as f64).into());
            }
            let kernel = |(b, (kind, &sigma)): (usize, (&String, &f64))| -> Result<RidgeKernel> {
                let name = || format!("kind of the head's kernel {}", b + 1);
                let kind = KernelKind::from_name(kind)
                    .ok_or_else(|| StateError::Name { name: name(), value: kind.clone() })?;
                let sigma = bandwidth(format!("sigma of the head's kernel {}", b + 1), sigma)?;
                let expected = (Some(centres.nrows()), Some(n_classes));
                let coefficients = take(tensors, &format!("head.coefficients.{b}"), expected)?;
                Ok(RidgeKernel { kernel: Kernel { kind, sigma }, coefficients })
            };
            let kernels = kinds.iter().zip(sigmas).enumerate().map(kernel).collect::<Result<_>>()?;
            let leave_one_out = LeaveOneOut { accuracy, log_loss };
            Head::Ridge(RidgeHead {
                metric,
                centres,
                kernels,
                intercepts,
                temperature: *temperature,
                leave_one_out,
            })
        }
    })
}
