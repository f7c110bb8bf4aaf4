mod bytes;
mod error;
mod fingerprint;
mod machine;
mod partial;

use std::fmt;

use faer::{Mat, Par};
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::columns::ColumnMoments;
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::linalg::product;
use hsic_kernels::rows::{Block, RowBlocks, RowNumbers, RowSample, reduce_rows};
use hsic_layer::Layer;
use hsic_layer::sums::RowSum;
use serde::{Deserialize, Serialize};

pub use error::PassError;
pub use machine::{FitMachine, HEAD_ROWS, Next};
pub use partial::{Evaluation, Partial};

use crate::head::{Output, largest_columns};
use crate::state::Tensors;
use crate::{Network, Result};
use partial::{Measured, Sums};

/// Which pass of which fit.
///
/// `fit` is a fingerprint of the settings and of all that was summed before, so that passes of two fits differ from the second on
/// even where their settings are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassId {
    /// The fit, and how far it is.
    pub fit: u64,
    /// Number of the pass in the fit, from 0.
    pub number: u64,
}

impl fmt::Display for PassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {:016x}", self.number, self.fit)
    }
}

/// One reading of all rows: what to sum, with the layers the rows go through before. Stateless.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    id: PassId,
    width: usize,
    n_classes: usize,
    layers: Vec<Layer>,
    task: Task,
}

/// What a pass sums.
#[derive(Debug, Clone, PartialEq)]
enum Task {
    /// Of every column, before rows are standardised.
    Columns,
    /// Of the rows themselves.
    Sample { rows: usize, seed: u64, moments: bool },
    /// What a solver asked for, of the input of the layer after `layers`.
    Layer(RowSum),
    /// Moments of the last of `layers`: of ψ of Z (of the activation where there is no map), and what else is wanted.
    Measure { map: Option<RandomFeatures<f64>>, z: bool, r: bool },
    /// A sample of Z of the last layer, or of its activation on some directions.
    Head { rows: usize, seed: u64, directions: Option<Mat<f64>> },
    /// What the network makes of the rows.
    Evaluation(Box<Output>),
}

impl Pass {
    /// Range, mean and deviation of every column of rows that are not standardised yet: what a scaler is made of.
    pub fn columns(width: usize, n_classes: usize) -> Self {
        let fit = fingerprint::of_tensors(width as u64, &Tensors::new());
        let id = PassId { fit, number: 0 };
        Self { id, width, n_classes, layers: Vec::new(), task: Task::Columns }
    }

    /// The evaluation of a network on rows of its classes.
    pub fn evaluation(network: &Network) -> Self {
        let layers = network.layers().to_vec();
        let fit = fingerprint::of_tensors(0, &network.state().tensors);
        Self {
            id: PassId { fit, number: 0 },
            width: network.input_width(),
            n_classes: network.output().head().n_classes(),
            layers,
            task: Task::Evaluation(Box::new(network.output().clone())),
        }
    }

    /// A sample of rows, [`RowSample`], of at most `rows` and a few more of rare classes.
    pub fn sample(width: usize, n_classes: usize, rows: usize, seed: u64) -> Self {
        let fit = fingerprint::of_tensors(seed ^ (rows as u64) << 32 ^ width as u64, &Tensors::new());
        let id = PassId { fit, number: 0 };
        Self { id, width, n_classes, layers: Vec::new(), task: Task::Sample { rows, seed, moments: false } }
    }

    /// Which one it is.
    pub fn id(&self) -> PassId {
        self.id
    }

    /// What it sums, in a word: see the table above.
    pub fn kind(&self) -> &'static str {
        match &self.task {
            Task::Columns => "columns",
            Task::Sample { .. } => "sample",
            Task::Layer(sum) => sum.kind(),
            Task::Measure { .. } => "measure",
            Task::Head { .. } => "head",
            Task::Evaluation(_) => "evaluation",
        }
    }

    /// Columns of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// The partial of no rows.
    pub fn empty(&self) -> Partial {
        let moments = |width| ClassMoments::new(width, self.n_classes);
        let last = self.layers.last();
        let sums = match &self.task {
            Task::Columns => Sums::Columns(vec![ColumnMoments::empty(); self.width]),
            Task::Sample { rows, seed, moments: wanted } => Sums::Sample {
                sample: RowSample::empty(*rows, *seed, self.width, self.n_classes),
                moments: wanted.then(|| moments(self.width)),
            },
            Task::Layer(sum) => Sums::Layer(sum.empty(self.n_classes)),
            Task::Measure { map, z, r } => {
                let activation = last.map_or(0, |last| last.activation_width());
                Sums::Measure(Box::new(Measured {
                    psi: moments(map.as_ref().map_or(activation, RandomFeatures::n_features)),
                    z: z.then(|| moments(last.map_or(0, |last| last.width()))),
                    r: r.then(|| moments(activation)),
                }))
            }
            Task::Head { rows, seed, directions } => {
                let z = last.map_or(self.width, |last| last.width());
                let width = directions.as_ref().map_or(z, Mat::ncols);
                Sums::Head(RowSample::empty(*rows, *seed, width, self.n_classes))
            }
            Task::Evaluation(_) => Sums::Evaluation(Evaluation::empty(self.n_classes)),
        };
        Partial { id: self.id, sums }
    }

    /// The partial of a block of rows. `numbers` are those of its rows among all; nothing but a sample depends on them.
    ///
    /// # Errors
    /// [`Error::Kernel`](crate::Error::Kernel) for a block of another width, class codes that are none and numbers that are not
    /// finite; [`Error::Layer`](crate::Error::Layer) where a layer cannot take the rows.
    ///
    /// # Cost
    /// O(p·q + q·m) a row for each layer before, and that of the sums: m² a row for moments, m·r + r² for Q, m·q for a gradient.
    ///
    /// # Panics
    /// If a list of numbers has fewer than the block has rows.
    pub fn run(&self, numbers: RowNumbers<'_>, block: Block) -> Result<Partial> {
        let first = if block.codes.is_empty() { 0 } else { numbers.at(0) };
        block.check(self.width, self.n_classes, first as usize)?;
        self.run_checked(numbers, block)
    }

    /// As [`run`](Self::run), of a block that was checked.
    fn run_checked(&self, numbers: RowNumbers<'_>, block: Block) -> Result<Partial> {
        let mut partial = self.empty();
        match (&self.task, &mut partial.sums) {
            (Task::Columns, Sums::Columns(columns)) => {
                *columns = block.rows.col_iter().map(ColumnMoments::of).collect();
            }
            (Task::Sample { .. }, Sums::Sample { sample, moments }) => {
                if let Some(moments) = moments {
                    moments.update(block.rows.as_ref(), &block.codes);
                }
                *sample = sample.of_rows(numbers, &block);
            }
            (Task::Layer(sum), Sums::Layer(sums)) => {
                let rows = activation(&self.layers, block.rows)?;
                *sums = sum.run(self.n_classes, Block { rows, codes: block.codes })?;
            }
            (Task::Measure { map, .. }, Sums::Measure(measured)) => {
                let Measured { psi, z: of_z, r: of_r } = measured.as_mut();
                let (z, last) = self.forward(block.rows)?;
                if let Some(of_z) = of_z {
                    of_z.update(z.as_ref(), &block.codes);
                }
                let r = if of_r.is_some() || map.is_none() {
                    Some(last.activate(z.as_ref(), Par::Seq)?)
                } else {
                    None
                };
                if let (Some(of_r), Some(r)) = (of_r, &r) {
                    of_r.update(r.as_ref(), &block.codes);
                }
                let features = match (map, r) {
                    (Some(map), _) => map.transform(z.as_ref())?,
                    (None, Some(r)) => r,
                    (None, None) => unreachable!("the activation is Ψ"),
                };
                psi.update(features.as_ref(), &block.codes);
            }
            (Task::Head { directions, .. }, Sums::Head(sample)) => {
                let (z, last) = self.forward(block.rows)?;
                let rows = match directions {
                    None => z,
                    Some(directions) => {
                        product(last.activate(z.as_ref(), Par::Seq)?.as_ref(), directions.as_ref())
                    }
                };
                *sample = sample.of_rows(numbers, &Block { rows, codes: block.codes });
            }
            (Task::Evaluation(output), Sums::Evaluation(evaluation)) => {
                let (z, last) = self.forward(block.rows)?;
                let log_proba = output.log_proba(last, z.as_ref(), Par::Seq)?;
                evaluation.add(&block.codes, &largest_columns(log_proba.as_ref()), &log_proba);
            }
            _ => unreachable!("the empty partial is of the same kind"),
        }
        Ok(partial)
    }

    /// Z of the last layer, and that layer.
    fn forward(&self, rows: Mat<f64>) -> Result<(Mat<f64>, &Layer)> {
        let (last, before) = self.layers.split_last().expect("a pass of a layer has one");
        let input = activation(before, rows)?;
        Ok((last.project(input.as_ref(), Par::Seq)?, last))
    }

    /// The partial of all rows of a source, merged in the order of its blocks: the same bits for any number of threads.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`Error::Kernel`](crate::Error::Kernel) for a source that cannot be read.
    ///
    /// # Cost
    /// That of all blocks; one block, its features and a partial a thread are held.
    pub fn over(&self, rows: &dyn RowBlocks, par: Par) -> Result<Partial> {
        let mut all = self.empty();
        let mut merged = Ok(());
        // the walk checks a block by what its source promises
        let as_promised = (rows.width(), rows.n_classes()) == (self.width, self.n_classes);
        let run = |number, block| {
            let number = RowNumbers::of_block(number);
            if as_promised { self.run_checked(number, block) } else { self.run(number, block) }
        };
        reduce_rows(rows, par, run, |part| {
            if merged.is_ok() {
                merged = all.merge(part);
            }
        })?;
        merged.map(|()| all)
    }

    /// Refuses a partial of another pass.
    ///
    /// # Errors
    /// [`PassError::OtherPass`], [`PassError::Shape`].
    fn check(&self, partial: &Partial) -> Result<()> {
        self.empty().check_alike(partial)
    }
}

/// The activation of the last layer for rows of X, or those.
fn activation(layers: &[Layer], mut rows: Mat<f64>) -> Result<Mat<f64>> {
    for layer in layers {
        let z = layer.project(rows.as_ref(), Par::Seq)?;
        rows = layer.activate(z.as_ref(), Par::Seq)?;
    }
    Ok(rows)
}
