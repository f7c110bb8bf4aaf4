//! What an inner cross-validation chooses from.

use hsic_kernels::ClassWeight;
use hsic_layer::{ClosedForm, Spectral, WidthRule};
use hsic_net::{HeadKind, NetworkParams, OutputKind, SolverParams};

use crate::{Error, Result};

/// The values to choose from: every combination is a candidate. An empty list stands for the value of the base network.
///
/// Values are listed from the simplest to the least simple one: of candidates that score alike the first is taken.
/// A stack of layers is fitted once for each combination of the first four lists and scores every depth, output and head.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectionGrid {
    /// Folds of the inner cross-validation, at least 2.
    pub inner_folds: usize,
    /// Factors on the bandwidth, [`NetworkParams::bandwidth_scale`].
    pub bandwidth_scales: Vec<f64>,
    /// Widths of a spectral layer; of no effect on the closed form.
    pub widths: Vec<WidthRule>,
    /// How classes count in the objective.
    pub class_weights: Vec<ClassWeight>,
    /// Whether a closed-form layer leaves out each training row's own term; of no effect on the spectral network.
    pub self_excluded: Vec<bool>,
    /// Most layers: where to stop.
    pub max_layers: Vec<usize>,
    /// What the head sees of the last layer of a spectral network; of no effect on the closed form.
    pub outputs: Vec<OutputKind>,
    /// From that to a class.
    pub heads: Vec<HeadKind>,
}

impl SelectionGrid {
    /// The general setting of the spectral network: the bandwidth's factor, the width, the depth and the head are chosen,
    /// classes are balanced, and the head sees the kernel itself.
    pub fn spectral() -> Self {
        Self {
            inner_folds: 5,
            bandwidth_scales: vec![1.0, 0.8, 0.63, 0.5, 0.4, 0.32],
            widths: vec![WidthRule::SingularShare(0.5), WidthRule::SingularShare(0.8)],
            class_weights: vec![ClassWeight::Balanced],
            self_excluded: Vec::new(),
            max_layers: vec![1, 2, 3],
            outputs: vec![OutputKind::Kernel],
            heads: vec![HeadKind::Bayes, HeadKind::Knn { k: 5 }, HeadKind::Knn { k: 1 }],
        }
    }

    /// The general setting of the closed form: the bandwidth's factor, the depth and the head are chosen, classes are
    /// balanced, and each training row's own term is left out.
    pub fn closed_form() -> Self {
        Self {
            bandwidth_scales: vec![1.0, 0.7, 0.5, 0.35, 0.25],
            self_excluded: vec![true],
            widths: Vec::new(),
            outputs: Vec::new(),
            ..Self::spectral()
        }
    }

    /// Checks the grid, and every candidate it makes of `base`.
    ///
    /// # Errors
    /// [`Error::Network`] with the first value outside its bound, [`Error::Grid`] for a list that names a value twice or
    /// has no meaning for the solver.
    pub fn check(&self, base: &NetworkParams) -> Result<()> {
        if self.inner_folds < 2 {
            let value = self.inner_folds as f64;
            return Err(hsic_net::Error::Parameter { name: "inner_folds", bound: "at least 2", value }.into());
        }
        distinct("bandwidth_scales", &self.bandwidth_scales)?;
        distinct("widths", &self.widths)?;
        distinct("class_weights", &self.class_weights)?;
        distinct("self_excluded", &self.self_excluded)?;
        distinct("max_layers", &self.max_layers)?;
        distinct("outputs", &self.outputs)?;
        distinct("heads", &self.heads)?;
        match base.solver {
            SolverParams::Spectral(_) if !self.self_excluded.is_empty() => {
                return Err(Error::Grid(
                    "self_excluded is of the closed form: the spectral network has none",
                ));
            }
            SolverParams::ClosedForm(_) if !self.outputs.is_empty() => {
                return Err(Error::Grid(
                    "outputs is of the spectral network: the closed form's head sees its last layer",
                ));
            }
            SolverParams::ClosedForm(_) if !self.widths.is_empty() => {
                return Err(Error::Grid(
                    "widths is of the spectral network: a closed form has one column a class",
                ));
            }
            _ => {}
        }
        for stack in self.stacks(base) {
            for max_layers in self.depths(base) {
                for (output, head) in self.heads(base) {
                    NetworkParams { max_layers, output, head, ..stack }.check()?;
                }
            }
        }
        Ok(())
    }

    /// The networks to fit, each as deep as the deepest candidate.
    pub(crate) fn stacks(&self, base: &NetworkParams) -> Vec<NetworkParams> {
        let (width, self_excluded) = match base.solver {
            SolverParams::Spectral(solver) => (solver.width, false),
            SolverParams::ClosedForm(solver) => (WidthRule::default(), solver.self_excluded),
        };
        let mut stacks = Vec::new();
        for bandwidth_scale in or_base(&self.bandwidth_scales, base.bandwidth_scale) {
            for width in or_base(&self.widths, width) {
                for class_weight in or_base(&self.class_weights, base.class_weight) {
                    for self_excluded in or_base(&self.self_excluded, self_excluded) {
                        let solver = match base.solver {
                            SolverParams::Spectral(solver) => {
                                SolverParams::Spectral(Spectral { width, ..solver })
                            }
                            SolverParams::ClosedForm(solver) => {
                                SolverParams::ClosedForm(ClosedForm { self_excluded, ..solver })
                            }
                        };
                        let max_layers = self.depths(base).into_iter().max().unwrap_or(base.max_layers);
                        stacks.push(NetworkParams {
                            solver,
                            bandwidth_scale,
                            class_weight,
                            max_layers,
                            // stands in for any: heads are fitted on the layers afterwards
                            head: HeadKind::NearestMean,
                            ..*base
                        });
                    }
                }
            }
        }
        stacks
    }

    /// The depths to score.
    pub(crate) fn depths(&self, base: &NetworkParams) -> Vec<usize> {
        or_base(&self.max_layers, base.max_layers)
    }

    /// The heads to score, each with what it sees.
    pub(crate) fn heads(&self, base: &NetworkParams) -> Vec<(OutputKind, HeadKind)> {
        let heads = or_base(&self.heads, base.head);
        let outputs = or_base(&self.outputs, base.output);
        outputs.into_iter().flat_map(|output| heads.iter().map(move |&head| (output, head))).collect()
    }
}

fn or_base<T: Copy>(values: &[T], base: T) -> Vec<T> {
    if values.is_empty() { vec![base] } else { values.to_vec() }
}

fn distinct<T: PartialEq>(name: &'static str, values: &[T]) -> Result<()> {
    match values.iter().enumerate().find(|(i, value)| values[..*i].contains(value)) {
        Some(_) => Err(Error::RepeatedCandidate { name }),
        None => Ok(()),
    }
}
