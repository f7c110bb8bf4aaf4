//! What the pictures with a panel a layer share: which layers and rows they show, where the panels lie, and the words.

use hsic_eval::FoldRows;

/// Most panels of a picture.
const MOST_PANELS: usize = 8;

/// Width of a picture with enough panels.
const WIDTH: i32 = 1200;

/// The layers to draw, from 0: all, or the first ones and the last.
pub fn chosen(layers: usize) -> Vec<usize> {
    match layers {
        0..=MOST_PANELS => (0..layers).collect(),
        _ => (0..MOST_PANELS - 1).chain([layers - 1]).collect(),
    }
}

/// The rows to draw: all, or so many evenly spaced ones. Rows sorted by class keep each class's share that way.
pub fn spread(n: usize, most: usize) -> Vec<usize> {
    if n <= most { (0..n).collect() } else { (0..most).map(|at| (2 * at + 1) * n / (2 * most)).collect() }
}

/// Places of square panels, row by row.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    columns: i32,
    panels: i32,
    /// Side of a cell; panels have to leave their margins within it.
    pub cell: i32,
}

impl Grid {
    /// At most four in a row. `right` is kept free at the right of the picture.
    pub fn of(panels: usize, right: i32) -> Self {
        let panels = panels.max(1) as i32;
        let columns = if panels <= 4 { panels } else { (panels + 1) / 2 };
        Self { columns, panels, cell: ((WIDTH - 24 - right) / columns).min(430) }
    }

    /// Left upper corner of a panel's cell, below a header.
    pub fn corner(self, panel: usize, header: i32) -> (i32, i32) {
        let panel = panel as i32;
        (16 + panel % self.columns * self.cell, header + panel / self.columns * self.cell)
    }

    /// Right and lower end of all cells below a header.
    pub fn end(self, header: i32) -> (i32, i32) {
        let rows = (self.panels + self.columns - 1) / self.columns;
        (16 + self.columns * self.cell, header + rows * self.cell)
    }

    /// Width of the picture: no narrower than its title.
    pub fn width(self, right: i32) -> i32 {
        (self.end(0).0 + right).max(900)
    }
}

/// Whose rows, and how many of them are drawn.
pub fn rows_drawn(rows: &FoldRows, drawn: usize) -> String {
    let (fold, n) = (rows.fold, rows.labels.len());
    if drawn == n {
        format!("the {n} training rows of fold {fold}")
    } else {
        format!("{drawn} of the {n} training rows of fold {fold}")
    }
}

/// How those rows were taken; empty for all of them.
pub fn how_taken(rows: &FoldRows, drawn: usize) -> &'static str {
    if drawn == rows.labels.len() {
        ""
    } else {
        " The rows drawn are evenly spaced in the order of the classes, so that each class keeps its share."
    }
}

/// Which layers of a fold have no panel.
pub fn left_out(layers: usize) -> String {
    match layers {
        0..=MOST_PANELS => String::new(),
        _ if layers == MOST_PANELS + 1 => format!("; not shown: layer {MOST_PANELS}"),
        _ => format!("; not shown: layers {MOST_PANELS}–{}", layers - 1),
    }
}

/// No more than so many characters.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The names with commas, as many as fit into so many characters.
pub fn listed(names: &[String], most: usize) -> String {
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        let name = cut(name, 24);
        let more = format!(" and {} more", names.len() - at);
        if at > 0 && text.chars().count() + name.chars().count() + 2 + more.len() > most {
            return text + &more;
        }
        text += if at > 0 { ", " } else { "" };
        text += &name;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_layers_and_the_last_are_drawn() {
        assert_eq!(chosen(3), [0, 1, 2]);
        assert_eq!(chosen(8), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(chosen(12), [0, 1, 2, 3, 4, 5, 6, 11]);
        assert_eq!(
            [8, 9, 12].map(left_out),
            ["", "; not shown: layer 8", "; not shown: layers 8–11"].map(String::from)
        );
    }

    #[test]
    fn spread_rows_keep_the_shares_of_the_classes() {
        assert_eq!(spread(3, 4), [0, 1, 2]);
        let rows = spread(1000, 100);
        assert_eq!((rows.len(), rows.iter().filter(|row| **row < 300).count()), (100, 30));
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]) && rows[99] < 1000);
    }

    #[test]
    fn panels_stay_within_the_picture() {
        for panels in 1..=8 {
            let grid = Grid::of(panels, 100);
            let (right, lower) = grid.end(84);
            assert!(right + 100 <= grid.width(100) && grid.width(100) <= WIDTH);
            let (x, y) = grid.corner(panels - 1, 84);
            assert!(x + grid.cell <= right && y + grid.cell <= lower, "{panels}");
        }
    }

    #[test]
    fn names_are_cut_to_fit() {
        assert_eq!(cut("abcdef", 4), "abc…");
        let names: Vec<String> = (0..20).map(|class| format!("class {class}")).collect();
        assert_eq!(listed(&names[..2], 40), "class 0, class 1");
        assert_eq!(listed(&names, 40), "class 0, class 1, class 2 and 17 more");
    }
}
