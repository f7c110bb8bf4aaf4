//! How good predictions are, and whether better than chance.

use std::fmt;

use faer::MatRef;
use hsic_eval::metrics::{
    Metric, accuracy, balanced_accuracy, binomial_tail, brier_score, confusion, log_loss, standard_error,
};
use hsic_kernels::Labels;
use hsic_net::head::largest_columns;
use hsic_report::{number::number, text};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// Sums over rows whose class is known; rows may come in parts.
///
/// ```
/// use hsic::{Quality, faer::mat, kernels::Labels};
/// let mut quality = Quality::new(&["cat".into(), "dog".into()], 0);
/// let log_proba = mat![[0.9f64.ln(), 0.1f64.ln()], [0.2f64.ln(), 0.8f64.ln()]];
/// quality.add(log_proba.as_ref(), &Labels::new(vec![0, 1])?);
/// assert_eq!(quality.accuracy(), Some(1.0));
/// # Ok::<(), hsic::kernels::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    class_names: Vec<String>,
    /// What a guess would be.
    majority: usize,
    n: usize,
    confusion: Vec<Vec<usize>>,
    brier_sum: f64,
    /// `None` once a class came that was given no chance.
    log_loss_sum: Option<f64>,
}

impl Quality {
    /// Nothing seen; `majority` is the class that a guess would be.
    pub fn new(class_names: &[String], majority: usize) -> Self {
        let classes = class_names.len();
        Self {
            class_names: class_names.to_vec(),
            majority,
            n: 0,
            confusion: vec![vec![0; classes]; classes],
            brier_sum: 0.0,
            log_loss_sum: Some(0.0),
        }
    }

    /// Adds rows by their log-probabilities (n×c) and their classes.
    pub fn add(&mut self, log_proba: MatRef<'_, f64>, labels: &Labels) {
        let n = labels.len();
        self.merge(&Self {
            n,
            confusion: confusion(labels, &largest_columns(log_proba)),
            brier_sum: brier_score(log_proba, labels) * n as f64,
            log_loss_sum: log_loss(log_proba, labels).map(|loss| loss * n as f64),
            ..Self::new(&[], self.majority)
        });
    }

    /// Adds what was seen of other rows of the same classes.
    pub fn merge(&mut self, other: &Self) {
        for (sums, row) in self.confusion.iter_mut().zip(&other.confusion) {
            sums.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
        }
        self.brier_sum += other.brier_sum;
        self.log_loss_sum = self.log_loss_sum.zip(other.log_loss_sum).map(|(sum, loss)| sum + loss);
        self.n += other.n;
    }

    /// Rows seen.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Share of the rows classified correctly.
    pub fn accuracy(&self) -> Option<f64> {
        accuracy(&self.confusion)
    }

    /// Rows classified correctly.
    fn right(&self) -> usize {
        self.confusion.iter().enumerate().map(|(class, row)| row[class]).sum()
    }

    /// Name of the class that a guess would be.
    pub fn majority(&self) -> &str {
        &self.class_names[self.majority]
    }

    /// Share of the rows that a guess would have right.
    pub fn majority_share(&self) -> Option<f64> {
        let count: usize = self.confusion[self.majority].iter().sum();
        (self.n > 0).then(|| count as f64 / self.n as f64)
    }

    /// P(a guess that is right with the share of its class is right as often); none where all rows are of that class.
    pub fn chance(&self) -> Option<f64> {
        let share = self.majority_share()?;
        // where all rows are of that class nothing can be told from them
        (share < 1.0).then(|| binomial_tail(self.right(), self.n, share))
    }

    /// The numbers by the names of results.json.
    pub fn to_json(&self) -> Value {
        let error = self.accuracy().map(|accuracy| standard_error(accuracy, self.n));
        let mean = |sum: f64| (self.n > 0).then(|| sum / self.n as f64);
        let mut json = json!({});
        for (metric, value) in Metric::of_test_rows(&self.confusion) {
            json[metric.name] = json!(value);
            if metric.name == "test_accuracy" {
                json["test_accuracy_standard_error"] = json!(error);
            }
        }
        json["brier_score"] = json!(mean(self.brier_sum));
        json["log_loss"] = json!(self.log_loss_sum.and_then(mean));
        json["majority_class"] = json!(self.majority());
        json["majority_test_accuracy"] = json!(self.majority_share());
        json["chance_p_value"] = json!(self.chance());
        json["confusion"] = json!(self.confusion);
        json
    }

    /// One line of numbers.
    pub fn line(&self) -> String {
        let accuracy = self.accuracy();
        let error = accuracy.map_or(0.0, |accuracy| standard_error(accuracy, self.n));
        let mean = |sum: f64| (self.n > 0).then(|| sum / self.n as f64);
        format!(
            "accuracy {} ± {error:.3} (standard error), balanced {}, Brier score {}, log-loss {} nats",
            number(accuracy),
            number(balanced_accuracy(&self.confusion)),
            number(mean(self.brier_sum)),
            number(self.log_loss_sum.and_then(mean)),
        )
    }

    /// The confusion matrix; of many classes the commonest errors instead.
    pub fn confusion_text(&self) -> String {
        const WIDEST: usize = 12;
        let class_names = &self.class_names;
        if class_names.len() > WIDEST {
            return self.errors_text();
        }
        let short = |name: &String| name.chars().take(WIDEST).collect::<String>();
        let header = std::iter::once(String::new()).chain(class_names.iter().map(short));
        let rows = self.confusion.iter().zip(class_names).map(|(row, name)| {
            std::iter::once(short(name)).chain(row.iter().map(ToString::to_string)).collect()
        });
        let table = text::table(&header.collect::<Vec<_>>(), rows);
        format!("rows by true class (down) and predicted class (across)\n\n{table}")
    }

    fn errors_text(&self) -> String {
        const SHOWN: usize = 10;
        let mut errors: Vec<(usize, usize, usize)> = Vec::new();
        for (class, row) in self.confusion.iter().enumerate() {
            let wrong = row.iter().enumerate().filter(|&(predicted, &count)| predicted != class && count > 0);
            errors.extend(wrong.map(|(predicted, &count)| (count, class, predicted)));
        }
        errors.sort_by_key(|&(count, class, predicted)| (std::cmp::Reverse(count), class, predicted));
        let all = errors.len();
        let mut text = format!("the commonest errors, of {all} kinds\n\n");
        for (count, class, predicted) in errors.into_iter().take(SHOWN) {
            let (class, predicted) = (&self.class_names[class], &self.class_names[predicted]);
            text += &format!("  {count} of `{class}` taken for `{predicted}`\n");
        }
        text
    }

    /// Whether anything was learnt, in words.
    pub fn verdict(&self) -> String {
        let (Some(accuracy), Some(share)) = (self.accuracy(), self.majority_share()) else {
            return "There are no test rows: nothing can be said of new rows.".into();
        };
        let Some(chance) = self.chance() else {
            return format!(
                "All test rows are of class `{}`: nothing can be told from them.",
                self.majority()
            );
        };
        let facts = format!(
            "{accuracy:.3} on {} test rows, against {share:.3} for always saying `{}`: guessing is as often right with \
             probability {}",
            self.n,
            self.majority(),
            number(Some(chance)),
        );
        match chance {
            chance if chance < 0.01 => format!("Yes: {facts}."),
            chance if chance < 0.05 => format!("Perhaps: {facts}; more test rows would tell."),
            _ => format!("No sign of it: {facts}."),
        }
    }
}

impl Serialize for Quality {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.confusion_text(), self.line())
    }
}

#[cfg(test)]
mod tests {
    use faer::mat;

    use super::*;

    fn names() -> Vec<String> {
        ["yes", "no"].map(String::from).to_vec()
    }

    /// Of ten rows, seven of class 0; `right` are classified correctly.
    fn quality(right: usize, majority: usize) -> Quality {
        let mut quality = Quality::new(&names(), majority);
        for i in 0..10 {
            let (class, good) = (usize::from(i >= 7), i < right);
            let (p, q) = if good { (0.9f64, 0.1f64) } else { (0.4, 0.6) };
            let row = if class == 0 { mat![[p.ln(), q.ln()]] } else { mat![[q.ln(), p.ln()]] };
            quality.add(row.as_ref(), &Labels::with_classes(vec![class], 2).unwrap());
        }
        quality
    }

    #[test]
    fn parts_add_up() {
        let json = quality(8, 0).to_json();
        assert_eq!(json["test_accuracy"], json!(0.8));
        assert_eq!(json["confusion"], json!([[7, 0], [2, 1]]));
        assert_eq!(json["majority_test_accuracy"], json!(0.7));
        // 8 rows at (0.1² + 0.1²), 2 at (0.6² + 0.6²)
        assert!((json["brier_score"].as_f64().unwrap() - 0.16).abs() < 1e-12);
        let log_loss = -(8.0 * 0.9f64.ln() + 2.0 * 0.4f64.ln()) / 10.0;
        assert!((json["log_loss"].as_f64().unwrap() - log_loss).abs() < 1e-12);
        // C(10,8) 0.7⁸ 0.3² + 10·0.7⁹·0.3 + 0.7¹⁰
        assert!((json["chance_p_value"].as_f64().unwrap() - 0.3827827864).abs() < 1e-9);
    }

    #[test]
    fn the_verdict_weighs_the_majority() {
        assert_eq!(
            quality(8, 0).verdict(),
            "No sign of it: 0.800 on 10 test rows, against 0.700 for always saying `yes`: guessing is as often right with \
             probability 0.383."
        );
        assert!(quality(10, 0).verdict().starts_with("Perhaps: 1.000 on 10 test rows"));
        assert!(quality(10, 1).verdict().starts_with("Yes: 1.000 on 10 test rows, against 0.300"));
        assert_eq!(
            Quality::new(&names(), 0).verdict(),
            "There are no test rows: nothing can be said of new rows."
        );
    }

    #[test]
    fn a_class_without_a_chance_makes_the_log_loss_undefined() {
        let mut quality = Quality::new(&names(), 0);
        let log_proba = mat![[0.0, f64::NEG_INFINITY]];
        quality.add(log_proba.as_ref(), &Labels::with_classes(vec![1], 2).unwrap());
        assert_eq!(quality.to_json()["log_loss"], Value::Null);
        assert!(quality.line().contains("log-loss — nats"), "{}", quality.line());
    }
}
