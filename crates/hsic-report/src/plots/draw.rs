//! Drawing the panels, on any backend of plotters.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::canvas::{Drawing, Drawn, HEADER, Pen};
use super::palette::{BLUE, GREY, INK, RULE, VERMILLION};
use super::series::{Panel, Point, Role};

/// Width and height of a picture at scale 1.
pub const SIZE: (u32, u32) = (1200, 800);

/// A picture: what is drawn, and the words above it.
pub struct Picture<'a> {
    pub title: &'a str,
    pub subtitle: &'a str,
    /// Layers on the axis, from 1.
    pub layers: usize,
    pub panels: &'a [Panel],
    /// Most panels side by side.
    pub columns: usize,
    /// What the curves and their band are.
    pub legend: [&'a str; 3],
}

/// The legend of a cross-validation.
pub const LEGEND: [&str; 3] =
    ["training rows, mean over the folds", "test rows, mean over the folds", "± one standard deviation"];

impl Drawing for Picture<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>, pen: Pen) -> Drawn<DB> {
        pen.header(root, self.title, self.subtitle)?;
        let (width, height) = SIZE;
        let body = root.clone().shrink(
            (pen.px(8), pen.px(HEADER)),
            (pen.px(width as i32 - 16) as u32, pen.px(height as i32 - HEADER - 52) as u32),
        );
        let columns = self.panels.len().clamp(1, self.columns.max(1));
        let rows = self.panels.len().div_ceil(columns).max(1);
        for (panel, area) in self.panels.iter().zip(body.split_evenly((rows, columns))) {
            self.panel(panel, &area, pen)?;
        }
        legend(root, pen, self.legend)
    }
}

impl Picture<'_> {
    fn panel<DB: DrawingBackend>(&self, panel: &Panel, area: &DrawingArea<DB, Shift>, pen: Pen) -> Drawn<DB> {
        let mut chart = ChartBuilder::on(area)
            .margin(pen.px(14))
            .caption(&panel.title, pen.font(17).color(&INK))
            .x_label_area_size(pen.px(44))
            .y_label_area_size(pen.px(54))
            .build_cartesian_2d(LayerAxis::to(self.layers), 0.0..panel.top * 1.05)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(RULE.stroke_width(pen.scale))
            .axis_style(GREY.stroke_width(pen.scale))
            .set_all_tick_mark_size(pen.px(4))
            .y_labels(6)
            .y_label_formatter(&|value| axis_label(*value))
            .label_style(pen.font(15).color(&INK))
            .axis_desc_style(pen.font(15).color(&INK))
            .x_desc("layer")
            .draw()?;
        for curve in &panel.curves {
            let colour = colour(curve.role);
            // a layer without a value parts the curve
            for run in curve.points.chunk_by(|a, b| a.layer + 1 == b.layer) {
                let at = |point: &Point| point.layer as f64;
                if let [point] = run {
                    let (low, high) = ((at(point), point.low), (at(point), point.high));
                    let bar = PathElement::new(vec![low, high], colour.mix(0.35).stroke_width(pen.scale * 6));
                    chart.draw_series([bar])?;
                } else {
                    let band = run.iter().map(|point| (at(point), point.high));
                    let band = band.chain(run.iter().rev().map(|point| (at(point), point.low)));
                    chart.draw_series([Polygon::new(band.collect::<Vec<_>>(), colour.mix(0.2))])?;
                    let line = run.iter().map(|point| (at(point), point.mean));
                    chart.draw_series(LineSeries::new(line, colour.stroke_width(pen.scale * 2)))?;
                }
                let size = pen.px(if self.layers > 15 { 3 } else { 4 });
                for point in run {
                    let at = (at(point), point.mean);
                    if curve.role == Role::Test {
                        chart.draw_series([TriangleMarker::new(at, size + pen.px(1), colour.filled())])?;
                    } else {
                        chart.draw_series([Circle::new(at, size, colour.filled())])?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Below the panels, so that it covers no data.
fn legend<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    pen: Pen,
    [first, second, band]: [&str; 3],
) -> Drawn<DB> {
    let y = SIZE.1 as i32 - 30;
    let swatch = |x: i32| [(pen.px(x), pen.px(y - 8)), (pen.px(x + 34), pen.px(y + 8))];
    let line = |x: i32| vec![(pen.px(x), pen.px(y)), (pen.px(x + 34), pen.px(y))];
    let middle = |x: i32| (pen.px(x + 17), pen.px(y));
    let stroke = |colour: RGBColor| colour.stroke_width(pen.scale * 2);
    let label = |x: i32, text: &str| pen.text(root, (x + 44, y - 6), (16, HPos::Left), &INK, text);

    root.draw(&PathElement::new(line(70), stroke(BLUE)))?;
    root.draw(&Circle::new(middle(70), pen.px(4), BLUE.filled()))?;
    label(70, first)?;
    root.draw(&PathElement::new(line(470), stroke(VERMILLION)))?;
    root.draw(&TriangleMarker::new(middle(470), pen.px(5), VERMILLION.filled()))?;
    label(470, second)?;
    root.draw(&Rectangle::new(swatch(840), BLUE.mix(0.2).filled()))?;
    label(840, band)
}

fn colour(role: Role) -> RGBColor {
    match role {
        Role::Single | Role::Train => BLUE,
        Role::Test => VERMILLION,
    }
}

/// The layers, with whole numbers only for labels and half a layer of room at the ends.
struct LayerAxis {
    inner: RangedCoordf64,
    layers: usize,
}

impl LayerAxis {
    fn to(layers: usize) -> Self {
        Self { inner: (0.5..layers as f64 + 0.5).into(), layers }
    }
}

impl Ranged for LayerAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, layer: &f64, limit: (i32, i32)) -> i32 {
        self.inner.map(layer, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { ticks(self.layers) }
    }

    fn range(&self) -> Range<f64> {
        self.inner.range()
    }
}

impl ValueFormatter<f64> for LayerAxis {
    fn format_ext(&self, layer: &f64) -> String {
        format!("{layer:.0}")
    }
}

/// At most a dozen whole layers to label.
fn ticks(layers: usize) -> Vec<f64> {
    let step = match layers {
        0..=12 => 1,
        13..=24 => 2,
        _ => layers.div_ceil(60) * 5,
    };
    (1..=layers).filter(|layer| *layer == 1 || layer % step == 0).map(|layer| layer as f64).collect()
}

/// A tick without the noise of binary fractions.
pub fn axis_label(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_whole_and_few() {
        assert_eq!(ticks(1), [1.0]);
        assert_eq!(ticks(5), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(ticks(13), [1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
        assert_eq!(ticks(30), [1.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]);
        assert!(ticks(1000).len() <= 13);
    }

    #[test]
    fn labels_have_no_binary_noise() {
        assert_eq!([0.1 + 0.2, 0.0, -0.0, 150.0, 0.0125].map(axis_label), ["0.3", "0", "0", "150", "0.0125"]);
    }
}
