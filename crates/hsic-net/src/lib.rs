#![doc = include_str!("../README.md")]

mod contrast;
mod error;
mod fit;
mod greedy;
pub mod head;
mod network;
pub mod observer;
mod params;
#[doc = include_str!("../PASSES.md")]
pub mod passes;
mod plan;
mod schedule;
pub mod settings;
mod solver;
pub mod state;
mod stopping;

pub use error::{Error, Result};
pub use fit::{LayerTrace, NetworkFit};
pub use head::HeadKind;
pub use hsic_layer::{Layer, OutputKind};
pub use network::Network;
pub use observer::{LayerSummary, Observer};
pub use params::{NetworkParams, Selection};
pub use plan::SearchStep;
pub use solver::SolverParams;
pub use stopping::{StopReason, silhouette};

#[cfg(doctest)]
#[doc = include_str!("../PROJECT.md")]
struct ReadmeOfTheProject;
