//! The curves of a picture: means and deviations over the folds, layer by layer.

use std::collections::BTreeSet;

use hsic_eval::metrics::{Kind, METRICS, Metric};
use hsic_eval::records::{LayerRecord, MethodRecord};

/// A metric, or two that share an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// What the axis shows.
    pub title: String,
    /// One or two curves.
    pub curves: Vec<Curve>,
    /// Upper end of the axis.
    pub top: f64,
}

/// The rows a curve was measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The training rows, where there is no other curve to tell it from.
    Single,
    /// The training rows.
    Train,
    /// The test rows.
    Test,
}

/// A metric against the layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Which of a panel's curves it is.
    pub role: Role,
    /// A point a layer at which it is defined, by layer.
    pub points: Vec<Point>,
}

/// A metric at a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Number of the layer, from 1.
    pub layer: usize,
    /// Mean over the folds.
    pub mean: f64,
    /// Mean − standard deviation, not below 0.
    pub low: f64,
    /// Mean + standard deviation, for a share not above 1.
    pub high: f64,
}

/// The layers of the folds of a method.
pub struct Layers<'a> {
    folds: usize,
    /// The records of layer l at l − 1.
    layers: Vec<Vec<&'a LayerRecord>>,
}

impl<'a> Layers<'a> {
    /// Sorts the records of a method by layer.
    pub fn of(method: &'a MethodRecord) -> Self {
        let mut layers: Vec<Vec<&LayerRecord>> = Vec::new();
        for record in method.folds.iter().flat_map(|fold| &fold.trace) {
            if layers.len() < record.layer {
                layers.resize_with(record.layer, Vec::new);
            }
            if let Some(of_layer) = record.layer.checked_sub(1).and_then(|at| layers.get_mut(at)) {
                of_layer.push(record);
            }
        }
        Self { folds: method.folds.len(), layers }
    }

    /// The layers to draw: those that at least half of the folds have, since the mean over a few folds that stopped
    /// late is a mean over hard folds.
    pub fn shown(&self) -> usize {
        self.layers
            .iter()
            .take_while(|records| !records.is_empty() && 2 * records.len() >= self.folds)
            .count()
    }

    /// How many folds are behind each layer, and which layers are left out.
    pub fn coverage(&self) -> String {
        let counts: Vec<(usize, usize)> = self
            .layers
            .iter()
            .take(self.shown())
            .map(Vec::len)
            .enumerate()
            .map(|(at, n)| (at + 1, n))
            .collect();
        let runs: Vec<String> = counts
            .chunk_by(|(_, a), (_, b)| a == b)
            .filter_map(|run| Some(format!("{} for {}", run.first()?.1, span(run.first()?.0, run.last()?.0))))
            .collect();
        let left_out = match self.layers.len() {
            all if all > self.shown() => {
                format!("; not shown, in fewer than half: {}", span(self.shown() + 1, all))
            }
            _ => String::new(),
        };
        format!("folds that have a layer: {}{left_out}", runs.join(", "))
    }

    /// A panel an axis of the metrics; one without any value is left out.
    pub fn panels(&self) -> Vec<Panel> {
        let axes: BTreeSet<(u8, &str)> = METRICS.iter().filter_map(|metric| metric.axis).collect();
        axes.into_iter().filter_map(|axis| self.panel(axis, axis.1)).collect()
    }

    /// The axis of this metric, under another title.
    pub fn panel_of(&self, metric: &str, title: &str) -> Option<Panel> {
        self.panel(Metric::named(metric)?.axis?, title)
    }

    fn panel(&self, axis: (u8, &str), title: &str) -> Option<Panel> {
        let metrics: Vec<&Metric> = METRICS.iter().filter(|metric| metric.axis == Some(axis)).collect();
        let role = |metric: &Metric| match metrics.len() {
            1 => Role::Single,
            _ if metric.is_of_test_rows() => Role::Test,
            _ => Role::Train,
        };
        let curves = metrics.iter().map(|metric| self.curve(role(metric), metric)).collect();
        panel(title, metrics.iter().all(|metric| metric.kind == Kind::Share), curves)
    }

    fn curve(&self, role: Role, metric: &Metric) -> Curve {
        let shown = self.layers.iter().take(self.shown()).enumerate();
        let points = shown.filter_map(|(at, records)| {
            let (mean, std) = metric.moments(records.iter().map(|record| &record.values))?;
            let most = if metric.kind == Kind::Share { 1.0 } else { f64::INFINITY };
            Some(Point { layer: at + 1, mean, low: (mean - std).max(0.0), high: (mean + std).min(most) })
        });
        Curve { role, points: points.collect() }
    }
}

/// `None` if no curve has a point. Values no axis has room for are shown in units of a power of ten.
fn panel(title: &str, is_share: bool, mut curves: Vec<Curve>) -> Option<Panel> {
    curves.retain(|curve| !curve.points.is_empty());
    if curves.is_empty() {
        return None;
    }
    if is_share {
        return Some(Panel { title: title.into(), curves, top: 1.0 });
    }
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let most = points().map(|point| point.high).fold(0.0, f64::max);
    if most == 0.0 {
        return Some(Panel { title: title.into(), curves, top: 1.0 });
    }
    if (0.01..1000.0).contains(&most) {
        return Some(Panel { title: title.into(), curves, top: most });
    }
    let exponent = most.log10().floor() as i32;
    // dividing by 10^e, not multiplying by 10^−e, keeps round numbers round
    let unit = 10f64.powi(exponent);
    for point in curves.iter_mut().flat_map(|curve| &mut curve.points) {
        (point.mean, point.low, point.high) = (point.mean / unit, point.low / unit, point.high / unit);
    }
    let title = format!("{title}, in units of 10{}", superscript(exponent));
    Some(Panel { title, curves, top: most / unit })
}

fn superscript(exponent: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        _ => c.to_digit(10).and_then(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize)).unwrap_or(c),
    };
    exponent.to_string().chars().map(digit).collect()
}

fn span(first: usize, last: usize) -> String {
    if first == last { format!("layer {first}") } else { format!("layers {first}–{last}") }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    /// Folds of these depths.
    fn method(depths: &[usize]) -> MethodRecord {
        let trace = |depth: usize| (1..=depth).map(|layer| fixture::layer(layer, 0.5, 2)).collect();
        let folds =
            depths.iter().enumerate().map(|(number, &depth)| fixture::fold(number, 0.5, trace(depth)));
        fixture::method("spectral", folds.collect())
    }

    #[test]
    fn layers_of_fewer_than_half_of_the_folds_are_left_out() {
        for (depths, shown, coverage) in [
            (&[3, 3, 3, 3][..], 3, "4 for layers 1–3"),
            (&[1][..], 1, "1 for layer 1"),
            (&[4, 2, 2, 1][..], 2, "4 for layer 1, 3 for layer 2; not shown, in fewer than half: layers 3–4"),
            (&[4, 3, 2, 2][..], 3, "4 for layers 1–2, 2 for layer 3; not shown, in fewer than half: layer 4"),
        ] {
            let method = method(depths);
            let layers = Layers::of(&method);
            let coverage = format!("folds that have a layer: {coverage}");
            assert_eq!((layers.shown(), layers.coverage()), (shown, coverage), "{depths:?}");
        }
        assert_eq!(Layers::of(&method(&[])).shown(), 0);
    }

    #[test]
    fn a_point_is_mean_and_deviation_within_the_metric_s_range() {
        let layer = |number: usize, hsic: f64| fixture::layer(number, hsic, 2);
        let folds = [0.7, 0.9].map(|hsic| fixture::fold(0, hsic, vec![layer(1, hsic), layer(2, 1.0)]));
        let method = fixture::method("spectral", folds.to_vec());
        let panels = Layers::of(&method).panels();
        assert_eq!(panels[0].title, "H*, normalised HSIC");
        let points = &panels[0].curves[0].points;
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(
            close(points[0].mean, 0.8) && close(points[0].low, 0.7) && close(points[0].high, 0.9),
            "{points:?}"
        );
        assert_eq!(points[1], Point { layer: 2, mean: 1.0, low: 1.0, high: 1.0 });
    }

    #[test]
    fn a_metric_that_is_null_everywhere_is_left_out() {
        let mut method = method(&[2, 2]);
        let all: Vec<String> = Layers::of(&method).panels().into_iter().map(|panel| panel.title).collect();
        assert_eq!(all.len(), 6);
        for layer in method.folds.iter_mut().flat_map(|fold| &mut fold.trace) {
            layer.values.cosine_ratio = None;
        }
        let titles: Vec<String> = Layers::of(&method).panels().into_iter().map(|panel| panel.title).collect();
        assert_eq!((titles.len(), all[1].as_str()), (5, "C, kernel between / within classes"));
        assert!(!titles.contains(&all[1]));
    }

    #[test]
    fn small_and_large_values_are_scaled_and_the_title_says_so() {
        for (mse, title, mean) in [
            (0.02, "MSE of Z to its class means", 0.02),
            (4e-5, "MSE of Z to its class means, in units of 10⁻⁵", 4.0),
            (25_000.0, "MSE of Z to its class means, in units of 10⁴", 2.5),
        ] {
            let mut method = method(&[1]);
            method.folds[0].trace[0].values.mse = Some(mse);
            let panel = &Layers::of(&method).panels()[3];
            assert_eq!(panel.title, title);
            assert!((panel.curves[0].points[0].mean - mean).abs() < 1e-12, "{panel:?}");
        }
        assert_eq!(superscript(-120), "⁻¹²⁰");
    }
}
