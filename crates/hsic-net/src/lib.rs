#![doc = include_str!("../README.md")]

mod error;
mod greedy;
pub mod head;
mod layer;
mod network;
pub mod observer;
mod params;
mod rows;
mod schedule;
pub mod state;
mod stopping;

pub use error::{Error, Result};
pub use head::{HeadKind, OutputKind};
pub use layer::Layer;
pub use network::Network;
pub use observer::{LayerSummary, Observer};
pub use params::{NetworkParams, Selection, SolverParams};
pub use stopping::{StopReason, silhouette};

#[cfg(doctest)]
#[doc = include_str!("../PROJECT.md")]
struct ReadmeOfTheProject;
