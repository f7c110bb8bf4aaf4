//! What a table was understood as, and what is odd about it.

use std::fmt;

use faer::MatRef;
use hsic_data::narrow_columns;
use hsic_data::table::{Feature, Table};
use hsic_report::text::{self, first_few};
use serde::Serialize;

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
        let schema = &table.schema;
        Self {
            name: table.file.clone(),
            n: table.features.nrows(),
            d: schema.features().len(),
            classes: schema.classes().len(),
            class_names: schema.classes().to_vec(),
            sha256: table.sha256.clone(),
            label: schema.label().to_owned(),
            features: schema.features().to_vec(),
            ignored: schema.ignored().to_vec(),
            missing_cells: table.missing.cells,
            dropped_rows: table.dropped,
            class_rows: table.labels.counts().to_vec(),
            delimiter: table.delimiter,
            missing_rows: table.missing.rows,
            missing_columns: table.missing.columns.clone(),
        }
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
    let mut warnings: Vec<String> =
        table.warnings.iter().map(|warning| format!("{}: {warning}", table.file)).collect();
    let classes = table.schema.classes();
    for (class, &count) in classes.iter().zip(table.labels.counts()).filter(|(_, count)| **count < 2) {
        let rows = text::count(count, "row");
        warnings
            .push(format!("{}: class `{class}` has {rows}: it cannot be both learnt and tested", table.file));
    }
    let narrow = narrow_columns(train, &table.schema.encoded_names());
    warnings.extend(narrow.iter().map(|warning| format!("{}: {warning}", table.file)));
    warnings
}
