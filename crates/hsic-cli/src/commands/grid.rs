//! From the tables `[spectral.cv]` and `[closed-form.cv]` to what is chosen from.

use hsic_eval::SelectionGrid;

use super::method::{class_weight, head, output, width};
use crate::config::cv::{ClosedFormCv, SpectralCv};

/// The grid of the spectral network.
pub fn spectral(cv: &SpectralCv) -> SelectionGrid {
    SelectionGrid {
        inner_folds: cv.inner_folds,
        bandwidth_scales: cv.bandwidth_scales.clone(),
        widths: cv.widths.iter().copied().map(width).collect(),
        class_weights: cv.class_weights.iter().copied().map(class_weight).collect(),
        self_excluded: Vec::new(),
        max_layers: cv.max_layers.clone(),
        outputs: cv.outputs.iter().copied().map(output).collect(),
        heads: cv.heads.iter().copied().map(head).collect(),
    }
}

/// The grid of the closed form.
pub fn closed_form(cv: &ClosedFormCv) -> SelectionGrid {
    SelectionGrid {
        inner_folds: cv.inner_folds,
        bandwidth_scales: cv.bandwidth_scales.clone(),
        widths: Vec::new(),
        class_weights: cv.class_weights.iter().copied().map(class_weight).collect(),
        self_excluded: cv.self_excluded.clone(),
        max_layers: cv.max_layers.clone(),
        outputs: Vec::new(),
        heads: cv.heads.iter().copied().map(head).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_file_are_those_of_the_library() {
        assert_eq!(spectral(&SpectralCv::default()), SelectionGrid::spectral());
        assert_eq!(closed_form(&ClosedFormCv::default()), SelectionGrid::closed_form());
    }
}
