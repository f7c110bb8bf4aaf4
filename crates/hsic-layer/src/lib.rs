#![doc = include_str!("../README.md")]

mod closed_form;
mod error;
mod solver;
pub mod spectral;
pub mod stiefel;

pub use closed_form::{ClosedForm, ClosedFormLayer, Embedding, KernelFeatures};
pub use error::{Error, Result};
pub use solver::{Context, Fit, FittedLayer, LayerSolver, Solution, Termination};
pub use spectral::{Activation, FeatureMap, Objective, Spectral, SpectralLayer, WidthRule};
