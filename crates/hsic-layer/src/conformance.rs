//! One suite over every solver, for the tests of a new one: whatever the method, a layer keeps these promises.
//!
//! ```
//! use hsic_layer::{ClosedForm, conformance, state::LayerRegistry};
//! conformance::check(&ClosedForm::default(), &LayerRegistry::default());
//! ```

use faer::{Mat, Par};
use hsic_kernels::random::stream;
use hsic_kernels::{Bandwidth, Labels};
use rand::RngExt;
use rand_distr::StandardNormal;

use crate::state::{LayerParts, LayerRegistry, Tensors};
use crate::{Context, Layer, LayerSolver};

/// Rounding of a walk over pairs in another order.
const ROUNDING: f64 = 1e-11;

/// Holds a solver against every promise: shapes, Z of the training rows, rows that do not depend on their batch, an objective that
/// never falls, the same bits for a seed and for any number of threads, a layer that is the same when `registry` reads it back,
/// and the words in which bad input is refused.
///
/// # Panics
/// Where a promise is broken.
pub fn check<S: LayerSolver>(solver: &S, registry: &LayerRegistry) {
    solver.check().expect("hyperparameters within their bounds");
    for (n, d, c) in [(40, 3, 2), (90, 20, 4), (30, 50, 3)] {
        let (x, labels) = problem(n, d, c, 5);
        let sigma = Bandwidth::new((d as f64).sqrt()).expect("positive");
        let context = Context { seed: 3, layer: 1, par: Par::Seq };
        let fit = |context: &Context| {
            let fit = solver.fit(x.as_ref(), &labels, sigma, context).expect("rows of some classes").erased();
            (fit.layer, fit.z, fit.solution)
        };
        let (layer, z, solution) = fit(&context);

        assert_eq!((layer.sigma(), layer.input_width(), layer.width()), (sigma, d, z.ncols()));
        assert_eq!(z.nrows(), n);
        let activated = layer.activate(z.as_ref(), Par::Seq).expect("the layer's own Z");
        assert_eq!(activated.shape(), (n, layer.activation_width()));
        assert!(z.norm_l2().is_finite() && activated.norm_l2().is_finite());

        let projected = layer.project(x.as_ref(), Par::Seq).expect("the training rows");
        assert!((&projected - &z).norm_l2() <= ROUNDING * z.norm_l2(), "training rows project to their Z");
        let few = layer.project(x.subrows(3, 5), Par::Seq).expect("some training rows");
        assert!(
            (&few - z.subrows(3, 5)).norm_l2() <= ROUNDING * z.norm_l2(),
            "a row does not depend on its batch"
        );
        let none = layer.project(Mat::zeros(0, d).as_ref(), Par::Seq).expect("no rows");
        assert_eq!(none.shape(), (0, z.ncols()));

        assert!(solution.objective_history.is_sorted(), "the objective never falls");
        assert!(!solution.termination.name().is_empty());

        let again = fit(&context);
        assert!(again.0 == layer && again.1 == z, "the same seed gives the same bits");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
        let threaded = pool.install(|| fit(&Context { par: hsic_kernels::all_threads(), ..context }));
        assert!(threaded.0 == layer && threaded.1 == z, "threads do not change a bit");

        is_the_same_when_read_back(&layer, solver.name(), registry);
        let error = layer.project(Mat::zeros(2, d + 1).as_ref(), Par::Seq).expect_err("too wide");
        assert_eq!(error.to_string(), format!("a layer fitted on {d} columns was given {}", d + 1));
    }
    refuses_bad_input(solver);
}

/// Rows of `c` classes, each with a shift of its own.
fn problem(n: usize, d: usize, c: usize, seed: u64) -> (Mat<f64>, Labels) {
    let mut rng = stream(seed, 90, 0);
    let labels = Labels::new((0..n).map(|i| (i * 7 + i / 3) % c).collect()).expect("classes without a gap");
    let x = Mat::from_fn(n, d, |i, k| {
        rng.sample::<f64, _>(StandardNormal) + if k % c == labels.codes()[i] { 1.5 } else { 0.0 }
    });
    (x, labels)
}

fn is_the_same_when_read_back(layer: &Layer, solver: &str, registry: &LayerRegistry) {
    let state = layer.state();
    assert_eq!(state.solver, solver, "a layer is stored under the name of its solver");
    let mut tensors: Tensors =
        state.tensors.into_iter().map(|(name, tensor)| (format!("layers.4.{name}"), tensor)).collect();
    let width = Some(layer.input_width());
    let mut parts = LayerParts::new(4, state.features, layer.sigma(), width, &mut tensors);
    let read = registry.read(solver, &mut parts).expect("a layer's own state");
    assert!(read == *layer, "a layer is the same when it is read back");
    assert!(tensors.is_empty(), "every tensor that is stored is read");
}

fn refuses_bad_input<S: LayerSolver>(solver: &S) {
    let (x, labels) = problem(20, 3, 2, 5);
    let sigma = Bandwidth::new(1.0).expect("positive");
    let message = |x: &Mat<f64>, labels: &Labels| {
        solver.fit(x.as_ref(), labels, sigma, &Context::default()).err().expect("refused").to_string()
    };
    let one_class = Labels::with_classes(vec![1; 20], 2).expect("codes below 2");
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
    let short = Labels::new(vec![0, 1]).expect("classes without a gap");
    assert!(message(&x, &short).ends_with("x is 20x3, the labels is 2x1"));
}
