//! Fits in blocks against fits in memory: the same layers where the sample is everything, and classes that are found
//! where it is not.

use faer::{Mat, Par};
use hsic_kernels::features::Frequencies;
use hsic_kernels::random::stream;
use hsic_kernels::rows::{BLOCK_ROWS, MatrixRows};
use hsic_kernels::{Bandwidth, Labels};
use hsic_layer::{Activation, ClosedForm, ClosedFormLayer, KernelFeatures, Spectral};
use hsic_net::head::Head;
use hsic_net::{
    HeadKind, Layer, LayerSummary, LayerTrace, Network, NetworkParams, OutputKind, Selection, SolverParams,
};
use rand::RngExt;
use rand_distr::StandardNormal;

/// Sums of a few thousand rows in another order.
const ROUNDING: f64 = 1e-10;

/// Three classes on rings about the origin, which no linear classifier tells apart, and two columns of noise.
fn rings(n: usize) -> (Mat<f64>, Labels) {
    let mut rng = stream(3, 99, 0);
    let codes: Vec<usize> = (0..n).map(|i| (i * 7 + i / 11) % 3).collect();
    let x = Mat::from_fn(n, 4, |i, k| {
        let (angle, noise): (f64, f64) = (i as f64 * 0.7, rng.sample(StandardNormal));
        let radius = 1.0 + codes[i] as f64;
        match k {
            0 => radius * angle.sin() + 0.1 * noise,
            1 => radius * angle.cos() + 0.1 * noise,
            _ => 0.3 * noise,
        }
    });
    (x, Labels::new(codes).unwrap())
}

fn random_features(m: usize) -> [NetworkParams; 2] {
    let frequencies = Frequencies::Orthogonal;
    let spectral = Spectral { activation: Activation::Random { m, frequencies }, ..Spectral::default() };
    let closed_form =
        ClosedForm { features: KernelFeatures::Random { m, frequencies }, ..ClosedForm::default() };
    [
        NetworkParams { solver: SolverParams::Spectral(spectral), ..NetworkParams::spectral() },
        NetworkParams { solver: SolverParams::ClosedForm(closed_form), ..NetworkParams::closed_form() },
    ]
}

fn accuracy(network: &Network, x: &Mat<f64>, labels: &Labels) -> f64 {
    let rows = MatrixRows::new(x.as_ref(), labels).unwrap();
    let mut right = 0;
    let count = |codes: &[usize], predicted: &[usize]| {
        right += codes.iter().zip(predicted).filter(|(code, predicted)| code == predicted).count();
    };
    network.predict_rows(&rows, Par::Seq, count).unwrap();
    right as f64 / labels.len() as f64
}

#[test]
fn a_closed_form_in_blocks_is_that_in_memory_to_rounding() {
    let (x, labels) = rings(BLOCK_ROWS + 500);
    let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
    let params = NetworkParams {
        selection: Selection::Fixed(Bandwidth::new(0.7).unwrap()),
        max_layers: 2,
        sample_rows: 5000,
        ..random_features(128)[1]
    };
    for head in [HeadKind::Bayes, HeadKind::NearestMean, HeadKind::Logistic, HeadKind::Knn { k: 3 }] {
        let params = NetworkParams { head, ..params };
        let in_memory = Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut ()).unwrap().network;
        let in_blocks = Network::fit_rows(&params, &rows, Par::Seq, &mut ()).unwrap().network;
        assert_eq!(in_blocks.layers().len(), in_memory.layers().len());
        for (a, b) in in_blocks.layers().iter().zip(in_memory.layers()) {
            let weights = |layer: &Layer| {
                let layer = layer.downcast_ref::<ClosedFormLayer>().expect("a closed form");
                layer.explicit_weights().unwrap().to_owned()
            };
            let difference = weights(a) - weights(b);
            assert!(difference.norm_l2() < ROUNDING);
        }
        let of = |network: &Network| network.predict_log_proba(x.as_ref(), Par::Seq).unwrap();
        // the logistic fit stops at a gradient, a few digits earlier
        let tolerance = if head == HeadKind::Logistic { 1e-4 } else { 1e-6 };
        let (a, b) = (of(&in_blocks), of(&in_memory));
        assert!((&a - &b).norm_max() < tolerance * b.norm_max(), "{head:?}: {}", (&a - &b).norm_max());
    }
}

#[test]
fn hsic_in_blocks_is_that_of_the_layers_own_random_features() {
    let (x, labels) = rings(3000);
    let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
    for params in random_features(512) {
        let params = NetworkParams { max_layers: 1, ..params };
        let network = Network::fit_rows(&params, &rows, Par::Seq, &mut ()).unwrap().network;
        let in_memory = Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut ()).unwrap().network;
        let (a, b) = (network.summaries()[0].hsic_normalized, in_memory.summaries()[0].hsic_normalized);
        // the noise of 512 features
        assert!((a - b).abs() < 0.03, "{a} and {b}");
    }
}

#[test]
fn rows_beyond_the_sample_are_learnt_from_and_classified() {
    let (x, labels) = rings(3 * BLOCK_ROWS);
    let (test, test_labels) = rings(1000);
    let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
    for params in random_features(300) {
        let params = NetworkParams { sample_rows: 400, ..params };
        let mut seen = Vec::new();
        let mut observer = |summary: &LayerSummary| seen.push(summary.hsic_normalized);
        let fit = Network::fit_rows(&params, &rows, Par::Seq, &mut observer).unwrap();
        assert!(fit.labels.len() < 500 && fit.labels.is_class_sorted());
        for LayerTrace { summary, z, .. } in &fit.trace {
            assert_eq!((z.nrows(), z.ncols()), (fit.labels.len(), summary.width));
        }
        let network = fit.network;
        assert!(!seen.is_empty() && seen.iter().all(|hsic| (0.0..=1.0).contains(hsic)));
        assert!(accuracy(&network, &test, &test_labels) > 0.97, "{:?}", network.summaries());
    }
}

#[test]
fn threads_do_not_change_a_bit_of_a_network() {
    let (x, labels) = rings(3 * BLOCK_ROWS - 100);
    let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
    for params in random_features(64) {
        let params = NetworkParams { max_layers: 2, sample_rows: 300, ..params };
        let one = Network::fit_rows(&params, &rows, Par::Seq, &mut ()).unwrap().network;
        for threads in [2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let many = pool.install(|| {
                Network::fit_rows(&params, &rows, hsic_kernels::all_threads(), &mut ()).unwrap().network
            });
            assert!(one.layers() == many.layers() && one.output() == many.output());
        }
    }
}

#[test]
fn a_head_on_the_projection_is_that_of_the_layers_rows() {
    let (x, labels) = rings(3000);
    let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
    for head in [HeadKind::Bayes, HeadKind::Knn { k: 5 }] {
        let output = OutputKind::Projection;
        let params = NetworkParams { head, output, max_layers: 1, ..random_features(128)[0] };
        let network = Network::fit_rows(&params, &rows, Par::Seq, &mut ()).unwrap().network;
        let z = network.transform(x.as_ref(), Par::Seq).unwrap();
        let expected = Head::fit(head, z.as_ref(), &labels, Par::Seq).unwrap();
        let expected = expected.log_proba(z.as_ref(), Par::Seq).unwrap();
        let log_proba = network.predict_log_proba(x.as_ref(), Par::Seq).unwrap();
        assert!((log_proba - &expected).norm_max() < 1e-8 * expected.norm_max(), "{head:?}");
    }
}

#[test]
fn what_cannot_be_fitted_in_blocks_is_refused() {
    let (x, labels) = rings(100);
    let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
    let error = Network::fit_rows(&NetworkParams::closed_form(), &rows, Par::Seq, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "rows in blocks need random features: an exact layer keeps every row");
    let kernel = NetworkParams { output: OutputKind::Kernel, ..NetworkParams::spectral() };
    let error = Network::fit_rows(&kernel, &rows, Par::Seq, &mut ()).unwrap_err();
    let expected =
        "rows in blocks need the output `features` or `projection`: the kernel's own output keeps every row";
    assert_eq!(error.to_string(), expected);
    let one_class = Labels::with_classes(vec![1; 100], 3).unwrap();
    let rows = MatrixRows::new(x.as_ref(), &one_class).unwrap();
    for params in random_features(64) {
        let error = Network::fit_rows(&params, &rows, Par::Seq, &mut ()).unwrap_err();
        assert_eq!(error.to_string(), "a layer needs rows of at least two classes, got 1");
    }
    let mut broken = x.clone();
    broken[(70, 2)] = f64::NAN;
    let rows = MatrixRows::new(broken.as_ref(), &labels).unwrap();
    let error = Network::fit_rows(&random_features(64)[0], &rows, Par::Seq, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "a row of the source must be finite, got NaN at row 70, column 2");
}
