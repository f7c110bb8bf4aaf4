//! From the keys of an experiment file to the parameters of a network.

use hsic_kernels::features::Frequencies;
use hsic_kernels::{Bandwidth, ClassWeight};
use hsic_layer::{Activation, ClosedForm, KernelFeatures, Spectral, WidthRule};
use hsic_net::{HeadKind, NetworkParams, Selection, SolverParams};

use crate::config::schema::{
    self, ClosedFormConfig, ClosedFormSelection, Config, Features, Head, Method, SpectralConfig,
    SpectralSelection, Width,
};
use crate::error::CliError;

/// Neighbours of the `knn` head.
const NEIGHBOURS: usize = 5;

/// The parameters of a method's network.
///
/// # Errors
/// [`CliError::Usage`] for a combination of values that has no meaning.
pub fn params(config: &Config, method: Method) -> Result<NetworkParams, CliError> {
    let params = match method {
        Method::Spectral => spectral(&config.spectral)?,
        Method::ClosedForm => closed_form(&config.closed_form)?,
    };
    let params = NetworkParams { seed: config.solver_seed.unwrap_or(config.seed), ..params };
    params.check().map_err(|error| CliError::usage(&error))?;
    Ok(params)
}

fn spectral(config: &SpectralConfig) -> Result<NetworkParams, CliError> {
    let solver = Spectral {
        width: match config.width {
            Width::Share(share) => WidthRule::SingularShare(share),
            Width::Columns(columns) => WidthRule::Fixed(usize::try_from(columns).unwrap_or(usize::MAX)),
            Width::PositiveEigenvalues => WidthRule::PositiveEigenvalues,
        },
        tolerance: config.tolerance,
        max_iterations: config.max_iterations,
        activation: match frequencies(config.features) {
            Some(frequencies) => Activation::Random { m: config.n_features, frequencies },
            None => Activation::EXACT,
        },
        ..Spectral::default()
    };
    let selection = match config.selection {
        SpectralSelection::MaxTrace => Selection::MaxTrace,
    };
    Ok(NetworkParams {
        solver: SolverParams::Spectral(solver),
        selection: fixed(config.sigma)?.unwrap_or(selection),
        bandwidth_scale: config.bandwidth_scale,
        class_weight: class_weight(config.class_weight),
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
        ClosedFormSelection::SmoothestGain => Selection::SmoothestGain,
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

fn head(head: Head) -> HeadKind {
    match head {
        Head::Bayes => HeadKind::Bayes,
        Head::NearestMean => HeadKind::NearestMean,
        Head::Knn => HeadKind::Knn { k: NEIGHBOURS },
        Head::Logistic => HeadKind::Logistic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_file_are_those_of_the_library() -> Result<(), CliError> {
        let config = Config::default();
        assert_eq!(params(&config, Method::Spectral)?, NetworkParams::spectral());
        assert_eq!(params(&config, Method::ClosedForm)?, NetworkParams::closed_form());
        Ok(())
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
        assert_eq!(params(&config, Method::ClosedForm), Err(CliError::Usage(expected.into())));
    }
}
