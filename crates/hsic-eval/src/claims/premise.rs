//! Stacks that reach what claims 1 to 3 start from: H* near 1.

use hsic_kernels::ClassWeight;
use hsic_layer::{Activation, Spectral, WidthRule};
use hsic_net::{LayerSummary, NetworkParams, Observer, SearchStep, Selection, SolverParams};

use super::stacked::{Data, Stacked};
use crate::Result;

/// H* from which on a stack has reached the premise.
pub(super) const REACHED: f64 = 0.99;

/// Layers a search may have.
const LAYERS: usize = 30;

/// Layers without a gain that do not end a spectral network yet.
const PATIENCE: usize = 3;

/// Layers without a gain that do not end one of the infinitely wide ones: their H* can rest before it jumps.
const EXACT_PATIENCE: usize = 10;

/// Rows up to which a layer may be infinitely wide: n² numbers, n³ time.
const EXACT_ROWS: usize = 2000;

struct Told<'a> {
    name: &'static str,
    told: &'a dyn Fn(&str),
}

impl Observer for Told<'_> {
    fn layer(&mut self, _: &LayerSummary) {}

    fn searched(&mut self, step: &SearchStep) {
        let SearchStep { layer, stacks, hsic } = step;
        (self.told)(&format!("claim 1, {}: layer {layer}, {stacks} stacks, H* {hsic:.4}", self.name));
    }
}

/// The closed form by construction and by search.
pub(super) fn closed_form(data: &Data, seed: u64, told: &dyn Fn(&str)) -> Result<Vec<Stacked>> {
    let stacked = |(name, selection)| {
        let params = NetworkParams {
            seed,
            selection,
            // beyond H* 0.99 a rare row can still be on the wrong side
            target_hsic: 0.9999,
            max_layers: LAYERS,
            patience: LAYERS,
            ..NetworkParams::closed_form()
        };
        Stacked::observed(name, params, data, &mut Told { name, told })
    };
    [("closed-form, construction", Selection::Construction), ("closed-form, beam", Selection::Beam)]
        .map(stacked)
        .into_iter()
        .collect()
}

/// The stack of the highest H*; of those that reach the premise the first.
pub(super) fn best(stacks: &[Stacked]) -> &Stacked {
    let reached = stacks.iter().find(|stack| stack.hsic() >= REACHED);
    reached.unwrap_or_else(|| {
        let highest = stacks.iter().max_by(|a, b| a.hsic().total_cmp(&b.hsic()));
        highest.expect("there is at least one")
    })
}

/// The spectral network stacked on, claims about a limit being none about a stack that was stopped early: as it is run; then
/// infinitely wide, with narrower kernels and balanced classes, and as wide as the rows in one of them; until one reaches the premise.
/// Else the one of the highest H*.
pub(super) fn spectral(data: &Data, seed: u64) -> Result<Stacked> {
    let limit = NetworkParams {
        seed,
        target_silhouette: None,
        target_hsic: 1.0,
        min_gain: 0.0,
        patience: PATIENCE,
        ..NetworkParams::spectral()
    };
    let mut stacks = vec![Stacked::fit("spectral, to the limit", limit, data)?];
    let own = WidthRule::SingularShare(0.5);
    let wider = [(0.25, WidthRule::Fixed(data.x.ncols())), (0.125, own), (0.25, own), (0.0625, own)];
    let wider = wider.into_iter().take(if data.labels.len() > EXACT_ROWS { 0 } else { 4 });
    for (bandwidth_scale, width) in wider {
        if stacks.iter().any(|stack| stack.hsic() >= REACHED) {
            break;
        }
        let solver = Spectral { width, activation: Activation::EXACT, ..Spectral::default() };
        let params = NetworkParams {
            solver: SolverParams::Spectral(solver),
            class_weight: ClassWeight::Balanced,
            bandwidth_scale,
            target_hsic: REACHED,
            patience: EXACT_PATIENCE,
            ..limit
        };
        let width = if width == own { "" } else { ", as wide as the rows" };
        let name =
            format!("spectral, to the limit, exact, balanced, {bandwidth_scale} of its bandwidths{width}");
        stacks.push(Stacked::fit(name, params, data)?);
    }
    let highest = stacks.into_iter().max_by(|a, b| a.hsic().total_cmp(&b.hsic()));
    Ok(highest.expect("there is at least one"))
}
