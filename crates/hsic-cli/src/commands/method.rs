//! From the keys of an experiment file to what is fitted.

use hsic_eval::Method::Selected;
use hsic_eval::SelectionGrid;
use hsic_eval::baselines::Baseline;
#[cfg(feature = "baselines")]
use hsic_eval::baselines::MlpParams;
use hsic_kernels::features::Frequencies;
use hsic_kernels::{Bandwidth, ClassWeight};
use hsic_layer::{Activation, ClosedForm, KernelFeatures, Spectral, WidthRule};
use hsic_net::{HeadKind, NetworkParams, OutputKind, Selection, SolverParams};

use crate::config::cv::{ClosedFormCv, SpectralCv};
use crate::config::schema::{
    self, ClosedFormConfig, ClosedFormSelection, Config, Features, Head, Method, Output, SpectralConfig,
    SpectralSelection, Width,
};
use crate::error::CliError;

/// Neighbours of the `knn` head.
const NEIGHBOURS: usize = 5;

/// What is fitted on each fold.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// The same everywhere.
    Fixed(hsic_eval::Method),
    /// A perceptron with as many hidden layers as this network has on the fold.
    #[cfg(feature = "baselines")]
    DepthOf {
        /// The network.
        network: NetworkParams,
        /// The perceptron, its depth not yet known.
        perceptron: MlpParams,
    },
}

/// What a method fits by this configuration.
///
/// # Errors
/// [`CliError::Usage`] for a combination of values that has no meaning, and for a perceptron in a program that was built
/// without them.
pub fn plan(config: &Config, method: Method) -> Result<Plan, CliError> {
    let plan = match method {
        Method::Spectral => {
            let base = spectral(&config.spectral)?;
            Plan::Fixed(match config.spectral.selection {
                SpectralSelection::Cv => Selected { base, grid: spectral_grid(&config.spectral.cv) },
                SpectralSelection::MaxTrace => network(base, config.spectral.in_blocks),
            })
        }
        Method::ClosedForm => {
            let base = closed_form(&config.closed_form)?;
            Plan::Fixed(match config.closed_form.selection {
                ClosedFormSelection::Cv => Selected { base, grid: closed_form_grid(&config.closed_form.cv) },
                _ => network(base, config.closed_form.in_blocks),
            })
        }
        Method::MlpCe | Method::MlpMse => perceptron(config, method)?,
        Method::Knn => Plan::Fixed(Baseline::Knn { k: config.knn.k }.into()),
        Method::KernelRidge => Plan::Fixed(Baseline::KernelRidge.into()),
    };
    let check = match &plan {
        Plan::Fixed(method) => method.check(),
        #[cfg(feature = "baselines")]
        Plan::DepthOf { network, perceptron } => hsic_eval::Method::from(*network)
            .check()
            .and_then(|()| hsic_eval::Method::from(Baseline::Mlp(*perceptron)).check()),
    };
    check.map_err(|error| CliError::usage(&error))?;
    Ok(plan)
}

fn network(params: NetworkParams, in_blocks: bool) -> hsic_eval::Method {
    if in_blocks { hsic_eval::Method::NetworkInBlocks(params) } else { hsic_eval::Method::Network(params) }
}

#[cfg(feature = "baselines")]
fn perceptron(config: &Config, method: Method) -> Result<Plan, CliError> {
    let mlp = &config.mlp;
    let of_depth = match method {
        Method::MlpMse => MlpParams::squared_error,
        _ => MlpParams::cross_entropy,
    };
    let perceptron = MlpParams {
        width: mlp.width.unwrap_or(config.spectral.n_features),
        learning_rate: mlp.learning_rate,
        batch_size: mlp.batch_size,
        max_updates: mlp.max_updates,
        patience: mlp.patience,
        tolerance: mlp.tolerance,
        ..of_depth(mlp.depth.unwrap_or(1))
    };
    Ok(match mlp.depth {
        Some(_) => Plan::Fixed(Baseline::Mlp(perceptron).into()),
        None => Plan::DepthOf { network: spectral(&config.spectral)?, perceptron },
    })
}

#[cfg(not(feature = "baselines"))]
fn perceptron(_: &Config, method: Method) -> Result<Plan, CliError> {
    Err(CliError::Usage(format!(
        "{method} trains a perceptron by backpropagation, and this program was built without: build it with \
         `--features baselines` (Rust 1.92 or newer), or leave {method} out of the methods"
    )))
}

fn spectral(config: &SpectralConfig) -> Result<NetworkParams, CliError> {
    let solver = Spectral {
        width: width(config.width),
        tolerance: config.tolerance,
        max_iterations: config.max_iterations,
        activation: match frequencies(config.features) {
            Some(frequencies) => Activation::Random { m: config.n_features, frequencies },
            None => Activation::EXACT,
        },
        ..Spectral::default()
    };
    let selection = match config.selection {
        SpectralSelection::MaxTrace | SpectralSelection::Cv => Selection::MaxTrace,
    };
    Ok(NetworkParams {
        solver: SolverParams::Spectral(solver),
        selection: fixed(config.sigma)?.unwrap_or(selection),
        bandwidth_scale: config.bandwidth_scale,
        class_weight: class_weight(config.class_weight),
        output: output(config.output),
        head: head(config.head),
        max_layers: config.max_layers,
        target_hsic: config.target_hsic,
        target_silhouette: Some(config.target_silhouette),
        min_gain: config.min_gain,
        patience: config.patience,
        ..NetworkParams::spectral()
    })
}

fn closed_form(config: &ClosedFormConfig) -> Result<NetworkParams, CliError> {
    let solver = ClosedForm {
        features: match frequencies(config.features) {
            Some(frequencies) => KernelFeatures::Random { m: config.n_features, frequencies },
            None => KernelFeatures::Exact,
        },
        self_excluded: config.self_excluded,
    };
    let selection = match config.selection {
        ClosedFormSelection::SmoothestGain | ClosedFormSelection::Cv => Selection::SmoothestGain,
        ClosedFormSelection::MaxHsic => Selection::MaxHsic,
        ClosedFormSelection::LeaveOneOut => Selection::LeaveOneOut,
    };
    Ok(NetworkParams {
        solver: SolverParams::ClosedForm(solver),
        selection: fixed(config.sigma)?.unwrap_or(selection),
        bandwidth_scale: config.bandwidth_scale,
        class_weight: class_weight(config.class_weight),
        head: head(config.head),
        max_layers: config.max_layers,
        target_hsic: config.target_hsic,
        min_gain: config.min_gain,
        candidates: config.candidates,
        ..NetworkParams::closed_form()
    })
}

fn fixed(sigma: Option<f64>) -> Result<Option<Selection>, CliError> {
    sigma
        .map(|sigma| Bandwidth::new(sigma).map(Selection::Fixed))
        .transpose()
        .map_err(|error| CliError::usage(&error))
}

fn frequencies(features: Features) -> Option<Frequencies> {
    match features {
        Features::Random => Some(Frequencies::Independent),
        Features::Orthogonal => Some(Frequencies::Orthogonal),
        Features::Exact => None,
    }
}

fn class_weight(weight: schema::ClassWeight) -> ClassWeight {
    match weight {
        schema::ClassWeight::Plain => ClassWeight::Plain,
        schema::ClassWeight::Balanced => ClassWeight::Balanced,
    }
}

fn width(width: Width) -> WidthRule {
    match width {
        Width::Share(share) => WidthRule::SingularShare(share),
        Width::Columns(columns) => WidthRule::Fixed(usize::try_from(columns).unwrap_or(usize::MAX)),
        Width::PositiveEigenvalues => WidthRule::PositiveEigenvalues,
    }
}

fn output(output: Output) -> OutputKind {
    match output {
        Output::Features => OutputKind::Features,
        Output::Kernel => OutputKind::Kernel,
        Output::Projection => OutputKind::Projection,
    }
}

fn head(head: Head) -> HeadKind {
    match head {
        Head::Bayes => HeadKind::Bayes,
        Head::NearestMean => HeadKind::NearestMean,
        Head::Knn => HeadKind::Knn { k: NEIGHBOURS },
        Head::NearestNeighbour => HeadKind::Knn { k: 1 },
        Head::Logistic => HeadKind::Logistic,
    }
}

/// What `[spectral.cv]` chooses from.
fn spectral_grid(cv: &SpectralCv) -> SelectionGrid {
    SelectionGrid {
        inner_folds: cv.inner_folds,
        bandwidth_scales: cv.bandwidth_scales.clone(),
        widths: cv.widths.iter().copied().map(width).collect(),
        class_weights: cv.class_weights.iter().copied().map(class_weight).collect(),
        self_excluded: Vec::new(),
        max_layers: cv.max_layers.clone(),
        outputs: cv.outputs.iter().copied().map(output).collect(),
        heads: cv.heads.iter().copied().map(head).collect(),
    }
}

/// What `[closed-form.cv]` chooses from.
fn closed_form_grid(cv: &ClosedFormCv) -> SelectionGrid {
    SelectionGrid {
        inner_folds: cv.inner_folds,
        bandwidth_scales: cv.bandwidth_scales.clone(),
        widths: Vec::new(),
        class_weights: cv.class_weights.iter().copied().map(class_weight).collect(),
        self_excluded: cv.self_excluded.clone(),
        max_layers: cv.max_layers.clone(),
        outputs: Vec::new(),
        heads: cv.heads.iter().copied().map(head).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_file_are_those_of_the_library() -> Result<(), CliError> {
        let config = Config::default();
        let planned = |method| plan(&config, method);
        assert_eq!(planned(Method::Spectral)?, Plan::Fixed(NetworkParams::spectral().into()));
        assert_eq!(planned(Method::ClosedForm)?, Plan::Fixed(NetworkParams::closed_form().into()));
        assert_eq!(planned(Method::Knn)?, Plan::Fixed(Baseline::knn().into()));
        assert_eq!(planned(Method::KernelRidge)?, Plan::Fixed(Baseline::KernelRidge.into()));
        Ok(())
    }

    #[test]
    fn cv_chooses_from_the_grid() -> Result<(), CliError> {
        let mut config = Config::default();
        config.spectral.selection = SpectralSelection::Cv;
        config.closed_form.selection = ClosedFormSelection::Cv;
        let grid = SelectionGrid::spectral();
        assert_eq!(
            plan(&config, Method::Spectral)?,
            Plan::Fixed(Selected { base: NetworkParams::spectral(), grid })
        );
        let grid = SelectionGrid::closed_form();
        assert_eq!(
            plan(&config, Method::ClosedForm)?,
            Plan::Fixed(Selected { base: NetworkParams::closed_form(), grid })
        );
        Ok(())
    }

    #[cfg(feature = "baselines")]
    #[test]
    fn a_perceptron_is_as_deep_and_wide_as_the_spectral_network_or_as_told() -> Result<(), CliError> {
        let config = Config::default();
        let network = NetworkParams::spectral();
        let perceptron = MlpParams::cross_entropy(1);
        assert_eq!(plan(&config, Method::MlpCe)?, Plan::DepthOf { network, perceptron });
        let mlp = schema::MlpConfig { depth: Some(3), width: Some(20), ..schema::MlpConfig::default() };
        let perceptron = MlpParams { width: 20, ..MlpParams::squared_error(3) };
        assert_eq!(
            plan(&Config { mlp, ..config }, Method::MlpMse)?,
            Plan::Fixed(Baseline::Mlp(perceptron).into())
        );
        Ok(())
    }

    #[cfg(not(feature = "baselines"))]
    #[test]
    fn a_perceptron_without_backpropagation_is_refused_with_the_remedy() {
        let expected = "mlp-ce trains a perceptron by backpropagation, and this program was built without: build it \
                        with `--features baselines` (Rust 1.92 or newer), or leave mlp-ce out of the methods";
        assert_eq!(plan(&Config::default(), Method::MlpCe), Err(CliError::Usage(expected.into())));
    }

    #[test]
    fn a_combination_without_meaning_is_refused() {
        let closed_form = ClosedFormConfig {
            selection: ClosedFormSelection::LeaveOneOut,
            features: Features::Random,
            ..ClosedFormConfig::default()
        };
        let config = Config { closed_form, ..Config::default() };
        let expected = "leave-one-out selection needs the closed form with exact features: only there is a row's \
                        own term known";
        assert_eq!(plan(&config, Method::ClosedForm), Err(CliError::Usage(expected.into())));
    }
}
