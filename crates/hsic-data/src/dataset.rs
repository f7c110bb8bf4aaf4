//! A table of finite numbers with a class a row.

use std::path::Path;

use faer::{Mat, MatRef};
use hsic_rows::Labels;

use crate::scaler::check_finite;
use crate::table::{Content, InferOptions, SourceOptions, Table};
use crate::text::sha256_hex;
use crate::write::csv_text;
use crate::{DataWarning, Error, Result, Scaling};

/// Samples, classes and their names. All sizes agree, and every value is finite, but for the cells that a table misses where
/// they were kept: NaN stands for them.
///
/// ```
/// use faer::mat;
/// use hsic_data::Dataset;
/// use hsic_rows::Labels;
/// let names = |list: [&str; 2]| list.map(String::from).to_vec();
/// let data = Dataset::new(
///     "toy",
///     mat![[0.0, 1.0], [2.0, 3.0]],
///     Labels::new(vec![0, 1])?,
///     names(["height", "width"]),
///     names(["cat", "dog"]),
/// )?;
/// assert_eq!((data.n(), data.d(), data.n_classes()), (2, 2, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    name: String,
    features: Mat<f64>,
    labels: Labels,
    feature_names: Vec<String>,
    class_names: Vec<String>,
    sha256: String,
    scaling: Scaling,
    /// What the reader of the rows found odd.
    notes: Vec<DataWarning>,
}

impl Dataset {
    /// A data set from its parts. Its [`sha256`](Self::sha256) is that of the text
    /// [`write_csv`](crate::write_csv) produces.
    ///
    /// # Shapes
    /// `features` is n×d with n labels, d feature names, and as many class names as the labels have classes.
    ///
    /// # Errors
    /// [`Error::Size`] for parts that do not fit, [`Error::NonFinite`] for the first NaN or infinity.
    ///
    /// # Cost
    /// O(nd) time; the CSV text is held in memory once.
    pub fn new(
        name: impl Into<String>,
        features: Mat<f64>,
        labels: Labels,
        feature_names: Vec<String>,
        class_names: Vec<String>,
    ) -> Result<Self> {
        let mut dataset =
            Self::with_sha256(name, features, labels, feature_names, class_names, String::new())?;
        dataset.sha256 = sha256_hex(&[&csv_text(&dataset)?]);
        Ok(dataset)
    }

    /// The rows of a table in any format; the set is named by the file's stem.
    ///
    /// ```
    /// use hsic_data::table::{InferOptions, SourceOptions};
    /// use hsic_data::{Dataset, LabelColumn};
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("pets.csv");
    /// std::fs::write(&path, "kind;size;weight\ncat;small;4.1\ndog;big;30\ncat;big;5\n")?;
    /// let infer = InferOptions {
    ///     label: LabelColumn::Name("kind".into()),
    ///     ordinal: vec![("size".into(), vec!["small".into(), "big".into()])],
    ///     ..InferOptions::default()
    /// };
    /// let data = Dataset::read(&path, &SourceOptions::default(), &infer)?;
    /// assert_eq!((data.name(), data.feature_names()), ("pets", &["size", "weight"].map(String::from)[..]));
    /// assert_eq!((data.class_names(), data.features()[(1, 0)]), (&["cat", "dog"].map(String::from)[..], 1.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Content::read`] and [`Table::read`].
    pub fn read(path: impl AsRef<Path>, source: &SourceOptions, infer: &InferOptions) -> Result<Self> {
        Self::of(&Content::read(path.as_ref(), None)?, source, infer)
    }

    /// The same of a table that is open; the stem of the name it has in messages is the set's.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn of(content: &Content, source: &SourceOptions, infer: &InferOptions) -> Result<Self> {
        let table = Table::read(content, source, infer)?;
        let (feature_names, class_names) = (table.schema.encoded_names(), table.schema.classes().to_vec());
        Ok(Self {
            name: content.stem(),
            features: table.features,
            labels: table.labels,
            feature_names,
            class_names,
            sha256: table.sha256,
            scaling: Scaling::default(),
            notes: table.warnings,
        })
    }

    /// A data set that was read from bytes with this sum.
    pub(crate) fn with_sha256(
        name: impl Into<String>,
        features: Mat<f64>,
        labels: Labels,
        feature_names: Vec<String>,
        class_names: Vec<String>,
        sha256: String,
    ) -> Result<Self> {
        let sizes = [
            ("rows of the features", features.nrows(), labels.len()),
            ("feature names", feature_names.len(), features.ncols()),
            ("class names", class_names.len(), labels.n_classes()),
        ];
        for (what, found, expected) in sizes {
            if found != expected {
                return Err(Error::Size { what, found, expected });
            }
        }
        check_finite(features.as_ref(), |column| feature_names[column].clone())?;
        let scaling = Scaling::default();
        let (name, notes) = (name.into(), Vec::new());
        Ok(Self { name, features, labels, feature_names, class_names, sha256, scaling, notes })
    }

    /// What the reader of the rows found odd.
    pub(crate) fn notes(&self) -> &[DataWarning] {
        &self.notes
    }

    /// The same data under another name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same data, to be standardised so.
    #[must_use]
    pub fn with_scaling(mut self, scaling: Scaling) -> Self {
        self.scaling = scaling;
        self
    }

    /// How the columns are to be standardised.
    pub fn scaling(&self) -> Scaling {
        self.scaling
    }

    /// This set's rows and then those of another with the same columns and classes, a test part say. Name and
    /// [`sha256`](Self::sha256) stay.
    ///
    /// # Errors
    /// [`Error::Size`] for other numbers of columns or classes.
    pub fn followed_by(self, other: &Self) -> Result<Self> {
        for (what, found, expected) in [
            ("columns of the rows to append", other.d(), self.d()),
            ("classes of the rows to append", other.n_classes(), self.n_classes()),
        ] {
            if found != expected {
                return Err(Error::Size { what, found, expected });
            }
        }
        let n = self.n();
        let mut features = Mat::zeros(n + other.n(), self.d());
        features.subrows_mut(0, n).copy_from(&self.features);
        features.subrows_mut(n, other.n()).copy_from(&other.features);
        let codes = [self.labels.codes(), other.labels.codes()].concat();
        let labels = Labels::with_classes(codes, self.n_classes())?;
        Ok(Self { features, labels, ..self })
    }

    /// Name of the set.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The samples X, n×d, a row a sample.
    pub fn features(&self) -> MatRef<'_, f64> {
        self.features.as_ref()
    }

    /// The class of every sample.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Names of the d columns.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// Names of the classes, in order of their codes.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The sha256 of the bytes the data came from, in hexadecimal: of the table, of the idx images
    /// followed by the idx labels (unpacked), or of the CSV text of a set made in memory.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Number of samples, n.
    pub fn n(&self) -> usize {
        self.features.nrows()
    }

    /// Number of features, d.
    pub fn d(&self) -> usize {
        self.features.ncols()
    }

    /// Number of classes, c.
    pub fn n_classes(&self) -> usize {
        self.labels.n_classes()
    }

    /// Features and labels of some rows, in the order given; the number of classes stays.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`] for a row that is not there, [`Error::Rows`] for an empty selection.
    pub fn select(&self, rows: &[usize]) -> Result<(Mat<f64>, Labels)> {
        if let Some(&row) = rows.iter().find(|&&row| row >= self.n()) {
            return Err(Error::RowOutOfRange { row, n: self.n() });
        }
        let labels = self.labels.select(rows)?;
        Ok((Mat::from_fn(rows.len(), self.d(), |i, j| self.features[(rows[i], j)]), labels))
    }

    /// A data set of some rows. Names and [`sha256`](Self::sha256), which tells where the rows came from,
    /// stay.
    ///
    /// # Errors
    /// As [`select`](Self::select).
    pub fn subset(&self, rows: &[usize]) -> Result<Self> {
        let (features, labels) = self.select(rows)?;
        Ok(Self {
            name: self.name.clone(),
            features,
            labels,
            feature_names: self.feature_names.clone(),
            class_names: self.class_names.clone(),
            sha256: self.sha256.clone(),
            scaling: self.scaling,
            notes: self.notes.clone(),
        })
    }

    /// What a user should know before fitting; see [`DataWarning`].
    ///
    /// # Cost
    /// O(nd) time, O(n) memory.
    pub fn warnings(&self) -> Vec<DataWarning> {
        crate::warning::warnings(self)
    }
}
