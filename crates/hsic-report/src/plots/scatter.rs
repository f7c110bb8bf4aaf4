//! The rows as they leave every layer, by class: one row is one mark.

use hsic_eval::FoldRows;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::super::error::ReportError;
use super::Whose;
use super::canvas::{self, Drawing, Drawn, Figure, HEADER, Pen};
use super::layout::{Grid, chosen, cut, how_taken, left_out, rows_drawn, spread};
use super::marker::Marker;
use super::palette::{GREY, INK, RULE};
use super::plane::{Plane, Shown};

/// Rows above this are thinned: more marks would hide each other.
const MOST_ROWS: usize = 2000;

/// Marks of all panels: an SVG of more is too large to look at.
const MOST_MARKS: usize = 8000;

/// Room for two lines of names below the panels.
const LEGEND: i32 = 64;

struct Scatter {
    title: String,
    subtitle: String,
    grid: Grid,
    panels: Vec<(usize, Plane)>,
    /// Class of each row drawn.
    classes: Vec<usize>,
    names: Vec<String>,
}

/// Z of every layer of a fold in a plane, `scatter-METHOD`; `None` without layers.
pub fn scatter_per_layer(of: &Whose<'_>, rows: &FoldRows) -> Result<Option<Figure>, ReportError> {
    let Whose { experiment, method, class_names } = of;
    if rows.layers.is_empty() {
        return Ok(None);
    }
    let name = format!("scatter-{method}");
    let layers = chosen(rows.layers.len());
    let kept = spread(rows.labels.len(), MOST_ROWS.min(MOST_MARKS / layers.len()));
    let classes: Vec<usize> = kept.iter().map(|row| rows.labels.codes()[*row]).collect();
    let plane = |layer: &hsic_eval::LayerRows| {
        let plane = Plane::of(layer.z.as_ref(), &kept, &classes)
            .map_err(|error| ReportError::Draw { file: format!("{name}.svg"), message: error.to_string() })?;
        Ok((layer.layer, plane))
    };
    let panels = layers.iter().map(|at| plane(&rows.layers[*at])).collect::<Result<Vec<_>, ReportError>>()?;
    let whose = rows_drawn(rows, kept.len());
    let projected = if panels.iter().any(|(_, plane)| matches!(plane.shown, Shown::Principal { .. })) {
        " More than two columns of Z are shown by their first two principal directions (PC), with the share of the \
         variance these have."
    } else {
        ""
    };
    let one_column = if panels.iter().any(|(_, plane)| plane.shown == Shown::Line) {
        " A single column of Z is drawn along the axis, its rows one class above the other."
    } else {
        ""
    };
    let title = format!("{}, {method}: Z of every layer", cut(experiment, 40));
    let caption = format!(
        "Z of {whose}, by class{}; both axes of a panel have the same scale. Rows that coincide show as one mark.{projected}{one_column}{}",
        left_out(rows.layers.len()),
        how_taken(rows, kept.len())
    );
    let subtitle = format!("{whose}, both axes on one scale{}", left_out(rows.layers.len()));
    let drawing = Scatter {
        title: title.clone(),
        subtitle,
        grid: Grid::of(panels.len(), 16),
        panels,
        classes,
        names: class_names.to_vec(),
    };
    canvas::figure(name, title, caption, &drawing).map(Some)
}

impl Drawing for Scatter {
    fn size(&self) -> (u32, u32) {
        (self.grid.width(16) as u32, (self.grid.end(HEADER).1 + LEGEND) as u32)
    }

    fn draw<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>, pen: Pen) -> Drawn<DB> {
        pen.header(root, &self.title, &self.subtitle)?;
        for (panel, (layer, plane)) in self.panels.iter().enumerate() {
            let (x, y) = self.grid.corner(panel, HEADER);
            let caption = format!("layer {layer} ({})", plane.shown.words());
            pen.text(root, (x + 44, y + 2), (15, HPos::Left), &INK, &caption)?;
            self.panel(root, pen, (x + 44, y + 24), plane)?;
        }
        self.legend(root, pen)
    }
}

impl Scatter {
    /// A square with its left upper corner at a place.
    fn panel<DB: DrawingBackend>(
        &self,
        root: &DrawingArea<DB, Shift>,
        pen: Pen,
        (left, top): (i32, i32),
        plane: &Plane,
    ) -> Drawn<DB> {
        let side = self.grid.cell - 58;
        let [across, up] = &plane.axes;
        let x = |value: f64| pen.px(left) + (across.share(value) * f64::from(pen.px(side))).round() as i32;
        let y = |value: f64| pen.px(top + side) - (up.share(value) * f64::from(pen.px(side))).round() as i32;
        let rule = RULE.stroke_width(pen.scale);
        let unit = f64::from(pen.scale);
        for (value, label) in across.ticks() {
            let at = x(value);
            root.draw(&PathElement::new(vec![(at, pen.px(top)), (at, pen.px(top + side))], rule))?;
            let below = ((f64::from(at) / unit) as i32, top + side + 6);
            pen.text(root, below, (14, HPos::Center), &INK, &label)?;
        }
        for (value, label) in if plane.shown == Shown::Line { Vec::new() } else { up.ticks() } {
            let at = y(value);
            root.draw(&PathElement::new(vec![(pen.px(left), at), (pen.px(left + side), at)], rule))?;
            let beside = (left - 5, (f64::from(at) / unit) as i32 - 4);
            pen.text(root, beside, (14, HPos::Right), &INK, &label)?;
        }
        let frame = [(pen.px(left), pen.px(top)), (pen.px(left + side), pen.px(top + side))];
        root.draw(&Rectangle::new(frame, GREY.stroke_width(pen.scale)))?;
        let radius = if plane.points.len() > 400 { 2.2 } else { 3.0 };
        for row in interleaved(plane.points.len()) {
            let (across, up) = plane.points[row];
            Marker::of(self.classes[row]).draw(root, pen, (x(across), y(up)), radius)?;
        }
        Ok(())
    }

    /// Two lines of classes; those that do not fit are counted.
    fn legend<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>, pen: Pen) -> Drawn<DB> {
        let right = self.size().0 as i32 - 110;
        let (mut x, mut y) = (60, self.grid.end(HEADER).1 + 16);
        let mut last_line = false;
        for (class, name) in self.names.iter().enumerate() {
            let name = cut(name, 24);
            let width = 34 + 9 * name.chars().count() as i32;
            if x > 60 && x + width > right {
                if last_line {
                    let rest = format!("and {} more", self.names.len() - class);
                    return pen.text(root, (x, y - 6), (15, HPos::Left), &GREY, &rest);
                }
                (x, y, last_line) = (60, y + 24, true);
            }
            Marker::of(class).draw(root, pen, (pen.px(x), pen.px(y)), 4.5)?;
            pen.text(root, (x + 12, y - 6), (15, HPos::Left), &INK, &name)?;
            x += width;
        }
        Ok(())
    }
}

/// All rows, neighbours far apart, so that no class covers the others.
fn interleaved(n: usize) -> impl Iterator<Item = usize> {
    let common = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    // near the golden ratio, and without a common divisor, so that every row is met once
    let step = (n * 89 / 144..).find(|step| common(*step, n) == 1).unwrap_or(1);
    (0..n).map(move |at| at * step % n)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn every_row_is_met_once() {
        for n in [1, 2, 3, 144, 1000] {
            let mut rows: Vec<usize> = interleaved(n).collect();
            rows.sort_unstable();
            assert_eq!(rows, (0..n).collect::<Vec<_>>());
        }
        assert_eq!(interleaved(0).count(), 0);
    }

    #[test]
    fn a_row_is_a_mark_in_every_panel() -> Result<(), Box<dyn std::error::Error>> {
        let rows = fixture::rows(60, 3, 2)?;
        let figure =
            scatter_per_layer(&Whose::of(&fixture::results(), "spectral"), &rows)?.ok_or("no figure")?;
        assert_eq!(figure.name, "scatter-spectral");
        // class 0 and its entry in the legend, class 1 likewise
        assert_eq!(figure.svg.matches("<circle").count(), 3 * 30 + 1);
        assert_eq!(figure.svg.matches("<polygon").count(), 3 * 30 + 1);
        for text in ["toy, spectral: Z of every layer", "layer 1 (2 columns)", "layer 2 (PC 1–2 of 3, "] {
            assert!(figure.svg.contains(text), "{text}");
        }
        assert!(figure.caption.contains("principal"), "{}", figure.caption);
        Ok(())
    }

    #[test]
    fn many_rows_layers_and_classes_make_a_small_file() -> Result<(), Box<dyn std::error::Error>> {
        let rows = fixture::rows(2000, 12, 40)?;
        let mut results = fixture::results();
        results.dataset.class_names = (0..40).map(|class| format!("<class {class}>")).collect();
        let figure = scatter_per_layer(&Whose::of(&results, "spectral"), &rows)?.ok_or("no figure")?;
        assert!(figure.svg.len() < 1_000_000, "{}", figure.svg.len());
        assert!(figure.svg.contains("&lt;class 3&gt;") && !figure.svg.contains("<class"));
        assert!(figure.svg.contains(" more\n"));
        assert!(figure.caption.contains("1000 of the 2000 training rows of fold 0"), "{}", figure.caption);
        Ok(())
    }
}
