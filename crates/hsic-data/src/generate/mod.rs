//! The four data sets that need no file.
//!
//! Every draw comes from [`hsic_rows::random::stream`]`(seed, COMPONENT, index)` with an index for each
//! generator, so the sets of one seed are independent of each other and of folds and solvers.

mod adversarial;
mod car;
mod random;
mod spiral;

use std::io::Write;

use faer::Mat;
use hsic_rows::Labels;

pub use adversarial::adversarial;
pub use car::car;
pub use random::random;
pub use spiral::spiral;

use crate::{Dataset, Error, Result, write_csv};

/// The component of the seed's streams that data sets are drawn from.
pub const COMPONENT: u32 = 1;

/// Names of the generated sets.
pub const NAMES: [&str; 4] = ["random", "adversarial", "spiral", "car"];

/// Generates a set by name; `car` is the same for every seed.
///
/// ```
/// let spiral = hsic_data::generate::generate("spiral", 0)?;
/// assert_eq!((spiral.n(), spiral.d(), spiral.n_classes()), (1200, 2, 3));
/// # Ok::<(), hsic_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownSet`] with the generated names for any other name.
pub fn generate(name: &str, seed: u64) -> Result<Dataset> {
    match name {
        "random" => random(seed),
        "adversarial" => adversarial(seed),
        "spiral" => spiral(seed),
        "car" => car(),
        _ => Err(Error::UnknownSet { name: name.into(), valid: NAMES.map(String::from).to_vec() }),
    }
}

/// Writes a generated set as CSV. `car` is written with its levels in words, as the UCI file has them; the
/// others as [`write_csv`] does. The sum of the text is the set's [`sha256`](Dataset::sha256).
///
/// # Errors
/// As [`generate`], and [`Error::Write`] if `out` refuses the bytes.
pub fn generate_csv(name: &str, seed: u64, out: impl Write) -> Result<()> {
    if name == "car" { car::write_levels(out) } else { write_csv(&generate(name, seed)?, out) }
}

/// A set whose features are `x1`, `x2`, … and whose classes are named by their codes.
fn numbered(name: &str, features: Mat<f64>, codes: Vec<usize>) -> Result<Dataset> {
    let labels = Labels::new(codes)?;
    let feature_names = (1..=features.ncols()).map(|j| format!("x{j}")).collect();
    let class_names = (0..labels.n_classes()).map(|code| code.to_string()).collect();
    Dataset::new(name, features, labels, feature_names, class_names)
}
