//! A drawing becomes a figure: the same strokes as SVG and as PNG.

use base64::prelude::{BASE64_STANDARD as BASE64, Engine as _};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::error::ReportError;
use super::font::{self, FAMILY};
use super::palette::{GREY, INK, VIRIDIS_256};
use super::png;

/// A bitmap is drawn this many times larger and shrunk: plotters does not smooth thick lines, and rounds their corners to
/// whole pixels, which makes slanted ones thinner.
const SUPERSAMPLING: u32 = 4;

/// Room above the panels for the title and the line below it.
pub const HEADER: i32 = 84;

/// A finished picture in both formats.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Name of the files without their ending.
    pub name: String,
    /// What is drawn, of which data and method.
    pub title: String,
    /// What a reader needs to know to read it.
    pub caption: String,
    /// Width and height.
    pub size: (u32, u32),
    /// The picture as SVG.
    pub svg: String,
    /// The picture as PNG.
    pub png: Vec<u8>,
}

/// Result of drawing on a backend.
pub type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Something that can be drawn on any backend of plotters, on a white area of its size times the pen's scale.
pub trait Drawing {
    /// Width and height at scale 1.
    fn size(&self) -> (u32, u32);
    /// Draws everything but the rasters.
    fn draw<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>, pen: Pen) -> Drawn<DB>;
    /// Squares of pixels, above what is drawn.
    fn rasters(&self) -> &[Raster] {
        &[]
    }
}

/// A square matrix of colours.
#[derive(Debug, Clone)]
pub struct Raster {
    /// Corner at the upper left, at scale 1.
    pub at: (i32, i32),
    /// Side at scale 1.
    pub side: u32,
    /// Rows and columns of the matrix.
    pub n: usize,
    /// Levels of viridis, row by row.
    pub levels: Vec<u8>,
}

/// Lengths and letters at a scale: a bitmap is drawn larger and shrunk.
#[derive(Debug, Clone, Copy)]
pub struct Pen {
    /// Pixels a unit.
    pub scale: u32,
}

impl Pen {
    /// A length in pixels.
    pub fn px(self, length: i32) -> i32 {
        length * self.scale as i32
    }

    /// The font of all pictures.
    pub fn font(self, size: i32) -> TextStyle<'static> {
        TextStyle::from((FAMILY, f64::from(self.px(size))))
    }

    /// A text whose upper left, middle or right corner is at a place.
    pub fn text<DB: DrawingBackend>(
        self,
        root: &DrawingArea<DB, Shift>,
        at: (i32, i32),
        (size, anchor): (i32, HPos),
        colour: &RGBColor,
        text: &str,
    ) -> Drawn<DB> {
        let style = self.font(size).color(colour).pos(Pos::new(anchor, VPos::Top));
        root.draw(&Text::new(text.to_owned(), (self.px(at.0), self.px(at.1)), style))
    }

    /// The two lines at the top of every picture.
    pub fn header<DB: DrawingBackend>(
        self,
        root: &DrawingArea<DB, Shift>,
        title: &str,
        subtitle: &str,
    ) -> Drawn<DB> {
        root.fill(&WHITE)?;
        self.text(root, (24, 18), (26, HPos::Left), &INK, title)?;
        self.text(root, (24, 54), (16, HPos::Left), &GREY, subtitle)
    }
}

/// Draws in both formats.
///
/// # Errors
/// [`ReportError::Draw`].
pub fn figure(
    name: String,
    title: String,
    caption: String,
    drawing: &impl Drawing,
) -> Result<Figure, ReportError> {
    let failed = |ending: &str| {
        let file = format!("{name}.{ending}");
        move |message| ReportError::Draw { file, message }
    };
    font::register().map_err(failed("svg"))?;
    let svg = svg(drawing).map_err(failed("svg"))?;
    let png = bitmap(drawing).map_err(failed("png"))?;
    Ok(Figure { name, title, caption, size: drawing.size(), svg, png })
}

fn draw_on<DB: DrawingBackend>(backend: DB, drawing: &impl Drawing, scale: u32) -> Result<(), String> {
    let root = backend.into_drawing_area();
    drawing.draw(&root, Pen { scale }).and_then(|()| root.present()).map_err(|error| error.to_string())
}

fn svg(drawing: &impl Drawing) -> Result<String, String> {
    let mut text = String::new();
    draw_on(SVGBackend::with_string(&mut text, drawing.size()), drawing, 1)?;
    let end = text.rfind("</svg>").ok_or("an SVG has an end")?;
    let mut images = String::new();
    for Raster { at: (x, y), side, n, levels } in drawing.rasters() {
        let bytes = png::indexed((*n as u32, *n as u32), &VIRIDIS_256, levels)?;
        // few rows stay squares; many are averaged
        let rendering = if *n < *side as usize { "pixelated" } else { "auto" };
        images += &format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering:{rendering}\" href=\"data:image/png;base64,{}\"/>\n",
            BASE64.encode(&bytes)
        );
    }
    text.insert_str(end, &images);
    Ok(text)
}

fn bitmap(drawing: &impl Drawing) -> Result<Vec<u8>, String> {
    let (size, scale) = (drawing.size(), SUPERSAMPLING);
    let large_size = (size.0 * scale, size.1 * scale);
    let mut large = vec![0; (large_size.0 * large_size.1 * 3) as usize];
    draw_on(BitMapBackend::with_buffer(&mut large, large_size), drawing, scale)?;
    for raster in drawing.rasters() {
        raster.paint(&mut large, large_size.0 as usize, scale as usize);
    }
    png::rgb(size, &shrunk(&large, size, scale as usize))
}

impl Raster {
    /// Onto an RGB picture of this width.
    fn paint(&self, pixels: &mut [u8], width: usize, scale: usize) {
        let side = self.side as usize * scale;
        let (left, top) = (self.at.0 as usize * scale, self.at.1 as usize * scale);
        for y in 0..side {
            for x in 0..side {
                let level = usize::from(self.levels[y * self.n / side * self.n + x * self.n / side]);
                let pixel = ((top + y) * width + left + x) * 3;
                pixels[pixel..pixel + 3].copy_from_slice(&VIRIDIS_256[level * 3..level * 3 + 3]);
            }
        }
    }
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
    use super::*;

    #[test]
    fn shrinking_takes_means() {
        let large = [0, 0, 0, 4, 8, 12, 0, 0, 0, 4, 8, 13];
        assert_eq!(shrunk(&large, (1, 1), 2), [2, 4, 6]);
    }

    #[test]
    fn a_raster_covers_its_square() {
        let mut pixels = vec![9; 4 * 4 * 3];
        Raster { at: (1, 1), side: 2, n: 2, levels: vec![0, 255, 255, 0] }.paint(&mut pixels, 4, 1);
        let colour = |x: usize, y: usize| &pixels[(y * 4 + x) * 3..(y * 4 + x) * 3 + 3];
        assert_eq!((colour(0, 0), colour(3, 3)), (&[9; 3][..], &[9; 3][..]));
        assert_eq!((colour(1, 1), colour(2, 1)), (&VIRIDIS_256[..3], &VIRIDIS_256[765..]));
        assert_eq!((colour(2, 2), colour(1, 2)), (&VIRIDIS_256[..3], &VIRIDIS_256[765..]));
    }
}
