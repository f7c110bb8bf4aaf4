//! The bandwidths of a stack that was found, and what anyone gets who runs those layers alone.

use faer::Mat;
use hsic_data::Dataset;
use hsic_kernels::hsic::against_labels;
use hsic_kernels::{Bandwidth, Labels, all_threads};
use hsic_layer::{ClosedForm, Context, LayerSolver};
use serde::{Deserialize, Serialize};

use super::stacked::{Data, Stacked};
use crate::Result;

/// A stack of closed-form layers by its bandwidths: no search is needed to build it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Seed of the search, and of generated rows.
    pub seed: u64,
    /// How the bandwidths were found.
    pub network: String,
    /// First to last.
    pub layers: Vec<CertifiedLayer>,
    /// Share of the training rows nearest to the mean of their own class, in Z of the last layer.
    pub train_accuracy: f64,
}

/// A layer of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CertifiedLayer {
    /// Its bandwidth.
    pub sigma: f64,
    /// The bandwidth of the Gram matrix of Z.
    pub metric_sigma: f64,
    /// H* of that.
    pub hsic_normalized: f64,
}

impl Certificate {
    pub(super) fn of(data: &Data, network: &Stacked, seed: u64) -> Result<Self> {
        let layers = network.layers().iter().map(|layer| CertifiedLayer {
            sigma: layer.summary.sigma.get(),
            metric_sigma: layer.summary.metric_sigma.get(),
            hsic_normalized: layer.summary.hsic_normalized,
        });
        let last = network.layers().len() - 1;
        Ok(Self {
            seed,
            network: network.name.clone(),
            layers: layers.collect(),
            train_accuracy: network.train_accuracy(data, last)?,
        })
    }
}

/// What the layers of a certificate give when they are run alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// H* of every layer.
    pub hsic_normalized: Vec<f64>,
    /// As in the certificate.
    pub train_accuracy: f64,
    /// Whether both are what the certificate says, H* to 1e-6 and the accuracy exactly.
    pub agrees: bool,
}

/// Runs the layers of a certificate on a data set, one after another: Z = KY diag(ζ)^(−1/2) at the bandwidth it names, nothing else.
///
/// # Errors
/// As [`verify`](super::verify); a bandwidth that is not positive and finite.
///
/// # Cost
/// n² kernel values a layer.
pub fn replay(dataset: &Dataset, certificate: &Certificate) -> Result<Replay> {
    let data = super::rows_of(dataset)?;
    let mut input = data.x.clone();
    let mut hsic_normalized = Vec::new();
    for (layer, certified) in (0..).zip(&certificate.layers) {
        let context = Context { seed: certificate.seed, layer, par: all_threads() };
        let sigma = Bandwidth::new(certified.sigma)?;
        let solver = ClosedForm::default();
        input = solver.fit(input.as_ref(), &data.labels, sigma, &context).map_err(hsic_net::Error::from)?.z;
        let metric = Bandwidth::new(certified.metric_sigma)?;
        let hsic = against_labels(input.as_ref(), metric, &data.labels, all_threads())?;
        hsic_normalized.push(hsic.statistics.normalized());
    }
    let train_accuracy = nearest_mean(&input, &data.labels);
    let close = |(a, b): (&f64, &CertifiedLayer)| (a - b.hsic_normalized).abs() <= 1e-6;
    let agrees = hsic_normalized.iter().zip(&certificate.layers).all(close)
        && train_accuracy == certificate.train_accuracy;
    Ok(Replay { hsic_normalized, train_accuracy, agrees })
}

/// Share of the rows nearest to the mean of their own class.
fn nearest_mean(z: &Mat<f64>, labels: &Labels) -> f64 {
    let (codes, counts) = (labels.codes(), labels.counts());
    let mut means = Mat::<f64>::zeros(counts.len(), z.ncols());
    for (i, &a) in codes.iter().enumerate() {
        for k in 0..z.ncols() {
            means[(a, k)] += z[(i, k)] / counts[a] as f64;
        }
    }
    let distance =
        |i: usize, a: usize| -> f64 { (0..z.ncols()).map(|k| (z[(i, k)] - means[(a, k)]).powi(2)).sum() };
    let present = || (0..counts.len()).filter(|&a| counts[a] > 0);
    let nearest =
        |i: usize| present().min_by(|&a, &b| distance(i, a).total_cmp(&distance(i, b))).unwrap_or_default();
    let right = (0..codes.len()).filter(|&i| nearest(i) == codes[i]).count();
    right as f64 / codes.len() as f64
}
