//! One layer by each solver on the same rows: what it costs, what it reaches, where new rows land.
//!
//! `cargo run --release -p hsic-layer --example one_layer`

use faer::{Mat, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic};
use hsic_kernels::hsic::against_labels;
use hsic_kernels::random::stream;
use hsic_kernels::{CenteredLabelGram, ClassWeight, Labels};
use hsic_layer::{ClosedForm, Context, LayerSolver, Result, Spectral};
use rand::RngExt;
use rand_distr::StandardNormal;

const N: usize = 150;
const D: usize = 6;
const C: usize = 3;

/// Three clouds, moved apart along one axis each, with three more axes of noise.
fn clouds(n: usize, index: u32) -> Result<(Mat<f64>, Labels)> {
    let mut rng = stream(7, 101, index);
    let x =
        Mat::from_fn(n, D, |i, k| rng.sample::<f64, _>(StandardNormal) + if k == i % C { 2.5 } else { 0.0 });
    Ok((x, Labels::new((0..n).map(|i| i % C).collect())?))
}

fn report(solver: &impl LayerSolver) -> Result<()> {
    let (x, labels) = clouds(N, 0)?;
    let label_gram = CenteredLabelGram::new(&labels, ClassWeight::Plain);
    let sigma = max_hsic(x.as_ref(), &labels, &label_gram, &Subsample::default(), Par::Seq)?;
    let fit = solver.fit(x.as_ref(), &labels, sigma, &Context::default())?.erased();
    let solution = &fit.solution;
    println!("{}, sigma {:.3}", solver.name(), sigma.get());
    println!("  Z is {} x {}", fit.z.nrows(), fit.z.ncols());
    println!("  {} after {} steps", solution.termination.name(), solution.iterations);
    if let (Some(first), Some(last)) = (solution.objective_history.first(), solution.objective_history.last())
    {
        println!("  objective from {first:.4} to {last:.4}");
    }
    if let Some(residual) = solution.residual {
        println!("  stationarity residual {residual:.1e}");
    }
    let before = against_labels(x.as_ref(), sigma, &labels, Par::Seq)?.statistics.normalized();
    let sigma = max_hsic(fit.z.as_ref(), &labels, &label_gram, &Subsample::default(), Par::Seq)?;
    let after = against_labels(fit.z.as_ref(), sigma, &labels, Par::Seq)?.statistics.normalized();
    println!("  normalised HSIC with the labels: {before:.3} of the input, {after:.3} of Z");

    let (new, new_labels) = clouds(60, 1)?;
    let z = fit.layer.project(new.as_ref(), Par::Seq)?;
    let held_out = against_labels(z.as_ref(), sigma, &new_labels, Par::Seq)?.statistics.normalized();
    println!("  of 60 new rows: {held_out:.3}\n");
    Ok(())
}

fn main() -> Result<()> {
    report(&ClosedForm::default())?;
    report(&Spectral::default())
}
