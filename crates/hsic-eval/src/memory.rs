//! How much memory an evaluation takes, estimated before anything is allocated.
//!
//! The estimate counts the matrices that grow with n, d, m or c and are held at one time, 8 bytes a number; it is meant to
//! be within a factor of 2 of the resident memory from about 100 MB on, and the larger of the two more often than not.

use std::fmt;

use hsic_data::Choice;
use hsic_kernels::KernelKind;
use hsic_kernels::rows::BLOCK_ROWS;
use hsic_layer::{Activation, KernelFeatures};
use hsic_net::head::{BANDWIDTHS as RIDGE_BANDWIDTHS, EXACT_ROWS, RIDGES};
use hsic_net::{HeadKind, NetworkParams, SolverParams};

use crate::Method;

/// What the program itself takes, code and stacks.
const PROGRAM: f64 = 30e6;

/// Layers that a stack is taken to have, if it may have as many: of a spectral network, and of a closed form.
const LAYERS: [usize; 2] = [5, 10];

/// n×c matrices that a fit or a measure of a layer holds beside the sums: what the logistic probe and the head make of the
/// probabilities.
const PROBABILITIES: f64 = 8.0;

/// Matrices of the size of its kernel that a ridge head holds a bandwidth, and ridges of which the scores are kept.
const RIDGE_MATRICES: f64 = 7.0;
const RIDGE_KEPT: f64 = 5.0;
/// Kernels that a ridge head tries.
const RIDGE_KERNELS: usize = KernelKind::ALL.len() * RIDGE_BANDWIDTHS.len();

/// Bandwidths that are tried at once, and the sums of classes that are held for them at most (`bandwidth::max_hsic`).
const BANDWIDTHS: f64 = 25.0;
const BANDWIDTH_SUMS: f64 = (1 << 20) as f64;

/// The sizes of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Rows of the whole data set, training and test.
    pub n: usize,
    /// Training rows of a fold.
    pub n_train: usize,
    /// Columns.
    pub d: usize,
    /// Classes.
    pub c: usize,
    /// Folds that are fitted side by side.
    pub folds_at_once: usize,
    /// Threads.
    pub threads: usize,
    /// Whether the rows stay in their file and are read in blocks.
    pub in_file: bool,
}

/// An estimate, part by part.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// What it is for, and bytes.
    parts: Vec<(&'static str, f64)>,
}

impl Estimate {
    /// The estimate for a method. `None` for a baseline whose memory is not modelled.
    pub fn of(method: &Method, sizes: &Sizes) -> Option<Self> {
        match method {
            Method::Network(params) => Some(Self::in_memory(params, sizes)),
            Method::Selected(candidates) => {
                let plans = candidates.params.iter().map(|params| Self::in_memory(params, sizes));
                plans.max_by_key(Self::bytes)
            }
            Method::NetworkInBlocks(params) => Some(Self::in_blocks(params, sizes)),
            Method::Baseline(_) => None,
            // the network that tells the depth
            #[cfg(feature = "baselines")]
            Method::AsDeepAs { network, .. } => Some(Self::in_memory(network, sizes)),
        }
    }

    fn in_memory(params: &NetworkParams, sizes: &Sizes) -> Self {
        let &Sizes { n, n_train, d, c, folds_at_once, threads, .. } = sizes;
        let (n, n_train, d, c, folds) = (n as f64, n_train as f64, d as f64, c as f64, folds_at_once as f64);
        // of n×c sums: their total, and up to two partial results a thread; a fold beside others has one thread
        let partials = 1.0 + if folds_at_once > 1 { 1.0 } else { (2 * threads).min(16) as f64 };
        // rows that a bandwidth is chosen on: every class has one
        let s = n_train.min(params.subsample_rows as f64 + c);
        let tried = (BANDWIDTHS * s * c).min(BANDWIDTH_SUMS.max(s * c)) * partials;
        let of_classes = (n_train * c * (PROBABILITIES + partials)).max(tried);
        // of a fold: its rows standardised (training and test), in class order, as input of a layer
        let copies = n * d + 2.0 * n_train * d;
        let layers = |most: usize| params.max_layers.min(most) as f64;
        let (layers, width, solver) = match params.solver {
            // anchors and their preparation for the tiles; Z of a few layers, and what each keeps: weights, and as anchors
            // the Z of the layer before
            SolverParams::ClosedForm(solver) => match solver.features {
                KernelFeatures::Random { m, .. } => (layers(LAYERS[1]), c, n_train * m as f64),
                _ => (layers(LAYERS[1]), 3.0 * c, 2.0 * n_train * d),
            },
            // the decomposition's two copies and its factor, the compressed rows, with and without a column of ones, and
            // their product with the weighted kernel a group of tiles
            SolverParams::Spectral(solver) => match solver.activation {
                Activation::Random { m, .. } => {
                    let p = d.max(m as f64);
                    (layers(LAYERS[0]), 0.5 * p.min(n_train), 6.0 * n_train * p)
                }
                _ => {
                    let solver = 6.0 * n_train * d + 4.0 * n_train * n_train;
                    (layers(LAYERS[0]), 0.5 * d.min(n_train), solver)
                }
            },
        };
        let head = match params.head {
            HeadKind::Ridge(ridge) => {
                let exact = n_train <= EXACT_ROWS as f64;
                let centres = if exact { n_train } else { n_train.min(ridge.centres as f64) };
                // of many centres one kernel after another
                let one = folds_at_once > 1 || centres > EXACT_ROWS as f64;
                let at_once = if one { 1.0 } else { threads.min(RIDGE_KERNELS) as f64 };
                // a kernel, centred, decomposed and multiplied; scores of the ridges that are tried and of those that are kept
                at_once * (RIDGE_MATRICES * centres * centres + RIDGES.len() as f64 * n_train * c)
                    + RIDGE_KEPT * RIDGE_KERNELS as f64 * n_train * c
            }
            _ => 0.0,
        };
        Self {
            parts: vec![
                ("the data", 8.0 * n * d),
                ("copies of a fold's rows", 8.0 * folds * copies),
                ("the solver", 8.0 * folds * solver),
                ("the layers", 8.0 * folds * layers * n * width),
                ("sums and probabilities of the classes", 8.0 * folds * of_classes),
                ("the head", 8.0 * folds * head),
                ("the program", PROGRAM),
            ],
        }
    }

    fn in_blocks(params: &NetworkParams, sizes: &Sizes) -> Self {
        let &Sizes { n, n_train, d, c, folds_at_once, threads, in_file } = sizes;
        let (n, d, c, folds) = (n as f64, d as f64, c as f64, folds_at_once as f64);
        let threads = if folds_at_once > 1 { 1.0 } else { threads as f64 };
        let block = BLOCK_ROWS as f64;
        let sample = params.sample_rows.min(n_train) as f64;
        let (m, statistics, on_sample) = match params.solver {
            SolverParams::Spectral(solver) => {
                let m = match solver.activation {
                    Activation::Random { m, .. } => m as f64,
                    _ => 0.0,
                };
                let p = d.max(m);
                // M_b of each class in compressed coordinates, about half the width
                let moments = c * m * 0.5 * p + 2.0 * p * p;
                (m, moments, 6.0 * sample * p + 4.0 * p * p)
            }
            SolverParams::ClosedForm(solver) => {
                let m = match solver.features {
                    KernelFeatures::Random { m, .. } => m as f64,
                    _ => 0.0,
                };
                (m, m * m + m * c, 2.0 * sample * m)
            }
        };
        // rows as read, standardised and centred; ψ, its centred copy and the activation it came from
        let a_block = block * (3.0 * d + 3.0 * m);
        let held = if in_file { 0.0 } else { 2.0 * n * d };
        Self {
            parts: vec![
                ("the data", 8.0 * held * folds.min(2.0)),
                ("blocks and their features", 8.0 * folds * threads * a_block),
                ("sums over rows", 8.0 * folds * (threads + 2.0) * statistics),
                ("the sample", 8.0 * folds * (sample * d * 2.0 + on_sample)),
                ("labels and predictions", 8.0 * 4.0 * n),
                ("the program", PROGRAM),
            ],
        }
    }

    /// All parts, in bytes.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|(_, bytes)| bytes).sum::<f64>() as u64
    }

    /// The largest part.
    fn largest(&self) -> (&'static str, f64) {
        let mut largest = ("nothing", 0.0);
        for &(name, bytes) in &self.parts {
            if bytes > largest.1 {
                largest = (name, bytes);
            }
        }
        largest
    }
}

/// Bytes as a person writes them: `3.8 GB`.
pub fn in_words(bytes: u64) -> String {
    let bytes = bytes as f64;
    if bytes >= 1e9 { format!("{:.1} GB", bytes / 1e9) } else { format!("{:.0} MB", bytes / 1e6) }
}

/// Bytes from words: `500MB`, `4GB`, `2GiB`, or plain digits.
///
/// # Errors
/// What is expected, as a line.
///
/// ```
/// use hsic_eval::memory::of_words;
/// assert_eq!((of_words("1.5g"), of_words("2GiB")), (Ok(1_500_000_000), Ok(2 << 30)));
/// ```
pub fn of_words(text: &str) -> std::result::Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: f64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" | "k" => 1e3,
        "mb" | "m" => 1e6,
        "gb" | "g" => 1e9,
        "tb" | "t" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => f64::NAN,
    };
    let bytes = digits.parse().unwrap_or(f64::NAN) * unit;
    if bytes >= 1.0 && bytes.is_finite() {
        Ok(bytes as u64)
    } else {
        Err("expected a size such as 500MB, 4GB or 2GiB".into())
    }
}

/// A refusal: an evaluation that would take more memory than it may.
#[derive(Debug, Clone, PartialEq)]
pub struct Excess {
    estimate: Estimate,
    allowed: u64,
    /// What would fit, if anything would.
    advice: Option<(String, u64)>,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (part, bytes) = self.estimate.largest();
        let (all, part_bytes) = (in_words(self.estimate.bytes()), in_words(bytes as u64));
        write!(
            f,
            "about {all} of memory are needed ({part}: {part_bytes}), {} are allowed",
            in_words(self.allowed)
        )?;
        match &self.advice {
            Some((setting, bytes)) => write!(f, "; {setting} needs about {}", in_words(*bytes)),
            None => write!(f, "; no smaller setting of this method fits"),
        }
    }
}

/// Refuses a method whose estimate is above `allowed` bytes, and names the first of these that fits: one fold at a time,
/// rows in blocks (with random features where they were exact), and then half as many features, again and again.
///
/// # Errors
/// [`Excess`].
pub fn check(method: &Method, sizes: &Sizes, allowed: u64) -> Result<(), Box<Excess>> {
    #[cfg(feature = "baselines")]
    if let Method::AsDeepAs { network, .. } = method {
        return check(&Method::Network(*network), sizes, allowed);
    }
    let Some(estimate) = Estimate::of(method, sizes) else { return Ok(()) };
    if estimate.bytes() <= allowed {
        return Ok(());
    }
    let mut tried: Vec<(String, Method, Sizes)> = Vec::new();
    let one = Sizes { folds_at_once: 1, threads: 1, ..*sizes };
    if sizes.folds_at_once > 1 {
        tried.push((Choice::OneFold.to_string(), method.clone(), one));
    }
    if let Method::Network(params) | Method::NetworkInBlocks(params) = *method {
        let blocks = |params| Method::NetworkInBlocks(params);
        let (m, random) = features(&params);
        let change = if random { "in_blocks = true" } else { "features = \"random\" with in_blocks = true" };
        let params = if random { params } else { with_features(params, m) };
        if !(random && matches!(method, Method::NetworkInBlocks(_))) {
            tried.push((change.into(), blocks(params), *sizes));
        }
        let mut half = m / 4 * 2;
        while half >= 16 {
            let setting = format!("in_blocks = true with n_features = {half}");
            tried.push((setting, blocks(with_features(params, half)), *sizes));
            half = half / 4 * 2;
        }
    }
    let fits = tried.into_iter().find_map(|(setting, method, sizes)| {
        let bytes = Estimate::of(&method, &sizes)?.bytes();
        (bytes <= allowed).then_some((setting, bytes))
    });
    Err(Box::new(Excess { estimate, allowed, advice: fits }))
}

/// Number of random features, and whether there are any; the default number where they are exact.
fn features(params: &NetworkParams) -> (usize, bool) {
    match params.solver {
        SolverParams::Spectral(solver) => match solver.activation {
            Activation::Random { m, .. } => (m, true),
            _ => (300, false),
        },
        SolverParams::ClosedForm(solver) => match solver.features {
            KernelFeatures::Random { m, .. } => (m, true),
            _ => (300, false),
        },
    }
}

fn with_features(params: NetworkParams, features: usize) -> NetworkParams {
    let solver = match params.solver {
        SolverParams::Spectral(mut solver) => {
            let frequencies = match solver.activation {
                Activation::Random { frequencies, .. } => frequencies,
                _ => Default::default(),
            };
            solver.activation = Activation::Random { m: features, frequencies };
            SolverParams::Spectral(solver)
        }
        SolverParams::ClosedForm(mut solver) => {
            let frequencies = match solver.features {
                KernelFeatures::Random { frequencies, .. } => frequencies,
                _ => Default::default(),
            };
            solver.features = KernelFeatures::Random { m: features, frequencies };
            SolverParams::ClosedForm(solver)
        }
    };
    NetworkParams { solver, ..params }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MNIST: Sizes =
        Sizes { n: 70_000, n_train: 60_000, d: 784, c: 10, folds_at_once: 1, threads: 2, in_file: false };

    #[test]
    fn sizes_are_read_in_any_unit() {
        for (text, bytes) in
            [("4GB", 4_000_000_000), ("1.5g", 1_500_000_000), ("2GiB", 2 << 30), ("700000", 700_000)]
        {
            assert_eq!(of_words(text), Ok(bytes), "{text}");
        }
        for text in ["", "GB", "4 apples", "-1GB", "0", "nan", "1e999"] {
            assert_eq!(of_words(text), Err("expected a size such as 500MB, 4GB or 2GiB".into()), "{text}");
        }
    }

    #[test]
    fn what_fits_passes_and_what_does_not_is_told_with_a_setting_that_does() {
        let exact = Method::Network(NetworkParams::closed_form());
        assert_eq!(check(&exact, &MNIST, 4_000_000_000), Ok(()));
        let message =
            |method: &Method, sizes: &Sizes, allowed| check(method, sizes, allowed).unwrap_err().to_string();
        assert_eq!(
            message(&exact, &MNIST, 2_000_000_000),
            "about 2.6 GB of memory are needed (copies of a fold's rows: 1.2 GB), 2.0 GB are allowed; features = \
             \"random\" with in_blocks = true needs about 1.1 GB"
        );
        let in_blocks = Method::NetworkInBlocks(with_features(NetworkParams::spectral(), 2000));
        assert_eq!(
            message(&in_blocks, &Sizes { in_file: true, ..MNIST }, 1_000_000_000),
            "about 1.6 GB of memory are needed (sums over rows: 896 MB), 1.0 GB are allowed; in_blocks = true with \
             n_features = 1000 needs about 588 MB"
        );
        assert_eq!(
            message(&in_blocks, &MNIST, 50_000_000),
            "about 2.4 GB of memory are needed (sums over rows: 896 MB), 50 MB are allowed; no smaller setting of this \
             method fits"
        );
    }

    #[test]
    fn blocks_of_a_file_need_no_memory_that_grows_with_it_but_for_labels() {
        let plan = |n: usize| {
            let sizes = Sizes { n, n_train: n, d: 50, in_file: true, ..MNIST };
            let params = with_features(NetworkParams::closed_form(), 512);
            Estimate::of(&Method::NetworkInBlocks(params), &sizes).unwrap().bytes()
        };
        assert_eq!(plan(2_000_000) - plan(1_000_000), 32_000_000);
    }
}
