//! What is known of a metric, whatever it is used for.

use faer::{MatRef, Par};
use hsic_kernels::{Bandwidth, Labels};

use super::confusion;
use super::table::{METRICS, Values};
use crate::Result;

/// What kind of number a metric is: how it is written and drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number; a mean of some has one decimal.
    Count,
    /// A number of 0 to 1.
    Share,
    /// Any other.
    Number,
}

/// What a metric is about, in the order in which a layer's record tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What was fitted.
    Fit,
    /// How the classes lie in Z.
    Geometry,
    /// How good the predictions are.
    Prediction,
    /// How long it took, in seconds of the machine.
    Time,
    /// How the solver ended.
    Solver,
}

/// Where a metric of a fold, or of a layer, is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nowhere.
    Absent,
    /// In the files; left out of JSON where it is not defined.
    Optional,
    /// In the files.
    Files,
    /// In the files and the tables; of a fold with mean and standard deviation.
    Tables,
}

/// Which numbers are the better ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The higher.
    Higher,
    /// The lower.
    Lower,
    /// Neither.
    Neither,
}

/// What a metric is computed from.
#[derive(Clone, Copy)]
pub(crate) enum Measure {
    /// Known to who fits.
    Fit,
    /// The confusion matrix of the training rows.
    Train(fn(&[Vec<usize>]) -> Option<f64>),
    /// The confusion matrix of the test rows.
    Test(fn(&[Vec<usize>]) -> Option<f64>),
    /// The output of the training rows.
    Output(fn(&Predicted<'_>) -> Result<Option<f64>>),
}

/// An output and what is predicted from it.
pub(crate) struct Predicted<'a> {
    /// Z of the training rows.
    pub z: MatRef<'a, f64>,
    /// What the probe of the cross-entropy is fitted on.
    pub features: MatRef<'a, f64>,
    pub labels: &'a Labels,
    /// The training rows' classes as predicted.
    pub classes: &'a [usize],
    /// The confusion matrix of the test rows.
    pub of_test: Vec<Vec<usize>>,
    /// Bandwidth of the Gram matrix of Z.
    pub sigma: Bandwidth,
    pub par: Par,
}

impl Predicted<'_> {
    /// Every metric that is computed from an output, and the confusion matrix of the test rows.
    pub fn measure(&self) -> Result<(Values, Vec<Vec<usize>>)> {
        let (of_train, of_test) = (confusion(self.labels, self.classes), &self.of_test);
        let mut values = Values::default();
        for metric in METRICS {
            match metric.measure {
                Measure::Fit => {}
                Measure::Train(of) => metric.set(&mut values, of(&of_train)),
                Measure::Test(of) => metric.set(&mut values, of(of_test)),
                Measure::Output(of) => metric.set(&mut values, of(self)?),
            }
        }
        Ok((values, of_test.clone()))
    }
}

/// A metric: its entry of [`METRICS`].
#[derive(Clone, Copy)]
pub struct Metric {
    /// The field of JSON, the column of CSV.
    pub name: &'static str,
    /// The formula, of a fold.
    pub definition: &'static str,
    /// The formula, of a layer, where it is another.
    pub of_layer: Option<&'static str>,
    /// The unit.
    pub unit: &'static str,
    /// Its column in a table.
    pub heading: &'static str,
    /// What the column means, for who reads a report.
    pub meaning: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// What it is about.
    pub group: Group,
    /// Which side of a comparison is the better one.
    pub better: Better,
    /// Whether it has a column in the table of measured beside published numbers.
    pub compared: bool,
    /// Where a fold's is told.
    pub fold: Place,
    /// Where a layer's is told.
    pub layer: Place,
    /// The axis it is drawn on against the layer, and the axis's number; metrics of one axis share it.
    pub axis: Option<(u8, &'static str)>,
    pub(crate) measure: Measure,
    pub(super) get: fn(&Values) -> Option<f64>,
    pub(super) get_mut: fn(&mut Values) -> &mut Option<f64>,
}

impl Metric {
    /// What an entry of the table need not say.
    pub(super) const BLANK: Self = Self {
        name: "",
        definition: "",
        of_layer: None,
        unit: "number",
        heading: "",
        meaning: "",
        kind: Kind::Number,
        group: Group::Fit,
        better: Better::Neither,
        compared: false,
        fold: Place::Absent,
        layer: Place::Absent,
        axis: None,
        measure: Measure::Fit,
        get: |_| None,
        get_mut: |_| unreachable!("every entry of the table has its field"),
    };

    /// The metric of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        METRICS.iter().find(|metric| metric.name == name)
    }

    /// The metrics of a fold's record, in its order.
    pub fn of_fold() -> impl Iterator<Item = &'static Self> {
        METRICS.iter().filter(|metric| metric.fold != Place::Absent)
    }

    /// The metrics of a table of folds, which have mean and standard deviation.
    pub fn of_mean() -> impl Iterator<Item = &'static Self> {
        METRICS.iter().filter(|metric| metric.fold == Place::Tables)
    }

    /// The metrics that are compared with published ones.
    pub fn of_comparison() -> impl Iterator<Item = &'static Self> {
        Self::of_mean().filter(|metric| metric.compared)
    }

    /// The metrics of a layer's record, in its order.
    pub fn of_layer() -> impl Iterator<Item = &'static Self> {
        let mut metrics: Vec<_> = METRICS.iter().filter(|metric| metric.layer != Place::Absent).collect();
        metrics.sort_by_key(|metric| metric.group);
        metrics.into_iter()
    }

    /// The metrics of a table of layers.
    pub fn of_layer_table() -> impl Iterator<Item = &'static Self> {
        Self::of_layer().filter(|metric| metric.layer == Place::Tables)
    }

    /// The metrics of a confusion matrix of test rows, each with its value.
    pub fn of_test_rows(confusion: &[Vec<usize>]) -> impl Iterator<Item = (&'static Self, Option<f64>)> {
        METRICS.iter().filter_map(move |metric| match metric.measure {
            Measure::Test(of) => Some((metric, of(confusion))),
            _ => None,
        })
    }

    /// Whether it is of the test rows.
    pub fn is_of_test_rows(&self) -> bool {
        matches!(self.measure, Measure::Test(_))
    }

    /// The metric among some values.
    pub fn of(&self, values: &Values) -> Option<f64> {
        (self.get)(values)
    }

    /// Mean and population standard deviation where it is defined; `None` if it is nowhere.
    pub fn moments<'a>(&self, among: impl Iterator<Item = &'a Values>) -> Option<(f64, f64)> {
        let values: Vec<f64> = among.filter_map(|values| self.of(values)).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        (!values.is_empty()).then(|| (mean, variance.sqrt()))
    }

    /// Puts the metric among some values.
    pub fn set(&self, values: &mut Values, value: Option<f64>) {
        *(self.get_mut)(values) = value;
    }
}
