//! How sure a share of right answers is.

/// √(p(1−p)/n): the standard error of a share p of n rows; 0 without rows.
pub fn standard_error(share: f64, n: usize) -> f64 {
    if n == 0 { 0.0 } else { (share * (1.0 - share) / n as f64).max(0.0).sqrt() }
}

/// P(X ≥ k) for X the number of successes in n trials of probability p: how often guessing does as well. Summed in
/// logarithms, so that no term over- or underflows.
///
/// # Panics
/// Unless 0 ≤ p ≤ 1.
///
/// # Cost
/// O(n).
///
/// ```
/// use hsic_eval::metrics::binomial_tail;
/// assert!((binomial_tail(3, 4, 0.5) - 5.0 / 16.0).abs() < 1e-12);
/// assert_eq!(binomial_tail(0, 10, 0.3), 1.0);
/// ```
pub fn binomial_tail(k: usize, n: usize, p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "a probability");
    if k == 0 || p == 1.0 {
        return 1.0;
    }
    if k > n || p == 0.0 {
        return 0.0;
    }
    // log C(n, i) + i log p + (n−i) log(1−p), from i = 0 up by ratios
    let mut term = n as f64 * (1.0 - p).ln();
    let mut tail = 0.0;
    for i in 1..=n {
        term += ((n - i + 1) as f64 / i as f64 * p / (1.0 - p)).ln();
        if i >= k {
            tail += term.exp();
        }
    }
    tail.min(1.0)
}
