//! HSIC against NumPy, by the textbook formulas with explicit n×n matrices: needs `python3` (or the program that HSIC_PYTHON
//! names) with numpy; hyppo's normalised statistic is compared too where it is installed.

use std::process::Command;

use faer::{Mat, Par};
use hsic_kernels::Bandwidth;
use hsic_kernels::hsic::between_samples;

const PROGRAM: &str = "
import numpy as np
n = 40
i = np.arange(n)
x = np.stack([np.sin(0.7 * i), np.cos(1.3 * i)], axis=1)
y = (x[:, :1] ** 2 + 0.1 * np.sin(5.0 * i)[:, None])
def gram(z, sigma):
    d = ((z[:, None] - z[None]) ** 2).sum(-1)
    return np.exp(-d / (2 * sigma ** 2))
K, L = gram(x, 0.8), gram(y, 0.5)
H = np.eye(n) - 1 / n
Kc, Lc = H @ K @ H, H @ L @ H
biased = np.trace(Kc @ Lc) / (n - 1) ** 2
K0, L0 = K - np.diag(np.diag(K)), L - np.diag(np.diag(L))
unbiased = (np.trace(K0 @ L0) + K0.sum() * L0.sum() / ((n - 1) * (n - 2)) - 2 * (K0 @ L0).sum() / (n - 2)) / (n * (n - 3))
normalised = np.trace(Kc @ Lc) / np.linalg.norm(Kc) / np.linalg.norm(Lc)
print(repr(float(biased)), repr(float(unbiased)), repr(float(normalised)))
try:
    from hyppo.independence import Hsic
    print(repr(float(Hsic(compute_kernel=None, bias=True).statistic(K, L))))
except ImportError:
    print('none')
";

#[test]
fn numpy_and_hyppo_agree() {
    let python = std::env::var("HSIC_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(&python).args(["-c", PROGRAM]).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        eprintln!("SKIPPED: {python} has no numpy; set HSIC_PYTHON to one that has");
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    let x = Mat::from_fn(40, 2, |i, k| if k == 0 { (0.7 * i as f64).sin() } else { (1.3 * i as f64).cos() });
    let y = Mat::from_fn(40, 1, |i, _| x[(i, 0)].powi(2) + 0.1 * (5.0 * i as f64).sin());
    let sigma = |value| Bandwidth::new(value).unwrap();
    let ours = between_samples(x.as_ref(), sigma(0.8), y.as_ref(), sigma(0.5), Par::Seq).unwrap();
    let values = [ours.biased().unwrap(), ours.unbiased().unwrap(), ours.normalized()];
    for (ours, theirs) in values.into_iter().zip(&words) {
        let theirs: f64 = theirs.parse().unwrap();
        assert!((ours - theirs).abs() <= 1e-13, "{ours} {theirs}");
    }
    match words[3].parse::<f64>() {
        Ok(hyppo) => assert!((values[2] - hyppo).abs() <= 1e-10, "{} {hyppo}", values[2]),
        Err(_) => eprintln!("SKIPPED: {python} has no hyppo"),
    }
}
