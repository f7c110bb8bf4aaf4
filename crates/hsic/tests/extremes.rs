//! Numbers and tables at the edge, through the doors of the libraries: kernels, layers, networks, the scaler. Each gives a finite
//! result or an error, never a panic or a NaN.

use faer::{Mat, MatRef, Par};
use hsic_data::Scaler;
use hsic_kernels::bandwidth::{Subsample, max_hsic, median_heuristic};
use hsic_kernels::gaussian::{cross_gram, gram};
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Labels, hsic};
use hsic_net::{HeadKind, Network, NetworkParams};

fn finite(x: MatRef<'_, f64>) -> bool {
    (0..x.ncols()).all(|j| (0..x.nrows()).all(|i| x[(i, j)].is_finite()))
}

/// The tables, by name.
fn cases() -> Vec<(String, Mat<f64>, Labels)> {
    let in_turn = |n: usize, c: usize| Labels::new((0..n).map(|i| i % c).collect()).unwrap();
    let base = |n: usize, d: usize, scale: f64| {
        Mat::from_fn(n, d, |i, k| scale * ((i % 2) as f64 + ((i * 7 + k * 3) as f64).sin() / 10.0))
    };
    let mut cases: Vec<_> = [1e300, 1e160, 1e154, 1e-154, 1e-162, 1e-300, 1e-310, 5e-324]
        .into_iter()
        .map(|scale| (format!("{scale:e}"), base(24, 3, scale), in_turn(24, 2)))
        .collect();
    let mixed = Mat::from_fn(24, 3, |i, k| [1e300, 1.0, 1e-300][k] * base(24, 3, 1.0)[(i, k)]);
    let ends = Mat::from_fn(20, 2, |i, k| if (i + k) % 2 == 0 { f64::MAX } else { -f64::MAX });
    let one = Labels::new((0..20).map(|i| usize::from(i == 13)).collect()).unwrap();
    cases.extend([
        ("mixed scales".into(), mixed, in_turn(24, 2)),
        ("±MAX".into(), ends, in_turn(20, 2)),
        ("all zero".into(), Mat::zeros(20, 3), in_turn(20, 2)),
        (
            "a constant column".into(),
            Mat::from_fn(20, 2, |i, k| if k == 0 { 7.0 } else { i as f64 }),
            in_turn(20, 2),
        ),
        ("two rows".into(), base(2, 3, 1.0), in_turn(2, 2)),
        ("two equal rows".into(), Mat::full(2, 3, 1.5), in_turn(2, 2)),
        ("one row".into(), base(1, 3, 1.0), Labels::with_classes(vec![0], 2).unwrap()),
        ("d > n".into(), base(6, 200, 1.0), in_turn(6, 2)),
        ("duplicate rows".into(), Mat::from_fn(30, 2, |i, _| (i % 2) as f64), in_turn(30, 2)),
        ("contradictory rows".into(), Mat::from_fn(30, 2, |i, _| (i / 2 % 2) as f64), in_turn(30, 2)),
        ("a class of one row".into(), base(20, 3, 1.0), one),
        ("every row its class".into(), base(12, 3, 1.0), in_turn(12, 12)),
        (
            "classes without rows".into(),
            base(20, 3, 1.0),
            Labels::with_classes((0..20).map(|i| i % 2 * 7).collect(), 50).unwrap(),
        ),
    ]);
    cases
}

#[test]
fn kernels_and_bandwidths() {
    for (name, x, labels) in cases() {
        let x = x.as_ref();
        let plain = CenteredLabelGram::new(&labels, ClassWeight::Plain);
        let chosen = [median_heuristic(x, &Subsample::default())]
            .into_iter()
            .chain([max_hsic(x, &labels, &plain, &Subsample::default(), Par::Seq)])
            .filter_map(Result::ok);
        let given =
            [5e-324, 1e-300, 1e-160, 1.0, 1e160, 1e300, f64::MAX].map(|sigma| Bandwidth::new(sigma).unwrap());
        for sigma in chosen.chain(given) {
            let what = format!("{name}, σ {}", sigma.get());
            if let Ok(k) = gram(x, sigma, Par::Seq) {
                let within =
                    |i: usize, j: usize| (0.0..=1.0).contains(&k[(i, j)]) && (i != j || k[(i, i)] == 1.0);
                assert!((0..x.nrows()).all(|i| (0..x.nrows()).all(|j| within(i, j))), "{what}");
                let cross = cross_gram(x, x, sigma, Par::Seq).unwrap();
                assert!(finite(cross.as_ref()), "{what}");
            }
            if let Ok(found) = hsic::against_labels(x, sigma, &labels, Par::Seq) {
                let s = &found.statistics;
                assert!(
                    s.trace().is_finite() && s.biased().is_ok_and(f64::is_finite) == (s.n() > 1),
                    "{what}"
                );
                assert_eq!(s.unbiased().is_ok_and(f64::is_finite), s.n() > 3, "{what}");
                assert!((-1e-9..=1.0 + 1e-9).contains(&s.normalized()), "{what}: {}", s.normalized());
            }
        }
        for weight in [ClassWeight::Plain, ClassWeight::Balanced] {
            let gamma = CenteredLabelGram::new(&labels, weight);
            assert!(finite(gamma.blocks()), "{name}");
        }
    }
}

#[test]
fn the_scaler() {
    for (name, x, _) in cases() {
        let Ok(scaler) = Scaler::fit(x.as_ref()) else {
            // half of the smallest number, the deviation of its column, rounds to nothing
            let constant = ["all zero", "two equal rows", "one row", "5e-324"].contains(&name.as_str());
            assert!(constant, "{name}");
            continue;
        };
        assert!(scaler.means().iter().chain(scaler.stds()).all(|value| value.is_finite()), "{name}");
        assert!(scaler.stds().iter().all(|&std| std > 0.0), "{name}");
        let z = scaler.transform(x.as_ref()).unwrap();
        assert!(finite(z.as_ref()), "{name}");
        for column in z.col_iter() {
            let variance = column.iter().map(|z| z * z).sum::<f64>() / column.nrows() as f64;
            assert!((variance - 1.0).abs() < 1e-3, "{name}: {variance}");
        }
    }
}

#[test]
fn networks_of_both_solvers_and_every_head() {
    for (name, x, labels) in cases() {
        let standardised = Scaler::fit(x.as_ref()).and_then(|scaler| scaler.transform(x.as_ref())).ok();
        let tables = [("raw", Some(x)), ("standardised", standardised)];
        for (kind, x) in tables.into_iter().filter_map(|(kind, x)| Some((kind, x?))) {
            for solver in [NetworkParams::spectral(), NetworkParams::closed_form()] {
                for head in
                    [HeadKind::Bayes, HeadKind::NearestMean, HeadKind::Knn { k: 3 }, HeadKind::Logistic]
                {
                    let params = NetworkParams { head, max_layers: 3, ..solver };
                    let what = format!("{name}, {kind}, {head:?}");
                    let network = match Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut ()) {
                        Ok(fit) => fit.network,
                        Err(error) => {
                            let message = error.to_string();
                            assert!(!message.contains("NaN"), "{what}: {message}");
                            let edge = kind == "raw" || name == "one row" || name == "two equal rows";
                            assert!(edge, "{what}: {message}");
                            continue;
                        }
                    };
                    for layer in network.summaries() {
                        assert!(layer.hsic_normalized.is_finite(), "{what}");
                    }
                    let codes = network.predict(x.as_ref(), Par::Seq).unwrap();
                    assert_eq!(codes.len(), x.nrows());
                    let log_p = network.predict_log_proba(x.as_ref(), Par::Seq).unwrap();
                    for i in 0..x.nrows() {
                        let sum: f64 = (0..log_p.ncols()).map(|j| log_p[(i, j)].exp()).sum();
                        assert!((sum - 1.0).abs() < 1e-6, "{what}: probabilities sum to {sum}");
                    }
                    let easy =
                        ["1e300", "1e-300", "mixed scales", "±MAX", "two rows", "d > n", "duplicate rows"];
                    if kind == "standardised" && easy.contains(&name.as_str()) {
                        assert_eq!(codes, labels.codes(), "{what}");
                    }
                }
            }
        }
    }
}
