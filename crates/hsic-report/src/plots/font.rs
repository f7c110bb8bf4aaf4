//! The embedded font: pictures look alike everywhere, and no system font is searched for.

use plotters::style::{FontStyle, register_font};

/// The family as it stands in an SVG, where a viewer without the first takes its own sans-serif.
pub const FAMILY: &str = "DejaVu Sans, sans-serif";

const DEJAVU_SANS: &[u8] = include_bytes!("../../assets/DejaVuSans-subset.ttf");

/// Makes [`FAMILY`] known to plotters; doing so twice is harmless.
pub fn register() -> Result<(), String> {
    register_font(FAMILY, FontStyle::Normal, DEJAVU_SANS)
        .map_err(|_| "the embedded font cannot be read".into())
}
