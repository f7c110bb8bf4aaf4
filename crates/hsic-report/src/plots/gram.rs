//! The Gram matrix of every layer, rows sorted by class: blocks appear as the classes part.

use faer::{Mat, Par};
use hsic_eval::FoldRows;
use hsic_kernels::gaussian::gram;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::super::error::ReportError;
use super::super::number::number;
use super::Whose;
use super::canvas::{self, Drawing, Drawn, Figure, HEADER, Pen, Raster};
use super::layout::{Grid, chosen, cut, how_taken, left_out, listed, rows_drawn, spread};
use super::palette::{GREY, INK, level, viridis};

/// Rows above this are thinned: a panel has no more pixels.
const MOST_ROWS: usize = 400;

/// Entries of all panels: even a matrix of noise then keeps the SVG below a megabyte.
const MOST_ENTRIES: usize = 700_000;

/// With more classes the ticks between them would run together.
const MOST_TICKS: usize = 60;

/// Room for the colour bar.
const BAR: i32 = 100;

struct Grams {
    title: String,
    subtitle: String,
    grid: Grid,
    side: i32,
    /// Words above each raster.
    captions: Vec<String>,
    rasters: Vec<Raster>,
    /// Where one class ends and the next begins, as shares of the rows.
    boundaries: Vec<f64>,
}

/// The Gaussian Gram matrix of every layer of a fold, `gram-METHOD`; `None` without layers.
pub fn gram_per_layer(of: &Whose<'_>, rows: &FoldRows) -> Result<Option<Figure>, ReportError> {
    let Whose { experiment, method, class_names } = of;
    if rows.layers.is_empty() {
        return Ok(None);
    }
    let name = format!("gram-{method}");
    let layers = chosen(rows.layers.len());
    let kept = spread(rows.labels.len(), MOST_ROWS.min((MOST_ENTRIES / layers.len()).isqrt()));
    let grid = Grid::of(layers.len(), BAR);
    let side = grid.cell - 38;
    let (mut rasters, mut captions) = (Vec::new(), Vec::new());
    for (panel, layer) in layers.iter().map(|at| &rows.layers[*at]).enumerate() {
        let z = Mat::from_fn(kept.len(), layer.z.ncols(), |i, k| layer.z[(kept[i], k)]);
        let kernel = gram(z.as_ref(), layer.metric_sigma, Par::Seq)
            .map_err(|error| ReportError::Draw { file: format!("{name}.svg"), message: error.to_string() })?;
        let n = kernel.nrows();
        let levels = (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|at| level(kernel[at])).collect();
        let (x, y) = grid.corner(panel, HEADER);
        rasters.push(Raster { at: (x + 16, y + 26), side: side as u32, n, levels });
        captions.push(format!("layer {}, σ = {}", layer.layer, number(Some(layer.metric_sigma.get()))));
    }
    let classes: Vec<usize> = kept.iter().map(|row| rows.labels.codes()[*row]).collect();
    let boundaries: Vec<f64> = (1..classes.len())
        .filter(|at| classes[at - 1] != classes[*at])
        .map(|at| at as f64 / classes.len() as f64)
        .collect();
    let whose = rows_drawn(rows, kept.len());
    let title = format!("{}, {method}: Gram matrix of every layer", cut(experiment, 40));
    let caption = format!(
        "Gaussian kernel of Z at the layer's own bandwidth σ, {whose}, sorted by class ({}){}; ticks part the classes.{}",
        listed(class_names, 400),
        left_out(rows.layers.len()),
        how_taken(rows, kept.len())
    );
    let fits = grid.width(BAR) as usize / 9;
    let subtitle = format!("{whose}, by class: ");
    let subtitle = subtitle.clone() + &listed(class_names, fits.saturating_sub(subtitle.chars().count()));
    let boundaries = if boundaries.len() < MOST_TICKS { boundaries } else { Vec::new() };
    let drawing = Grams { title: title.clone(), subtitle, grid, side, captions, rasters, boundaries };
    canvas::figure(name, title, caption, &drawing).map(Some)
}

impl Drawing for Grams {
    fn size(&self) -> (u32, u32) {
        (self.grid.width(BAR) as u32, self.grid.end(HEADER).1 as u32 + 8)
    }

    fn draw<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>, pen: Pen) -> Drawn<DB> {
        pen.header(root, &self.title, &self.subtitle)?;
        let line = GREY.stroke_width(pen.scale);
        for (raster, caption) in self.rasters.iter().zip(&self.captions) {
            let ((x, y), side) = (raster.at, raster.side as i32);
            pen.text(root, (x, y - 22), (15, HPos::Left), &INK, caption)?;
            for share in &self.boundaries {
                let at = (share * f64::from(side)).round() as i32;
                for ends in [[(x + at, y - 6), (x + at, y)], [(x - 6, y + at), (x, y + at)]] {
                    root.draw(&PathElement::new(ends.map(|(x, y)| (pen.px(x), pen.px(y))).to_vec(), line))?;
                }
            }
        }
        self.colour_bar(root, pen)
    }

    fn rasters(&self) -> &[Raster] {
        &self.rasters
    }
}

impl Grams {
    fn colour_bar<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>, pen: Pen) -> Drawn<DB> {
        let (left, top) = (self.grid.end(HEADER).0 + 14, HEADER + 26);
        let height = self.side;
        for step in 0..64 {
            let [r, g, b] = viridis((step * 255 / 63) as u8);
            let y = |step: i32| pen.px(top + height) - pen.px(height) * step / 64;
            // one unit into the step below: no seam shows where a viewer scales the picture
            let lower = y(step) + if step > 0 { pen.px(1) } else { 0 };
            let corners = [(pen.px(left), y(step + 1)), (pen.px(left + 18), lower)];
            root.draw(&Rectangle::new(corners, RGBColor(r, g, b).filled()))?;
        }
        pen.text(root, (left, top - 22), (15, HPos::Left), &INK, "kernel")?;
        for quarter in 0..=4 {
            let y = top + height - height * quarter / 4;
            let tick = vec![(pen.px(left + 18), pen.px(y)), (pen.px(left + 23), pen.px(y))];
            root.draw(&PathElement::new(tick, GREY.stroke_width(pen.scale)))?;
            let label = super::draw::axis_label(f64::from(quarter) / 4.0);
            pen.text(root, (left + 28, y - 4), (15, HPos::Left), &INK, &label)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn every_layer_has_a_raster_and_classes_are_parted() -> Result<(), Box<dyn std::error::Error>> {
        let rows = fixture::rows(60, 3, 3)?;
        let figure =
            gram_per_layer(&Whose::of(&fixture::results(), "spectral"), &rows)?.ok_or("no figure")?;
        assert_eq!(figure.name, "gram-spectral");
        assert_eq!(figure.svg.matches("<image ").count(), 3);
        // two boundaries at two sides of three panels, five ticks of the bar
        assert_eq!(figure.svg.matches("<polyline").count(), 2 * 2 * 3 + 5);
        for text in ["toy, spectral: Gram matrix of every layer", "layer 3, σ = 0.500", "kernel"] {
            assert!(figure.svg.contains(text), "{text}");
        }
        assert!(!figure.caption.contains("evenly spaced"));
        Ok(())
    }

    #[test]
    fn many_rows_and_layers_make_a_small_file() -> Result<(), Box<dyn std::error::Error>> {
        let rows = fixture::rows(2000, 12, 40)?;
        let figure =
            gram_per_layer(&Whose::of(&fixture::results(), "spectral"), &rows)?.ok_or("no figure")?;
        assert_eq!(figure.svg.matches("<image ").count(), 8);
        assert!(figure.svg.len() < 1_000_000, "{}", figure.svg.len());
        assert!(figure.caption.contains("295 of the 2000 training rows of fold 0"), "{}", figure.caption);
        assert!(figure.caption.contains("not shown: layers 8–11"), "{}", figure.caption);
        Ok(())
    }

    #[test]
    fn no_layers_no_picture() -> Result<(), Box<dyn std::error::Error>> {
        assert!(
            gram_per_layer(&Whose::of(&fixture::results(), "spectral"), &fixture::rows(9, 0, 3)?)?.is_none()
        );
        Ok(())
    }
}
