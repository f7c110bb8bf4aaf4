//! What can be wrong with what is stored of a layer or a network.

/// A problem of a stored layer or network; `name` is that of a tensor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// A tensor that should be there.
    #[error("tensor `{name}` is missing")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A tensor that nothing asks for.
    #[error("tensor `{name}` belongs to nothing")]
    Unexpected {
        /// Its name.
        name: String,
    },
    /// A tensor of numbers where codes are expected, or the reverse.
    #[error("tensor `{name}` must hold {expected}")]
    Kind {
        /// Its name.
        name: String,
        /// What it must hold.
        expected: &'static str,
    },
    /// A tensor whose shape does not fit the others.
    #[error("tensor `{name}` is {}x{}, expected {}", found.0, found.1, shape(*expected))]
    Shape {
        /// Its name.
        name: String,
        /// Its rows and columns.
        found: (usize, usize),
        /// Rows and columns the others ask for, `None` for any but 0.
        expected: (Option<usize>, Option<usize>),
    },
    /// A number no fit leaves.
    #[error("tensor `{name}` has {value} at row {row}, column {column}, expected {bound}")]
    Entry {
        /// Its name.
        name: String,
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The value.
        value: f64,
        /// The bound in words.
        bound: &'static str,
    },
    /// A number of the description outside its bound.
    #[error("{name} must be {bound}, got {value}")]
    Value {
        /// Its name.
        name: String,
        /// The bound in words.
        bound: &'static str,
        /// The value.
        value: f64,
    },
    /// A name that is not one of those known.
    #[error("{name} `{value}` is not known")]
    Name {
        /// What is named.
        name: String,
        /// The name found.
        value: String,
    },
    /// A network without a layer.
    #[error("there is no layer")]
    NoLayers,
}

fn shape((rows, columns): (Option<usize>, Option<usize>)) -> String {
    let size = |size: Option<usize>| size.map_or("at least 1".into(), |size| size.to_string());
    format!("{}x{}", size(rows), size(columns))
}
