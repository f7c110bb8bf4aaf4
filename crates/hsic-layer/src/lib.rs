#![doc = include_str!("../README.md")]

mod closed_form;
pub mod conformance;
mod error;
mod identity;
mod layer;
mod refit;
mod solver;
pub mod spectral;
pub mod state;
pub mod stiefel;
pub mod sums;

pub use closed_form::{ClosedForm, ClosedFormLayer, Embedding, KernelFeatures};
pub use error::{Error, Result};
pub use identity::{Identity, IdentityLayer};
pub use layer::Layer;
pub use refit::{Refit, Step, after_one_pass, refit_rows};
pub use solver::{
    Context, Fit, FittedLayer, Hyperparameters, LayerSolver, OutputKind, Solution, Termination, Trial,
    check_input, check_width,
};
pub use spectral::{Activation, FeatureMap, Objective, Spectral, SpectralLayer, WidthRule};
