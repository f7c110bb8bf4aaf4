//! Pictures of a run, as SVG and PNG.

mod canvas;
mod claims;
mod comparison;
mod draw;
mod experiment_1;
mod font;
mod gram;
mod layout;
mod marker;
mod palette;
mod plane;
mod png;
mod scatter;
mod series;

use hsic_eval::FoldRows;
use hsic_eval::records::Results;

use super::error::ReportError;
pub use canvas::Figure;
pub use claims::claim_figures;
pub use comparison::comparison;
use draw::{LEGEND, Picture};
pub use experiment_1::experiment_1;
use series::Layers;

/// All pictures of a run: the methods side by side, then each method's metrics, Gram matrices and scatter. `rows` are
/// the methods whose rows were kept.
///
/// # Errors
/// [`ReportError::Draw`].
pub fn figures(results: &Results, rows: &[(String, FoldRows)]) -> Result<Vec<Figure>, ReportError> {
    let mut figures = Vec::from_iter(comparison(results)?);
    for record in &results.methods {
        let method = record.method.as_str();
        figures.extend(metrics_per_layer(results, method)?);
        for (_, rows) in rows.iter().filter(|(of, _)| of == method) {
            figures.extend(layer_figures(&Whose::of(results, method), rows)?);
        }
    }
    Ok(figures)
}

/// What the pictures of layers are of.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// Name of the experiment or of the data.
    pub experiment: &'a str,
    /// Name of the method, in the names of the files too.
    pub method: &'a str,
    /// Names of the classes, in the order of their codes.
    pub class_names: &'a [String],
}

impl<'a> Whose<'a> {
    /// A method of a run.
    pub fn of(results: &'a Results, method: &'a str) -> Self {
        Self { experiment: &results.name, method, class_names: &results.dataset.class_names }
    }
}

/// The rows of a fit as they leave every layer: their Gram matrices, `gram-METHOD`, and Z in a plane, `scatter-METHOD`.
///
/// # Errors
/// [`ReportError::Draw`].
pub fn layer_figures(of: &Whose<'_>, rows: &FoldRows) -> Result<Vec<Figure>, ReportError> {
    let mut figures = Vec::from_iter(gram::gram_per_layer(of, rows)?);
    figures.extend(scatter::scatter_per_layer(of, rows)?);
    Ok(figures)
}

/// Every metric of a method against the layer, `metrics-METHOD`; `None` if the method did not run or has no layer yet.
fn metrics_per_layer(results: &Results, method: &str) -> Result<Option<Figure>, ReportError> {
    let Some(record) = results.methods.iter().find(|record| record.method == method) else {
        return Ok(None);
    };
    let layers = Layers::of(record);
    if layers.shown() == 0 {
        return Ok(None);
    }
    let folds = record.folds.len();
    let plural = if folds == 1 { "fold" } else { "folds" };
    let title = format!("{}, {method}: metrics per layer ({folds} {plural})", layout::cut(&results.name, 40));
    let (panels, subtitle) = (layers.panels(), layers.coverage());
    let columns = if panels.len() > 4 { 3 } else { 2 };
    let picture = Picture {
        title: &title,
        subtitle: &subtitle,
        layers: layers.shown(),
        panels: &panels,
        columns,
        legend: LEGEND,
    };
    let caption = format!("Mean and, shaded, ± one standard deviation over the folds; {subtitle}.");
    canvas::figure(format!("metrics-{method}"), title.clone(), caption, &picture).map(Some)
}

#[cfg(test)]
mod tests {
    use hsic_eval::metrics::Values;
    use hsic_eval::records::MethodRecord;

    use super::super::fixture;
    use super::*;

    /// Folds of these depths with curves of a plausible shape.
    fn method(depths: &[usize]) -> MethodRecord {
        let layer = |fold: usize, layer: usize, depth: usize| {
            let (left, jitter) = ((depth - layer) as f64 / depth as f64, 0.02 * (fold % 3) as f64);
            let mut record = fixture::layer(layer, 1.0 - 0.7 * left - jitter, 3);
            record.values = Values {
                mse: Some(3.0 * left * left + jitter),
                ce: Some(0.6 * left + jitter),
                cosine_ratio: Some(0.7 * left + jitter),
                scatter_trace_ratio: Some(0.5 * left + jitter),
                train_accuracy: Some(1.0 - 0.3 * left - 0.5 * jitter),
                test_accuracy: Some(0.95 - 0.35 * left - 2.0 * jitter),
                ..record.values
            };
            record
        };
        let folds = depths.iter().enumerate().map(|(fold, &depth)| {
            fixture::fold(fold, 0.9, (1..=depth).map(|number| layer(fold, number, depth)).collect())
        });
        fixture::method("spectral", folds.collect())
    }

    fn results(method: MethodRecord) -> Results {
        Results { name: "spiral".into(), methods: vec![method], ..fixture::results() }
    }

    fn draw(method: MethodRecord) -> Result<(String, Vec<u8>), Box<dyn std::error::Error>> {
        let figure = metrics_per_layer(&results(method), "spectral")?.ok_or("no figure")?;
        assert_eq!(figure.name, "metrics-spectral");
        Ok((figure.svg, figure.png))
    }

    /// Texts of an SVG in the order they are drawn.
    fn texts(svg: &str) -> Vec<&str> {
        let texts = svg.split("<text ").skip(1);
        texts.filter_map(|text| Some(text.split_once('>')?.1.split_once("</text>")?.0.trim())).collect()
    }

    #[test]
    fn a_picture_has_every_metric_in_both_formats() -> Result<(), Box<dyn std::error::Error>> {
        let (svg, png) = draw(method(&[7, 7, 6, 7, 5, 7, 8, 7, 6, 7]))?;
        let texts = texts(&svg);
        assert_eq!(texts[0], "spiral, spectral: metrics per layer (10 folds)");
        assert_eq!(
            texts[1],
            "folds that have a layer: 10 for layers 1–5, 9 for layer 6, 7 for layer 7; not shown, in fewer than half: layer 8"
        );
        for title in
            ["H*, normalised HSIC", "CE of the logistic probe", "MSE of Z to its class means", "accuracy"]
        {
            assert_eq!(texts.iter().filter(|text| **text == title).count(), 1, "{title}");
        }
        assert_eq!(texts.iter().filter(|text| **text == "layer").count(), 6);
        assert_eq!(texts.iter().filter(|text| **text == "7").count(), 6);
        assert!(svg.contains("font-family=\"DejaVu Sans, sans-serif\""));
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
        assert_eq!(
            (png[16..20].to_vec(), png[20..24].to_vec()),
            (1200u32.to_be_bytes().into(), 800u32.to_be_bytes().into())
        );
        Ok(())
    }

    #[test]
    fn one_layer_is_drawn_as_points() -> Result<(), Box<dyn std::error::Error>> {
        let (svg, _) = draw(method(&[1, 1, 1]))?;
        assert_eq!(texts(&svg)[1], "folds that have a layer: 3 for layer 1");
        // the triangles of the test accuracy and of the legend, and no band
        assert_eq!(svg.matches("<polygon").count(), 2);
        // H*, C, T, MSE, CE, train accuracy, and the legend
        assert_eq!(svg.matches("<circle").count(), 7);
        Ok(())
    }

    #[test]
    fn thirty_layers_fit() -> Result<(), Box<dyn std::error::Error>> {
        let (svg, _) = draw(method(&[30; 4]))?;
        assert_eq!(texts(&svg).iter().filter(|text| **text == "25").count(), 6);
        Ok(())
    }

    #[test]
    fn undefined_metrics_are_left_out() -> Result<(), Box<dyn std::error::Error>> {
        let mut method = method(&[3, 2]);
        for layer in method.folds.iter_mut().flat_map(|fold| &mut fold.trace) {
            (layer.values.cosine_ratio, layer.values.scatter_trace_ratio) = (None, None);
            layer.values.mse = layer.mse.map(|mse| mse * 1e-5);
        }
        let (svg, _) = draw(method)?;
        let texts = texts(&svg);
        assert_eq!(texts.iter().filter(|text| **text == "layer").count(), 4);
        assert!(texts.contains(&"MSE of Z to its class means, in units of 10⁻⁵"), "{texts:?}");
        Ok(())
    }

    #[test]
    fn nothing_is_drawn_of_a_method_without_folds() -> Result<(), Box<dyn std::error::Error>> {
        assert!(metrics_per_layer(&results(method(&[])), "spectral")?.is_none());
        assert!(metrics_per_layer(&results(method(&[2])), "closed-form")?.is_none());
        Ok(())
    }
}
