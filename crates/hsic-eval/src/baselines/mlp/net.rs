//! The perceptron itself: the one place the framework is used.

use burn_autodiff::Autodiff;
use burn_core as burn;
use burn_core::module::{AutodiffModule, Module, Param};
use burn_core::tensor::activation::{log_softmax, relu};
use burn_core::tensor::backend::Backend;
use burn_core::tensor::{Tensor, TensorData};
use burn_ndarray::{NdArray, NdArrayDevice};
use burn_optim::adaptor::OptimizerAdaptor;
use burn_optim::{Adam, AdamConfig, GradientsParams, Optimizer};
use rand::RngExt;

use super::{MlpLoss, Rows};

type Plain = NdArray<f32>;
type Differentiable = Autodiff<Plain>;

const DEVICE: NdArrayDevice = NdArrayDevice::Cpu;
/// Adam's ε, as in its paper; the framework's own is 1e-5.
const EPSILON: f32 = 1e-8;

/// h ← relu(hW + b) a hidden layer, hW + b the last.
#[derive(Module, Debug)]
struct Layers<B: Backend> {
    weights: Vec<Param<Tensor<B, 2>>>,
    biases: Vec<Param<Tensor<B, 1>>>,
}

impl<B: Backend> Layers<B> {
    fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        let last = self.weights.len() - 1;
        self.weights.iter().zip(&self.biases).enumerate().fold(x, |h, (l, (weights, biases))| {
            let h = h.matmul(weights.val()) + biases.val().unsqueeze();
            if l < last { relu(h) } else { h }
        })
    }
}

fn tensor<B: Backend<Device = NdArrayDevice>>(rows: &Rows) -> Tensor<B, 2> {
    Tensor::from_data(TensorData::new(rows.values.clone(), [rows.n(), rows.columns]), &DEVICE)
}

/// Weights that no training touches any more.
#[derive(Debug, Clone)]
pub(super) struct Frozen(Layers<Plain>);

impl Frozen {
    /// The output of every row.
    pub(super) fn outputs(&self, x: &Rows) -> Rows {
        let output = self.0.forward(tensor(x));
        let columns = output.dims()[1];
        let values = output.into_data().into_vec().expect("the tensor was made of single precision numbers");
        Rows { values, columns }
    }
}

/// A perceptron in training.
pub(super) struct Trainee {
    layers: Layers<Differentiable>,
    adam: OptimizerAdaptor<Adam, Layers<Differentiable>, Differentiable>,
    loss: MlpLoss,
    learning_rate: f64,
}

impl Trainee {
    /// Layers of these widths (the inputs first, the classes last), drawn from `rng` in their order, row by row:
    /// uniform on ±√(6 / inputs of the layer) where a ReLU follows (He's), on ±√(1 / inputs) at the output, which then
    /// starts near 0 on the scale of the targets; biases 0.
    pub(super) fn new(
        widths: &[usize],
        loss: MlpLoss,
        learning_rate: f64,
        rng: &mut hsic_kernels::random::Rng,
    ) -> Self {
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for (l, pair) in widths.windows(2).enumerate() {
            let squared_bound = if l + 2 < widths.len() { 6.0 } else { 1.0 };
            let bound = (squared_bound / pair[0] as f32).sqrt();
            let drawn: Vec<f32> =
                (0..pair[0] * pair[1]).map(|_| bound * (2.0 * rng.random::<f32>() - 1.0)).collect();
            let drawn = TensorData::new(drawn, [pair[0], pair[1]]);
            weights.push(Param::from_tensor(Tensor::from_data(drawn, &DEVICE)));
            biases.push(Param::from_tensor(Tensor::zeros([pair[1]], &DEVICE)));
        }
        let adam = AdamConfig::new().with_epsilon(EPSILON).init();
        Self { layers: Layers { weights, biases }, adam, loss, learning_rate }
    }

    /// One step of Adam on a batch.
    pub(super) fn step(&mut self, x: &Rows, targets: &Rows) {
        let output = self.layers.forward(tensor(x));
        let targets = tensor(targets);
        let loss = match self.loss {
            MlpLoss::CrossEntropy => (log_softmax(output, 1) * targets).sum() / -(x.n() as f64),
            MlpLoss::SquaredError => (output - targets).powi_scalar(2).mean(),
        };
        let gradients = GradientsParams::from_grads(loss.backward(), &self.layers);
        self.layers = self.adam.step(self.learning_rate, self.layers.clone(), gradients);
    }

    /// The weights as they are.
    pub(super) fn freeze(&self) -> Frozen {
        Frozen(self.layers.valid())
    }
}
