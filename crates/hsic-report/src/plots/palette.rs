//! The colours of all pictures.

use std::sync::LazyLock;

use plotters::style::RGBColor;

/// Titles and labels.
pub const INK: RGBColor = RGBColor(34, 34, 34);
/// Subtitles and axes.
pub const GREY: RGBColor = RGBColor(96, 96, 96);
/// Lines behind the data.
pub const RULE: RGBColor = RGBColor(225, 225, 225);
/// The first colour of [`CLASSES`].
pub const BLUE: RGBColor = CLASSES[0];
/// The second colour of [`CLASSES`].
pub const VERMILLION: RGBColor = CLASSES[1];

/// Okabe and Ito's palette, told apart with any kind of colour vision; the pale yellow last.
pub const CLASSES: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(240, 228, 66),
];

/// Viridis (Smith and van der Walt 2015, CC0) at 0, 1/32, …, 1: equal steps of a value look equally large.
const VIRIDIS: [[u8; 3]; 33] = [
    [68, 1, 84],
    [71, 13, 96],
    [72, 24, 106],
    [72, 35, 116],
    [71, 45, 123],
    [69, 54, 129],
    [66, 64, 134],
    [63, 73, 137],
    [59, 82, 139],
    [55, 90, 141],
    [51, 99, 141],
    [47, 106, 142],
    [44, 114, 142],
    [41, 122, 142],
    [38, 129, 142],
    [35, 137, 142],
    [33, 144, 140],
    [31, 152, 139],
    [31, 159, 136],
    [33, 166, 133],
    [40, 174, 128],
    [49, 181, 123],
    [62, 188, 116],
    [76, 194, 108],
    [93, 201, 99],
    [110, 206, 88],
    [130, 211, 76],
    [150, 216, 63],
    [171, 220, 50],
    [192, 223, 36],
    [213, 226, 26],
    [234, 229, 26],
    [253, 231, 37],
];

/// Viridis in 256 steps, three bytes each.
pub static VIRIDIS_256: LazyLock<Vec<u8>> = LazyLock::new(|| (0..=255).flat_map(viridis).collect());

/// The number of a share's colour in [`VIRIDIS_256`].
pub fn level(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// The colour of a level, interpolated in the table.
pub fn viridis(level: u8) -> [u8; 3] {
    let steps = VIRIDIS.len() - 1;
    let at = f64::from(level) / 255.0 * steps as f64;
    let low = (at as usize).min(steps - 1);
    let share = at - low as f64;
    std::array::from_fn(|channel| {
        let [from, to] = [low, low + 1].map(|row| f64::from(VIRIDIS[row][channel]));
        (from + share * (to - from)).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viridis_grows_lighter_with_every_step() {
        let light =
            |[r, g, b]: [u8; 3]| 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
        assert_eq!((viridis(0), viridis(255)), ([68, 1, 84], [253, 231, 37]));
        let table: Vec<f64> = VIRIDIS.iter().map(|colour| light(*colour)).collect();
        assert!(table.windows(2).all(|pair| pair[0] < pair[1]), "{table:?}");
        assert_eq!(VIRIDIS_256.len(), 768);
    }

    #[test]
    fn shares_beyond_the_ends_take_the_ends() {
        assert_eq!([-1.0, 0.0, 0.5, 1.0, 2.0].map(level), [0, 0, 128, 255, 255]);
    }
}
