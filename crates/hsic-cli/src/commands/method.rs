//! From the keys of an experiment file to what is fitted.

use hsic_eval::Method::{NetworkInBlocks, Selected};
use hsic_eval::baselines::Baseline;
#[cfg(feature = "baselines")]
use hsic_eval::baselines::MlpParams;
use hsic_eval::{Candidates, Method};
use hsic_net::settings::{Problem, Settings};

use crate::config::{Config, MethodName};
use crate::error::CliError;

/// What a method fits by this configuration.
///
/// # Errors
/// [`CliError::Usage`] for a combination of values that has no meaning, and for a perceptron in a program that was built
/// without them.
pub fn plan(config: &Config, method: MethodName) -> Result<Method, CliError> {
    let network = |settings: Settings| -> Result<Method, CliError> {
        let in_table = |problem: Problem| CliError::Usage(format!("{method}.{problem}"));
        Ok(if settings.is_chosen() {
            Selected(Candidates::of(&settings).map_err(in_table)?)
        } else {
            let params = settings.params().map_err(in_table)?;
            if settings.in_blocks() { NetworkInBlocks(params) } else { params.into() }
        })
    };
    let plan = match method {
        MethodName::Spectral => network(Settings::Spectral(config.spectral.clone()))?,
        MethodName::ClosedForm => network(Settings::ClosedForm(config.closed_form.clone()))?,
        MethodName::MlpCe | MethodName::MlpMse => perceptron(config, method)?,
        MethodName::Knn => Baseline::Knn { k: config.knn.k }.into(),
        MethodName::KernelRidge => Baseline::KernelRidge.into(),
    };
    plan.check().map_err(|error| CliError::usage(&error))?;
    Ok(plan)
}

#[cfg(feature = "baselines")]
fn perceptron(config: &Config, method: MethodName) -> Result<Method, CliError> {
    let mlp = &config.mlp;
    let of_depth = match method {
        MethodName::MlpMse => MlpParams::squared_error,
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
        Some(_) => Baseline::Mlp(perceptron).into(),
        None => {
            let in_table = |problem: Problem| CliError::Usage(format!("spectral.{problem}"));
            Method::AsDeepAs { network: config.spectral.params().map_err(in_table)?, perceptron }
        }
    })
}

#[cfg(not(feature = "baselines"))]
fn perceptron(_: &Config, method: MethodName) -> Result<Method, CliError> {
    Err(CliError::Usage(format!(
        "{method} trains a perceptron by backpropagation, and this program was built without: build it with \
         `--features baselines` (Rust 1.92 or newer), or leave {method} out of the methods"
    )))
}

#[cfg(test)]
mod tests {
    use hsic_net::NetworkParams;
    use hsic_net::settings::{ClosedFormSettings, Features, SelectionRule};

    use super::*;
    #[cfg(feature = "baselines")]
    use crate::config::schema::MlpConfig;

    #[test]
    fn the_defaults_of_the_file_are_those_of_the_library() -> Result<(), CliError> {
        let config = Config::default();
        let planned = |method| plan(&config, method);
        assert_eq!(planned(MethodName::Spectral)?, NetworkParams::spectral().into());
        assert_eq!(planned(MethodName::ClosedForm)?, NetworkParams::closed_form().into());
        assert_eq!(planned(MethodName::Knn)?, Baseline::knn().into());
        assert_eq!(planned(MethodName::KernelRidge)?, Baseline::KernelRidge.into());
        Ok(())
    }

    #[test]
    fn cv_chooses_from_the_grid() -> Result<(), CliError> {
        let mut config = Config::default();
        config.spectral.selection = SelectionRule::Cv;
        config.closed_form.selection = SelectionRule::Cv;
        for (method, n, base) in [
            (MethodName::Spectral, 6 * 2 * 3 * 3, NetworkParams::spectral()),
            (MethodName::ClosedForm, 5 * 3 * 3, NetworkParams::closed_form()),
        ] {
            let Selected(candidates) = plan(&config, method)? else { panic!("{method} is chosen") };
            assert_eq!((candidates.params.len(), candidates.inner_folds), (n, 5));
            assert!(candidates.params.iter().all(|params| params.selection == base.selection));
        }
        Ok(())
    }

    #[cfg(feature = "baselines")]
    #[test]
    fn a_perceptron_is_as_deep_and_wide_as_the_spectral_network_or_as_told() -> Result<(), CliError> {
        let config = Config::default();
        let network = NetworkParams::spectral();
        let perceptron = MlpParams::cross_entropy(1);
        assert_eq!(plan(&config, MethodName::MlpCe)?, Method::AsDeepAs { network, perceptron });
        let mlp = MlpConfig { depth: Some(3), width: Some(20), ..MlpConfig::default() };
        let perceptron = MlpParams { width: 20, ..MlpParams::squared_error(3) };
        assert_eq!(plan(&Config { mlp, ..config }, MethodName::MlpMse)?, Baseline::Mlp(perceptron).into());
        Ok(())
    }

    #[cfg(not(feature = "baselines"))]
    #[test]
    fn a_perceptron_without_backpropagation_is_refused_with_the_remedy() {
        let expected = "mlp-ce trains a perceptron by backpropagation, and this program was built without: build it \
                        with `--features baselines` (Rust 1.92 or newer), or leave mlp-ce out of the methods";
        assert_eq!(plan(&Config::default(), MethodName::MlpCe), Err(CliError::Usage(expected.into())));
    }

    #[test]
    fn a_combination_without_meaning_is_refused() {
        let closed_form = ClosedFormSettings {
            selection: SelectionRule::LeaveOneOut,
            features: Features::Random,
            ..ClosedFormSettings::default()
        };
        let config = Config { closed_form, ..Config::default() };
        let expected = "closed-form.selection has no meaning here: leave-one-out selection needs the closed form with exact \
                        features: only there is a row's own term known";
        assert_eq!(plan(&config, MethodName::ClosedForm), Err(CliError::Usage(expected.into())));
    }
}
