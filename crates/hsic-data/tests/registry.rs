//! The registry: complete entries, wine as scikit-learn has it, downloaded sets, refusals word for word.

use std::path::Path;

use hsic_data::registry::{self, Kind, entries, entry, load, load_mnist};
use hsic_data::{DataWarning, Dataset, Error};

/// Sums of the columns of scikit-learn 1.9.1's `load_wine().data`, by `math.fsum`.
const WINE_SUMS: [f64; 13] = [
    2314.11, 415.87, 421.24, 3470.1, 17754.0, 408.53, 361.21, 64.41, 283.18, 900.339999, 170.426, 464.88,
    132947.0,
];

#[test]
fn every_entry_is_complete() {
    let names: Vec<&str> = entries().iter().map(|entry| &*entry.name).collect();
    assert_eq!(
        names,
        ["random", "adversarial", "spiral", "car", "wine", "cancer", "divorce", "face", "mnist"]
    );
    for entry in entries() {
        assert!(entry.classes.len() >= 2, "{}", entry.name);
        for text in [&entry.title, &entry.source, &entry.licence, &entry.citation, &entry.changes] {
            assert!(!text.is_empty() && !text.contains('\n'), "{}: {text:?}", entry.name);
        }
        for file in entry.files.iter().chain(&entry.original) {
            assert!(
                file.sha256.len() == 64 && file.sha256.bytes().all(|b| b.is_ascii_hexdigit()),
                "{file:?}"
            );
        }
        assert_eq!(entry.files.is_empty(), ["random", "adversarial", "spiral"].contains(&&*entry.name));
        assert!(entry.kind != Kind::External || entry.url.is_some());
    }
}

#[track_caller]
fn agrees_with_its_entry(data: &Dataset) {
    let entry = entry(data.name()).unwrap();
    assert_eq!((data.n(), data.d()), (entry.n, entry.d), "{}", entry.name);
    assert_eq!(data.class_names(), entry.classes);
    if let [file] = &entry.files[..] {
        assert_eq!(data.sha256(), file.sha256);
    }
}

#[test]
fn sets_in_the_crate_agree_with_their_entries() {
    for entry in entries().iter().filter(|entry| entry.kind != Kind::External) {
        agrees_with_its_entry(&load(&entry.name, 0, None).unwrap());
    }
}

#[test]
fn wine_is_that_of_scikit_learn() {
    let wine = load("wine", 0, None).unwrap();
    assert_eq!(wine.labels().counts(), [59, 71, 48]);
    assert!(wine.labels().is_class_sorted());
    assert_eq!(wine.feature_names()[11], "od280_od315_of_diluted_wines");
    for (column, expected) in WINE_SUMS.into_iter().enumerate() {
        let sum: f64 = wine.features().col(column).iter().sum();
        assert!(
            (sum - expected).abs() < 1e-12 * expected * 178.0,
            "column {column}: {sum}, expected {expected}"
        );
    }
    let first: Vec<f64> = wine.features().row(0).iter().copied().collect();
    assert_eq!(first, [14.23, 1.71, 2.43, 15.6, 127.0, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065.0]);
    let last: Vec<f64> = wine.features().row(177).iter().copied().collect();
    assert_eq!(last, [14.13, 4.1, 2.74, 24.5, 96.0, 2.05, 0.76, 0.56, 1.35, 9.2, 0.61, 1.6, 560.0]);
}

#[test]
fn downloaded_sets_agree_with_their_entries() {
    let Some(dir) = registry::data_dir_from_env() else {
        eprintln!("skipped: HSIC_DATA_DIR is not set, so cancer, divorce and face were not read");
        return;
    };
    let expected: [(&str, &[usize], usize); 3] = [
        ("cancer", &[444, 239], 449),
        ("divorce", &[86, 84], 150),
        ("face", &[32, 32, 32, 32, 32, 32, 31, 31, 30, 31, 31, 32, 30, 28, 32, 31, 32, 32, 31, 30], 624),
    ];
    for (name, counts, distinct) in expected {
        let data = match load(name, 0, Some(&dir)) {
            Err(Error::Missing { .. }) => {
                eprintln!("skipped: {} has no {name}.csv", dir.display());
                continue;
            }
            result => result.unwrap(),
        };
        agrees_with_its_entry(&data);
        assert_eq!(data.labels().counts(), counts);
        let repeated = DataWarning::DuplicateRows { distinct, n: data.n() };
        assert_eq!(data.warnings(), if distinct == data.n() { vec![] } else { vec![repeated] });
    }
}

#[test]
fn downloaded_mnist_agrees_with_its_entry() {
    let Some(dir) = registry::data_dir_from_env() else {
        eprintln!("skipped: HSIC_DATA_DIR is not set, so mnist was not read");
        return;
    };
    let (train, test) = match load_mnist(Some(&dir)) {
        Err(Error::Missing { .. }) => {
            eprintln!("skipped: {} has no mnist/", dir.display());
            return;
        }
        result => result.unwrap(),
    };
    agrees_with_its_entry(&train);
    assert_eq!((train.name(), test.name()), ("mnist", "mnist-test"));
    assert_eq!((test.n(), test.d()), (entry("mnist").unwrap().n_test.unwrap(), 784));
    assert_eq!(train.labels().counts(), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert_eq!(test.labels().counts(), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    let largest =
        train.features().col_iter().flat_map(|c| c.iter().copied().collect::<Vec<_>>()).fold(0.0, f64::max);
    assert_eq!(largest, 255.0);
}

#[test]
fn unknown_names_are_told_the_valid_ones() {
    let error = load("iris", 0, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no data set `iris`; the sets are `random`, `adversarial`, `spiral`, `car`, `wine`, `cancer`, \
         `divorce`, `face`, `mnist`"
    );
}

#[test]
fn a_missing_set_says_where_to_get_it() {
    assert_eq!(
        load("cancer", 0, None).unwrap_err().to_string(),
        "data set `cancer`: HSIC_DATA_DIR is not set; get it with `hsic_data::fetch`, or from its source, Breast Cancer Wisconsin (Original), UCI \
         id 15, https://doi.org/10.24432/C5HP4Z, and set HSIC_DATA_DIR to the folder that has cancer.csv \
         (datasets/README.md describes the file)"
    );
    let dir = Path::new("no-such-folder");
    assert_eq!(
        load("face", 0, Some(dir)).unwrap_err().to_string(),
        format!(
            "data set `face`: {} does not exist; get it with `hsic_data::fetch`, or from its source, CMU Face Images, UCI id 124, \
             https://archive.ics.uci.edu/dataset/124/cmu+face+images, and set HSIC_DATA_DIR to the folder that has \
             face.csv (datasets/README.md describes the file)",
            dir.join("face.csv").display()
        )
    );
    assert_eq!(
        load_mnist(None).unwrap_err().to_string(),
        "data set `mnist`: HSIC_DATA_DIR is not set; get it with `hsic_data::fetch`, or from its source, MNIST handwritten digits, \
         http://yann.lecun.com/exdb/mnist/, and set HSIC_DATA_DIR to the folder that has \
         mnist/train-images-idx3-ubyte.gz (datasets/README.md describes the file)"
    );
}

#[test]
fn a_changed_file_is_refused_with_both_sums() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("divorce.csv");
    std::fs::write(&path, "abc").unwrap();
    assert_eq!(
        load("divorce", 0, Some(dir.path())).unwrap_err().to_string(),
        format!(
            "{}: sha256 is ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, the registry has \
             5b38a2176ef61b4b5f56ccebe8253c5adc3da03737a568d0defd97573def4602; the file is not the data set \
             `divorce` as published, fetch it again",
            path.display()
        )
    );
}

#[test]
fn unpacked_idx_files_are_found_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("mnist")).unwrap();
    let path = dir.path().join("mnist").join("train-images-idx3-ubyte");
    std::fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 0]).unwrap();
    let error = load("mnist", 0, Some(dir.path())).unwrap_err();
    assert!(matches!(error, Error::Checksum { file, .. } if file == path.display().to_string()));
}
