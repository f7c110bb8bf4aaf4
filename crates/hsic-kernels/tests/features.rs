//! Random features against the theory: unit rows, no bias, and an error that follows the known variance.

use faer::Mat;
use hsic_kernels::features::{Frequencies, RandomFeatures};
use hsic_kernels::{Bandwidth, random::stream};

const DRAWS: u32 = 400;

/// Mean and variance over draws of ⟨ψ(u), ψ(v)⟩ for rows at distance `distance`, σ = 1.
fn mean_and_variance(p: usize, m: usize, distance: f64, frequencies: Frequencies) -> (f64, f64) {
    let z = Mat::from_fn(2, p, |i, _| if i == 1 { distance / (p as f64).sqrt() } else { 0.0 });
    let draws: Vec<f64> = (0..DRAWS)
        .map(|draw| {
            let mut rng = stream(11, 5, draw);
            let map =
                RandomFeatures::draw(p, m, Bandwidth::new(1.0).unwrap(), frequencies, &mut rng).unwrap();
            let r = map.transform(z.as_ref()).unwrap();
            (0..m).map(|j| r[(0, j)] * r[(1, j)]).sum()
        })
        .collect();
    let mean = draws.iter().sum::<f64>() / f64::from(DRAWS);
    (mean, draws.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(DRAWS - 1))
}

#[test]
fn independent_features_are_unbiased_with_the_theoretical_variance() {
    for m in [50, 200, 800] {
        for distance in [0.3, 1.0, 2.0] {
            let k = (-distance * distance / 2.0_f64).exp();
            let variance = (1.0 - k * k).powi(2) / m as f64;
            let (mean, measured) = mean_and_variance(6, m, distance, Frequencies::Independent);
            // the mean of 400 draws is within 4 standard errors; their variance within 30 % (4 √(2/399))
            assert!(
                (mean - k).abs() < 4.0 * (variance / f64::from(DRAWS)).sqrt(),
                "m {m}: mean {mean}, kernel {k}"
            );
            assert!((measured / variance - 1.0).abs() < 0.3, "m {m}: variance {measured}, theory {variance}");
        }
    }
}

#[test]
fn orthogonal_features_are_unbiased_with_a_smaller_variance() {
    let (p, m, distance) = (16, 32, 1.0);
    let k = (-0.5f64).exp();
    let independent = (1.0 - k * k).powi(2) / m as f64;
    let (mean, variance) = mean_and_variance(p, m, distance, Frequencies::Orthogonal);
    assert!((mean - k).abs() < 4.0 * (independent / f64::from(DRAWS)).sqrt(), "mean {mean}, kernel {k}");
    assert!(variance < 0.6 * independent, "variance {variance}, of independent features {independent}");
}

#[test]
fn rows_have_norm_one_and_draws_are_seeded() {
    let z = Mat::from_fn(30, 3, |i, k| (i * 3 + k) as f64 * 0.37);
    let sigma = Bandwidth::new(0.7).unwrap();
    for frequencies in [Frequencies::Independent, Frequencies::Orthogonal] {
        let draw =
            |seed| RandomFeatures::<f64>::draw(3, 300, sigma, frequencies, &mut stream(seed, 5, 0)).unwrap();
        let r = draw(1).transform(z.as_ref()).unwrap();
        for i in 0..30 {
            assert!((r.row(i).norm_l2() - 1.0).abs() < 1e-14);
        }
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
    let error =
        RandomFeatures::<f64>::draw(3, 7, sigma, Frequencies::Independent, &mut stream(0, 5, 0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the number of random features must be even and positive (cosines and sines come in pairs), got 7"
    );
}
