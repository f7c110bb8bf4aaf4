//! What a network promises with either solver: H* rises, fits are seeded and independent of threads and row order,
//! the heads are classifiers, bad input is named.

use faer::{Mat, Par};
use hsic_kernels::features::Frequencies;
use hsic_kernels::random::stream;
use hsic_kernels::rows::MatrixRows;
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use hsic_layer::{Activation, ClosedForm, KernelFeatures, Spectral, WidthRule};
use hsic_net::head::{Head, RidgeParams};
use hsic_net::{
    HeadKind, LayerSummary, LayerTrace, Network, NetworkParams, OutputKind, Selection, SolverParams,
    StopReason,
};
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::StandardNormal;

fn blobs(n: usize, d: usize, c: usize, signal: f64, seed: u64) -> (Mat<f64>, Labels) {
    let mut rng = stream(seed, 94, 0);
    let codes: Vec<usize> = (0..n).map(|i| (i * 5 + i / 4) % c).collect();
    let x = Mat::from_fn(n, d, |i, k| {
        rng.sample::<f64, _>(StandardNormal) + if k % c == codes[i] { signal } else { 0.0 }
    });
    (x, Labels::new(codes).unwrap())
}

fn fit(params: &NetworkParams, x: &Mat<f64>, labels: &Labels) -> Network {
    Network::fit(params, x.as_ref(), labels, Par::Seq, &mut ()).unwrap().network
}

fn accuracy(network: &Network, x: &Mat<f64>, labels: &Labels) -> f64 {
    let predicted = network.predict(x.as_ref(), Par::Seq).unwrap();
    let right = predicted.iter().zip(labels.codes()).filter(|(a, b)| a == b).count();
    right as f64 / labels.len() as f64
}

fn both() -> [NetworkParams; 2] {
    [NetworkParams::spectral(), NetworkParams::closed_form()]
}

#[test]
fn without_a_layer_the_head_sees_the_input() {
    let (x, labels) = blobs(90, 3, 3, 2.5, 4);
    let head = HeadKind::Ridge(RidgeParams::DEFAULT);
    for base in both() {
        // a selection of the solver has nothing to select
        let params = NetworkParams { max_layers: 0, head, selection: Selection::MaxHsic, ..base };
        let fitted = Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut ()).unwrap();
        let network = &fitted.network;
        assert_eq!((network.depth(), network.layers().len(), network.input_width()), (0, 1, 3));
        assert_eq!(network.transform(x.as_ref(), Par::Seq).unwrap(), x);
        assert_eq!(fitted.train_output(), x);
        assert!(network.summaries()[0].hsic_normalized > 0.1);
        assert!(accuracy(network, &x, &labels) > 0.9);
        let Head::Ridge(ridge) = network.output().head() else { panic!("a ridge head") };
        assert!(ridge.leave_one_out().accuracy > 0.8, "{:?}", ridge.leave_one_out());
        assert_eq!(Network::from_state(network.state(), 3).unwrap(), *network);

        let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
        let params = NetworkParams { solver: NetworkParams::spectral().solver, ..params };
        let refused = Network::fit_rows(&params, &rows, Par::Seq, &mut ()).unwrap_err();
        assert_eq!(refused.to_string(), "rows in blocks need a layer: max_layers must be at least 1");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_schedule_makes_hsic_rise_from_layer_to_layer(
        n in 20usize..120, d in 1usize..8, c in 2usize..5, signal in 0.0f64..2.0, balanced: bool, seed: u64,
    ) {
        let (x, labels) = blobs(n, d, c, signal, seed);
        let class_weight = if balanced { ClassWeight::Balanced } else { ClassWeight::Plain };
        for selection in [Selection::SmoothestGain, Selection::MaxHsic, Selection::LeaveOneOut] {
            let params = NetworkParams { selection, class_weight, ..NetworkParams::closed_form() };
            let network = fit(&params, &x, &labels);
            let hsic: Vec<f64> = network.summaries().iter().map(|layer| layer.hsic_normalized).collect();
            prop_assert!(hsic.windows(2).all(|pair| pair[1] > pair[0] + params.min_gain), "{hsic:?}");
            prop_assert!(hsic.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}

#[test]
fn max_hsic_fits_any_labelling() {
    for seed in 0..3 {
        let (x, labels) = blobs(50, 3, 2, 0.0, seed);
        let params = NetworkParams { selection: Selection::MaxHsic, ..NetworkParams::closed_form() };
        let network = fit(&params, &x, &labels);
        assert_eq!(accuracy(&network, &x, &labels), 1.0);
        assert!(network.summaries().last().unwrap().hsic_normalized >= 0.99);
        assert_eq!(network.stop_reason(), StopReason::TargetHsic);
    }
}

#[test]
fn both_solvers_separate_rings() {
    // two rings: no linear classifier passes 0.7
    let ring = |i: usize| if i.is_multiple_of(2) { 1.0 } else { 2.5 };
    let x = Mat::from_fn(200, 2, |i, k| {
        let angle = i as f64 * 0.7;
        ring(i) * if k == 0 { angle.sin() } else { angle.cos() }
    });
    let labels = Labels::new((0..200).map(|i| i % 2).collect()).unwrap();
    let new = Mat::from_fn(100, 2, |i, k| {
        let angle = 0.3 + i as f64 * 0.9;
        ring(i) * 1.03 * if k == 0 { angle.sin() } else { angle.cos() }
    });
    let new_labels = Labels::new((0..100).map(|i| i % 2).collect()).unwrap();
    for params in both() {
        let network = fit(&params, &x, &labels);
        assert_eq!(accuracy(&network, &x, &labels), 1.0);
        assert_eq!(accuracy(&network, &new, &new_labels), 1.0);
    }
}

#[test]
fn every_head_is_a_classifier_of_normalised_probabilities() {
    let (x, labels) = blobs(120, 4, 3, 3.0, 1);
    for base in both() {
        for head in [HeadKind::Bayes, HeadKind::NearestMean, HeadKind::Knn { k: 5 }, HeadKind::Logistic] {
            let network = fit(&NetworkParams { head, ..base }, &x, &labels);
            assert!(accuracy(&network, &x, &labels) > 0.9, "{head:?}");
            let log_proba = network.predict_log_proba(x.as_ref(), Par::Seq).unwrap();
            assert_eq!(log_proba.shape(), (120, 3));
            for i in 0..120 {
                let sum: f64 = log_proba.row(i).iter().map(|value| value.exp()).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{head:?}: row {i} sums to {sum}");
            }
        }
    }
}

#[test]
fn the_output_of_the_kernel_is_that_of_exact_features() {
    let (x, labels) = blobs(120, 3, 3, 1.5, 4);
    let (new, _) = blobs(50, 3, 3, 1.5, 5);
    for class_weight in [ClassWeight::Plain, ClassWeight::Balanced] {
        let params = |activation, output| NetworkParams {
            solver: SolverParams::Spectral(Spectral { activation, ..Spectral::default() }),
            max_layers: 1,
            output,
            class_weight,
            ..NetworkParams::spectral()
        };
        let exact = Activation::Exact { tolerance: 1e-13 };
        let expected = fit(&params(exact, OutputKind::Features), &x, &labels);
        // whatever the features between layers
        for m in [4, 300] {
            let activation = Activation::Random { m, frequencies: Frequencies::Independent };
            let network = fit(&params(activation, OutputKind::Kernel), &x, &labels);
            for rows in [&x, &new] {
                let log_proba =
                    |network: &Network| network.predict_log_proba(rows.as_ref(), Par::Seq).unwrap();
                let difference = (log_proba(&network) - log_proba(&expected)).norm_max();
                assert!(difference < 1e-4, "{difference}");
            }
        }
    }
}

#[test]
fn a_class_without_training_rows_is_never_predicted() {
    let (x, labels) = blobs(60, 3, 2, 3.0, 1);
    let labels = Labels::with_classes(labels.codes().iter().map(|code| code * 2).collect(), 4).unwrap();
    for base in both() {
        for head in [HeadKind::Bayes, HeadKind::NearestMean, HeadKind::Knn { k: 5 }, HeadKind::Logistic] {
            let network = fit(&NetworkParams { head, ..base }, &x, &labels);
            let predicted = network.predict(x.as_ref(), Par::Seq).unwrap();
            assert!(predicted.iter().all(|code| [0, 2].contains(code)), "{head:?}");
            let log_proba = network.predict_log_proba(x.as_ref(), Par::Seq).unwrap();
            assert!(log_proba.col_iter().all(|column| column.iter().all(|value| !value.is_nan())));
        }
    }
}

#[test]
fn a_fit_has_the_same_bits_for_any_number_of_threads_and_another_seed_other_ones() {
    let (x, labels) = blobs(300, 5, 3, 1.0, 2);
    for params in both() {
        let alone = fit(&params, &x, &labels);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let threaded = pool
            .install(|| Network::fit(&params, x.as_ref(), &labels, hsic_kernels::all_threads(), &mut ()))
            .unwrap()
            .network;
        assert!(alone.layers() == threaded.layers());
        assert!(alone.output() == threaded.output());
    }
    let base = NetworkParams::spectral();
    let other = fit(&NetworkParams { seed: 9, ..base }, &x, &labels);
    assert!(fit(&base, &x, &labels).layers() != other.layers(), "random features come from the seed");
}

#[test]
fn the_order_of_the_rows_does_not_matter_to_a_closed_form() {
    let (x, labels) = blobs(90, 3, 3, 1.0, 4);
    let reversed: Vec<usize> = (0..90).rev().collect();
    let backwards = Mat::from_fn(90, 3, |i, k| x[(reversed[i], k)]);
    let params = NetworkParams::closed_form();
    let (one, two) =
        (fit(&params, &x, &labels), fit(&params, &backwards, &labels.select(&reversed).unwrap()));
    let (z, w) = (one.transform(x.as_ref(), Par::Seq).unwrap(), two.transform(x.as_ref(), Par::Seq).unwrap());
    assert!((&z - &w).norm_l2() < 1e-9 * z.norm_l2());
}

#[test]
fn a_fit_knows_every_layer_that_was_observed_and_the_network_keeps_the_best_ones() {
    let (x, labels) = blobs(150, 4, 3, 1.0, 3);
    for params in both() {
        let mut seen: Vec<(usize, f64)> = Vec::new();
        let mut observer = |summary: &LayerSummary| seen.push((summary.layer, summary.hsic_normalized));
        let fit = Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut observer).unwrap();
        assert!(fit.labels.is_class_sorted());
        for LayerTrace { layer, summary, z, .. } in &fit.trace {
            assert_eq!((z.nrows(), z.ncols()), (150, summary.width));
            assert_eq!(layer.width(), summary.width);
        }
        let known = fit.trace.iter().map(|layer| (layer.summary.layer, layer.summary.hsic_normalized));
        assert!(known.eq(seen.iter().copied()));
        let network = &fit.network;
        assert!(fit.trace.iter().zip(network.layers()).all(|(trace, layer)| trace.layer == *layer));
        assert!(seen.iter().enumerate().all(|(i, (layer, _))| *layer == i + 1));
        assert!(seen.len() >= network.layers().len());
        let last = network.summaries().last().unwrap().hsic_normalized;
        assert!(seen.iter().all(|(_, hsic)| *hsic <= last + params.min_gain));
        let layers = network.transform_layers(x.as_ref(), Par::Seq).unwrap();
        assert_eq!(layers.len(), network.layers().len());
        assert!(layers.iter().zip(network.layers()).all(|(z, layer)| z.ncols() == layer.width()));
        // in the order of the rows given
        let (z, output) = (&layers[layers.len() - 1], fit.train_output());
        assert!((z - &output).norm_l2() < 1e-9 * z.norm_l2());
    }
}

#[test]
fn a_fit_cut_short_is_a_fit_of_fewer_layers() {
    let (x, labels) = blobs(120, 3, 3, 0.6, 7);
    for base in both() {
        // deep, with layers that gain nothing
        let params = NetworkParams { bandwidth_scale: 0.5, max_layers: 8, ..base };
        let deep = Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut ()).unwrap();
        assert!(deep.trace.len() > 2);
        for max_layers in 1..=9 {
            let short = fit(&NetworkParams { max_layers: max_layers.min(8), ..params }, &x, &labels);
            let kept = deep.kept_within(max_layers);
            assert_eq!(short.layers().len(), kept);
            let cut = deep.truncated(kept, Par::Seq).unwrap();
            assert!(cut.layers() == short.layers() && cut.output() == short.output());
        }
        for depth in [0, deep.trace.len() + 1] {
            assert_eq!(
                deep.truncated(depth, Par::Seq).unwrap_err().to_string(),
                format!("depth must be from 1 to the number of layers fitted, got {depth}")
            );
        }
    }
}

#[test]
fn limits_and_fixed_bandwidths_are_kept() {
    let (x, labels) = blobs(80, 4, 2, 0.3, 3);
    let network = fit(&NetworkParams { max_layers: 1, ..NetworkParams::spectral() }, &x, &labels);
    assert_eq!((network.layers().len(), network.stop_reason()), (1, StopReason::MaxLayers));
    let sigma = Bandwidth::new(0.7).unwrap();
    let fixed = NetworkParams { selection: Selection::Fixed(sigma), ..NetworkParams::closed_form() };
    assert!(fit(&fixed, &x, &labels).layers().iter().all(|layer| layer.sigma() == sigma));
    let narrow = Spectral { width: WidthRule::Fixed(1), ..Spectral::default() };
    let params = NetworkParams { solver: SolverParams::Spectral(narrow), ..NetworkParams::spectral() };
    assert!(fit(&params, &x, &labels).layers().iter().all(|layer| layer.width() == 1));
}

#[test]
fn random_features_and_self_exclusion_work_in_a_network() {
    let (x, labels) = blobs(120, 4, 2, 3.0, 5);
    let random = KernelFeatures::Random { m: 300, frequencies: Frequencies::Orthogonal };
    for solver in [
        ClosedForm { features: random, ..ClosedForm::default() },
        ClosedForm { self_excluded: true, ..ClosedForm::default() },
    ] {
        let params =
            NetworkParams { solver: SolverParams::ClosedForm(solver), ..NetworkParams::closed_form() };
        assert!(accuracy(&fit(&params, &x, &labels), &x, &labels) > 0.9);
    }
}

#[test]
fn bad_parameters_and_input_are_named() {
    let (x, labels) = blobs(30, 3, 2, 1.0, 5);
    let message = |params: NetworkParams, x: &Mat<f64>, labels: &Labels| {
        Network::fit(&params, x.as_ref(), labels, Par::Seq, &mut ()).unwrap_err().to_string()
    };
    let base = NetworkParams::spectral();
    assert_eq!(
        message(NetworkParams { bandwidth_scale: -1.0, ..base }, &x, &labels),
        "bandwidth_scale must be positive and finite, got -1"
    );
    assert_eq!(
        message(NetworkParams { selection: Selection::LeaveOneOut, ..base }, &x, &labels),
        "leave-one-out selection needs the closed form with exact features: only there is a row's own term known"
    );
    assert_eq!(
        message(NetworkParams { head: HeadKind::Knn { k: 0 }, ..base }, &x, &labels),
        "head.knn must be at least 1, got 0"
    );
    for params in both() {
        let one = Labels::new(vec![0; 30]).unwrap();
        assert_eq!(message(params, &x, &one), "a layer needs rows of at least two classes, got 1");
        let mut bad = x.clone();
        bad[(7, 1)] = f64::NAN;
        assert_eq!(message(params, &bad, &labels), "x must be finite, got NaN at row 7, column 1");
        let network = fit(&params, &x, &labels);
        let error = network.predict(Mat::zeros(1, 9).as_ref(), Par::Seq).unwrap_err();
        assert_eq!(error.to_string(), "a layer fitted on 3 columns was given 9");
    }
}
