"""The numbers of docs/python.md: the package beside scikit-learn's rbf_kernel and hyppo, in one run.

    pip install hsic[sklearn] hyppo
    python scripts/bench_python.py [--quick]
"""

import subprocess
import sys
import time

import numpy as np
import sklearn
from hyppo.independence import Hsic
from sklearn.metrics.pairwise import rbf_kernel

import hsic


def best(call, repeats):
    """Seconds of the fastest of some calls, and what it gave."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return min(times), result


def main(quick):
    rng = np.random.default_rng(0)
    print(f"hsic {hsic.__version__}, numpy {np.__version__}, scikit-learn {sklearn.__version__}, {hsic.get_num_threads()} threads")

    n = 2048 if quick else 8192
    x = rng.normal(size=(n, 16))
    sigma = hsic.median_bandwidth(x)
    ours, K = best(lambda: hsic.gram(x, sigma), 5)
    theirs, L = best(lambda: rbf_kernel(x, gamma=1 / (2 * sigma**2)), 3)
    print(f"gram, n = {n}, d = 16: {ours:.4f} s; rbf_kernel {theirs:.4f} s, {theirs / ours:.1f} times; difference {np.abs(K - L).max():.1e}")
    single = x.astype(np.float32)
    ours, _ = best(lambda: hsic.gram(single, sigma), 5)
    theirs, _ = best(lambda: rbf_kernel(single, gamma=1 / (2 * sigma**2)), 3)
    print(f"the same of float32: {ours:.4f} s; rbf_kernel {theirs:.4f} s, {theirs / ours:.1f} times")
    del K, L

    n = 300 if quick else 1000
    x = rng.normal(size=(n, 5))
    y = x[:, :2] ** 2 + rng.normal(size=(n, 2))
    ours, found = best(lambda: hsic.independence_test(x, y, n_permutations=999), 3)
    other = Hsic(bias=True)
    theirs, peer = best(lambda: other.test(x, y, reps=999, workers=1, auto=False), 1)
    print(f"independence test, n = {n}, 999 permutations: {ours:.3f} s, p = {found.pvalue:.3f}; hyppo {theirs:.2f} s, p = {peer[1]:.3f}, {theirs / ours:.0f} times")

    from sklearn.datasets import load_breast_cancer

    X, codes = load_breast_cancer(return_X_y=True)
    for parameters in ({}, {"search": None}, {"solver": "closed-form", "search": None}):
        ours, fitted = best(lambda: hsic.HSICClassifier(**parameters).fit(X, codes), 3)
        print(f"HSICClassifier({', '.join(f'{k}={v!r}' for k, v in parameters.items())}).fit, 569 rows of 30 columns: {ours:.3f} s, {fitted.solver_}, {fitted.n_iter_} layers")

    code = "import numpy, dataclasses, json, time; start = time.perf_counter(); import hsic; print(time.perf_counter() - start)"
    times = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(5)]
    print(f"import hsic after numpy: {min(times) * 1000:.0f} ms")


if __name__ == "__main__":
    main("--quick" in sys.argv)
