//! Pixels to PNG bytes.

use png::{BitDepth, ColorType, Encoder, EncodingError};

/// An RGB picture, three bytes a pixel, row by row.
pub fn rgb((width, height): (u32, u32), pixels: &[u8]) -> Result<Vec<u8>, String> {
    encode((width, height), ColorType::Rgb, &[], pixels).map_err(|error| error.to_string())
}

/// A picture of one byte a pixel, which counts in a palette of 256 RGB colours.
pub fn indexed((width, height): (u32, u32), palette: &[u8], pixels: &[u8]) -> Result<Vec<u8>, String> {
    encode((width, height), ColorType::Indexed, palette, pixels).map_err(|error| error.to_string())
}

fn encode(
    (width, height): (u32, u32),
    colour: ColorType,
    palette: &[u8],
    pixels: &[u8],
) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    if colour == ColorType::Indexed {
        encoder.set_palette(palette);
    } else {
        encoder.set_adaptive_filter(png::AdaptiveFilterType::Adaptive);
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_read_back() -> Result<(), Box<dyn std::error::Error>> {
        let pixels: Vec<u8> = (0..24).map(|byte| byte * 10).collect();
        let bytes = rgb((4, 2), &pixels)?;
        let mut reader = png::Decoder::new(bytes.as_slice()).read_info()?;
        let mut read = vec![0; 24];
        assert_eq!(reader.next_frame(&mut read)?.buffer_size(), 24);
        assert_eq!(read, pixels);
        Ok(())
    }

    #[test]
    fn a_wrong_number_of_pixels_is_refused() {
        assert!(rgb((4, 2), &[0; 23]).is_err());
        assert!(indexed((2, 2), &[0; 768], &[0; 4]).is_ok());
    }
}
