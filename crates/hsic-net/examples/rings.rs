//! Two noisy rings, one inside the other: a network of each solver, layer by layer, and its accuracy on new points.
//!
//! `cargo run --release -p hsic-net --example rings`

use faer::{Mat, Par};
use hsic_kernels::Labels;
use hsic_kernels::random::stream;
use hsic_net::{LayerSummary, Network, NetworkParams, Result};
use rand::RngExt;
use rand_distr::StandardNormal;

/// `n` points, in turn on the inner and on the outer ring.
fn rings(n: usize, index: u32) -> Result<(Mat<f64>, Labels)> {
    let mut rng = stream(7, 102, index);
    let points: Vec<[f64; 2]> = (0..n)
        .map(|i| {
            let angle = std::f64::consts::TAU * rng.random::<f64>();
            let radius = if i % 2 == 0 { 1.0 } else { 2.0 } + 0.15 * rng.sample::<f64, _>(StandardNormal);
            [radius * angle.cos(), radius * angle.sin()]
        })
        .collect();
    let labels = Labels::new((0..n).map(|i| i % 2).collect())?;
    Ok((Mat::from_fn(n, 2, |i, k| points[i][k]), labels))
}

fn main() -> Result<()> {
    let (x, labels) = rings(300, 0)?;
    let (new, new_labels) = rings(1000, 1)?;
    for (name, params) in
        [("closed form", NetworkParams::closed_form()), ("spectral", NetworkParams::spectral())]
    {
        println!("{name}\n  layer  width   sigma      H*");
        let mut observer = |layer: &LayerSummary| {
            let (sigma, hsic) = (layer.sigma.get(), layer.hsic_normalized);
            println!("  {:5}  {:5}  {sigma:6.3}  {hsic:6.4}", layer.layer, layer.width);
        };
        let network = Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut observer)?.network;
        let predicted = network.predict(new.as_ref(), Par::Seq)?;
        let right = predicted.iter().zip(new_labels.codes()).filter(|(a, b)| a == b).count();
        println!("  {} layers kept, stopped by {}", network.layers().len(), network.stop_reason().name());
        println!("  {right} of {} new points right\n", new_labels.len());
    }
    Ok(())
}
