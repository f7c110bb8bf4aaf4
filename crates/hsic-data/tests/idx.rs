//! The idx reader: what it reads, what it refuses, and that no bytes make it panic.

use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use hsic_data::idx::{parse_idx, read_idx, read_idx_pair};
use proptest::prelude::*;
use tempfile::TempDir;

fn idx(dims: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, u8::try_from(dims.len()).unwrap()];
    bytes.extend(dims.iter().flat_map(|dim| dim.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn files(images: &[u8], labels: &[u8]) -> (TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let paths = (dir.path().join("images"), dir.path().join("labels"));
    std::fs::write(&paths.0, images).unwrap();
    std::fs::write(&paths.1, labels).unwrap();
    (dir, paths.0, paths.1)
}

#[track_caller]
fn refused(bytes: &[u8], problem: &str) {
    let error = parse_idx(bytes, "f").unwrap_err();
    assert_eq!(error.to_string(), format!("f is not an idx file of bytes: {problem}"));
}

#[test]
fn images_and_labels_become_a_set() {
    let images = idx(&[3, 2, 2], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
    let labels = idx(&[3], &[2, 0, 2]);
    let (_dir, images_path, labels_path) = files(&images, &gzip(&labels));
    let data = read_idx_pair(&images_path, &labels_path).unwrap();
    assert_eq!((data.n(), data.d(), data.n_classes()), (3, 4, 3));
    assert_eq!(data.features().row(2).iter().copied().collect::<Vec<_>>(), [8.0, 9.0, 10.0, 255.0]);
    assert_eq!(data.labels().codes(), [2, 0, 2]);
    assert_eq!(data.feature_names(), ["p0", "p1", "p2", "p3"]);
    assert_eq!(data.class_names(), ["0", "1", "2"]);

    // the sum does not depend on how the files are packed
    let (_dir, images_path, labels_path) = files(&gzip(&images), &labels);
    assert_eq!(read_idx_pair(&images_path, &labels_path).unwrap().sha256(), data.sha256());
    assert_eq!(read_idx(&images_path).unwrap().sha256(), parse_idx(&images, "f").unwrap().sha256());
}

#[test]
fn files_that_are_not_idx() {
    refused(&[], "it ends within the header");
    refused(&[0, 0, 8], "it ends within the header");
    refused(&[0, 0, 8, 2, 0, 0, 0, 1, 0, 0], "it ends within the header");
    refused(b"a,class\n1,x\n", "it starts with bytes 0x61 0x2c instead of two zeros");
    refused(&[0, 0, 0x0d, 1, 0, 0, 0, 0], "its type code is 0x0d, only 0x08 (unsigned bytes) is read");
    refused(&[0, 0, 8, 0], "it has 0 dimensions, expected 1 to 3");
    refused(&[0, 0, 8, 4], "it has 4 dimensions, expected 1 to 3");
}

#[test]
fn files_of_another_length() {
    refused(&idx(&[2, 3], &[1; 5]), "it declares 6 values but holds 5; the download may have been cut short");
    refused(&idx(&[2, 3], &[1; 7]), "bytes follow after the 6 values it declares");
    refused(&gzip(&idx(&[2, 3], &[1; 7])), "bytes follow after the 6 values it declares");
    // declared lengths reserve nothing
    refused(
        &idx(&[u32::MAX, 1 << 30], &[1; 3]),
        "it declares 4611686017353646080 values but holds 3; the download may have been cut short",
    );
    refused(
        &idx(&[u32::MAX; 3], &[]),
        "it declares 4294967295×4294967295×4294967295 values, more than can be addressed",
    );
}

#[test]
fn a_gzip_file_cut_short_names_the_file() {
    let packed = gzip(&idx(&[100], &[7; 100]));
    let error = parse_idx(&packed[..packed.len() - 12], "labels.gz").unwrap_err();
    assert_eq!(error.to_string(), "cannot read labels.gz");
}

#[test]
fn pairs_that_do_not_fit() {
    let pair = |images: &[u8], labels: &[u8]| {
        let (dir, images, labels) = files(images, labels);
        let message = read_idx_pair(images, labels).unwrap_err().to_string();
        message.replace(&format!("{}{}", dir.path().display(), std::path::MAIN_SEPARATOR), "")
    };
    assert_eq!(
        pair(&idx(&[3, 1], &[1, 2, 3]), &idx(&[2], &[0, 1])),
        "images holds 3 images but labels holds 2 labels; take both from one download"
    );
    assert_eq!(
        pair(&idx(&[2], &[0, 1]), &idx(&[2], &[0, 1])),
        "images is not an idx file of bytes: it has 1 dimensions, expected 2 or 3 for images"
    );
    assert_eq!(
        pair(&idx(&[2, 1], &[0, 1]), &idx(&[2, 1], &[0, 1])),
        "labels is not an idx file of bytes: it has 2 dimensions, expected 1 for labels"
    );
    assert_eq!(pair(&idx(&[0, 4, 4], &[]), &idx(&[0], &[])), "images has no rows: expected one row a sample");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), packed in any::<bool>()) {
        let bytes = if packed { gzip(&bytes) } else { bytes };
        // random bytes hardly ever are a whole idx file, so what is read must account for every byte
        if let Ok(idx) = parse_idx(&bytes, "f") {
            prop_assert_eq!(idx.dims().iter().product::<usize>(), idx.data().len());
        }
    }

    #[test]
    fn arbitrary_bytes_after_a_magic_never_panic(
        gzip_magic in any::<bool>(),
        dims in 1_u8..4,
        bytes in prop::collection::vec(prop_oneof![3 => Just(0_u8), 1 => any::<u8>()], 0..40),
    ) {
        let mut all = if gzip_magic { vec![0x1f, 0x8b, 8] } else { vec![0, 0, 8, dims] };
        all.extend(bytes);
        if let Ok(idx) = parse_idx(&all, "f") {
            prop_assert_eq!(idx.dims().iter().product::<usize>(), idx.data().len());
        }
    }

    #[test]
    fn what_was_written_is_read(dims in prop::collection::vec(0_u32..5, 1..4), packed in any::<bool>()) {
        let count = dims.iter().product::<u32>();
        let data: Vec<u8> = (0..count).map(|i| (i * 7 % 256) as u8).collect();
        let bytes = idx(&dims, &data);
        let read = parse_idx(&if packed { gzip(&bytes) } else { bytes }, "f").unwrap();
        prop_assert_eq!(read.data(), &data[..]);
        prop_assert_eq!(read.dims().len(), dims.len());
    }
}
