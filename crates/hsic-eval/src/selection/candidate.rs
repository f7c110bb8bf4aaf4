//! A candidate as results.json shows it.

use hsic_kernels::ClassWeight;
use hsic_layer::WidthRule;
use hsic_net::{NetworkParams, SolverParams};
use serde_json::{Value, json};

use super::standing::Standing;
use crate::records::CandidateRecord;

pub(crate) fn record(params: &NetworkParams, folds: usize, standing: Option<Standing>) -> CandidateRecord {
    let (width, self_excluded) = match params.solver {
        SolverParams::Spectral(solver) => (Some(width(solver.width)), None),
        SolverParams::ClosedForm(solver) => (None, Some(solver.self_excluded)),
    };
    CandidateRecord {
        bandwidth_scale: params.bandwidth_scale,
        width,
        class_weight: match params.class_weight {
            ClassWeight::Balanced => "balanced".to_owned(),
            _ => "plain".to_owned(),
        },
        self_excluded,
        max_layers: params.max_layers,
        output: matches!(params.solver, SolverParams::Spectral(_)).then(|| params.output.name().to_owned()),
        head: params.head.name().to_owned(),
        folds,
        accuracy: standing.map(|standing| standing.accuracy),
        balanced_accuracy: standing.map(|standing| standing.balanced_accuracy),
        log_loss: standing.map(|standing| standing.log_loss),
    }
}

fn width(rule: WidthRule) -> Value {
    match rule {
        WidthRule::SingularShare(share) => json!({ "share": share }),
        WidthRule::Fixed(columns) => json!(columns),
        _ => json!("positive-eigenvalues"),
    }
}
