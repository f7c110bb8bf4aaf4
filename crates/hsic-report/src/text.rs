//! Tables and lists as text.

use comfy_table::CellAlignment;

use crate::{new_table, trimmed};

/// A table whose first column stands to the left and all others to the right.
pub fn table(header: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = new_table(header, 2, false);
    table.add_rows(rows);
    if let Some(first) = table.column_mut(0) {
        first.set_cell_alignment(CellAlignment::Left);
    }
    trimmed(&table) + "\n"
}

/// The names, cut after some with the number of the rest.
pub fn first_few(names: &[String], shown: usize) -> String {
    match names.len().checked_sub(shown) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..shown].join(", ")),
        _ => names.join(", "),
    }
}

/// `1 row`, `2 rows`, `3 classes`.
pub fn count(n: usize, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        _ if noun.ends_with('s') => format!("{n} {noun}es"),
        _ => format!("{n} {noun}s"),
    }
}

/// A hyperparameter and its value.
pub fn setting(name: &str, value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| format!("{name} {value}"), |word| format!("{name} {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_cut_short() {
        let names: Vec<String> = (0..12).map(|class| class.to_string()).collect();
        assert_eq!(first_few(&names[..10], 10), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
        assert_eq!(first_few(&names, 10), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
    }
}
