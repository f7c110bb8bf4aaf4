//! How often the independence tests reject variables that are independent: by permutation as often as they may, which is checked,
//! and by the gamma distribution, which is printed beside it (docs/independence.md).

use faer::{Mat, Par};
use hsic_kernels::bandwidth::{Subsample, median_heuristic};
use hsic_kernels::hsic::{PermutationTest, against_labels, between_samples, permute_labels, permute_samples};
use hsic_kernels::random::{Rng, stream};
use hsic_kernels::{Bandwidth, Labels};
use rand::RngExt as _;
use rand::seq::SliceRandom;
use rand_distr::{Cauchy, StandardNormal};
use rayon::prelude::*;

/// Stream component of these draws.
const COMPONENT: u32 = 98;

/// What is rejected.
const LEVEL: f64 = 0.05;

/// Permutations of a test: (1 + B)·0.05 is a whole number, so that a test without ties rejects exactly so often.
const PERMUTATIONS: u32 = 199;

const KINDS: [&str; 6] =
    ["continuous", "binary", "imbalanced", "three classes", "heavy tails", "exact independence"];

/// Two independent variables of n rows as numbers; the second as classes too.
fn draw(kind: &str, n: usize, rng: &mut Rng) -> (Mat<f64>, Mat<f64>, Vec<usize>) {
    let normal = |rng: &mut Rng| rng.sample::<f64, _>(StandardNormal);
    let cauchy = |rng: &mut Rng| rng.sample(Cauchy::new(0.0, 1.0).expect("a positive scale"));
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(rng);
    let classes: Vec<usize> = match kind {
        // one row in twenty, and at least one
        "imbalanced" => order.iter().map(|&i| usize::from(i < n.div_ceil(20))).collect(),
        "three classes" => order.iter().map(|&i| i % 3).collect(),
        // in cells of equal size with the first variable
        "exact independence" => order.iter().map(|&i| i / 2 % 2).collect(),
        _ => order.iter().map(|&i| i % 2).collect(),
    };
    let of_class = |classes: &[usize]| Mat::from_fn(n, 1, |i, _| classes[i] as f64);
    let (x, y) = match kind {
        "binary" => {
            (Mat::from_fn(n, 1, |_, _| f64::from(u8::from(rng.random_bool(0.5)))), of_class(&classes))
        }
        "imbalanced" | "three classes" => (Mat::from_fn(n, 1, |_, _| normal(rng)), of_class(&classes)),
        "exact independence" => (Mat::from_fn(n, 1, |i, _| (order[i] % 2) as f64), of_class(&classes)),
        "heavy tails" => (Mat::from_fn(n, 1, |_, _| cauchy(rng)), Mat::from_fn(n, 1, |_, _| cauchy(rng))),
        _ => (Mat::from_fn(n, 1, |_, _| normal(rng)), Mat::from_fn(n, 1, |_, _| normal(rng))),
    };
    (x, y, classes)
}

/// Of one data set: whether each test rejects, and how often permutation rejects data sets like it.
struct Rejected {
    permutation: bool,
    gamma: bool,
    attainable: f64,
}

impl Rejected {
    /// The rows as they are paired and B random pairings are exchangeable under independence: the share of these B + 1 data
    /// sets that a test of all of them rejects is what its rejections must come to in the mean. It is below the level where
    /// data sets tie, as of binary variables.
    fn of(test: PermutationTest, traces: &[f64]) -> Self {
        let tie = 1e-9 * test.statistics.largest_trace();
        let most = LEVEL * (traces.len() as f64) + 1e-9;
        let rejects =
            |value: f64| (traces.iter().filter(|&&other| other >= value - tie).count() as f64) <= most;
        let attainable = traces.iter().filter(|&&value| rejects(value)).count() as f64 / traces.len() as f64;
        let gamma = test.statistics.gamma_p_value().expect("rows enough") <= LEVEL;
        Self { permutation: test.p_value() <= LEVEL + 1e-12, gamma, attainable }
    }
}

fn sigma(x: &Mat<f64>) -> Bandwidth {
    // a binary variable may come out constant
    median_heuristic(x.as_ref(), &Subsample::default()).unwrap_or(Bandwidth::new(1.0).expect("positive"))
}

fn orders(n: usize, seed: u64) -> impl Iterator<Item = Vec<usize>> {
    let mut rng = stream(seed, COMPONENT, 1);
    (0..=PERMUTATIONS).map(move |b| {
        let mut order: Vec<usize> = (0..n).collect();
        if b > 0 {
            order.shuffle(&mut rng);
        }
        order
    })
}

fn rejected(kind: &str, n: usize, seed: u64) -> [Rejected; 2] {
    let (x, y, classes) = draw(kind, n, &mut stream(seed, COMPONENT, 0));
    let (sigma_x, sigma_y) = (sigma(&x), sigma(&y));
    let labels = Labels::new(classes).expect("classes");
    let (x, y) = (x.as_ref(), y.as_ref());
    let of_labels: Vec<f64> = orders(n, seed)
        .map(|order| {
            let labels = labels.select(&order).expect("rows");
            against_labels(x, sigma_x, &labels, Par::Seq).expect("finite rows").statistics.trace()
        })
        .collect();
    let of_samples: Vec<f64> = orders(n, seed)
        .map(|order| {
            let y = Mat::from_fn(n, 1, |i, _| y[(order[i], 0)]);
            between_samples(x, sigma_x, y.as_ref(), sigma_y, Par::Seq).expect("finite rows").trace()
        })
        .collect();
    let labels = permute_labels(x, sigma_x, &labels, PERMUTATIONS, seed, Par::Seq).expect("finite rows");
    let samples = permute_samples(x, sigma_x, y, sigma_y, PERMUTATIONS, seed, Par::Seq).expect("finite rows");
    [Rejected::of(labels, &of_labels), Rejected::of(samples, &of_samples)]
}

/// A row of the table, and whether permutation rejects as often as it must, within three standard errors.
fn measure(kind: &str, n: usize, seeds: u64) -> Vec<(String, bool)> {
    let all: Vec<[Rejected; 2]> = (0..seeds).into_par_iter().map(|seed| rejected(kind, n, seed)).collect();
    ["classes", "samples"]
        .iter()
        .enumerate()
        .map(|(against, name)| {
            let share = |of: fn(&Rejected) -> f64| {
                all.iter().map(|rejected| of(&rejected[against])).sum::<f64>() / seeds as f64
            };
            let permutation = share(|rejected| f64::from(u8::from(rejected.permutation)));
            let gamma = share(|rejected| f64::from(u8::from(rejected.gamma)));
            // of a balanced design no pairing has a smaller HSIC than the one observed, which is no random one
            let attainable =
                if kind == "exact independence" { 0.0 } else { share(|rejected| rejected.attainable) };
            let error = |p: f64| (p * (1.0 - p) / seeds as f64).sqrt();
            let holds = (permutation - attainable).abs() <= 3.0 * error(attainable)
                && permutation <= LEVEL + 3.0 * error(LEVEL);
            let too_high = if gamma > LEVEL + 3.0 * error(LEVEL) { " (too high)" } else { "" };
            let row = format!(
                "| {kind} | {n} | {name} | {permutation:.3} | {attainable:.3} | {gamma:.3}{too_high} |"
            );
            (row, holds)
        })
        .collect()
}

fn table(sizes: &[usize], seeds: u64) {
    println!("| variables | n | against | permutation | must be | gamma |\n|---|---|---|---|---|---|");
    let mut wrong = Vec::new();
    for kind in KINDS {
        for &n in sizes {
            for (row, holds) in measure(kind, n, seeds) {
                println!("{row}");
                if !holds {
                    wrong.push(row);
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn independent_variables_are_rejected_as_often_as_stated() {
    table(&[8, 20], 60);
}

#[test]
#[ignore = "the table of docs/independence.md: about two minutes"]
fn eight_hundred_seeds_of_each() {
    table(&[8, 20, 100], 800);
}
