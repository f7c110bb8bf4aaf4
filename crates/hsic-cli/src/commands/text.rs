//! Tables and lists for the terminal.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// A rule below the header, nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// A table whose first column stands to the left and all others to the right.
pub fn table(header: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).force_no_tty().set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        column.set_cell_alignment(if index == 0 { CellAlignment::Left } else { CellAlignment::Right });
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
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
