//! A network out of its state predicts what it did, to the bit; a state that does not fit together is refused by name.

use faer::{Mat, Par};
use hsic_kernels::features::Frequencies;
use hsic_kernels::{ClassWeight, Labels};
use hsic_layer::{Activation, ClosedForm, KernelFeatures, Spectral};
use hsic_net::head::RidgeParams;
use hsic_net::state::{HeadDescription, NetworkState, Tensor};
use hsic_net::{HeadKind, Network, NetworkParams, OutputKind, SolverParams};

const CLASSES: usize = 3;

fn rows(n: usize, shift: f64) -> Mat<f64> {
    Mat::from_fn(n, 4, |i, k| ((i % CLASSES * 2 + k) as f64) + (i as f64 * 0.7 + k as f64 + shift).sin())
}

fn fitted(params: &NetworkParams) -> Network {
    let labels = Labels::new((0..60).map(|i| i % CLASSES).collect()).unwrap();
    Network::fit(params, rows(60, 0.0).as_ref(), &labels, Par::Seq, &mut ()).unwrap().network
}

/// Every solver with every kind of features.
fn solvers() -> Vec<NetworkParams> {
    let spectral = |activation| NetworkParams {
        solver: SolverParams::Spectral(Spectral { activation, ..Spectral::default() }),
        max_layers: 3,
        ..NetworkParams::spectral()
    };
    let closed_form = |features| NetworkParams {
        solver: SolverParams::ClosedForm(ClosedForm { features, self_excluded: false }),
        max_layers: 3,
        ..NetworkParams::closed_form()
    };
    let (m, independent, orthogonal) = (40, Frequencies::Independent, Frequencies::Orthogonal);
    vec![
        spectral(Activation::Random { m, frequencies: independent }),
        spectral(Activation::Random { m, frequencies: orthogonal }),
        spectral(Activation::EXACT),
        NetworkParams { output: OutputKind::Kernel, ..spectral(Activation::default()) },
        NetworkParams { output: OutputKind::Projection, ..spectral(Activation::default()) },
        closed_form(KernelFeatures::Exact),
        closed_form(KernelFeatures::Random { m, frequencies: independent }),
    ]
}

#[test]
fn every_kind_of_network_survives_to_the_bit() {
    let new = rows(50, 0.3);
    for params in solvers() {
        for head in [HeadKind::Bayes, HeadKind::NearestMean, HeadKind::Knn { k: 3 }, HeadKind::Logistic] {
            let network = fitted(&NetworkParams { head, ..params });
            let restored = Network::from_state(network.state(), CLASSES).unwrap();
            assert_eq!(restored, network);
            let bits = |network: &Network| -> Vec<u64> {
                let log_proba = network.predict_log_proba(new.as_ref(), Par::Seq).unwrap();
                log_proba.col_iter().flat_map(|column| column.iter().map(|value| value.to_bits())).collect()
            };
            assert_eq!(bits(&restored), bits(&network), "{head:?}");
        }
    }
}

#[test]
fn a_class_without_rows_survives() {
    let labels = Labels::with_classes((0..60).map(|i| i % 2 * 2).collect(), CLASSES).unwrap();
    let params = NetworkParams::spectral();
    let network = Network::fit(&params, rows(60, 0.0).as_ref(), &labels, Par::Seq, &mut ()).unwrap().network;
    assert_eq!(Network::from_state(network.state(), CLASSES).unwrap(), network);
}

/// What a spoilt state is refused with.
fn refusal(network: &Network, spoil: impl FnOnce(&mut NetworkState)) -> String {
    let mut state = network.state();
    spoil(&mut state);
    match Network::from_state(state, CLASSES) {
        Ok(_) => "accepted".into(),
        Err(error) => error.to_string(),
    }
}

fn matrix<'a>(state: &'a mut NetworkState, name: &str) -> &'a mut Mat<f64> {
    match state.tensors.get_mut(name) {
        Some(Tensor::Matrix(matrix)) => matrix,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_spoilt_state_is_refused_by_name() {
    let network = fitted(&NetworkParams { max_layers: 2, ..NetworkParams::spectral() });
    let width = network.summaries()[0].width;
    assert_eq!(
        refusal(&network, |state| drop(state.tensors.remove("layers.0.w"))),
        "tensor `layers.0.w` is missing"
    );
    assert_eq!(
        refusal(&network, |state| drop(state.tensors.insert("extra".into(), Tensor::Codes(vec![])))),
        "tensor `extra` belongs to nothing"
    );
    assert_eq!(
        refusal(&network, |state| drop(state.tensors.insert("layers.0.w".into(), Tensor::Codes(vec![1])))),
        "tensor `layers.0.w` must hold 64-bit floats"
    );
    assert_eq!(
        refusal(&network, |state| *matrix(state, "layers.0.frequencies") = Mat::zeros(width + 1, 5)),
        format!("tensor `layers.0.frequencies` is {}x5, expected {width}xat least 1", width + 1)
    );
    assert_eq!(
        refusal(&network, |state| matrix(state, "head.means")[(1, 0)] = f64::NAN),
        "tensor `head.means` has NaN at row 1, column 0, expected a finite number"
    );
    assert_eq!(
        refusal(&network, |state| matrix(state, "head.log_priors")[(0, 2)] = 0.5),
        "tensor `head.log_priors` has 0.5 at row 0, column 2, expected a logarithm of a probability"
    );
    assert_eq!(
        refusal(&network, |state| state.description.layers[0].sigma = -1.0),
        "sigma of layer 1 must be positive and finite, got -1"
    );
    assert_eq!(
        refusal(&network, |state| state.description.layers[0].solver = "magic".into()),
        "the kind of layer 1 `magic, random` is not known"
    );
    assert_eq!(
        refusal(&network, |state| state.description.stop_reason = "tired".into()),
        "stop_reason `tired` is not known"
    );
    assert_eq!(
        refusal(&network, |state| state.description.seconds = f64::INFINITY),
        "seconds must be at least 0 and not beyond what a clock can show, got inf"
    );
    assert_eq!(
        refusal(&network, |state| state.description.head = HeadDescription::Gaussian { variance: 0.0 }),
        "the head's variance must be positive and finite, got 0"
    );
    assert_eq!(refusal(&network, |state| state.description.layers.clear()), "there is no layer");
}

#[test]
fn a_metric_comes_back_and_has_the_width_of_the_features() {
    let head = HeadKind::Ridge(RidgeParams { learns_metric: true, ..RidgeParams::DEFAULT });
    let network = fitted(&NetworkParams { head, max_layers: 0, ..NetworkParams::closed_form() });
    assert_eq!(Network::from_state(network.state(), CLASSES).unwrap(), network);
    let width = network.input_width();
    assert_eq!(
        refusal(&network, |state| *matrix(state, "head.metric") = Mat::zeros(width, width + 1)),
        format!("tensor `head.metric` is {width}x{}, expected {width}x{width}", width + 1)
    );
}

#[test]
fn a_spoilt_ridge_head_and_a_spoilt_input_are_refused() {
    let head = HeadKind::Ridge(RidgeParams { class_weight: ClassWeight::Balanced, ..RidgeParams::DEFAULT });
    let network = fitted(&NetworkParams { head, max_layers: 0, ..NetworkParams::closed_form() });
    let width = network.input_width();
    let of_head = |change: &dyn Fn(&mut f64, &mut Vec<f64>)| {
        refusal(&network, |state| match &mut state.description.head {
            HeadDescription::Ridge { temperature, sigmas, .. } => change(temperature, sigmas),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(
        of_head(&|temperature, _| *temperature = 0.0),
        "the head's temperature must be positive and finite, got 0"
    );
    assert_eq!(
        of_head(&|_, sigmas| sigmas[0] = f64::NAN),
        "sigma of the head's kernel 1 must be positive and finite, got NaN"
    );
    let more = of_head(&|_, sigmas| sigmas.push(1.0));
    assert!(
        more.starts_with("the number of the head's kernels must be that of their bandwidths, got "),
        "{more}"
    );
    let of_kernels = |change: &dyn Fn(&mut Vec<String>, &mut Vec<f64>)| {
        refusal(&network, |state| match &mut state.description.head {
            HeadDescription::Ridge { kernels, sigmas, .. } => change(kernels, sigmas),
            other => panic!("{other:?}"),
        })
    };
    let unknown = of_kernels(&|kernels, _| kernels[0] = "cosine".into());
    assert_eq!(unknown, "kind of the head's kernel 1 `cosine` is not known");
    let more = of_kernels(&|kernels, sigmas| {
        kernels.push("gaussian".into());
        sigmas.push(1.0);
    });
    assert!(more.starts_with("tensor `head.coefficients."), "{more}");
    assert_eq!(
        refusal(&network, |state| *matrix(state, "head.intercepts") = Mat::full(1, 3, f64::NEG_INFINITY)),
        "the head's intercept of every class must be finite, got -inf"
    );
    assert_eq!(
        refusal(&network, |state| matrix(state, "head.intercepts")[(0, 1)] = f64::NAN),
        "tensor `head.intercepts` has NaN at row 0, column 1, expected a number or -inf"
    );
    assert_eq!(
        refusal(&network, |state| *matrix(state, "head.centres") = Mat::zeros(60, width + 1)),
        format!("tensor `head.centres` is 60x{}, expected at least 1x{width}", width + 1)
    );
    assert_eq!(
        refusal(&network, |state| matrix(state, "layers.0.width")[(0, 0)] = 2.5),
        "layers.0.width must be that of the input, a whole number of at least 1, got 2.5"
    );
}

#[test]
fn a_spoilt_knn_head_is_refused() {
    let network = fitted(&NetworkParams { head: HeadKind::Knn { k: 5 }, ..NetworkParams::closed_form() });
    assert_eq!(
        refusal(&network, |state| drop(
            state.tensors.insert("head.codes".into(), Tensor::Codes(vec![3; 60]))
        )),
        "class code 3 of row 0 is not below the number of classes, 3"
    );
    assert_eq!(
        refusal(&network, |state| drop(state.tensors.insert("head.codes".into(), Tensor::Codes(vec![0; 7])))),
        "tensor `head.codes` is 7x1, expected 60x1"
    );
    assert_eq!(
        refusal(&network, |state| state.description.head = HeadDescription::Knn { k: 61 }),
        "the head's k must be at least 1 and at most the number of training rows, got 61"
    );
}
