//! A solver of one's own in the place of the two: a network of Fisher discriminants is trained, in memory and in blocks, stored,
//! read back, and predicts the same bits. All of the solver is in `fisher.rs`.
//!
//! `cargo run --release -p hsic-net --example third_solver`

mod fisher;

use faer::{Mat, Par};
use hsic_kernels::Labels;
use hsic_kernels::random::stream;
use hsic_kernels::rows::{MatrixRows, RowBlocks};
use hsic_layer::conformance;
use hsic_net::passes::{FitMachine, Next, Partial, Pass};
use hsic_net::state::LayerRegistry;
use hsic_net::{LayerSummary, Network, NetworkFit, NetworkParams, Result};
use rand::RngExt;
use rand_distr::StandardNormal;

use fisher::{Fisher, FisherLayer};

/// `n` points on three noisy rings about the origin, which no line separates.
fn rings(n: usize, index: u32) -> Result<(Mat<f64>, Labels)> {
    let mut rng = stream(7, 103, index);
    let points: Vec<[f64; 2]> = (0..n)
        .map(|i| {
            let angle = std::f64::consts::TAU * rng.random::<f64>();
            let radius = 1.0 + (i % 3) as f64 + 0.15 * rng.sample::<f64, _>(StandardNormal);
            [radius * angle.cos(), radius * angle.sin()]
        })
        .collect();
    let labels = Labels::new((0..n).map(|i| i % 3).collect())?;
    Ok((Mat::from_fn(n, 2, |i, k| points[i][k]), labels))
}

fn main() -> Result<()> {
    // what a network expects of a solver, in one call for its tests
    let registry = LayerRegistry::default().with(FisherLayer::SOLVER, FisherLayer::read);
    conformance::check(&Fisher::default(), &registry);

    let (x, labels) = rings(600, 0)?;
    let (new, new_labels) = rings(1000, 1)?;
    let params = NetworkParams::closed_form().with_solver(Fisher::default());
    println!("  layer  width   sigma      H*");
    let mut observer = |layer: &LayerSummary| {
        let (sigma, hsic) = (layer.sigma.get(), layer.hsic_normalized);
        println!("  {:5}  {:5}  {sigma:6.3}  {hsic:6.4}", layer.layer, layer.width);
    };
    let NetworkFit { network, .. } = Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut observer)?;
    let right = |network: &Network| -> Result<usize> {
        let predicted = network.predict(new.as_ref(), Par::Seq)?;
        Ok(predicted.iter().zip(new_labels.codes()).filter(|(a, b)| a == b).count())
    };
    let in_memory = right(&network)?;
    println!("  {in_memory} of {} new points right", new_labels.len());
    assert!(in_memory > 950);

    let rows = MatrixRows::new(x.as_ref(), &labels)?;
    let in_blocks = Network::fit_rows(&params, &rows, Par::Seq, &mut ())?.network;
    println!("  {} of them where it is fitted in blocks", right(&in_blocks)?);
    assert!(right(&in_blocks)? > 950);

    // and where others have the rows: every pass and every partial go through bytes
    let mut machine = FitMachine::new(&params, rows.width(), rows.n_classes(), Par::Seq)?;
    while let Next::Pass(pass) = machine.next()? {
        let sent = Pass::from_bytes_with(&pass.to_bytes()?, &registry)?;
        let partial = sent.over(&rows, Par::Seq)?.to_bytes()?;
        let partial = Partial::from_bytes(&partial, pass)?;
        machine.advance(partial)?;
    }
    assert!(machine.into_fit()?.network.layers() == in_blocks.layers());
    println!("  and the same bits where every pass goes through bytes");

    let state = network.state();
    let refused = Network::from_state(state.clone(), 3).expect_err("a solver nobody has told of");
    println!("  without the registry: {refused}");
    let read = Network::from_state_with(state, 3, &registry)?;
    let bits = |network: &Network| -> Result<Vec<u64>> {
        let log_proba = network.predict_log_proba(new.as_ref(), Par::Seq)?;
        Ok(log_proba.col_iter().flat_map(|column| column.iter().map(|value| value.to_bits())).collect())
    };
    assert!(read == network && bits(&read)? == bits(&network)?);
    println!("  read back, it predicts the same bits");
    Ok(())
}
