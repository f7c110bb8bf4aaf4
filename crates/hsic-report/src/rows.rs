//! Rows of outputs as they come: lines of CSV, or a list in one JSON object.

use serde_json::{Value, json};

/// The text of a stream of rows.
///
/// ```
/// use hsic_report::rows::RowsText;
/// use serde_json::json;
/// let (mut rows, mut text) = RowsText::json(&json!({ "command": "predict" }));
/// text += &rows.json_row(&json!({ "predicted": "a" }), true);
/// text += &rows.end(None);
/// assert_eq!(text, "{\"command\":\"predict\",\"rows\":[\n{\"predicted\":\"a\"}\n],\"n\":1,\"skipped\":0}\n");
/// ```
#[derive(Debug)]
pub struct RowsText {
    is_json: bool,
    /// Rows so far.
    pub rows: usize,
    /// Those of them that have no output.
    pub skipped: usize,
}

impl RowsText {
    /// Lines of CSV. Their header is one as well.
    pub fn csv() -> Self {
        Self { is_json: false, rows: 0, skipped: 0 }
    }

    /// A list in an object, and the object's beginning with these fields.
    pub fn json(fields: &Value) -> (Self, String) {
        let mut text = fields.to_string();
        text.pop();
        text += if text.len() > 1 { ",\"rows\":[" } else { "\"rows\":[" };
        (Self { is_json: true, rows: 0, skipped: 0 }, text)
    }

    /// A row as CSV.
    pub fn csv_row(&mut self, fields: &[String], has_output: bool) -> String {
        self.count(has_output);
        csv_line(fields)
    }

    /// A row as JSON.
    pub fn json_row(&mut self, value: &Value, has_output: bool) -> String {
        self.count(has_output);
        format!("{}\n{value}", if self.rows == 1 { "" } else { "," })
    }

    /// What stands after the rows: nothing after CSV; the end of an object with the number of rows, how many of them are skipped, and the
    /// error if one came in between, so that the object is whole whatever happened.
    pub fn end(&self, error: Option<&str>) -> String {
        if !self.is_json {
            return String::new();
        }
        let error = error.map_or_else(String::new, |error| format!(",\"error\":{}", json!(error)));
        format!("\n],\"n\":{},\"skipped\":{}{error}}}\n", self.rows, self.skipped)
    }

    fn count(&mut self, has_output: bool) {
        self.rows += 1;
        self.skipped += usize::from(!has_output);
    }
}

/// A line of CSV, quoted where it must be.
///
/// # Panics
/// Never: memory takes every record.
pub fn csv_line(fields: &[String]) -> String {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    writer.write_record(fields).expect("memory takes every record");
    let bytes = writer.into_inner().expect("memory takes every record");
    String::from_utf8(bytes).expect("texts are UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_closed_whatever_happened() -> Result<(), serde_json::Error> {
        for error in [None, Some("t.csv, line 3: `a\"b`")] {
            for fields in [json!({}), json!({ "layer": 2 })] {
                let (mut rows, mut text) = RowsText::json(&fields);
                text += &rows.json_row(&json!([1.0]), true);
                text += &rows.json_row(&Value::Null, false);
                let object: Value = serde_json::from_str(&(text + &rows.end(error)))?;
                assert_eq!((&object["n"], &object["skipped"]), (&json!(2), &json!(1)));
                assert_eq!(object["rows"], json!([[1.0], null]));
                assert_eq!((object["error"].as_str(), object.get("layer")), (error, fields.get("layer")));
            }
        }
        Ok(())
    }

    #[test]
    fn a_line_is_quoted_where_it_must_be() {
        let fields = ["a,b", "c\"d", ""].map(String::from);
        assert_eq!(RowsText::csv().csv_row(&fields, true), "\"a,b\",\"c\"\"d\",\n");
    }
}
