//! What the spectral solver promises beyond the common suite: orthonormal weights, an objective that never falls,
//! stationarity, agreement with an independent eigensolver, and compression that changes nothing.

use faer::{Mat, Par};
use hsic_kernels::random::stream;
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use hsic_layer::stiefel::{align, orthonormality_error, projector_distance};
use hsic_layer::{Context, LayerSolver, Objective, Spectral, Termination, WidthRule};
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::StandardNormal;

const ORTHONORMAL: f64 = 1e-12;
const STATIONARY: f64 = 1e-4;

fn problem(n: usize, d: usize, c: usize, signal: f64, seed: u64) -> (Mat<f64>, Labels) {
    let mut rng = stream(seed, 91, 0);
    let mut codes: Vec<usize> = (0..n).map(|_| rng.random_range(0..c)).collect();
    codes[..c].copy_from_slice(&(0..c).collect::<Vec<_>>());
    let x = Mat::from_fn(n, d, |i, k| {
        rng.sample::<f64, _>(StandardNormal) + if k % c == codes[i] { signal } else { 0.0 }
    });
    (x, Labels::new(codes).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn certificates_on_random_problems(
        n in 20usize..120, d in 2usize..25, c in 2usize..5, q in 1usize..6, signal in 0.0f64..2.0, s in 0.3f64..3.0,
        balanced: bool, seed: u64,
    ) {
        let (x, labels) = problem(n, d, c, signal, seed);
        let class_weight = if balanced { ClassWeight::Balanced } else { ClassWeight::Plain };
        let sigma = Bandwidth::new(s * (q as f64).sqrt()).unwrap();
        let solver = Spectral {
            tolerance: 1e-9, max_iterations: 5000, width: WidthRule::Fixed(q), class_weight, ..Spectral::default()
        };
        let fit = solver.fit(x.as_ref(), &labels, sigma, &Context::default()).unwrap();
        let w = fit.layer.weights();
        prop_assert!(orthonormality_error(w) <= ORTHONORMAL, "‖WᵀW − I‖ = {}", orthonormality_error(w));
        let history = &fit.solution.objective_history;
        prop_assert!(history.windows(2).all(|pair| pair[1] > pair[0]), "the objective falls: {history:?}");
        prop_assert!(fit.solution.termination != Termination::MaxIterations);
        let residual = fit.solution.residual.unwrap();
        prop_assert!(residual <= STATIONARY, "residual {residual}, {:?}, {} iterations", fit.solution.termination, fit.solution.iterations);

        // the objective and the stationarity hold in the original coordinates too, not only in the compressed ones
        let objective = Objective::new(x.as_ref(), &labels, sigma, class_weight, Par::Seq).unwrap();
        let value = objective.value(w).unwrap();
        prop_assert!((value - history.last().unwrap()).abs() <= 1e-9 * value.abs().max(1e-3));
        let q_matrix = objective.q_matrix(w).unwrap();
        let qw = &q_matrix * w;
        let off = &qw - w * (w.transpose() * &qw);
        prop_assert!(off.norm_l2() <= 2.0 * STATIONARY * q_matrix.norm_l2());
    }
}

#[test]
fn the_first_step_goes_to_the_eigenvectors_an_independent_solver_finds() {
    let (x, labels) = problem(60, 8, 3, 1.0, 4);
    let sigma = Bandwidth::new(2.0).unwrap();
    let objective = Objective::new(x.as_ref(), &labels, sigma, ClassWeight::Plain, Par::Seq).unwrap();
    let q = objective.q_matrix(Mat::<f64>::identity(8, 3).as_ref()).unwrap();
    let oracle = nalgebra::DMatrix::from_fn(8, 8, |i, j| q[(i, j)]).symmetric_eigen();
    let mut order: Vec<usize> = (0..8).collect();
    order.sort_by(|&a, &b| oracle.eigenvalues[b].total_cmp(&oracle.eigenvalues[a]));
    let expected = Mat::from_fn(8, 3, |i, j| oracle.eigenvectors[(i, order[j])]);
    let (_, ours) = hsic_kernels::linalg::symmetric_eigen(q.as_ref()).unwrap();
    assert!(projector_distance(ours.subcols(0, 3), expected.as_ref()) < 1e-10);
}

#[test]
fn compression_to_the_rank_changes_nothing() {
    // 20 columns that span 6 dimensions
    let (low, labels) = problem(80, 6, 3, 1.0, 9);
    let mut rng = stream(1, 92, 0);
    let mix = Mat::from_fn(6, 20, |_, _| rng.sample::<f64, _>(StandardNormal));
    let x = &low * &mix;
    let sigma = Bandwidth::new(4.0).unwrap();
    let solver =
        Spectral { tolerance: 1e-9, max_iterations: 2000, width: WidthRule::Fixed(2), ..Spectral::default() };
    let fit = solver.fit(x.as_ref(), &labels, sigma, &Context::default()).unwrap();
    let objective = Objective::new(x.as_ref(), &labels, sigma, ClassWeight::Plain, Par::Seq).unwrap();
    let w = fit.layer.weights();
    assert_eq!(w.shape(), (20, 2));
    let value = objective.value(w).unwrap();
    assert!((value - fit.solution.objective_history.last().unwrap()).abs() < 1e-10 * value);
    let q = objective.q_matrix(w).unwrap();
    let qw = &q * w;
    assert!((&qw - w * (w.transpose() * &qw)).norm_l2() <= STATIONARY * q.norm_l2());
}

#[test]
fn the_width_follows_its_rule() {
    let (x, labels) = problem(60, 10, 3, 1.0, 2);
    let sigma = Bandwidth::new(3.0).unwrap();
    let width = |rule| {
        let solver = Spectral { width: rule, ..Spectral::default() };
        solver.fit(x.as_ref(), &labels, sigma, &Context::default()).unwrap().layer.weights().ncols()
    };
    assert_eq!(width(WidthRule::Fixed(4)), 4);
    assert_eq!(width(WidthRule::Fixed(99)), 10, "not more than the rank");
    assert_eq!(width(WidthRule::SingularShare(0.01)), 3, "not fewer than the classes");
    let half = width(WidthRule::SingularShare(0.5));
    assert!((4..=6).contains(&half), "half of ten similar singular values is about five, got {half}");
    assert!(width(WidthRule::PositiveEigenvalues) >= 1);
    let whole = Spectral { width: WidthRule::Fixed(10), ..Spectral::default() };
    let fit = whole.fit(x.as_ref(), &labels, sigma, &Context::default()).unwrap();
    assert_eq!(fit.solution.termination, Termination::WholeSpace);
}

#[test]
fn parameters_are_checked() {
    let (x, labels) = problem(20, 3, 2, 1.0, 2);
    let sigma = Bandwidth::new(1.0).unwrap();
    let message = |solver: Spectral| {
        solver.fit(x.as_ref(), &labels, sigma, &Context::default()).unwrap_err().to_string()
    };
    let base = Spectral::default();
    assert_eq!(message(Spectral { tolerance: 0.0, ..base }), "tolerance must be above 0 and below 1, got 0");
    assert_eq!(message(Spectral { width: WidthRule::Fixed(0), ..base }), "width must be at least 1, got 0");
    assert_eq!(
        message(Spectral { width: WidthRule::SingularShare(1.5), ..base }),
        "width.share must be above 0 and below 1, got 1.5"
    );
}

#[test]
fn alignment_keeps_the_subspace_and_comes_nearest() {
    let mut rng = stream(3, 93, 0);
    let mut basis = || {
        let a = Mat::from_fn(9, 3, |_, _| rng.sample::<f64, _>(StandardNormal));
        hsic_kernels::linalg::polar_factor(a.as_ref()).unwrap()
    };
    let (w, target) = (basis(), basis());
    let aligned = align(w.as_ref(), target.as_ref()).unwrap();
    assert!(projector_distance(aligned.as_ref(), w.as_ref()) < 1e-13);
    assert!((&aligned - &target).norm_l2() <= (&w - &target).norm_l2());
    assert!(projector_distance(w.as_ref(), target.as_ref()) > 0.1);
}
