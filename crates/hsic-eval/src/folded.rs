//! The rows of a cross-validation and their folds: in memory, or in a file that is read in blocks.

use hsic_data::rows::{BlockHoldout, FileRows as _, TableRows};
use hsic_data::{DataWarning, Dataset, Fold, Scaling};
use hsic_kernels::rows::RowBlocks as _;

use crate::records::DatasetRecord;

/// Rows, and which of them train and which test in every fold.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a run, and it is borrowed")]
pub enum FoldedData {
    /// Rows in memory, for any method.
    InMemory {
        /// The rows.
        dataset: Dataset,
        /// The folds.
        folds: Vec<Fold>,
    },
    /// Rows of a file, of which none is held, for networks that are fitted in blocks.
    InFile {
        /// The rows, where NaN stands for a missing cell.
        rows: Box<TableRows>,
        /// The folds.
        folds: Vec<BlockHoldout>,
        /// How they are standardised.
        scaling: Scaling,
    },
}

impl FoldedData {
    /// Rows in memory.
    pub fn in_memory(dataset: Dataset, folds: Vec<Fold>) -> Self {
        Self::InMemory { dataset, folds }
    }

    /// Whether the rows stay in their file.
    pub fn is_in_file(&self) -> bool {
        matches!(self, Self::InFile { .. })
    }

    /// What is recorded of the data.
    pub fn record(&self) -> DatasetRecord {
        match self {
            Self::InMemory { dataset, .. } => DatasetRecord::of(dataset),
            Self::InFile { rows, .. } => DatasetRecord {
                name: rows.name(),
                n: rows.n(),
                d: rows.width(),
                classes: rows.n_classes(),
                class_names: rows.class_names().to_vec(),
                sha256: rows.sha256().to_owned(),
            },
        }
    }

    /// Number of rows.
    pub fn n(&self) -> usize {
        self.class_counts().iter().sum()
    }

    /// Rows of every class.
    pub fn class_counts(&self) -> &[usize] {
        match self {
            Self::InMemory { dataset, .. } => dataset.labels().counts(),
            Self::InFile { rows, .. } => rows.counts(),
        }
    }

    /// Training and test rows of every fold.
    pub fn fold_sizes(&self) -> Vec<(usize, usize)> {
        match self {
            Self::InMemory { folds, .. } => {
                folds.iter().map(|fold| (fold.train.len(), fold.test.len())).collect()
            }
            Self::InFile { folds, .. } => {
                let size = |counts: &[usize]| counts.iter().sum();
                folds.iter().map(|fold| (size(fold.train_counts()), size(fold.test_counts()))).collect()
            }
        }
    }

    /// What a user should know before fitting. Of a file that is what its reader found; equal rows and columns that hardly vary are
    /// not looked for.
    pub fn warnings(&self) -> Vec<DataWarning> {
        match self {
            Self::InMemory { dataset, .. } => dataset.warnings(),
            Self::InFile { rows, .. } => rows.warnings().to_vec(),
        }
    }
}
