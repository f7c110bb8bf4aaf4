//! Multilayer perceptrons trained by backpropagation.

mod net;
mod stopping;

use faer::{Mat, MatRef};
use hsic_kernels::Labels;
use hsic_kernels::random::stream;
use hsic_net::Error;
use rand::seq::SliceRandom;

pub use stopping::MlpStop;

use hsic_net::head::largest_columns;
use net::{Frozen, Trainee};
use stopping::Stopping;

/// Stream component of a fit's draws: stream 0 gives the initial weights, stream 1 the order of the rows.
const COMPONENT: u32 = 6;

/// Inputs beyond this many standard deviations count as this many, so that single precision cannot overflow.
const LARGEST_INPUT: f64 = 1e6;

/// What is minimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MlpLoss {
    /// Mean over the rows of −log softmax(f)_y.
    CrossEntropy,
    /// Mean over the rows and classes of (f − one-hot)².
    SquaredError,
}

/// Hyperparameters of a multilayer perceptron: ReLU, Adam (β = 0.9 and 0.999, ε = 1e-8, no weight decay), minibatches of
/// rows in a new order every epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MlpParams {
    /// What is minimised.
    pub loss: MlpLoss,
    /// Number of hidden layers.
    pub depth: usize,
    /// Units of each hidden layer.
    pub width: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Rows of a minibatch.
    pub batch_size: usize,
    /// At most this many steps of Adam, rounded up to whole epochs.
    pub max_updates: usize,
    /// Training ends when the loss of the training rows has not fallen by 1 % within this many steps of Adam, rounded up
    /// to whole epochs.
    pub patience: usize,
    /// Training has converged when the loss of the training rows is at most this, and all of them are classified
    /// correctly.
    pub tolerance: f64,
}

impl MlpParams {
    /// Hidden layers of 300 units, cross-entropy.
    pub fn cross_entropy(depth: usize) -> Self {
        Self {
            loss: MlpLoss::CrossEntropy,
            depth,
            width: 300,
            learning_rate: 1e-3,
            batch_size: 32,
            max_updates: 8_000,
            patience: 2_000,
            tolerance: 1e-4,
        }
    }

    /// Hidden layers of 300 units, mean squared error on one-hot targets.
    pub fn squared_error(depth: usize) -> Self {
        Self { loss: MlpLoss::SquaredError, ..Self::cross_entropy(depth) }
    }

    /// Refuses values that cannot be trained with.
    ///
    /// # Errors
    /// [`hsic_net::Error::Parameter`].
    pub fn check(&self) -> Result<(), Error> {
        let counts = [
            ("depth", self.depth),
            ("width", self.width),
            ("batch_size", self.batch_size),
            ("max_updates", self.max_updates),
            ("patience", self.patience),
        ];
        if let Some((name, _)) = counts.into_iter().find(|&(_, count)| count == 0) {
            return Err(Error::Parameter { name, bound: "at least 1", value: 0.0 });
        }
        for (name, value) in [("learning_rate", self.learning_rate), ("tolerance", self.tolerance)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::Parameter { name, bound: "positive and finite", value });
            }
        }
        Ok(())
    }
}

/// Rows in single precision, one after another.
#[derive(Debug, Clone)]
struct Rows {
    values: Vec<f32>,
    columns: usize,
}

impl Rows {
    fn of(x: MatRef<'_, f64>) -> Self {
        let bounded = |value: f64| value.clamp(-LARGEST_INPUT, LARGEST_INPUT) as f32;
        let values = (0..x.nrows()).flat_map(|i| (0..x.ncols()).map(move |k| bounded(x[(i, k)]))).collect();
        Self { values, columns: x.ncols() }
    }

    fn n(&self) -> usize {
        self.values.len() / self.columns
    }

    fn select(&self, rows: &[usize]) -> Self {
        let row = |&i: &usize| &self.values[i * self.columns..(i + 1) * self.columns];
        Self { values: rows.iter().flat_map(row).copied().collect(), columns: self.columns }
    }

    fn to_mat(&self) -> Mat<f64> {
        Mat::from_fn(self.n(), self.columns, |i, k| f64::from(self.values[i * self.columns + k]))
    }
}

/// A trained multilayer perceptron: the weights of the epoch with the lowest loss of the training rows.
#[derive(Debug, Clone)]
pub(crate) struct Mlp {
    net: Frozen,
    stop: MlpStop,
    #[cfg_attr(not(test), expect(dead_code, reason = "told by the observer; tests check it"))]
    epochs: usize,
}

impl Mlp {
    /// Trains on one thread; `observe` gets every epoch's number and the loss of all training rows after it.
    pub(crate) fn fit(
        params: &MlpParams,
        x: MatRef<'_, f64>,
        labels: &Labels,
        seed: u64,
        observe: &mut dyn FnMut(usize, f64),
    ) -> Result<Self, Error> {
        params.check()?;
        labels.check_rows("a multilayer perceptron", x.shape())?;
        hsic_kernels::tiles::check_finite(x, "the perceptron's inputs")?;
        let codes = labels.codes();
        let one_hot =
            Mat::from_fn(codes.len(), labels.n_classes(), |i, a| f64::from(u8::from(codes[i] == a)));
        let (x, targets) = (Rows::of(x), Rows::of(one_hot.as_ref()));
        let mut widths = vec![params.width; params.depth + 2];
        (widths[0], widths[params.depth + 1]) = (x.columns, labels.n_classes());
        let mut trainee =
            Trainee::new(&widths, params.loss, params.learning_rate, &mut stream(seed, COMPONENT, 0));
        let mut order_rng = stream(seed, COMPONENT, 1);
        let mut order: Vec<usize> = (0..codes.len()).collect();

        let mut net = trainee.freeze();
        let (mut lowest, _) = training_loss(params.loss, &net, &x, labels);
        let batches = codes.len().div_ceil(params.batch_size);
        let (patience, max_epochs) =
            (params.patience.div_ceil(batches), params.max_updates.div_ceil(batches));
        let mut stopping = Stopping::new(params.tolerance, patience, max_epochs, lowest);
        loop {
            order.shuffle(&mut order_rng);
            for batch in order.chunks(params.batch_size) {
                trainee.step(&x.select(batch), &targets.select(batch));
            }
            let current = trainee.freeze();
            let (loss, all_right) = training_loss(params.loss, &current, &x, labels);
            let stop = stopping.after_epoch(loss, all_right);
            observe(stopping.epoch(), loss);
            if loss < lowest || stop == Some(MlpStop::Converged) {
                (net, lowest) = (current, loss);
            }
            if let Some(stop) = stop {
                return Ok(Self { net, stop, epochs: stopping.epoch() });
            }
        }
    }

    /// Why training ended.
    pub(crate) fn stop(&self) -> MlpStop {
        self.stop
    }

    /// The output layer (logits, or regressed one-hot targets) of every row, n×c.
    pub(crate) fn scores(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        self.net.outputs(&Rows::of(x)).to_mat()
    }
}

/// The loss of all rows, and whether all are classified correctly.
fn training_loss(loss: MlpLoss, net: &Frozen, x: &Rows, labels: &Labels) -> (f64, bool) {
    let outputs = net.outputs(x).to_mat();
    let (n, c) = outputs.shape();
    let sum: f64 = labels
        .codes()
        .iter()
        .enumerate()
        .map(|(i, &class)| {
            let row = outputs.row(i);
            match loss {
                MlpLoss::CrossEntropy => {
                    let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    top - row[class] + row.iter().map(|score| (score - top).exp()).sum::<f64>().ln()
                }
                MlpLoss::SquaredError => {
                    let error = |(a, score): (usize, &f64)| (score - f64::from(u8::from(a == class))).powi(2);
                    row.iter().enumerate().map(error).sum::<f64>() / c as f64
                }
            }
        })
        .sum();
    let all_right = largest_columns(outputs.as_ref()) == labels.codes();
    (sum / n as f64, all_right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xor() -> (Mat<f64>, Labels) {
        let x = Mat::from_fn(60, 2, |i, k| {
            let side = if i >> k & 1 == 1 { 1.0 } else { -1.0 };
            side + 0.3 * ((i * (3 + 4 * k)) % 7) as f64 / 7.0
        });
        (x, Labels::new((0..60).map(|i| (i ^ (i >> 1)) & 1).collect()).unwrap())
    }

    fn rings() -> (Mat<f64>, Labels) {
        let x = Mat::from_fn(90, 2, |i, k| {
            let (radius, angle) = ((i % 3) as f64 + 0.5, i as f64 * 0.7);
            radius * if k == 0 { angle.cos() } else { angle.sin() }
        });
        (x, Labels::new((0..90).map(|i| i % 3).collect()).unwrap())
    }

    fn small(params: MlpParams) -> MlpParams {
        MlpParams { width: 32, ..params }
    }

    #[test]
    fn both_losses_learn_xor_and_rings() {
        for (x, labels) in [xor(), rings()] {
            for params in [MlpParams::cross_entropy(2), MlpParams::squared_error(2)] {
                let mut losses = Vec::new();
                let observe = &mut |_: usize, loss: f64| losses.push(loss);
                let mlp = Mlp::fit(&small(params), x.as_ref(), &labels, 1, observe).unwrap();
                assert_eq!(largest_columns(mlp.scores(x.as_ref()).as_ref()), labels.codes());
                assert_eq!(mlp.stop(), MlpStop::Converged, "{params:?}");
                assert_eq!(losses.len(), mlp.epochs);
                assert!(losses[losses.len() - 1] <= params.tolerance);
            }
        }
    }

    #[test]
    fn a_seed_gives_the_same_bits_in_every_thread_pool() {
        let (x, labels) = rings();
        let params = MlpParams { max_updates: 60, ..small(MlpParams::cross_entropy(3)) };
        let fit = |seed, threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mlp = pool.install(|| Mlp::fit(&params, x.as_ref(), &labels, seed, &mut |_, _| ()));
            mlp.unwrap().scores(x.as_ref())
        };
        assert_eq!(fit(5, 1), fit(5, 4));
        assert_ne!(fit(5, 1), fit(6, 1));
    }

    #[test]
    fn training_ends_for_the_reason_given() {
        let (x, labels) = xor();
        // the same point in both classes can never be learned
        let flat = Mat::<f64>::zeros(60, 2);
        let params = MlpParams { patience: 20, ..small(MlpParams::squared_error(1)) };
        let stop =
            |params: &MlpParams, x: &Mat<f64>| Mlp::fit(params, x.as_ref(), &labels, 0, &mut |_, _| ());
        assert_eq!(stop(&params, &flat).unwrap().stop(), MlpStop::Patience);
        let brief = MlpParams { max_updates: 3, ..params };
        let mlp = stop(&brief, &x).unwrap();
        // 60 rows are two batches: three updates are two epochs
        assert_eq!((mlp.stop(), mlp.epochs), (MlpStop::MaxEpochs, 2));
    }

    #[test]
    fn far_away_rows_have_finite_outputs() {
        let (x, labels) = xor();
        let params = MlpParams { max_updates: 20, ..small(MlpParams::cross_entropy(8)) };
        let mlp = Mlp::fit(&params, x.as_ref(), &labels, 0, &mut |_, _| ()).unwrap();
        let scores = mlp.scores(Mat::full(1, 2, 1e300).as_ref());
        assert!(scores.row(0).iter().all(|score| score.is_finite()));
    }

    #[test]
    fn parameters_outside_their_bounds_are_refused() {
        let params = MlpParams::cross_entropy(0);
        assert_eq!(params.check().unwrap_err().to_string(), "depth must be at least 1, got 0");
        let params = MlpParams { learning_rate: f64::NAN, ..MlpParams::cross_entropy(1) };
        let message = "learning_rate must be positive and finite, got NaN";
        assert_eq!(params.check().unwrap_err().to_string(), message);
    }
}
