//! The first published experiment: two sets made to trick a network, accuracy and H* as layers are added.

use hsic_eval::records::Results;

use super::super::error::ReportError;
use super::canvas::{self, Figure};
use super::draw::{LEGEND, Picture};
use super::series::Layers;

/// The two sets.
const SETS: [&str; 2] = ["random", "adversarial"];

/// H* and accuracy against the layer of every network on `random` and `adversarial`, `experiment-1`; a row a set.
/// `None` where neither has been run.
///
/// # Errors
/// [`ReportError::Draw`].
pub fn experiment_1(results: &[Results]) -> Result<Option<Figure>, ReportError> {
    let (mut panels, mut layers, mut columns) = (Vec::new(), 0, 0);
    for set in SETS {
        let Some(of_set) = results.iter().find(|results| results.dataset.name == set) else { continue };
        let before = panels.len();
        for method in &of_set.methods {
            let of_method = Layers::of(method);
            layers = layers.max(of_method.shown());
            let name = &method.method;
            panels.extend(of_method.panel_of("hsic_normalized", &format!("{set}, {name}: H*")));
            panels.extend(of_method.panel_of("test_accuracy", &format!("{set}, {name}: accuracy")));
        }
        columns = columns.max(panels.len() - before);
    }
    if panels.is_empty() {
        return Ok(None);
    }
    let title = "random and adversarial: H* and accuracy per layer";
    let subtitle = "labels that have nothing to do with the points, and twins of different classes";
    let caption = "Experiment 1: any labelling can be fitted layer by layer, which H* and train accuracy show; there is nothing \
                   to learn, which test accuracy shows. Mean and, shaded, ± one standard deviation over the folds, of layers \
                   that at least half of the folds have.";
    let picture = Picture { title, subtitle, layers, panels: &panels, columns, legend: LEGEND };
    canvas::figure("experiment-1".into(), title.into(), caption.into(), &picture).map(Some)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn both_sets_stand_in_one_picture() -> Result<(), Box<dyn std::error::Error>> {
        let random = fixture::results();
        let mut adversarial = fixture::results();
        adversarial.dataset.name = "adversarial".into();
        let mut other = fixture::results();
        other.dataset.name = "wine".into();
        let figure = experiment_1(&[other.clone(), random, adversarial])?.ok_or("no figure")?;
        for set in SETS {
            for panel in ["spectral: H*", "spectral: accuracy", "closed-form: H*", "closed-form: accuracy"] {
                assert!(figure.svg.contains(&format!("{set}, {panel}\n")), "{set}, {panel}");
            }
        }
        assert!(experiment_1(&[other])?.is_none());
        Ok(())
    }
}
