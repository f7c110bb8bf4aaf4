//! What `fit` warns of.

use faer::MatRef;
use hsic_data::narrow_columns;
use hsic_data::table::Table;

use hsic_report::text;

/// What is odd about the table, and about the rows of it to train on.
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
