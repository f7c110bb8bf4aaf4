//! A colour and a shape for every class.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::canvas::{Drawn, Pen};
use super::palette::CLASSES;

const SHAPES: usize = 8;

/// How rows of a class are drawn: up to eight classes differ in both colour and shape, up to 64 in one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    colour: usize,
    shape: usize,
}

impl Marker {
    /// The marker of a class.
    pub fn of(class: usize) -> Self {
        Self { colour: class % CLASSES.len(), shape: (class + class / CLASSES.len()) % SHAPES }
    }

    /// Draws it around a pixel; `radius` is at scale 1.
    pub fn draw<DB: DrawingBackend>(
        self,
        root: &DrawingArea<DB, Shift>,
        pen: Pen,
        (x, y): (i32, i32),
        radius: f64,
    ) -> Drawn<DB> {
        let colour = CLASSES[self.colour];
        let r = radius * f64::from(pen.scale);
        let at = |dx: f64, dy: f64| (x + (dx * r).round() as i32, y + (dy * r).round() as i32);
        let filled = |corners: &[(f64, f64)]| {
            Polygon::new(corners.iter().map(|(dx, dy)| at(*dx, *dy)).collect::<Vec<_>>(), colour.filled())
        };
        let stroke = colour.stroke_width(pen.scale + pen.scale / 2);
        match self.shape {
            0 => root.draw(&Circle::new((x, y), r.round() as i32, colour.filled())),
            1 => root.draw(&filled(&[(0.0, -1.3), (1.2, 0.9), (-1.2, 0.9)])),
            2 => root.draw(&filled(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])),
            3 => root.draw(&filled(&[(0.0, -1.35), (1.35, 0.0), (0.0, 1.35), (-1.35, 0.0)])),
            4 => root.draw(&filled(&[(0.0, 1.3), (1.2, -0.9), (-1.2, -0.9)])),
            5 => root.draw(&Circle::new((x, y), r.round() as i32, stroke)),
            shape => {
                let lines = if shape == 6 {
                    [[(-1.2, 0.0), (1.2, 0.0)], [(0.0, -1.2), (0.0, 1.2)]]
                } else {
                    [[(-1.0, -1.0), (1.0, 1.0)], [(-1.0, 1.0), (1.0, -1.0)]]
                };
                for ends in lines {
                    root.draw(&PathElement::new(ends.map(|(dx, dy)| at(dx, dy)).to_vec(), stroke))?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_classes_differ_in_both_and_sixty_four_in_one() {
        let markers: Vec<Marker> = (0..64).map(Marker::of).collect();
        for (class, marker) in markers.iter().enumerate() {
            for other in &markers[..class] {
                assert_ne!(marker, other);
                assert!(class >= 8 || (marker.colour != other.colour && marker.shape != other.shape));
            }
        }
    }
}
