//! Pictures of a run, as SVG and PNG.

mod draw;
mod font;
mod series;

use std::path::{Path, PathBuf};

use hsic_eval::records::Results;
use plotters::prelude::*;

use super::error::ReportError;
use draw::{Picture, SIZE};
use series::Layers;

/// A bitmap is drawn this many times larger and shrunk: plotters does not smooth thick lines, and rounds their corners to
/// whole pixels, which makes slanted ones thinner.
const SUPERSAMPLING: u32 = 4;

/// Draws every metric of a method against the layer: `metrics-METHOD.svg` and `metrics-METHOD.png` in `dir`. Returns
/// their paths; none if the method did not run or has no fold yet.
///
/// # Errors
/// [`ReportError::Draw`].
pub fn metrics_per_layer(results: &Results, method: &str, dir: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let Some(record) = results.methods.iter().find(|record| record.method == method) else {
        return Ok(Vec::new());
    };
    let layers = Layers::of(record);
    if layers.shown() == 0 {
        return Ok(Vec::new());
    }
    let folds = record.folds.len();
    let plural = if folds == 1 { "fold" } else { "folds" };
    let title = format!("{}, {method}: metrics per layer ({folds} {plural})", results.name);
    let (panels, subtitle) = (layers.panels(), layers.coverage());
    let picture = |scale| Picture {
        title: &title,
        subtitle: &subtitle,
        layers: layers.shown(),
        panels: &panels,
        scale,
    };

    let svg = dir.join(format!("metrics-{method}.svg"));
    let png = dir.join(format!("metrics-{method}.png"));
    let failed =
        |file: &Path, message: String| ReportError::Draw { file: file.display().to_string(), message };
    font::register().map_err(|message| failed(&svg, message))?;
    let mut text = String::new();
    draw_on(SVGBackend::with_string(&mut text, SIZE), &picture(1))
        .map_err(|message| failed(&svg, message))?;
    std::fs::write(&svg, text)
        .map_err(|source| ReportError::Write { file: svg.display().to_string(), source })?;
    draw_png(&png, &picture(SUPERSAMPLING)).map_err(|message| failed(&png, message))?;
    Ok(vec![svg, png])
}

fn draw_on<DB: DrawingBackend>(backend: DB, picture: &Picture<'_>) -> Result<(), String> {
    picture.draw(&backend.into_drawing_area()).map_err(|error| error.to_string())
}

fn draw_png(file: &Path, picture: &Picture<'_>) -> Result<(), String> {
    let (width, height) = (SIZE.0 * picture.scale, SIZE.1 * picture.scale);
    let mut large = vec![0; (width * height * 3) as usize];
    draw_on(BitMapBackend::with_buffer(&mut large, (width, height)), picture)?;
    let small = shrunk(&large, SIZE, picture.scale as usize);
    let mut backend = BitMapBackend::new(file, SIZE);
    backend.blit_bitmap((0, 0), SIZE, &small).map_err(|error| error.to_string())?;
    backend.present().map_err(|error| error.to_string())
}

/// Each pixel the mean of `scale`² pixels of the larger RGB picture.
fn shrunk(large: &[u8], (width, height): (u32, u32), scale: usize) -> Vec<u8> {
    let (width, height) = (width as usize, height as usize);
    let mut small = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = 0;
                for row in y * scale..(y + 1) * scale {
                    for column in x * scale..(x + 1) * scale {
                        sum += usize::from(large[(row * width * scale + column) * 3 + channel]);
                    }
                }
                small.push((sum / (scale * scale)) as u8);
            }
        }
    }
    small
}

#[cfg(test)]
mod tests {
    use hsic_eval::records::{LayerRecord, MethodRecord};

    use super::super::fixture;
    use super::*;

    /// Folds of these depths with curves of a plausible shape.
    fn method(depths: &[usize]) -> MethodRecord {
        let layer = |fold: usize, layer: usize, depth: usize| {
            let (left, jitter) = ((depth - layer) as f64 / depth as f64, 0.02 * (fold % 3) as f64);
            LayerRecord {
                mse: 3.0 * left * left + jitter,
                ce: 0.6 * left + jitter,
                cosine_ratio: Some(0.7 * left + jitter),
                scatter_trace_ratio: Some(0.5 * left + jitter),
                train_accuracy: 1.0 - 0.3 * left - 0.5 * jitter,
                test_accuracy: 0.95 - 0.35 * left - 2.0 * jitter,
                ..fixture::layer(layer, 1.0 - 0.7 * left - jitter, 3)
            }
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
        let dir = tempfile::tempdir()?;
        let paths = metrics_per_layer(&results(method), "spectral", dir.path())?;
        assert_eq!(paths, [dir.path().join("metrics-spectral.svg"), dir.path().join("metrics-spectral.png")]);
        Ok((std::fs::read_to_string(&paths[0])?, std::fs::read(&paths[1])?))
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
            (layer.cosine_ratio, layer.scatter_trace_ratio) = (None, None);
            layer.mse *= 1e-5;
        }
        let (svg, _) = draw(method)?;
        let texts = texts(&svg);
        assert_eq!(texts.iter().filter(|text| **text == "layer").count(), 4);
        assert!(texts.contains(&"MSE of Z to its class means, in units of 10⁻⁵"), "{texts:?}");
        Ok(())
    }

    #[test]
    fn nothing_is_drawn_of_a_method_without_folds() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        assert_eq!(metrics_per_layer(&results(method(&[])), "spectral", dir.path())?, Vec::<PathBuf>::new());
        assert_eq!(
            metrics_per_layer(&results(method(&[2])), "closed-form", dir.path())?,
            Vec::<PathBuf>::new()
        );
        Ok(())
    }

    #[test]
    fn shrinking_takes_means() {
        let large = [0, 0, 0, 4, 8, 12, 0, 0, 0, 4, 8, 13];
        assert_eq!(shrunk(&large, (1, 1), 2), [2, 4, 6]);
    }
}
