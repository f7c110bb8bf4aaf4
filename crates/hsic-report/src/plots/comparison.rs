//! The methods of a run side by side: accuracy on the test rows and time of the fit.

use hsic_eval::records::{MethodRecord, Results};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::super::error::ReportError;
use super::super::number::number;
use super::canvas::{self, Drawing, Drawn, Figure, HEADER, Pen};
use super::draw::axis_label;
use super::layout::cut;
use super::palette::{BLUE, GREY, INK, RULE, VERMILLION};

/// Height of a method's row.
const ROW: i32 = 56;
/// Left ends of the two panels, and their width.
const PANELS: [i32; 2] = [160, 700];
const PANEL: i32 = 410;

/// A mean and its deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Value {
    mean: f64,
    std: f64,
}

struct Row {
    method: String,
    /// Measured and published accuracy, measured and published seconds.
    accuracy: [Option<Value>; 2],
    seconds: [Option<Value>; 2],
}

struct Comparison {
    title: String,
    subtitle: String,
    rows: Vec<Row>,
    /// Ends of the axis of seconds, as powers of ten.
    powers: (i32, i32),
}

/// Bars of every method that has a finished fold, `comparison`; `None` without any.
pub fn comparison(results: &Results) -> Result<Option<Figure>, ReportError> {
    let rows: Vec<Row> = results.methods.iter().filter(|method| !method.folds.is_empty()).map(row).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let folds = results.methods.iter().map(|method| method.folds.len()).max().unwrap_or_default();
    let seconds = || rows.iter().flat_map(|row| row.seconds).flatten().map(|value| value.mean);
    let (fastest, slowest) = seconds()
        .filter(|mean| *mean > 0.0)
        .fold((f64::INFINITY, 0.0), |(low, high), mean| (f64::min(low, mean), f64::max(high, mean)));
    let powers = if fastest > slowest {
        (-3, 0)
    } else {
        // a bar of a third of a decade at least
        ((fastest / 2.0).log10().floor() as i32, (slowest * 1.2).log10().ceil() as i32)
    };
    let plural = if folds == 1 { "fold" } else { "folds" };
    let title = format!("{}: accuracy and time of every method ({folds} {plural})", cut(&results.name, 40));
    let has_published = rows.iter().any(|row| row.accuracy[1].is_some() || row.seconds[1].is_some());
    let published = if has_published { "; hollow: published, time on the authors' machine" } else { "" };
    let subtitle = format!("mean ± standard deviation over the folds{published}");
    let caption = format!(
        "Bars: measured mean, whiskers ± one standard deviation over the folds{}. Time is of the fit alone, on a logarithmic \
         axis; folds that run side by side share the processor.",
        if has_published {
            "; hollow diamonds: published values, their time from the authors' machine"
        } else {
            ""
        }
    );
    let drawing = Comparison { title: title.clone(), subtitle, rows, powers };
    canvas::figure("comparison".into(), title, caption, &drawing).map(Some)
}

fn row(record: &MethodRecord) -> Row {
    let value =
        |(mean, std): (Option<f64>, Option<f64>)| Some(Value { mean: mean?, std: std.unwrap_or(0.0) });
    let published = |metric| value(record.published.as_ref()?.moments(metric));
    let (mean, std) = (&record.mean, &record.std);
    Row {
        method: record.method.clone(),
        accuracy: [value((mean.test_accuracy, std.test_accuracy)), published("test_accuracy")],
        seconds: [value((mean.seconds, std.seconds)), published("seconds")],
    }
}

impl Drawing for Comparison {
    fn size(&self) -> (u32, u32) {
        (1200, (self.bottom() + 50) as u32)
    }

    fn draw<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>, pen: Pen) -> Drawn<DB> {
        pen.header(root, &self.title, &self.subtitle)?;
        let fifths = (0..=5).map(|fifth| f64::from(fifth) / 5.0);
        let shares: Vec<(f64, String)> = fifths.map(|share| (share, axis_label(share))).collect();
        self.axis(root, pen, PANELS[0], "accuracy on the test rows", &shares)?;
        let (low, high) = self.powers;
        let step = (high - low).div_euclid(7) + 1;
        let powers: Vec<(f64, String)> = (low..=high)
            .step_by(step as usize)
            .map(|power| (self.of_seconds(10f64.powi(power)), seconds_label(power)))
            .collect();
        self.axis(root, pen, PANELS[1], "seconds of a fit (log)", &powers)?;
        for (at, row) in self.rows.iter().enumerate() {
            let y = HEADER + 30 + at as i32 * ROW;
            let name = cut(&row.method, 15);
            pen.text(root, (PANELS[0] - 12, y + ROW / 2 - 6), (16, HPos::Right), &INK, &name)?;
            bars(root, pen, (PANELS[0], y), row.accuracy, |share| share.clamp(0.0, 1.0))?;
            bars(root, pen, (PANELS[1], y), row.seconds, |seconds| self.of_seconds(seconds))?;
        }
        Ok(())
    }
}

impl Comparison {
    fn bottom(&self) -> i32 {
        HEADER + 30 + self.rows.len() as i32 * ROW
    }

    /// Share of the axis of seconds.
    fn of_seconds(&self, seconds: f64) -> f64 {
        let (low, high) = (f64::from(self.powers.0), f64::from(self.powers.1));
        if seconds > 0.0 { ((seconds.log10() - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Title, rules and labels of a panel; `ticks` are shares of its width.
    fn axis<DB: DrawingBackend>(
        &self,
        root: &DrawingArea<DB, Shift>,
        pen: Pen,
        left: i32,
        title: &str,
        ticks: &[(f64, String)],
    ) -> Drawn<DB> {
        let (top, bottom) = (HEADER + 24, self.bottom());
        pen.text(root, (left, HEADER), (17, HPos::Left), &INK, title)?;
        for (share, label) in ticks {
            let x = left + (share * f64::from(PANEL)).round() as i32;
            let colour = if *share == 0.0 { GREY } else { RULE };
            let ends = vec![(pen.px(x), pen.px(top)), (pen.px(x), pen.px(bottom))];
            root.draw(&PathElement::new(ends, colour.stroke_width(pen.scale)))?;
            pen.text(root, (x, bottom + 8), (15, HPos::Center), &INK, label)?;
        }
        Ok(())
    }
}

/// The measured bar, the published mark below its middle, and the measured number at the right.
fn bars<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    pen: Pen,
    (left, top): (i32, i32),
    [measured, published]: [Option<Value>; 2],
    share: impl Fn(f64) -> f64,
) -> Drawn<DB> {
    let x = |value: f64| pen.px(left) + (share(value) * f64::from(pen.px(PANEL))).round() as i32;
    let whisker = |value: Value, y: i32, colour: RGBColor| -> Drawn<DB> {
        let (low, high) = (x(value.mean - value.std), x(value.mean + value.std));
        let lines = [
            [(low, y), (high, y)],
            [(low, y - pen.px(4)), (low, y + pen.px(4))],
            [(high, y - pen.px(4)), (high, y + pen.px(4))],
        ];
        for line in lines {
            root.draw(&PathElement::new(line.to_vec(), colour.stroke_width(pen.scale + pen.scale / 2)))?;
        }
        Ok(())
    };
    if let Some(value) = measured {
        let corners = [(pen.px(left), pen.px(top + 10)), (x(value.mean), pen.px(top + 32))];
        root.draw(&Rectangle::new(corners, BLUE.mix(0.75).filled()))?;
        whisker(value, pen.px(top + 21), INK)?;
        pen.text(root, (left + PANEL + 14, top + 15), (15, HPos::Left), &INK, &number(Some(value.mean)))?;
    }
    if let Some(value) = published {
        let (at, y) = (x(value.mean), pen.px(top + 43));
        whisker(value, y, VERMILLION)?;
        // one diamond on another: plotters thins the corners of a thick outline
        for (r, colour) in [(pen.px(8), VERMILLION), (pen.px(4), WHITE)] {
            let corners = vec![(at, y - r), (at + r, y), (at, y + r), (at - r, y)];
            root.draw(&Polygon::new(corners, colour.filled()))?;
        }
    }
    Ok(())
}

/// A power of ten in seconds.
fn seconds_label(power: i32) -> String {
    match power {
        -3..=0 => axis_label(10f64.powi(power)),
        1..=4 => format!("{}", 10i64.pow(power as u32)),
        _ => format!("1e{power}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn every_method_has_bars_and_published_values_are_hollow() -> Result<(), Box<dyn std::error::Error>> {
        let figure = comparison(&fixture::results())?.ok_or("no figure")?;
        assert_eq!(figure.name, "comparison");
        for text in ["spectral", "closed-form", "seconds of a fit (log)", "0.800", "0.600"] {
            assert!(figure.svg.contains(&format!("{text}\n")), "{text}");
        }
        // two methods, accuracy and seconds, a diamond and its hole
        assert_eq!(figure.svg.matches("<polygon").count(), 8);
        assert!(figure.caption.contains("hollow"));
        Ok(())
    }

    #[test]
    fn any_number_of_methods_fits() -> Result<(), Box<dyn std::error::Error>> {
        for count in [1, 6, 12] {
            let mut results = fixture::results();
            let fold = results.methods[0].folds[0].clone();
            results.methods =
                (0..count).map(|at| fixture::method(&format!("m{at}"), vec![fold.clone()])).collect();
            let figure = comparison(&results)?.ok_or("no figure")?;
            assert_eq!(figure.size, (1200, (HEADER + 80 + count * ROW) as u32));
            assert!(!figure.svg.contains("<polygon") && !figure.caption.contains("hollow"));
        }
        Ok(())
    }

    #[test]
    fn a_run_without_folds_has_no_picture() -> Result<(), Box<dyn std::error::Error>> {
        let mut results = fixture::results();
        results.methods.iter_mut().for_each(|method| method.folds.clear());
        assert!(comparison(&results)?.is_none());
        Ok(())
    }

    #[test]
    fn powers_of_ten_have_labels() {
        assert_eq!([-5, -3, -1, 0, 2, 6].map(seconds_label), ["1e-5", "0.001", "0.1", "1", "100", "1e6"]);
    }
}
