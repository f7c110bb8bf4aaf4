//! One suite over every solver: whatever the method, a layer keeps these promises.

use faer::{Mat, Par};
use hsic_kernels::features::Frequencies;
use hsic_kernels::random::stream;
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use hsic_layer::{
    Activation, ClosedForm, Context, Fit, FittedLayer, KernelFeatures, LayerSolver, Spectral, WidthRule,
};
use rand::RngExt;
use rand_distr::StandardNormal;

/// Rounding of a walk over pairs in another order.
const ROUNDING: f64 = 1e-11;

fn problem(n: usize, d: usize, c: usize, seed: u64) -> (Mat<f64>, Labels) {
    let mut rng = stream(seed, 90, 0);
    let labels = Labels::new((0..n).map(|i| (i * 7 + i / 3) % c).collect()).unwrap();
    let x = Mat::from_fn(n, d, |i, k| {
        rng.sample::<f64, _>(StandardNormal) + if k % c == labels.codes()[i] { 1.5 } else { 0.0 }
    });
    (x, labels)
}

/// Runs every promise on one solver.
fn conforms<S: LayerSolver>(solver: &S, expected_name: &str)
where
    S::Layer: Clone + PartialEq,
{
    assert_eq!(solver.name(), expected_name);
    for (n, d, c) in [(40, 3, 2), (90, 20, 4), (30, 50, 3)] {
        let (x, labels) = problem(n, d, c, 5);
        let sigma = Bandwidth::new((d as f64).sqrt()).unwrap();
        let context = Context { seed: 3, layer: 1, par: Par::Seq };
        let Fit { layer, z, solution } = solver.fit(x.as_ref(), &labels, sigma, &context).unwrap();

        assert_eq!((layer.sigma(), layer.input_width(), layer.width()), (sigma, d, z.ncols()));
        assert_eq!(z.nrows(), n);
        let activated = layer.activate(z.as_ref(), Par::Seq).unwrap();
        assert_eq!(activated.nrows(), n);
        assert!(z.norm_l2().is_finite() && activated.norm_l2().is_finite());

        let projected = layer.project(x.as_ref(), Par::Seq).unwrap();
        assert!((&projected - &z).norm_l2() <= ROUNDING * z.norm_l2(), "training rows project to their Z");
        let few = layer.project(x.subrows(3, 5), Par::Seq).unwrap();
        assert!(
            (&few - z.subrows(3, 5)).norm_l2() <= ROUNDING * z.norm_l2(),
            "a row does not depend on its batch"
        );
        assert_eq!(layer.project(Mat::zeros(0, d).as_ref(), Par::Seq).unwrap().shape(), (0, z.ncols()));

        assert!(solution.objective_history.is_sorted(), "the objective never falls");
        assert!(!solution.termination.name().is_empty());

        let again = solver.fit(x.as_ref(), &labels, sigma, &context).unwrap();
        assert!(again.layer == layer && again.z == z, "the same seed gives the same bits");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let parallel = Context { par: Par::rayon(0), ..context };
        let threaded = pool.install(|| solver.fit(x.as_ref(), &labels, sigma, &parallel).unwrap());
        assert!(threaded.layer == layer && threaded.z == z, "threads do not change a bit");

        let error = layer.project(Mat::zeros(2, d + 1).as_ref(), Par::Seq).unwrap_err();
        assert_eq!(error.to_string(), format!("a layer fitted on {d} columns was given {}", d + 1));
    }
    refuses_bad_input(solver);
}

fn refuses_bad_input<S: LayerSolver>(solver: &S) {
    let (x, labels) = problem(20, 3, 2, 5);
    let sigma = Bandwidth::new(1.0).unwrap();
    let message = |x: &Mat<f64>, labels: &Labels| {
        solver.fit(x.as_ref(), labels, sigma, &Context::default()).err().expect("refused").to_string()
    };
    let one_class = Labels::with_classes(vec![1; 20], 2).unwrap();
    assert_eq!(message(&x, &one_class), "a layer needs rows of at least two classes, got 1");
    assert_eq!(message(&Mat::full(20, 3, 2.0), &labels), "all rows of the layer's input are equal");
    for scale in [1e-200, 1e200] {
        assert_eq!(
            message(&Mat::from_fn(20, 3, |i, _| scale * (i % 4) as f64), &labels),
            format!(
                "the rows of the layer's input differ by at most {:.1e}, and squares of such distances are beyond the range of \
                 a 64-bit float; standardise the rows",
                3.0 * scale
            )
        );
    }
    let mut bad = x.clone();
    bad[(4, 2)] = f64::INFINITY;
    assert_eq!(message(&bad, &labels), "the layer's input must be finite, got inf at row 4, column 2");
    let short = Labels::new(vec![0, 1]).unwrap();
    assert!(message(&x, &short).ends_with("x is 20x3, the labels is 2x1"));
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
