//! The spectral layer W*: the fixed point of an eigenproblem, found by a safeguarded ascent (ISM).

mod ascent;
mod compress;
mod layer;
mod objective;
mod params;
mod rows;
mod width;

pub use layer::{FeatureMap, SpectralLayer};
pub use objective::{Objective, class_directions};
pub use params::{Activation, Spectral};
pub use width::WidthRule;
