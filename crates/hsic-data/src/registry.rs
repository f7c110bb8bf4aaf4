//! The data sets this project knows: where they come from, and how to load them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::idx::{idx_dataset, parse_idx};
use crate::table::{Content, InferOptions, SourceOptions};
use crate::text::sha256_hex;
use crate::{Dataset, Error, LabelColumn, Result, generate};

/// The environment variable that names the folder of downloaded sets.
pub const DATA_DIR_VARIABLE: &str = "HSIC_DATA_DIR";

const WINE: &[u8] = include_bytes!("../data/wine.csv");

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/registry.toml"))
        .expect("the registry in this crate is tested to parse")
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    set: Vec<Entry>,
}

/// What the registry knows of a set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Entry {
    /// The name [`load`] takes.
    pub name: String,
    /// Title at the source.
    pub title: String,
    /// Where the data are.
    pub kind: Kind,
    /// Number of samples, for mnist of the training part.
    pub n: usize,
    /// Number of samples of a separate test part.
    pub n_test: Option<usize>,
    /// Number of features.
    pub d: usize,
    /// The classes in order of their codes.
    pub classes: Vec<String>,
    /// Who offers it.
    pub source: String,
    /// Number in the UCI Machine Learning Repository.
    pub uci_id: Option<u32>,
    /// Digital object identifier.
    pub doi: Option<String>,
    /// Page at the source.
    pub url: Option<String>,
    /// Terms of use.
    pub licence: String,
    /// How to cite it.
    pub citation: String,
    /// What was changed between the source's file and ours.
    pub changes: String,
    /// Addresses of the archive the tidy CSV is made from, or of each file.
    #[serde(default)]
    pub download: Vec<String>,
    /// The files below the data folder.
    #[serde(default)]
    pub files: Vec<DataFile>,
    /// The source's file the tidy CSV is made from.
    pub original: Option<DataFile>,
    /// Levels of text columns, in order.
    #[serde(default)]
    pub ordinal: Vec<Ordinal>,
}

/// Where the data of a set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Made by [`generate`].
    Generated,
    /// Part of this crate.
    Embedded,
    /// To be downloaded.
    External,
}

impl Kind {
    /// In a word: `generated`, `embedded` or `external`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Embedded => "embedded",
            Self::External => "external",
        }
    }
}

/// A file and its sum.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    /// Path below the data folder.
    pub path: String,
    /// The sha256 of its bytes (of an idx file, unpacked) in hexadecimal.
    pub sha256: String,
}

/// A text column and its levels.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordinal {
    /// Name of the column.
    pub column: String,
    /// Its levels, read as 0, 1, 2, ….
    pub levels: Vec<String>,
}

impl Entry {
    /// How the columns of this set's tidy CSV are typed.
    pub fn infer_options(&self) -> InferOptions {
        InferOptions {
            label: LabelColumn::Name("class".into()),
            ordinal: self
                .ordinal
                .iter()
                .map(|ordinal| (ordinal.column.clone(), ordinal.levels.clone()))
                .collect(),
            class_order: Some(self.classes.clone()),
            ..InferOptions::default()
        }
    }

    /// Reads the bytes of this set's tidy CSV after checking their sum; `file` stands for them in messages.
    ///
    /// # Errors
    /// [`Error::Checksum`] if the bytes are not those of the registry (also for a set without a fixed file).
    pub fn read_tidy_csv(&self, bytes: &[u8], file: &str) -> Result<Dataset> {
        self.check(&sha256_hex(&[bytes]), self.files.first(), file)?;
        let content = Content::from_bytes(bytes.to_vec(), file)?;
        let source = SourceOptions { delimiter: Some(b','), ..SourceOptions::default() };
        Ok(Dataset::of(&content, &source, &self.infer_options())?.with_name(&self.name))
    }

    /// Title, number in the repository and address, on one line.
    pub fn source_note(&self) -> String {
        let mut parts = vec![self.title.clone()];
        parts.extend(self.uci_id.map(|id| format!("UCI id {id}")));
        let doi = self.doi.as_ref().map(|doi| format!("https://doi.org/{doi}"));
        parts.extend(doi.or_else(|| self.url.clone()));
        parts.join(", ")
    }

    fn check(&self, found: &str, expected: Option<&DataFile>, file: &str) -> Result<()> {
        let expected = expected.map_or("no sum", |expected| &expected.sha256);
        if found == expected {
            return Ok(());
        }
        let (name, file) = (self.name.clone(), file.into());
        Err(Error::Checksum { name, file, found: found.into(), expected: expected.into() })
    }

    fn missing(&self, data_file: &DataFile, reason: String) -> Error {
        let (name, file, source_note) = (self.name.clone(), data_file.path.clone(), self.source_note());
        Error::Missing { name, reason, file, source_note }
    }

    /// The bytes of an external file and the path they were read from.
    fn read(&self, data_file: &DataFile, data_dir: Option<&Path>) -> Result<(Vec<u8>, String)> {
        let Some(data_dir) = data_dir else {
            return Err(self.missing(data_file, format!("{DATA_DIR_VARIABLE} is not set")));
        };
        let path = data_dir.join(&data_file.path);
        let mut candidates = vec![path.clone()];
        if path.extension().is_some_and(|extension| extension == "gz") {
            candidates.push(path.with_extension(""));
        }
        for candidate in candidates {
            let file = candidate.display().to_string();
            match fs::read(&candidate) {
                Ok(bytes) => return Ok((bytes, file)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(Error::Read { file, source }),
            }
        }
        Err(self.missing(data_file, format!("{} does not exist", path.display())))
    }

    /// A data set from the idx files `first` (images) and `first + 1` (labels).
    fn read_idx(&self, name: &str, first: usize, data_dir: Option<&Path>) -> Result<Dataset> {
        let mut parts = Vec::with_capacity(2);
        for data_file in self.files.iter().skip(first).take(2) {
            let (bytes, file) = self.read(data_file, data_dir)?;
            let idx = parse_idx(&bytes, &file)?;
            self.check(idx.sha256(), Some(data_file), &file)?;
            parts.push((idx, file));
        }
        let [(images, images_file), (labels, labels_file)] = &parts[..] else {
            return Err(Error::Size { what: "idx files of the set", found: parts.len(), expected: 2 });
        };
        idx_dataset(name, (images, images_file), (labels, labels_file))
    }
}

/// All sets, in the order of the registry.
pub fn entries() -> &'static [Entry] {
    &REGISTRY.set
}

/// What is known of a set.
///
/// # Errors
/// [`Error::UnknownSet`] with the valid names.
pub fn entry(name: &str) -> Result<&'static Entry> {
    entries().iter().find(|entry| entry.name == name).ok_or_else(|| {
        let valid = entries().iter().map(|entry| entry.name.clone()).collect();
        Error::UnknownSet { name: name.into(), valid }
    })
}

/// The folder [`DATA_DIR_VARIABLE`] names, `None` if it is unset or empty.
pub fn data_dir_from_env() -> Option<PathBuf> {
    std::env::var_os(DATA_DIR_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folder [`DATA_DIR_VARIABLE`] names, else `hsic` in the platform's folder for a user's data, such as
/// `~/.local/share/hsic`: where `fetch` puts what it gets.
pub fn data_dir() -> Option<PathBuf> {
    data_dir_from_env().or_else(|| Some(dirs::data_dir()?.join("hsic")))
}

/// Loads a set by name. `seed` matters to the random generated sets only, `data_dir` to the external ones
/// only; it is normally [`data_dir`]. `mnist` is its training part, see [`load_mnist`] for both.
///
/// ```
/// let wine = hsic_data::registry::load("wine", 0, None)?;
/// assert_eq!(wine.labels().counts(), [59, 71, 48]);
/// # Ok::<(), hsic_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownSet`], [`Error::Missing`] if an external file is not there, [`Error::Checksum`] if it is
/// another one than the registry's.
pub fn load(name: &str, seed: u64, data_dir: Option<&Path>) -> Result<Dataset> {
    let entry = entry(name)?;
    match (entry.kind, entry.files.as_slice()) {
        (Kind::Generated, _) => generate::generate(name, seed),
        (Kind::Embedded, _) => entry.read_tidy_csv(WINE, "the embedded wine.csv"),
        (Kind::External, [data_file]) => {
            let (bytes, file) = entry.read(data_file, data_dir)?;
            entry.read_tidy_csv(&bytes, &file)
        }
        (Kind::External, _) => entry.read_idx(name, 0, data_dir),
    }
}

/// Loads the training and the test part of MNIST from `data_dir/mnist/`; pixels are 0 to 255.
///
/// # Errors
/// As [`load`].
///
/// # Cost
/// 8 bytes a pixel: 440 MB.
pub fn load_mnist(data_dir: Option<&Path>) -> Result<(Dataset, Dataset)> {
    let entry = entry("mnist")?;
    Ok((entry.read_idx("mnist", 0, data_dir)?, entry.read_idx("mnist-test", 2, data_dir)?))
}
