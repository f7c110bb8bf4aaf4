//! From the source's files to the tidy CSV; `datasets/registry.toml` says in words what is changed.

use super::archive::Unpacking;
use crate::Choice;
use crate::registry::Entry;
use crate::text::{first_few, shortest};

const CANCER: &str = "clump_thickness,uniformity_of_cell_size,uniformity_of_cell_shape,marginal_adhesion,\
                      single_epithelial_cell_size,bare_nuclei,bland_chromatin,normal_nucleoli,mitoses,class\n";
const CAR: &str = "buying,maint,doors,persons,lug_boot,safety,class\n";
const WINE: &str = "alcohol,malic_acid,ash,alcalinity_of_ash,magnesium,total_phenols,flavanoids,\
                    nonflavanoid_phenols,proanthocyanins,color_intensity,hue,od280_od315_of_diluted_wines,proline,class\n";

/// Columns and rows of a face.
const FACE: (usize, usize) = (32, 30);

/// The tidy CSV of a set, from its archive or its file; `path` tells which.
pub(super) fn tidy(entry: &Entry, path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let wanted: &dyn Fn(&str) -> bool = match entry.name.as_str() {
        "cancer" => &|path| is_named(path, "breast-cancer-wisconsin.data"),
        "car" => &|path| is_named(path, "car.data"),
        "wine" => &|path| is_named(path, "wine.data"),
        "divorce" => &|path| is_named(path, "divorce.csv"),
        "face" => &|path| path.ends_with("_4.pgm"),
        // files that are as the source has them were checked before
        _ => return Ok(bytes),
    };
    let mut unpacking = Unpacking::new(wanted);
    unpacking.unpack(path, bytes, 0)?;
    let Unpacking { mut found, others, .. } = unpacking;
    if found.is_empty() {
        let inside = if others.is_empty() { "nothing".into() } else { first_few(&others) };
        let hint = if others.iter().any(|path| path.ends_with(".rar")) {
            format!("; unpack the .rar file by hand and give the folder with {}", Choice::FetchFrom)
        } else {
            String::new()
        };
        return Err(format!("the file the data are made from is not in it, it holds {inside}{hint}"));
    }
    if entry.name == "face" {
        return faces(found);
    }
    let (path, bytes) = found.remove(0);
    let text = String::from_utf8(bytes).map_err(|_| format!("{path} is not text"))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let convert: fn(&str) -> Result<Option<String>, String> = match entry.name.as_str() {
        "cancer" => cancer,
        "wine" => wine,
        "divorce" => |line| Ok(Some(line.replace(';', ",").replace("Class", "class"))),
        _ => |line| Ok(Some(line.into())),
    };
    let mut csv = match entry.name.as_str() {
        "cancer" => CANCER.to_owned(),
        "car" => CAR.into(),
        "wine" => WINE.into(),
        _ => String::new(),
    };
    for (index, line) in lines.enumerate() {
        if let Some(row) = convert(line).map_err(|reason| format!("{path}, line {}: {reason}", index + 1))? {
            csv += &row;
            csv.push('\n');
        }
    }
    Ok(csv.into_bytes())
}

fn is_named(path: &str, name: &str) -> bool {
    path.rsplit(['/', '\\']).next() == Some(name)
}

/// Without the sample number, and without rows that miss a value.
fn cancer(line: &str) -> Result<Option<String>, String> {
    let fields: Vec<&str> = line.split(',').collect();
    let (class, features) = match fields.as_slice() {
        [_, features @ .., "2"] if features.len() == 9 => ("benign", features),
        [_, features @ .., "4"] if features.len() == 9 => ("malignant", features),
        _ => return Err("expected a number, 9 features and the class 2 or 4".into()),
    };
    Ok((!features.contains(&"?")).then(|| format!("{},{class}", features.join(","))))
}

/// The class last, and numbers with their leading zero.
fn wine(line: &str) -> Result<Option<String>, String> {
    let (class, features) = line.split_once(',').ok_or("expected a class and features")?;
    let number =
        |text: &str| text.trim().parse().map(shortest).map_err(|_| format!("`{text}` is not a number"));
    let features = features.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(format!("{},{class}", features.join(","))))
}

/// A row an image, by user, then by file.
fn faces(files: Vec<(String, Vec<u8>)>) -> Result<Vec<u8>, String> {
    let mut rows = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let user = name.split('_').next().unwrap_or_default().to_owned();
        let pixels =
            pgm(&bytes).ok_or_else(|| format!("{path} is no grey image of {}x{}", FACE.0, FACE.1))?;
        rows.push((user, name, pixels));
    }
    rows.sort();
    // an image can be in an archive twice
    rows.dedup_by(|a, b| a.1 == b.1);
    let mut csv: String = (0..FACE.0 * FACE.1).map(|k| format!("p{k},")).collect();
    csv += "class\n";
    for (user, _, pixels) in rows {
        for pixel in pixels {
            csv += &format!("{pixel},");
        }
        csv += &user;
        csv.push('\n');
    }
    Ok(csv.into_bytes())
}

/// The pixels of a binary grey image of the expected size.
fn pgm(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut at = 0;
    let mut word = || {
        loop {
            let start = at + bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace())?;
            let rest = &bytes[start..];
            if rest[0] == b'#' {
                at = start + rest.iter().position(|&byte| byte == b'\n')?;
                continue;
            }
            let length = rest.iter().position(u8::is_ascii_whitespace)?;
            // one blank ends the header
            at = start + length + 1;
            return std::str::from_utf8(&rest[..length]).ok();
        }
    };
    let header = (word()?, word()?, word()?, word()?.parse::<u16>().ok()?);
    let (width, height) = (FACE.0.to_string(), FACE.1.to_string());
    if header.0 != "P5" || header.1 != width || header.2 != height || header.3 > 255 {
        return None;
    }
    bytes.get(at..at + FACE.0 * FACE.1).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_comments_and_one_blank_before_the_pixels() {
        let mut image = b"P5\n# made by hand\n32 30\n255\n".to_vec();
        image.extend((0..960u32).map(|k| (k % 7 + 10) as u8));
        assert_eq!(pgm(&image).map(|pixels| (pixels.len(), pixels[0], pixels[959])), Some((960, 10, 10)));
        assert_eq!(pgm(&image[..900]), None);
        assert_eq!(pgm(b"P5\n64 60\n255\n"), None);
        assert_eq!(pgm(b"P5"), None);
    }

    #[test]
    fn rows_of_the_sources_become_ours() {
        assert_eq!(cancer("1000025,5,1,1,1,2,1,3,1,1,2"), Ok(Some("5,1,1,1,2,1,3,1,1,benign".into())));
        assert_eq!(cancer("1057013,8,4,5,1,2,?,7,3,1,4"), Ok(None));
        assert_eq!(cancer("1,2,3"), Err("expected a number, 9 features and the class 2 or 4".into()));
        assert_eq!(wine("1,14.23,.28,1065"), Ok(Some("14.23,0.28,1065,1".into())));
    }
}
