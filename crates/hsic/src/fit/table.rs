//! What a table was understood as, and what is odd about it.

use std::fmt;

use faer::MatRef;
use hsic_data::rows::TableRows;
use hsic_data::table::{Feature, MissingCells, Schema, Table};
use hsic_data::{DataWarning, narrow_columns, narrow_moments};
use hsic_report::text::{self, first_few};
use serde::Serialize;

use super::FitBlocks;
use crate::describe::features;

/// A table as it was understood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableSummary {
    /// The file.
    pub name: String,
    /// Rows.
    pub n: usize,
    /// Columns.
    pub d: usize,
    /// Number of classes.
    pub classes: usize,
    /// Their names.
    pub class_names: Vec<String>,
    /// The sha256 of the file, unpacked.
    pub sha256: String,
    /// The column of the classes.
    pub label: String,
    /// The columns.
    pub features: Vec<Feature>,
    /// Columns that are left out.
    pub ignored: Vec<String>,
    /// Cells that are missing in the rows that are kept.
    pub missing_cells: usize,
    /// Rows left out because they miss a cell.
    pub dropped_rows: usize,
    /// What is odd about the table.
    pub warnings: Vec<String>,
    #[serde(skip)]
    class_rows: Vec<usize>,
    #[serde(skip)]
    delimiter: Option<u8>,
    #[serde(skip)]
    missing_rows: usize,
    #[serde(skip)]
    missing_columns: Vec<(String, usize)>,
}

impl TableSummary {
    /// What was made of a table.
    pub fn of(table: &Table) -> Self {
        let origin = (&*table.file, &*table.sha256, table.delimiter);
        let summary = Self::new(origin, &table.schema, table.labels.counts(), &table.missing, table.dropped);
        Self { warnings: table.warnings.iter().map(ToString::to_string).collect(), ..summary }
    }

    /// The same of a table that is read in blocks.
    pub fn of_rows(table: &TableRows) -> Self {
        let origin = (table.file(), table.sha256(), table.delimiter());
        let summary = Self::new(origin, table.schema(), table.counts(), table.missing(), table.dropped());
        Self { warnings: table.warnings().iter().map(ToString::to_string).collect(), ..summary }
    }

    fn new(
        (file, sha256, delimiter): (&str, &str, Option<u8>),
        schema: &Schema,
        counts: &[usize],
        missing: &MissingCells,
        dropped: usize,
    ) -> Self {
        Self {
            name: file.into(),
            n: counts.iter().sum(),
            d: schema.features().len(),
            classes: schema.classes().len(),
            class_names: schema.classes().to_vec(),
            sha256: sha256.into(),
            label: schema.label().to_owned(),
            features: schema.features().to_vec(),
            ignored: schema.ignored().to_vec(),
            missing_cells: missing.cells,
            dropped_rows: dropped,
            warnings: Vec::new(),
            class_rows: counts.to_vec(),
            delimiter,
            missing_rows: missing.rows,
            missing_columns: missing.columns.clone(),
        }
    }

    fn warnings(&self, of_table: &[DataWarning], narrow: &[DataWarning]) -> Vec<String> {
        let told = |warning: &DataWarning| format!("{}: {warning}", self.name);
        let mut warnings: Vec<String> = of_table.iter().map(told).collect();
        let classes = self.class_names.iter().zip(&self.class_rows);
        for (class, &count) in classes.filter(|(_, count)| **count < 2) {
            let rows = text::count(count, "row");
            warnings.push(format!(
                "{}: class `{class}` has {rows}: it cannot be both learnt and tested",
                self.name
            ));
        }
        warnings.extend(narrow.iter().map(told));
        warnings
    }
}

impl fmt::Display for TableSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_class = |(name, count): (&String, &usize)| format!("{name} ({count})");
        let classes: Vec<String> = self.class_names.iter().zip(&self.class_rows).map(of_class).collect();
        writeln!(
            f,
            "{}: {}, {}, {} of `{}`: {}",
            self.name,
            text::count(self.n, "row"),
            text::count(self.d, "column"),
            text::count(self.classes, "class"),
            self.label,
            first_few(&classes, 10),
        )?;
        match self.delimiter {
            None | Some(b',') => {}
            Some(b'\t') => writeln!(f, "delimiter   tab")?,
            Some(byte) => writeln!(f, "delimiter   {}", char::from(byte))?,
        }
        f.write_str(&features(&self.features))?;
        if !self.ignored.is_empty() {
            writeln!(f, "ignored     {}", self.ignored.join(", "))?;
        }
        if self.missing_cells > 0 {
            let of_column = |(name, count): &(String, usize)| format!("{count} in {name}");
            let columns: Vec<String> = self.missing_columns.iter().map(of_column).collect();
            writeln!(
                f,
                "missing     {} in {}, filled with their column's training mean: {}",
                text::count(self.missing_cells, "cell"),
                text::count(self.missing_rows, "row"),
                first_few(&columns, 8)
            )?;
        }
        Ok(())
    }
}

/// What is odd about a table, and about the rows of it to train on.
pub fn warnings(table: &Table, train: MatRef<'_, f64>) -> Vec<String> {
    let narrow = narrow_columns(train, &table.schema.encoded_names());
    TableSummary::of(table).warnings(&table.warnings, &narrow)
}

/// The same of a table that is read in blocks.
pub fn warnings_of_blocks(blocks: &FitBlocks) -> Vec<String> {
    let table = blocks.table();
    let narrow = narrow_moments(blocks.moments().columns(), &table.schema().encoded_names());
    TableSummary::of_rows(table).warnings(table.warnings(), &narrow)
}
