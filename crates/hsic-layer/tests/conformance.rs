//! One suite over every solver: whatever the method, a layer keeps these promises.

use faer::Mat;
use hsic_kernels::features::Frequencies;
use hsic_kernels::random::stream;
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use hsic_layer::state::LayerRegistry;
use hsic_layer::{
    Activation, ClosedForm, Context, Identity, KernelFeatures, LayerSolver, Spectral, WidthRule, conformance,
};
use rand::RngExt;
use rand_distr::StandardNormal;

fn problem(n: usize, d: usize, c: usize, seed: u64) -> (Mat<f64>, Labels) {
    let mut rng = stream(seed, 90, 0);
    let labels = Labels::new((0..n).map(|i| (i * 7 + i / 3) % c).collect()).unwrap();
    let x = Mat::from_fn(n, d, |i, k| {
        rng.sample::<f64, _>(StandardNormal) + if k % c == labels.codes()[i] { 1.5 } else { 0.0 }
    });
    (x, labels)
}

/// Runs every promise on one solver.
fn conforms<S: LayerSolver>(solver: &S, expected_name: &str) {
    assert_eq!(solver.name(), expected_name);
    conformance::check(solver, &LayerRegistry::default());
}

#[test]
fn closed_form_conforms() {
    conforms(&ClosedForm::default(), "closed-form");
    for frequencies in [Frequencies::Independent, Frequencies::Orthogonal] {
        let features = KernelFeatures::Random { m: 200, frequencies };
        conforms(&ClosedForm { features, ..ClosedForm::default() }, "closed-form");
    }
}

#[test]
fn the_identity_conforms() {
    conforms(&Identity, "identity");
}

#[test]
fn spectral_conforms() {
    let variants = [
        Spectral::default(),
        Spectral { activation: Activation::EXACT, ..Spectral::default() },
        Spectral { class_weight: ClassWeight::Balanced, ..Spectral::default() },
        Spectral { width: WidthRule::Fixed(2), ..Spectral::default() },
        Spectral { width: WidthRule::PositiveEigenvalues, ..Spectral::default() },
    ];
    for solver in variants {
        conforms(&solver, "spectral");
    }
}

#[test]
fn random_features_approach_the_exact_closed_form() {
    let (x, labels) = problem(60, 4, 3, 8);
    let sigma = Bandwidth::new(2.0).unwrap();
    let fit = |solver: ClosedForm| solver.fit(x.as_ref(), &labels, sigma, &Context::default()).unwrap();
    let exact = fit(ClosedForm::default()).z;
    let error = |m| {
        let features = KernelFeatures::Random { m, frequencies: Frequencies::Independent };
        (fit(ClosedForm { features, ..ClosedForm::default() }).z - &exact).norm_l2() / exact.norm_l2()
    };
    let (coarse, fine) = (error(200), error(20_000));
    // the error falls as 1/√m: by 10 here, give or take the luck of one draw
    assert!(fine < coarse / 4.0 && fine < 0.02, "errors {coarse} and {fine}");
}

#[test]
fn self_exclusion_needs_no_second_fit() {
    let (x, labels) = problem(30, 3, 2, 8);
    let sigma = Bandwidth::new(2.0).unwrap();
    let fit = |self_excluded| {
        let solver = ClosedForm { self_excluded, ..ClosedForm::default() };
        solver.fit(x.as_ref(), &labels, sigma, &Context::default()).unwrap()
    };
    let (with, without) = (fit(false), fit(true));
    assert!(with.layer == without.layer, "only the training rows' own Z differs");
    for i in 0..30 {
        for a in 0..2 {
            assert_eq!(with.z[(i, a)] > without.z[(i, a)], labels.codes()[i] == a);
        }
    }
}
