//! A data set as CSV text.

use std::io::{self, Write};

use ::csv::{Terminator, WriterBuilder};

use crate::text::shortest;
use crate::{Dataset, Error, Result};

/// Name of the last column.
const LABEL: &str = "class";

/// Writes a data set as CSV: one header row, the features, the class name last in column `class`, `\n` line
/// ends, numbers in the shortest form that reads back as the same number.
///
/// # Errors
/// [`Error::Write`] if `out` refuses the bytes.
pub fn write_csv(dataset: &Dataset, out: impl Write) -> Result<()> {
    let x = dataset.features();
    let rows = dataset.labels().codes().iter().enumerate().map(|(i, &code)| {
        let mut row: Vec<String> = (0..dataset.d()).map(|j| shortest(x[(i, j)])).collect();
        row.push(dataset.class_names()[code].clone());
        row
    });
    write_records(dataset.name(), dataset.feature_names(), rows, out)
}

/// The bytes [`write_csv`] writes.
pub(crate) fn csv_text(dataset: &Dataset) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_csv(dataset, &mut bytes)?;
    Ok(bytes)
}

/// Writes a header of the features and `class`, then rows of text.
pub(crate) fn write_records<S: AsRef<[u8]>>(
    name: &str,
    feature_names: &[impl AsRef<[u8]>],
    rows: impl Iterator<Item = Vec<S>>,
    out: impl Write,
) -> Result<()> {
    let failed = |source: io::Error| Error::Write { name: name.into(), source };
    let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    let header = feature_names.iter().map(AsRef::as_ref).chain([LABEL.as_bytes()]);
    writer.write_record(header).map_err(|error| failed(error.into()))?;
    for row in rows {
        writer.write_record(row).map_err(|error| failed(error.into()))?;
    }
    writer.flush().map_err(failed)
}
