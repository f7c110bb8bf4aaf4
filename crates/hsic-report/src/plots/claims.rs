//! The claims layer by layer: W_s beside W*.

use hsic_eval::claims::{ClaimReport, Curve as Measured};

use super::super::error::ReportError;
use super::canvas::{self, Figure};
use super::draw::Picture;
use super::series::{Curve, Panel, Point, Role};

/// What is drawn of a network: a title, whether it is a share of 1, and the values over the layers.
type Quantity = (&'static str, bool, fn(&Measured) -> Vec<Option<f64>>);

const QUANTITIES: [Quantity; 6] = [
    ("H*, normalised HSIC", true, |curve| some(&curve.hsic)),
    ("claim 2: mean of K, same class", true, |curve| some(&curve.same)),
    ("claim 2: mean of K, different classes", true, |curve| some(&curve.different)),
    ("claim 3: Tr(S_w)/Tr(S_b)", false, |curve| curve.scatter.clone()),
    ("claim 4: MSE of the kernel regression", true, |curve| some(&curve.mse)),
    ("claim 4: CE of the kernel regression", false, |curve| some(&curve.ce)),
];

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

/// Of a set: both networks as they are run, `claims-SET-defaults`, and as far as they go, `claims-SET-limit`.
///
/// # Errors
/// [`ReportError::Draw`].
pub fn claim_figures(report: &ClaimReport) -> Result<Vec<Figure>, ReportError> {
    let is_limit = |curve: &Measured| curve.network.contains("limit") || curve.network.contains("form,");
    [("defaults", "as they are run", false), ("limit", "as far as they go", true)]
        .into_iter()
        .map(|(name, words, limit)| {
            let of = |solver: &str| -> Vec<&Measured> {
                let curves = report.curves.iter().filter(|curve| is_limit(curve) == limit);
                curves.filter(|curve| curve.network.starts_with(solver)).collect()
            };
            picture(report, (name, words), &of("closed-form"), &of("spectral"))
        })
        .collect()
}

fn picture(
    report: &ClaimReport,
    (name, words): (&str, &str),
    closed_form: &[&Measured],
    spectral: &[&Measured],
) -> Result<Figure, ReportError> {
    let panels: Vec<Panel> = QUANTITIES
        .into_iter()
        .map(|(title, is_share, of)| {
            let curves = vec![
                Curve { role: Role::Train, points: points(closed_form, of) },
                Curve { role: Role::Test, points: points(spectral, of) },
            ];
            let all = curves.iter().flat_map(|curve| &curve.points).map(|point| point.high);
            let most = all.fold(0.0, f64::max);
            Panel { title: title.into(), curves, top: if is_share || most == 0.0 { 1.0 } else { most } }
        })
        .collect();
    let all = panels.iter().flat_map(|panel| &panel.curves).flat_map(|curve| &curve.points);
    let layers = all.map(|point| point.layer).max().unwrap_or(1);
    let title = format!("{}: both networks {words}, layer by layer", report.dataset);
    let network =
        |curves: &[&Measured]| curves.first().map_or("none", |curve| curve.network.as_str()).to_owned();
    let subtitle = format!("W_s: {}; W*: {}", network(closed_form), network(spectral));
    let caption = format!(
        "Mean and, shaded, the range over the seeds that have the layer ({} in all). {subtitle}.",
        report.seeds.len()
    );
    let legend = ["W_s, mean over the seeds", "W*, mean over the seeds", "range over the seeds"];
    let picture = Picture { title: &title, subtitle: &subtitle, layers, panels: &panels, columns: 3, legend };
    canvas::figure(format!("claims-{}-{name}", report.dataset), title.clone(), caption, &picture)
}

/// Mean and range over the seeds that have a layer, of layers that at least half of them have.
fn points(curves: &[&Measured], of: fn(&Measured) -> Vec<Option<f64>>) -> Vec<Point> {
    let values: Vec<Vec<Option<f64>>> = curves.iter().map(|curve| of(curve)).collect();
    let deepest = values.iter().map(Vec::len).max().unwrap_or(0);
    let mut points = Vec::new();
    for depth in 0..deepest {
        let known: Vec<f64> =
            values.iter().filter_map(|values| values.get(depth).copied().flatten()).collect();
        if known.is_empty() || 2 * known.len() < values.len() {
            continue;
        }
        points.push(Point {
            layer: depth + 1,
            mean: known.iter().sum::<f64>() / known.len() as f64,
            low: known.iter().copied().fold(f64::INFINITY, f64::min),
            high: known.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        });
    }
    points
}
