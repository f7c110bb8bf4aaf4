use faer::linalg::solvers::Solve;
use hsic_kernels::Bandwidth;

use super::path::Regression;
use super::*;

/// Rounding of a solve by another decomposition, relative.
const TOLERANCE: f64 = 1e-9;
/// What directions that are left out of the kernel at the smallest ridges make of rows not trained on, relative.
const LEFT_OUT: f64 = 1e-5;

/// What Cholesky's raised diagonal makes of a kernel that is singular to rounding, relative.
const FACTORED: f64 = 1e-6;

fn sample(n: usize, c: usize) -> (Mat<f64>, Labels) {
    let x =
        Mat::from_fn(n, 2, |i, k| ((i * (7 + 4 * k) + i * i * (k + 1)) % 23) as f64 / 7.0 + i as f64 * 1e-3);
    let class = |i: usize| ((x[(i, 0)] * x[(i, 1)]) as usize + usize::from(i.is_multiple_of(7))) % c;
    let labels = Labels::with_classes((0..n).map(class).collect(), c).unwrap();
    (x, labels)
}

/// Scores of new rows by the regression with a free intercept, weights and a full kernel, from its normal equations
/// (KWK + λK)α + KW1b = KWY, 1ᵀWKα + 1ᵀW1b = 1ᵀWY with K⁻¹ taken out of the first.
fn dense(
    x: MatRef<'_, f64>,
    one_hot: &Mat<f64>,
    weights: &[f64],
    kernel: Kernel,
    ridge: f64,
    new: MatRef<'_, f64>,
) -> Mat<f64> {
    let n = x.nrows();
    let k = kernel.gram(x, Par::Seq).unwrap();
    let system = Mat::from_fn(n + 1, n + 1, |i, j| match (i < n, j < n) {
        (true, true) => weights[i] * k[(i, j)] + if i == j { ridge } else { 0.0 },
        (true, false) => weights[i],
        (false, true) => (0..n).map(|l| weights[l] * k[(l, j)]).sum(),
        (false, false) => weights.iter().sum(),
    });
    let right = Mat::from_fn(n + 1, one_hot.ncols(), |i, a| {
        if i < n { weights[i] * one_hot[(i, a)] } else { (0..n).map(|l| weights[l] * one_hot[(l, a)]).sum() }
    });
    let solution = system.partial_piv_lu().solve(&right);
    let values = kernel.cross_gram(new, x, Par::Seq).unwrap();
    let mut scores = values * solution.subrows(0, n);
    for a in 0..scores.ncols() {
        scores.col_mut(a).iter_mut().for_each(|score| *score += solution[(n, a)]);
    }
    scores
}

fn kernels_and_weights() -> impl Iterator<Item = (Kernel, ClassWeight)> {
    let weights = [ClassWeight::Plain, ClassWeight::Balanced];
    KernelKind::ALL.into_iter().flat_map(move |kind| {
        weights.map(|weight| (Kernel { kind, sigma: Bandwidth::new(0.8).unwrap() }, weight))
    })
}

fn one_hot(labels: &Labels) -> Mat<f64> {
    Mat::from_fn(labels.len(), labels.n_classes(), |i, a| f64::from(u8::from(labels.codes()[i] == a)))
}

#[test]
fn leave_one_out_scores_are_those_of_a_loop() {
    let (x, labels) = sample(40, 3);
    let y = one_hot(&labels);
    for (kernel, class_weight) in kernels_and_weights() {
        let targets = Targets::new(&labels, class_weight);
        let regressions = spectrum::exact(x.as_ref(), kernel, &targets).unwrap();
        assert!(regressions.is_sorted_by(|one, other| one.held_out.error <= other.held_out.error));
        for Regression { held_out, .. } in &regressions {
            for i in 0..40 {
                let others: Vec<usize> = (0..40).filter(|&j| j != i).collect();
                let pick = |m: &Mat<f64>| Mat::from_fn(39, m.ncols(), |l, k| m[(others[l], k)]);
                let weights: Vec<f64> = others.iter().map(|&j| targets.weight(j)).collect();
                let expected = dense(
                    pick(&x).as_ref(),
                    &pick(&y),
                    &weights,
                    kernel,
                    RIDGES[held_out.ridge],
                    x.subrows(i, 1),
                );
                for a in 0..3 {
                    let got = held_out.scores[(i, a)];
                    assert!((got - expected[(0, a)]).abs() <= TOLERANCE, "{got} {}", expected[(0, a)]);
                }
            }
        }
    }
}

#[test]
fn features_of_the_span_of_all_rows_are_the_kernel() {
    let (x, labels) = sample(60, 3);
    for (kernel, class_weight) in kernels_and_weights() {
        let targets = Targets::new(&labels, class_weight);
        let exact = spectrum::exact(x.as_ref(), kernel, &targets).unwrap();
        // one centre more than there are rows, a row twice
        let centres = Mat::from_fn(61, 2, |i, k| x[(i % 60, k)]);
        let nystrom = spectrum::nystrom(x.as_ref(), centres.as_ref(), kernel, &targets).unwrap();
        for (one, other) in exact.iter().zip(&nystrom) {
            assert_eq!(one.held_out.ridge, other.held_out.ridge);
            let difference = &one.held_out.scores - &other.held_out.scores;
            assert!(difference.norm_l2() <= TOLERANCE * one.held_out.scores.norm_l2());
        }
    }
}

#[test]
fn a_factor_a_ridge_gives_what_the_decomposition_gives() {
    let (x, labels) = sample(700, 3);
    let centres = x.subrows(0, 600);
    let held: Vec<usize> = (0..700).step_by(3).collect();
    for (kernel, class_weight) in kernels_and_weights() {
        // narrow enough that the kernel is not singular to rounding
        let kernel = Kernel { sigma: Bandwidth::new(0.02).unwrap(), ..kernel };
        let targets = Targets::new(&labels, class_weight);
        let decomposed = spectrum::nystrom(x.as_ref(), centres, kernel, &targets).unwrap();
        let fit = |par| factor::fit(x.as_ref(), centres, kernel, &targets, &held, par).unwrap();
        let factored = fit(Par::Seq);
        let mut compared = 0;
        for one in &factored {
            let same = |other: &&Regression| other.held_out.ridge == one.held_out.ridge;
            let Some(other) = decomposed.iter().find(same) else { continue };
            let scores = Mat::from_fn(held.len(), 3, |i, a| other.held_out.scores[(held[i], a)]);
            let difference = (&one.held_out.scores - &scores).norm_l2() / scores.norm_l2();
            assert!(difference <= FACTORED, "{difference:e}");
            let rows = kernel.cross_gram(x.as_ref(), centres, Par::Seq).unwrap();
            let (got, expected) = (&rows * &one.coefficients, &rows * &other.coefficients);
            assert!((&got - &expected).norm_l2() <= FACTORED * expected.norm_l2());
            for (got, expected) in one.shift.iter().zip(&other.shift) {
                assert!((got - expected).abs() <= FACTORED * expected.abs().max(1.0));
            }
            compared += 1;
        }
        assert!(compared > 0, "no ridge in common");
        let threaded = fit(hsic_kernels::all_threads());
        assert_eq!(factored[0].coefficients, threaded[0].coefficients);
    }
}

#[test]
fn the_scores_are_the_mean_of_dense_solutions() {
    let (x, labels) = sample(60, 3);
    let (new, _) = sample(9, 3);
    let new = new + Mat::from_fn(9, 2, |i, k| 0.1 * (i + k) as f64);
    for class_weight in [ClassWeight::Plain, ClassWeight::Balanced] {
        let targets = Targets::new(&labels, class_weight);
        let weights: Vec<f64> = (0..60).map(|i| targets.weight(i)).collect();
        let kernels = all_kernels(&KernelKind::ALL, x.as_ref()).unwrap();
        let all: Vec<usize> = (0..60).collect();
        let paths = fit_paths(x.as_ref(), x.as_ref(), &kernels, &targets, &all, Par::Seq).unwrap();
        let mut expected = Mat::zeros(9, 3);
        for (path, members) in paths.iter().zip(blend(&paths, &targets).members) {
            for (place, weight) in members {
                let ridge = path.regressions[place].held_out.ridge;
                let of_one =
                    dense(x.as_ref(), &one_hot(&labels), &weights, path.kernel, RIDGES[ridge], new.as_ref());
                expected += of_one * faer::Scale(weight);
            }
        }
        let params = RidgeParams { class_weight, ..RidgeParams::DEFAULT };
        let head = RidgeHead::fit(x.as_ref(), &labels, params, Par::Seq).unwrap();
        let got = head.scores(new.as_ref(), Par::Seq).unwrap();
        let difference = (&got - &expected).norm_l2() / expected.norm_l2();
        assert!(difference <= LEFT_OUT, "{difference:e}");
        // the classes are as many as columns of a probability
        let log_proba = head.log_proba(new.as_ref(), Par::Seq).unwrap();
        for i in 0..9 {
            assert!((log_proba.row(i).iter().map(|log| log.exp()).sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn threads_and_repeated_rows_change_nothing() {
    let (x, labels) = sample(50, 2);
    let head = RidgeHead::fit(x.as_ref(), &labels, RidgeParams::DEFAULT, Par::Seq).unwrap();
    assert_eq!(
        head,
        RidgeHead::fit(x.as_ref(), &labels, RidgeParams::DEFAULT, hsic_kernels::all_threads()).unwrap()
    );
    // every row twice with half the ridge would be the same; the centres are the same fifty
    let twice = Mat::from_fn(100, 2, |i, k| x[(i / 2, k)]);
    let labels_twice = Labels::new((0..100).map(|i| labels.codes()[i / 2]).collect()).unwrap();
    let head = RidgeHead::fit(twice.as_ref(), &labels_twice, RidgeParams::DEFAULT, Par::Seq).unwrap();
    assert_eq!(head.centres, x, "half of the rows repeat others");
}

#[test]
fn the_metric_is_of_the_gradients_of_the_scores() {
    const STEP: f64 = 1e-5;
    let (x, labels) = sample(80, 3);
    let first =
        RidgeHead::fit_with(&[KernelKind::Gaussian], x.as_ref(), &labels, RidgeParams::DEFAULT, Par::Seq);
    let first = first.unwrap();
    let metric = metric::of_gradients(x.as_ref(), &labels, &first, Par::Seq).unwrap().unwrap();
    let mut expected = Mat::<f64>::zeros(2, 2);
    for i in 0..80 {
        let at = |k: usize, by: f64| {
            let row = Mat::from_fn(1, 2, |_, l| x[(i, l)] + if k == l { by } else { 0.0 });
            first.scores(row.as_ref(), Par::Seq).unwrap()
        };
        let slopes = [0, 1].map(|k| (at(k, STEP) - at(k, -STEP)) * faer::Scale(0.5 / STEP));
        expected +=
            Mat::from_fn(2, 2, |k, l| (0..3).map(|a| slopes[k][(0, a)] * slopes[l][(0, a)]).sum::<f64>());
    }
    let squared = &metric * &metric;
    let got = &squared * &squared;
    let got = &got * faer::Scale(expected.norm_l2() / got.norm_l2());
    assert!((&got - &expected).norm_l2() <= 1e-6 * expected.norm_l2(), "{got:?} {expected:?}");
    // the variance of all columns together stays
    let spread = |rows: &Mat<f64>| {
        let mean = |k: usize| rows.col(k).iter().sum::<f64>() / 80.0;
        (0..2).map(|k| rows.col(k).iter().map(|value| (value - mean(k)).powi(2)).sum::<f64>()).sum::<f64>()
    };
    assert!((spread(&(&x * &metric)) / spread(&x) - 1.0).abs() < 1e-12);
}

#[test]
fn a_metric_leaves_out_what_does_not_matter() {
    // the signs of two columns of twenty tell the class
    let mut rng = hsic_kernels::random::stream(0, 0, 0);
    let x = Mat::from_fn(800, 20, |_, _| rand::RngExt::sample(&mut rng, rand_distr::StandardNormal));
    let code = |i: usize| usize::from(x[(i, 0)] * x[(i, 1)] > 0.0);
    let labels = Labels::new((0..800).map(code).collect()).unwrap();
    let (train, test) = (x.subrows(0, 400), x.subrows(400, 400));
    let of_train = labels.select(&(0..400).collect::<Vec<_>>()).unwrap();
    let accuracy = |learns_metric| {
        let params = RidgeParams { learns_metric, ..RidgeParams::DEFAULT };
        let head = RidgeHead::fit(train, &of_train, params, Par::Seq).unwrap();
        let best = largest_columns(head.log_proba(test, Par::Seq).unwrap().as_ref());
        best.iter().zip(&labels.codes()[400..]).filter(|(got, code)| got == code).count()
    };
    assert!(accuracy(true) >= accuracy(false) + 20, "{} {}", accuracy(true), accuracy(false));
}

#[test]
fn labels_of_chance_are_not_learnt() {
    // mean over seeds of how far leave-one-out accuracy is above one half
    let mut excess = 0.0;
    for seed in 0..20 {
        let mut rng = hsic_kernels::random::stream(seed, 0, 0);
        let x = Mat::from_fn(200, 10, |_, _| rand::RngExt::sample(&mut rng, rand_distr::StandardNormal));
        let labels = Labels::new((0..200).map(|i| i % 2).collect()).unwrap();
        let head = RidgeHead::fit(x.as_ref(), &labels, RidgeParams::DEFAULT, Par::Seq).unwrap();
        excess += (head.leave_one_out().accuracy - 0.5) / 20.0;
        assert!(head.leave_one_out().log_loss > 0.67, "{:?}", head.leave_one_out());
    }
    assert!(excess <= 0.02, "{excess}");
}

#[test]
fn rows_without_anything_to_tell_them_apart_have_the_shares_of_the_classes() {
    let labels = Labels::with_classes(vec![0, 1, 1, 1], 3).unwrap();
    let head =
        RidgeHead::fit(Mat::from_fn(4, 2, |_, _| 5.0).as_ref(), &labels, RidgeParams::DEFAULT, Par::Seq)
            .unwrap();
    assert!(head.kernels().is_empty());
    let log_proba = head.log_proba(Mat::zeros(1, 2).as_ref(), Par::Seq).unwrap();
    assert!(log_proba[(0, 1)] > log_proba[(0, 0)] && log_proba[(0, 2)] == f64::NEG_INFINITY, "{log_proba:?}");
}

#[test]
fn few_rows_many_columns_and_many_classes_stay_finite() {
    let two = Labels::new(vec![0, 1]).unwrap();
    let alone = Labels::new([vec![0; 9], vec![1]].concat()).unwrap();
    let many = Labels::new((0..500).map(|i| i / 2).collect()).unwrap();
    for (n, d, labels) in [(2, 1, two), (10, 3000, alone), (500, 3, many)] {
        let x = Mat::from_fn(n, d, |i, k| ((i * 31 + k * 17) as f64).sin());
        for class_weight in [ClassWeight::Plain, ClassWeight::Balanced] {
            let params = RidgeParams { class_weight, ..RidgeParams::DEFAULT };
            let head = RidgeHead::fit(x.as_ref(), &labels, params, Par::Seq).unwrap();
            let log_proba = head.log_proba(x.as_ref(), Par::Seq).unwrap();
            assert!((0..n).all(|i| log_proba.row(i).iter().all(|log| log.is_finite() && *log <= 0.0)));
            assert!(head.leave_one_out().log_loss.is_finite());
        }
    }
}

fn matrix(value: &serde_json::Value) -> Mat<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Mat::from_fn(rows.len(), rows[0].len(), |i, k| rows[i][k])
}

/// scripts/golden/ridge.py: `Ridge`, `RidgeCV` and `KernelRidge` of scikit-learn.
#[test]
fn scores_are_those_of_scikit_learn() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../scripts/golden/ridge.json")).unwrap();
    let (x, new) = (matrix(&golden["x"]), matrix(&golden["new"]));
    let codes: Vec<usize> = serde_json::from_value(golden["codes"].clone()).unwrap();
    let labels = Labels::new(codes).unwrap();
    let sigma = Bandwidth::new(golden["sigma"].as_f64().unwrap()).unwrap();
    let ridge = RIDGES.iter().position(|&ridge| ridge == golden["ridge"]).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let kernel = Kernel { kind: KernelKind::from_name(case["kernel"].as_str().unwrap()).unwrap(), sigma };
        let class_weight = match case["class_weight"].as_str() {
            Some("balanced") => ClassWeight::Balanced,
            _ => ClassWeight::Plain,
        };
        let targets = Targets::new(&labels, class_weight);
        let regressions = spectrum::exact(x.as_ref(), kernel, &targets).unwrap();
        let regression = regressions.iter().find(|one| one.held_out.ridge == ridge).unwrap();
        assert!((&regression.held_out.scores - matrix(&case["held_out"])).norm_max() < TOLERANCE, "{case}");
        let points = Points::new(x.as_ref()).unwrap();
        let mut scores =
            kernel.cross_product(new.as_ref(), &points, regression.coefficients.as_ref(), Par::Seq).unwrap();
        for (a, (mean, shift)) in targets.means().iter().zip(&regression.shift).enumerate() {
            scores.col_mut(a).iter_mut().for_each(|score| *score += mean - shift);
        }
        assert!((&scores - matrix(&case["scores"])).norm_max() < TOLERANCE, "{case}");
    }
}
