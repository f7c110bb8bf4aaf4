//! What `fit` warns of.

use faer::MatRef;
use hsic_data::narrow_columns;
use hsic_data::table::{Content, SourceOptions, Table};

use crate::commands::text;
use crate::error::CliError;

/// What is odd about the table, and about the rows of it to train on.
///
/// # Errors
/// [`CliError::Usage`] for a table that cannot be opened.
pub fn warnings(
    content: &Content,
    source: &SourceOptions,
    table: &Table,
    train: MatRef<'_, f64>,
) -> Result<Vec<String>, CliError> {
    let mut warnings = Vec::new();
    let rows = content.open(source)?;
    if rows.has_names()
        && let Some(name) = rows.names().iter().find(|name| name.contains('.') && name.parse::<f64>().is_ok())
    {
        warnings.push(format!(
            "{}: the first line names a column `{name}`; if it is a row already, give --no-header",
            table.file
        ));
    }
    if table.dropped > 0 {
        warnings.push(format!(
            "{}: {} with missing cells left out",
            table.file,
            text::count(table.dropped, "row")
        ));
    }
    warnings.extend(table.warnings.iter().map(|warning| format!("{}: {warning}", table.file)));
    let classes = table.schema.classes();
    for (class, &count) in classes.iter().zip(table.labels.counts()).filter(|(_, count)| **count < 2) {
        let rows = text::count(count, "row");
        warnings
            .push(format!("{}: class `{class}` has {rows}: it cannot be both learnt and tested", table.file));
    }
    let narrow = narrow_columns(train, &table.schema.encoded_names());
    warnings.extend(narrow.iter().map(|warning| format!("{}: {warning}", table.file)));
    Ok(warnings)
}
