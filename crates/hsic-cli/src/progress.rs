//! The progress bar of a run.

use std::fmt::Display;
use std::time::Duration;

use hsic_eval::records::FoldRecord;
use hsic_net::{LayerSummary, SearchStep};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::log::Log;

/// What a run or a fit is at, on standard error: a bar over the folds of all methods, or the line of a single fit. Any thread may
/// report to it.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    log: Log,
}

impl Progress {
    /// A bar of `total` folds, `done` of them finished; not shown if `hidden`, nor where standard error is no terminal. The log
    /// is told of the same.
    pub fn new(total: usize, done: usize, hidden: bool, log: &Log) -> Self {
        let template = "{elapsed_precise} [{bar:30}] {pos}/{len} folds  {prefix}{msg}";
        let progress = Self::shown(Some(total as u64), template, hidden, log);
        progress.bar.set_position(done as u64);
        progress
    }

    /// The line of a fit: the layer it is at.
    pub fn of_fit(hidden: bool, log: &Log) -> Self {
        Self::shown(None, "{spinner} {elapsed_precise}  {msg}", hidden, log)
    }

    fn shown(length: Option<u64>, template: &str, hidden: bool, log: &Log) -> Self {
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(length, target);
        // an unknown key in the template leaves indicatif's own style
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, log: log.clone() }
    }

    /// The bar itself, which any thread may take off the screen.
    pub fn handle(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Tells warnings above the bar and in the log.
    pub fn warn(&self, warnings: &[String]) {
        self.bar.suspend(|| warnings.iter().for_each(|warning| self.log.warn(warning)));
    }

    /// What the folds that follow are of.
    pub fn of(&self, name: &str) {
        self.bar.set_prefix(format!("{name}, "));
    }

    /// What is done at the moment.
    pub fn say(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// A layer was fitted; `fold` counts from 0 and `layer` from 1, as in the records.
    pub fn layer(&self, method: impl Display, fold: usize, layer: usize, hsic: f64) {
        self.bar.set_message(format!("{method}, fold {fold}, layer {layer}, H* {hsic:.3}"));
    }

    /// A search over the bandwidths of a stack has done a layer.
    pub fn searched(&self, method: impl Display, fold: usize, step: &SearchStep) {
        let SearchStep { layer, hsic, .. } = step;
        self.bar.set_message(format!("{method}, fold {fold}, searching layer {layer}, H* {hsic:.3}"));
    }

    /// An epoch of a perceptron is over.
    pub fn epoch(&self, method: impl Display, fold: usize, epoch: usize, loss: f64) {
        self.bar.set_message(format!("{method}, fold {fold}, epoch {epoch}, loss {loss:.2e}"));
    }

    /// Prints above the bar, or plainly where there is none.
    pub fn suspended<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// A fold of a method is finished.
    pub fn fold_done(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    /// An error message must not land on the bar.
    fn drop(&mut self) {
        self.finish();
    }
}

impl hsic_eval::Progress for Progress {
    fn choosing(&self, tried: &str, best: Option<f64>) {
        let best = best.map_or_else(String::new, |best| format!("; the best so far is right for {best:.3}"));
        self.bar.set_message(format!("choosing hyperparameters: {tried}{best}"));
    }

    fn layer(&self, _: usize, layer: &LayerSummary) {
        let (number, hsic) = (layer.layer, layer.hsic_normalized);
        self.bar.set_message(format!("layer {number} done, H* {hsic:.3}"));
        self.log.event("layer", layer_fields(layer));
    }

    fn searched(&self, _: usize, step: &SearchStep) {
        self.bar.set_message(format!("searching layer {}, H* {:.3}", step.layer, step.hsic));
    }

    fn fold(&self, _: &FoldRecord) {}
}

/// The numbers of a layer by the names of results.json.
pub fn layer_fields(layer: &LayerSummary) -> Value {
    json!({
        "layer": layer.layer,
        "width": layer.width,
        "sigma": layer.sigma.get(),
        "metric_sigma": layer.metric_sigma.get(),
        "objective": layer.objective,
        "hsic_normalized": layer.hsic_normalized,
        "seconds": layer.elapsed.as_secs_f64(),
        "iterations": layer.solution.iterations,
        "stop_reason": layer.solution.termination.name(),
    })
}

/// The numbers of a fold by the names of results.json, as in folds.csv.
pub fn fold_fields(record: &FoldRecord) -> Value {
    let mut fields = serde_json::to_value(record).unwrap_or_default();
    if let Value::Object(fields) = &mut fields {
        for large in ["confusion", "selection", "trace"] {
            fields.shift_remove(large);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_report_to_one_bar() {
        let progress = Progress::new(8, 0, true, &Log::default());
        std::thread::scope(|scope| {
            for fold in 0..8 {
                let progress = &progress;
                scope.spawn(move || {
                    progress.layer("spectral", fold, 1, 0.5);
                    progress.fold_done();
                });
            }
        });
        assert_eq!((progress.bar.position(), progress.bar.length()), (8, Some(8)));
        progress.layer("closed-form", 3, 12, 0.98765);
        assert_eq!(progress.bar.message(), "closed-form, fold 3, layer 12, H* 0.988");
        assert!(progress.bar.is_hidden());
        progress.finish();
        assert!(progress.bar.is_finished());
    }
}
