//! What became of certificates.

use std::fmt;

use hsic_eval::claims::{Certificate, Replay};
use serde::Serialize;

use super::number;

/// What certificates gave when their layers were run alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replayed {
    /// One entry a certificate.
    pub certificates: Vec<ReplayedCertificate>,
}

/// A certificate and what its layers gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplayedCertificate {
    /// Name of the data set.
    pub dataset: String,
    /// What was certified.
    pub certificate: Certificate,
    /// What came out.
    pub replay: Replay,
}

impl Replayed {
    /// Whether every certificate is right.
    pub fn agrees(&self) -> bool {
        self.certificates.iter().all(|certificate| certificate.replay.agrees)
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ReplayedCertificate { dataset, certificate, replay } in &self.certificates {
            let last =
                |values: Option<f64>| values.map_or_else(|| "none".to_owned(), |value| format!("{value:.6}"));
            writeln!(
                f,
                "{dataset}, seed {}: {} layers, H* {} (certified {}), train accuracy {} (certified {}): {}",
                certificate.seed,
                certificate.layers.len(),
                last(replay.hsic_normalized.last().copied()),
                last(certificate.layers.last().map(|layer| layer.hsic_normalized)),
                number(Some(replay.train_accuracy)),
                number(Some(certificate.train_accuracy)),
                if replay.agrees { "agrees" } else { "does not agree" }
            )?;
            for (at, (layer, hsic)) in (1..).zip(certificate.layers.iter().zip(&replay.hsic_normalized)) {
                writeln!(f, "  layer {at}: bandwidth {:e}, H* {hsic:.6}", layer.sigma)?;
            }
        }
        Ok(())
    }
}
