//! Hyperparameters as files write them: the keys one by one, their bounds, and the way to a network and back.

use std::error::Error;

use hsic_kernels::features::Frequencies;
use hsic_kernels::{Bandwidth, ClassWeight};
use hsic_layer::{Activation, ClosedForm, KernelFeatures, Spectral, WidthRule};
use hsic_net::head::RidgeParams;
use hsic_net::settings::{Allowed, ClosedFormSettings, Field, Settings, SpectralSettings};
use hsic_net::{HeadKind, NetworkParams, OutputKind, Selection, SolverParams};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn the_keys_and_their_defaults() -> Result<(), Box<dyn Error>> {
    assert_eq!(
        SpectralSettings::default().to_json().to_string(),
        "{\"selection\":\"max-trace\",\"features\":\"random\",\"n_features\":300,\"in_blocks\":false,\"bandwidth_scale\":1.0,\
         \"class_weight\":\"plain\",\"head\":\"bayes\",\"max_layers\":30,\"target_hsic\":0.99,\"target_silhouette\":0.95,\
         \"min_gain\":0.001,\"patience\":2,\"candidates\":20,\"beam_width\":6,\"subsample_rows\":512,\"sample_rows\":2048,\"output\":\"features\",\"width\":{\"share\":0.5},\
         \"tolerance\":0.0001,\"max_iterations\":100,\"rank_tolerance\":1e-7,\"exact_tolerance\":1e-6}"
    );
    assert_eq!(
        ClosedFormSettings::default().to_json().to_string(),
        "{\"selection\":\"smoothest-gain\",\"features\":\"exact\",\"n_features\":300,\"in_blocks\":false,\"bandwidth_scale\":1.0,\
         \"class_weight\":\"plain\",\"head\":\"nearest-mean\",\"max_layers\":30,\"target_hsic\":0.99,\"target_silhouette\":\"none\",\
         \"min_gain\":0.001,\"patience\":2,\"candidates\":20,\"beam_width\":6,\"subsample_rows\":512,\"sample_rows\":2048,\"self_excluded\":false}"
    );
    let unknown = serde_json::from_str::<ClosedFormSettings>("{\"bandwith_scale\":1.0}")
        .map_err(|error| error.to_string());
    assert_eq!(
        unknown,
        Err("unknown field `bandwith_scale`, expected one of `selection`, `sigma`, `features`, `n_features`, `in_blocks`, \
             `bandwidth_scale`, `class_weight`, `head`, `max_layers`, `target_hsic`, `target_silhouette`, `min_gain`, `patience`, \
             `candidates`, `beam_width`, `subsample_rows`, `sample_rows`, `self_excluded`, `cv` at line 1 column 17"
            .to_owned())
    );
    let unknown = serde_json::from_str::<SpectralSettings>("{\"cv\":{\"width\":[3]}}")
        .map_err(|error| error.to_string());
    assert_eq!(
        unknown,
        Err("unknown field `width`, expected one of `inner_folds`, `bandwidth_scales`, `widths`, `class_weights`, `max_layers`, \
             `outputs`, `heads` at line 1 column 14"
            .to_owned())
    );
    Ok(())
}

/// Values on both sides of a bound: the first are allowed.
fn beside(allowed: Allowed) -> (Vec<Value>, Vec<Value>) {
    match allowed {
        Allowed::Positive => (vec![json!(1e-9), json!(1e9)], vec![json!(0.0), json!(-0.5)]),
        Allowed::Share => (vec![json!(1e-9), json!(0.999)], vec![json!(0.0), json!(1.0)]),
        Allowed::Target => (vec![json!(1e-9), json!(1.0)], vec![json!(0.0), json!(1.5)]),
        Allowed::Silhouette => (vec![json!(-0.9), json!(1.0), json!("none")], vec![json!(-1.0), json!(1.5)]),
        Allowed::Gain => (vec![json!(0.0), json!(0.999)], vec![json!(-1e-3), json!(1.0)]),
        Allowed::AtLeast(least) => {
            let below = least.checked_sub(1).map(|below| json!(below));
            (vec![json!(least), json!(1000)], below.into_iter().collect())
        }
        Allowed::Even => (vec![json!(2), json!(300)], vec![json!(0), json!(301)]),
        Allowed::Flag => (vec![json!(true), json!(false)], vec![]),
        Allowed::Words(words) => (words.iter().map(|word| json!(word)).collect(), vec![]),
        Allowed::Head(words) => {
            let words = words.iter().map(|word| json!(word));
            (words.chain([json!({ "knn": 3 })]).collect(), vec![])
        }
        Allowed::Width => (vec![json!({ "share": 0.5 }), json!(1), json!("positive-eigenvalues")], vec![]),
        other => panic!("{other} has no test"),
    }
}

/// What the table says of a field is what is checked, in those words.
#[test]
fn every_field_keeps_its_bound() -> Result<(), Box<dyn Error>> {
    for (method, fields) in
        [("spectral", SpectralSettings::fields()), ("closed-form", ClosedFormSettings::fields())]
    {
        for Field { name, doc, allowed, default, .. } in fields {
            assert!(!doc.is_empty() && !doc.ends_with('.') && !doc.contains('\n'), "{name}: {doc}");
            let with = |value: &Value| Settings::from_json(method, &json!({ name: value }));
            let (good, bad) = beside(allowed);
            for value in good.iter().chain(Some(&default).filter(|default| !default.is_null())) {
                let settings = with(value)?;
                let problem = settings.params().map_err(|problem| problem.to_string());
                // words that need another key beside them
                let combination = [
                    "in_blocks needs features",
                    "selection has no meaning here: leave-one-out",
                    "selection has no meaning here: construction",
                ];
                assert!(
                    problem.is_ok()
                        || combination.iter().any(|known| problem.as_ref().unwrap_err().starts_with(known)),
                    "{method}.{name} = {value}: {problem:?}"
                );
                assert_eq!(settings.to_json()[name], *value, "{method}.{name}");
            }
            for value in bad {
                let number = value.as_f64().ok_or("a number")?;
                let words = allowed.to_string();
                let bound = words.split(", or").next().unwrap_or_default();
                let problem = with(&value)?.params().map_err(|problem| problem.to_string()).unwrap_err();
                assert_eq!(problem, format!("{name} must be {bound}, got {number}"), "{method}");
            }
            let unknown = with(&json!("no such word"));
            assert!(unknown.is_err(), "{method}.{name}");
        }
    }
    Ok(())
}

/// What a message says of a list of the grid, and of one value twice.
#[test]
fn bad_grids_are_refused() -> Result<(), Box<dyn Error>> {
    for (method, grid, expected) in [
        ("spectral", json!({ "inner_folds": 1 }), "cv.inner_folds must be at least 2, got 1"),
        (
            "spectral",
            json!({ "bandwidth_scales": [1.0, -0.5] }),
            "cv.bandwidth_scales must be positive and finite, got -0.5",
        ),
        (
            "closed-form",
            json!({ "bandwidth_scales": [0.5, 1.0, 0.5] }),
            "cv.bandwidth_scales names a value twice",
        ),
        ("spectral", json!({ "class_weights": ["plain", "plain"] }), "cv.class_weights names a value twice"),
        ("spectral", json!({ "max_layers": [2, 2] }), "cv.max_layers names a value twice"),
        ("spectral", json!({ "heads": [{ "knn": 0 }] }), "cv.heads must be at least 1, got 0"),
        (
            "spectral",
            json!({ "widths": [{ "share": 1.5 }] }),
            "cv.widths must be above 0 and below 1, got 1.5",
        ),
        ("spectral", json!({ "outputs": ["kernel", "kernel"] }), "cv.outputs names a value twice"),
        ("closed-form", json!({ "self_excluded": [true, true] }), "cv.self_excluded names a value twice"),
    ] {
        let settings = Settings::from_json(method, &json!({ "cv": grid }))?;
        let problem = settings.candidates().map(|_| ()).map_err(|problem| problem.to_string());
        assert_eq!(problem, Err(expected.to_owned()));
    }
    // of the other network
    for (method, grid) in [
        ("spectral", json!({ "self_excluded": [true] })),
        ("closed-form", json!({ "outputs": ["kernel"] })),
        ("closed-form", json!({ "widths": [3] })),
    ] {
        assert!(Settings::from_json(method, &json!({ "cv": grid })).is_err(), "{method}");
    }
    Ok(())
}

#[test]
fn a_grid_is_every_combination_the_first_list_slowest() -> Result<(), Box<dyn Error>> {
    let grid = json!({ "cv": {
        "bandwidth_scales": [1.0, 0.5], "class_weights": [], "self_excluded": [], "max_layers": [1, 2], "heads": ["knn"]
    }});
    let candidates = Settings::from_json("closed-form", &grid)?.candidates()?;
    let found: Vec<_> = candidates.iter().map(|of| (of.bandwidth_scale, of.max_layers, of.head)).collect();
    let knn = HeadKind::Knn { k: 5 };
    assert_eq!(found, [(1.0, 1, knn), (1.0, 2, knn), (0.5, 1, knn), (0.5, 2, knn)]);
    // an empty list stands for the value outside
    assert!(candidates.iter().all(|of| of.class_weight == ClassWeight::Plain));
    Ok(())
}

#[test]
fn what_is_given_is_not_searched() -> Result<(), Box<dyn Error>> {
    let mut settings = Settings::from_json("spectral", &json!({ "head": "logistic", "max_layers": 7 }))?;
    assert_eq!(
        settings.searched(),
        ["bandwidth_scale", "width", "class_weight", "max_layers", "output", "head"]
    );
    settings.fix(|key| ["head", "max_layers", "target_hsic"].contains(&key));
    assert_eq!(settings.searched(), ["bandwidth_scale", "width", "class_weight", "output"]);
    assert!(settings.candidates()?.iter().all(|of| of.head == HeadKind::Logistic && of.max_layers == 7));
    // a bandwidth leaves its factor nothing to do
    let mut fixed = Settings::from_json("closed-form", &json!({ "sigma": 0.5 }))?;
    fixed.fix(|key| key == "sigma");
    assert!(!fixed.searched().contains(&"bandwidth_scale"));
    Ok(())
}

prop_compose! {
    fn network()(
        selection in 0..7,
        sigma in 1e-3..1e3_f64,
        bandwidth_scale in 1e-3..10.0_f64,
        balanced in any::<bool>(),
        head in 0..6,
        k in 1..20_usize,
        max_layers in 0..50_usize,
        target_hsic in 1e-3..1.0_f64,
        silhouette in prop::option::of(-0.999..1.0_f64),
        min_gain in 0.0..0.999_f64,
        patience in 1..9_usize,
        candidates in 2..40_usize,
        beam_width in 1..20_usize,
        subsample_rows in 2..9999_usize,
        sample_rows in 2..9999_usize,
    ) -> NetworkParams {
        NetworkParams {
            selection: match selection {
                0 => Selection::MaxTrace,
                1 => Selection::SmoothestGain,
                2 => Selection::MaxHsic,
                3 => Selection::LeaveOneOut,
                4 => Selection::Beam,
                5 => Selection::Construction,
                _ => Selection::Fixed(Bandwidth::new(sigma).unwrap()),
            },
            bandwidth_scale,
            class_weight: if balanced { ClassWeight::Balanced } else { ClassWeight::Plain },
            head: match head {
                0 => HeadKind::Bayes,
                1 => HeadKind::NearestMean,
                2 => HeadKind::Knn { k },
                3 => HeadKind::Logistic,
                4 => HeadKind::Ridge(RidgeParams::DEFAULT),
                _ => HeadKind::Ridge(RidgeParams { class_weight: ClassWeight::Balanced, centres: 3000, learns_metric: false }),
            },
            max_layers,
            target_hsic,
            target_silhouette: silhouette,
            min_gain,
            patience,
            candidates,
            beam_width,
            subsample_rows,
            sample_rows,
            ..NetworkParams::spectral()
        }
    }
}

prop_compose! {
    fn spectral()(
        network in network(),
        output in 0..3_usize,
        features in 0..3,
        pairs in 1..400_usize,
        exact in 1e-12..0.1_f64,
        width in 0..3,
        share in 1e-3..0.999_f64,
        columns in 1..40_usize,
        tolerance in 1e-12..0.5_f64,
        max_iterations in 1..999_usize,
        rank_tolerance in 1e-12..0.1_f64,
    ) -> NetworkParams {
        let solver = Spectral {
            width: match width {
                0 => WidthRule::SingularShare(share),
                1 => WidthRule::Fixed(columns),
                _ => WidthRule::PositiveEigenvalues,
            },
            activation: match features {
                0 => Activation::Random { m: 2 * pairs, frequencies: Frequencies::Independent },
                1 => Activation::Random { m: 2 * pairs, frequencies: Frequencies::Orthogonal },
                _ => Activation::Exact { tolerance: exact },
            },
            tolerance,
            max_iterations,
            rank_tolerance,
            ..Spectral::default()
        };
        let output = [OutputKind::Features, OutputKind::Kernel, OutputKind::Projection][output];
        NetworkParams { solver: SolverParams::Spectral(solver), output, ..network }
    }
}

prop_compose! {
    fn closed_form()(
        network in network(), features in 0..3, pairs in 1..400_usize, self_excluded in any::<bool>()
    ) -> NetworkParams {
        let features = match features {
            0 => KernelFeatures::Random { m: 2 * pairs, frequencies: Frequencies::Independent },
            1 => KernelFeatures::Random { m: 2 * pairs, frequencies: Frequencies::Orthogonal },
            _ => KernelFeatures::Exact,
        };
        let self_excluded = self_excluded && network.selection != Selection::Construction;
        NetworkParams { solver: SolverParams::ClosedForm(ClosedForm { features, self_excluded }), ..network }
    }
}

proptest! {
    /// Through the settings of a model's file, and through the table of an experiment file.
    #[test]
    fn any_network_comes_back_from_its_settings(params in prop_oneof![spectral(), closed_form()]) {
        prop_assume!(params.check().is_ok());
        let name = hsic_layer::LayerSolver::name(&params.solver);
        let of_model = Settings::from_json(name, &serde_json::from_str(&params.settings().to_string()).unwrap()).unwrap();
        prop_assert_eq!(of_model.params().unwrap(), params);
        let toml = toml::to_string(&Settings::from(&params).to_json()).unwrap();
        let value: Value = toml::from_str(&toml).unwrap();
        prop_assert_eq!(Settings::from_json(name, &value).unwrap().params().unwrap(), params);
    }
}
