//! How much do two paired samples depend on each other? HSIC with the median heuristic for both bandwidths, on pairs
//! whose correlation is zero or close to it.
//!
//! `cargo run --release -p hsic-kernels --example hsic_of_two_samples`

use faer::{Mat, Par};
use hsic_kernels::Result;
use hsic_kernels::bandwidth::{Subsample, median_heuristic};
use hsic_kernels::hsic::between_samples;
use hsic_kernels::random::stream;
use rand::RngExt;
use rand_distr::StandardNormal;

const N: usize = 400;

fn main() -> Result<()> {
    let mut rng = stream(7, 100, 0);
    let mut normal = || Mat::from_fn(N, 1, |_, _| rng.sample::<f64, _>(StandardNormal));
    let (x, noise) = (normal(), normal());
    let column = |f: &dyn Fn(usize) -> f64| Mat::from_fn(N, 1, |i, _| f(i));
    let pairs = [
        ("unrelated noise", noise.clone()),
        ("x squared", column(&|i| x[(i, 0)].powi(2))),
        ("x squared and noise", column(&|i| x[(i, 0)].powi(2) + noise[(i, 0)])),
        ("x itself", x.clone()),
    ];
    println!("{N} pairs (x, y), x standard normal\n");
    println!(
        "{:20} {:>8} {:>8} {:>11} {:>11} {:>11}",
        "y", "sigma x", "sigma y", "biased", "unbiased", "normalized"
    );
    for (name, y) in pairs {
        let sigma_x = median_heuristic(x.as_ref(), &Subsample::default())?;
        let sigma_y = median_heuristic(y.as_ref(), &Subsample::default())?;
        let hsic = between_samples(x.as_ref(), sigma_x, y.as_ref(), sigma_y, Par::Seq)?;
        println!(
            "{name:20} {:8.3} {:8.3} {:11.6} {:11.6} {:11.6}",
            sigma_x.get(),
            sigma_y.get(),
            hsic.biased()?,
            hsic.unbiased()?,
            hsic.normalized()
        );
    }
    Ok(())
}
