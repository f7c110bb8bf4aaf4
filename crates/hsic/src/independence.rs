//! Whether rows depend on classes or on other rows, by HSIC.

use std::fmt;
use std::str::FromStr;

use faer::{MatRef, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic, median_heuristic};
use hsic_kernels::hsic::{
    HsicStatistics, against_labels, between_samples, permute_labels, permute_labels_max_hsic, permute_samples,
};
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Labels, all_threads};
use hsic_report::number::number;
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::{Error, Result};

/// Up to this many rows the default test permutes.
const PERMUTED_ROWS: usize = 2000;

/// A bandwidth, or how to choose one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Sigma {
    /// The median distance.
    #[default]
    Median,
    /// The maximiser of Tr(ΓK); a permutation test chooses it anew in every permutation.
    MaxHsic,
    /// This one.
    Value(Bandwidth),
}

impl FromStr for Sigma {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "median" => Ok(Self::Median),
            "max-hsic" => Ok(Self::MaxHsic),
            _ => match text.parse::<f64>() {
                Ok(value) => Bandwidth::new(value).map(Self::Value).map_err(|error| error.to_string()),
                Err(_) => Err("expected a number, `median` or `max-hsic`".into()),
            },
        }
    }
}

impl Sigma {
    /// How it is chosen; none of a number.
    pub fn rule(self) -> Option<&'static str> {
        match self {
            Self::Median => Some("median"),
            Self::MaxHsic => Some("max-hsic"),
            Self::Value(_) => None,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Median => ", the median distance",
            Self::MaxHsic => ", of the largest Tr(ΓK)",
            Self::Value(_) => "",
        }
    }
}

/// How a p-value is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PValue {
    /// By permuting the rows of one side.
    Permutation,
    /// By a gamma distribution of the same mean and variance.
    Gamma,
}

/// How a dependence is tested.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Bandwidth of the rows.
    pub sigma: Sigma,
    /// Bandwidth of the other rows, if they are no classes.
    pub sigma_y: Sigma,
    /// How the p-value is found; `None`: by permutations up to 2000 rows, else by the gamma distribution.
    pub p_value: Option<PValue>,
    /// Permutations of a permutation test.
    pub permutations: u32,
    /// Seed of the permutations, and of the rows a bandwidth is chosen on.
    pub seed: u64,
    /// Rows that a bandwidth is chosen on.
    pub subsample_rows: usize,
    /// Threads; no result depends on them.
    pub par: Par,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sigma: Sigma::Median,
            sigma_y: Sigma::Median,
            p_value: None,
            permutations: 999,
            seed: 0,
            subsample_rows: Subsample::default().rows,
            par: all_threads(),
        }
    }
}

impl Options {
    fn subsample(&self) -> Subsample {
        Subsample { rows: self.subsample_rows, seed: self.seed }
    }

    fn test(&self, n: usize) -> PValue {
        let default = if n <= PERMUTED_ROWS { PValue::Permutation } else { PValue::Gamma };
        self.p_value.unwrap_or(default)
    }
}

/// HSIC of two sides, and how likely as large a one is by chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Independence {
    /// HSIC by every normalisation.
    pub statistics: HsicStatistics,
    /// Bandwidth of the rows, and how it was chosen.
    pub sigma: (Bandwidth, Sigma),
    /// The same of the other rows; none of classes.
    pub sigma_y: Option<(Bandwidth, Sigma)>,
    /// How the p-value was found.
    pub test: PValue,
    /// Its value.
    pub p_value: f64,
    /// Permutations of a permutation test, and those with as large an HSIC.
    pub permutations: Option<(u32, u32)>,
    /// Seed.
    pub seed: u64,
    /// What the p-value does not account for.
    pub note: Option<String>,
}

/// Tests whether classes depend on rows `x` (n×d).
///
/// ```
/// use hsic::independence::{Options, Sigma, against_classes};
/// use hsic::{faer::Mat, kernels::Labels};
/// let x = Mat::from_fn(60, 1, |i, _| (i as f64 * 0.7).sin());
/// let classes = Labels::new((0..60).map(|i| usize::from(x[(i, 0)] > 0.0)).collect())?;
/// let options = Options { sigma: Sigma::MaxHsic, permutations: 199, ..Options::default() };
/// let outcome = against_classes(x.as_ref(), &classes, &options)?;
/// assert_eq!(outcome.p_value, 0.005);
/// assert!(outcome.to_string().contains("199 permutations, σ chosen anew in each, seed 0"));
/// # Ok::<(), hsic::Error>(())
/// ```
///
/// # Errors
/// [`Error::Kernel`] for rows or classes that cannot be compared.
///
/// # Cost
/// That of [`permute_labels`], with max-HSIC of [`permute_labels_max_hsic`], or O(n²d).
pub fn against_classes(x: MatRef<'_, f64>, labels: &Labels, options: &Options) -> Result<Independence> {
    let &Options { permutations, seed, par, .. } = options;
    let subsample = options.subsample();
    let sigma = match options.sigma {
        Sigma::Value(sigma) => sigma,
        Sigma::Median => median_heuristic(x, &subsample)?,
        Sigma::MaxHsic => {
            max_hsic(x, labels, &CenteredLabelGram::new(labels, ClassWeight::Plain), &subsample, par)?
        }
    };
    let outcome = Outcome { options, sigma, sigma_y: None };
    match (options.test(labels.len()), options.sigma) {
        (PValue::Gamma, _) => outcome.gamma(against_labels(x, sigma, labels, par)?.statistics),
        (_, Sigma::MaxHsic) => {
            outcome.permuted(permute_labels_max_hsic(x, labels, &subsample, permutations, seed, par)?)
        }
        _ => outcome.permuted(permute_labels(x, sigma, labels, permutations, seed, par)?),
    }
}

/// Tests whether rows `x` (n×d) and `y` (n×e) depend on each other.
///
/// # Errors
/// [`Error::NoClasses`] for a bandwidth that needs classes, [`Error::Kernel`] for rows that cannot be compared.
///
/// # Cost
/// That of [`permute_samples`], or O(n²(d + e)).
pub fn between(x: MatRef<'_, f64>, y: MatRef<'_, f64>, options: &Options) -> Result<Independence> {
    let &Options { permutations, seed, par, .. } = options;
    let choose = |sigma: Sigma, rows| match sigma {
        Sigma::Value(sigma) => Ok(sigma),
        Sigma::Median => Ok(median_heuristic(rows, &options.subsample())?),
        Sigma::MaxHsic => Err(Error::NoClasses),
    };
    let (sigma, sigma_y) = (choose(options.sigma, x)?, choose(options.sigma_y, y)?);
    let outcome = Outcome { options, sigma, sigma_y: Some(sigma_y) };
    match options.test(x.nrows()) {
        PValue::Gamma => outcome.gamma(between_samples(x, sigma, y, sigma_y, par)?),
        PValue::Permutation => {
            outcome.permuted(permute_samples(x, sigma, y, sigma_y, permutations, seed, par)?)
        }
    }
}

/// What a test comes to, but for the statistics.
struct Outcome<'a> {
    options: &'a Options,
    sigma: Bandwidth,
    sigma_y: Option<Bandwidth>,
}

impl Outcome<'_> {
    fn permuted(self, test: hsic_kernels::hsic::PermutationTest) -> Result<Independence> {
        let permutations = (test.permutations, test.at_least_as_large);
        Ok(Independence { permutations: Some(permutations), ..self.of(test.statistics, test.p_value()) })
    }

    fn gamma(self, statistics: HsicStatistics) -> Result<Independence> {
        let is_chosen = self.options.sigma == Sigma::MaxHsic;
        let note = is_chosen.then(|| {
            "the p-value is too small: σ was chosen on the same classes, and the gamma distribution does not know; a permutation \
             test chooses it anew in every permutation"
                .into()
        });
        Ok(Independence { test: PValue::Gamma, note, ..self.of(statistics, statistics.gamma_p_value()?) })
    }

    fn of(&self, statistics: HsicStatistics, p_value: f64) -> Independence {
        Independence {
            statistics,
            sigma: (self.sigma, self.options.sigma),
            sigma_y: self.sigma_y.map(|sigma| (sigma, self.options.sigma_y)),
            test: PValue::Permutation,
            p_value,
            permutations: None,
            seed: self.options.seed,
            note: None,
        }
    }
}

impl Independence {
    fn is_reselected(&self) -> bool {
        self.sigma.1 == Sigma::MaxHsic && self.test == PValue::Permutation
    }
}

impl Serialize for Independence {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (statistics, permuted) = (&self.statistics, self.test == PValue::Permutation);
        json!({
            "n": statistics.n(),
            "sigma": self.sigma.0.get(),
            "sigma_rule": self.sigma.1.rule(),
            "sigma_y": self.sigma_y.map(|(sigma, _)| sigma.get()),
            "hsic_trace": statistics.trace(),
            // undefined for very few rows
            "hsic_biased": statistics.biased().ok(),
            "hsic_unbiased": statistics.unbiased().ok(),
            "hsic_normalized": statistics.normalized(),
            "test": if permuted { "permutation" } else { "gamma" },
            "p_value": self.p_value,
            "sigma_reselected": permuted.then(|| self.is_reselected()),
            "note": self.note,
            "permutations": self.permutations.map(|(all, _)| all),
            "at_least_as_large": self.permutations.map(|(_, large)| large),
            "seed": permuted.then_some(self.seed),
        })
        .serialize(serializer)
    }
}

impl fmt::Display for Independence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statistics = &self.statistics;
        let of_y = self.sigma_y.map(|sigma| ("σ of y", sigma));
        for (name, (sigma, rule)) in [("σ", self.sigma)].into_iter().chain(of_y) {
            writeln!(f, "{name:<12}{}{}", number(Some(sigma.get())), rule.words())?;
        }
        for (name, value) in [
            ("trace", Some(statistics.trace())),
            ("biased", statistics.biased().ok()),
            ("unbiased", statistics.unbiased().ok()),
            ("normalised", Some(statistics.normalized())),
        ] {
            writeln!(f, "{name:<12}{}", number(value))?;
        }
        let how = match self.permutations {
            None => "gamma distribution".into(),
            Some((all, _)) if self.is_reselected() => {
                format!("{all} permutations, σ chosen anew in each, seed {}", self.seed)
            }
            Some((all, _)) => format!("{all} permutations, seed {}", self.seed),
        };
        writeln!(f, "{:<12}{} ({how})", "p-value", number(Some(self.p_value)))?;
        self.note.iter().try_for_each(|note| writeln!(f, "{:<12}{note}", "note"))
    }
}
