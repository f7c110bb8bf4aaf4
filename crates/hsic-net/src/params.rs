//! Hyperparameters of a network, checked once before fitting.

use hsic_kernels::{Bandwidth, ClassWeight};
use hsic_layer::{ClosedForm, LayerSolver, OutputKind, Spectral};

use crate::head::HeadKind;
use crate::{Error, Result, SolverParams};

/// Hyperparameters of a network: one solver for every layer, how its bandwidths are chosen, and when to stop.
///
/// The solver is one of the two of this project, or with [`with_solver`](Self::with_solver) any [`LayerSolver`].
///
/// ```
/// use hsic_net::NetworkParams;
/// assert!(NetworkParams::spectral().check().is_ok());
/// let bad = NetworkParams { patience: 0, ..NetworkParams::closed_form() };
/// assert_eq!(bad.check().unwrap_err().to_string(), "patience must be at least 1, got 0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkParams<S = SolverParams> {
    /// The layers' solver. Its class weights are those of the network.
    pub solver: S,
    /// How a layer's bandwidth is chosen.
    pub selection: Selection,
    /// Factor f on the bandwidth that maximises Tr(ΓK).
    pub bandwidth_scale: f64,
    /// How classes count in the objective of the solver and of the bandwidth selection. H* is always the plain one.
    pub class_weight: ClassWeight,
    /// What the head sees of the last layer.
    pub output: OutputKind,
    /// From that to a class.
    pub head: HeadKind,
    /// At most this many layers. With 0 nothing is solved: the network is an [`Identity`](hsic_layer::Identity) layer, so that
    /// the head sees the input.
    pub max_layers: usize,
    /// Stop at this H*.
    pub target_hsic: f64,
    /// Stop at this mean silhouette of Z.
    pub target_silhouette: Option<f64>,
    /// A layer gains where it raises H* by more than this.
    pub min_gain: f64,
    /// Stop after this many layers without a gain; the layers up to the best H* are kept. At least 1; selections
    /// that try several candidates stop where none gains, whatever this says.
    pub patience: usize,
    /// Number of bandwidths tried a layer by the selections that try several.
    pub candidates: usize,
    /// Partial stacks that go on from layer to layer, by the selections that look ahead.
    pub beam_width: usize,
    /// Rows of the subsample a bandwidth is chosen on.
    pub subsample_rows: usize,
    /// Rows of the sample on which [`Network::fit_rows`](crate::Network::fit_rows) chooses bandwidths and starts the
    /// ascent. A fit in memory takes all rows.
    pub sample_rows: usize,
    /// Seed of the subsamples and of random features.
    pub seed: u64,
}

/// How a layer's bandwidth is chosen.
///
/// [`SmoothestGain`](Self::SmoothestGain), [`MaxHsic`](Self::MaxHsic) and [`LeaveOneOut`](Self::LeaveOneOut) try `candidates` bandwidths on a logarithmic grid whose top is min(f·argmax Tr(ΓK_σ), twice the RMS
/// distance) of the layer's own input.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Selection {
    /// f·argmax Tr(ΓK_σ) of the layer's input.
    MaxTrace,
    /// The same bandwidth in every layer.
    Fixed(Bandwidth),
    /// The largest candidate that gains, the smoothest useful kernel, down to the larger of a quarter of the smallest
    /// distance between rows of different classes and 1/50 of the top. The first layer is taken at f·argmax Tr(ΓK_σ).
    SmoothestGain,
    /// The candidate of the highest H*, in every layer, down to a quarter of the smallest positive distance: fits any
    /// labelling, and memorises.
    MaxHsic,
    /// The candidate of the highest H* on rows whose own term K_ii is left out; first layer and floor as the smoothest
    /// gain's. Closed form with exact features only.
    LeaveOneOut,
    /// Looks ahead: the `beam_width` best partial stacks go on, each with `candidates` bandwidths from 8 RMS distances of its
    /// input down to where the kernel is the identity, best by the H* of Z at its best bandwidth. A stack may fall before it
    /// rises. The layers up to the first at which the best stack reaches the target are built.
    Beam,
    /// The stack for which H* → 1 is proven (docs/mathematics.md): the first layer at a bandwidth that makes K the identity on
    /// different rows, so that every class is a point where its rows are equally often there; then, as [`Beam`](Self::Beam), the
    /// bandwidths that bring classes apart, by the largest distance within over the smallest between them, until the rule
    /// with a proof takes over. Closed form with exact features only.
    Construction,
}

impl NetworkParams {
    /// The spectral network of the published experiments.
    pub fn spectral() -> Self {
        Self {
            solver: SolverParams::Spectral(Spectral::default()),
            selection: Selection::MaxTrace,
            bandwidth_scale: 1.0,
            class_weight: ClassWeight::Plain,
            output: OutputKind::Features,
            head: HeadKind::Bayes,
            max_layers: 30,
            target_hsic: 0.99,
            target_silhouette: Some(0.95),
            min_gain: 1e-3,
            patience: 2,
            candidates: 20,
            beam_width: 6,
            subsample_rows: 512,
            sample_rows: 2048,
            seed: 0,
        }
    }

    /// The closed-form network with the smoothest-gain schedule.
    pub fn closed_form() -> Self {
        Self {
            solver: SolverParams::ClosedForm(ClosedForm::default()),
            selection: Selection::SmoothestGain,
            head: HeadKind::NearestMean,
            target_silhouette: None,
            ..Self::spectral()
        }
    }
}

impl<S: LayerSolver> NetworkParams<S> {
    /// The same hyperparameters for layers of another solver.
    pub fn with_solver<T: LayerSolver>(self, solver: T) -> NetworkParams<T> {
        NetworkParams {
            solver,
            selection: self.selection,
            bandwidth_scale: self.bandwidth_scale,
            class_weight: self.class_weight,
            output: self.output,
            head: self.head,
            max_layers: self.max_layers,
            target_hsic: self.target_hsic,
            target_silhouette: self.target_silhouette,
            min_gain: self.min_gain,
            patience: self.patience,
            candidates: self.candidates,
            beam_width: self.beam_width,
            subsample_rows: self.subsample_rows,
            sample_rows: self.sample_rows,
            seed: self.seed,
        }
    }

    /// Checks every bound, the solver's too.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the first parameter outside its bound, [`Error::Combination`], [`Error::Layer`] for one of the
    /// solver's.
    pub fn check(&self) -> Result<()> {
        let require = |holds: bool, name, bound, value: f64| {
            if holds { Ok(()) } else { Err(Error::Parameter { name, bound, value }) }
        };
        let f = self.bandwidth_scale;
        require(f > 0.0 && f.is_finite(), "bandwidth_scale", "positive and finite", f)?;
        let target = self.target_hsic;
        require(target > 0.0 && target <= 1.0, "target_hsic", "above 0 and at most 1", target)?;
        if let Some(target) = self.target_silhouette {
            require(target > -1.0 && target <= 1.0, "target_silhouette", "above -1 and at most 1", target)?;
        }
        require((0.0..1.0).contains(&self.min_gain), "min_gain", "at least 0 and below 1", self.min_gain)?;
        require(self.patience > 0, "patience", "at least 1", 0.0)?;
        require(self.candidates > 1, "candidates", "at least 2", self.candidates as f64)?;
        require(self.beam_width > 0, "beam_width", "at least 1", 0.0)?;
        require(self.subsample_rows > 1, "subsample_rows", "at least 2", self.subsample_rows as f64)?;
        require(self.sample_rows > 1, "sample_rows", "at least 2", self.sample_rows as f64)?;
        match self.head {
            HeadKind::Knn { k } => require(k > 0, "head.knn", "at least 1", 0.0)?,
            HeadKind::Ridge(ridge) => require(ridge.centres > 0, "head.ridge", "at least 1", 0.0)?,
            _ => {}
        }
        if self.selection == Selection::LeaveOneOut && self.solver.self_excluded().is_none() {
            return Err(Error::Combination(
                "leave-one-out selection needs the closed form with exact features: only there is a row's own term \
                 known",
            ));
        }
        if self.selection == Selection::Construction && self.solver.self_excluded().is_none() {
            return Err(Error::Combination(
                "construction needs the closed form with exact features: only there is the kernel the identity on different rows",
            ));
        }
        Ok(self.solver.check()?)
    }
}
