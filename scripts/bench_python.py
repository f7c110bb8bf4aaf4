"""The numbers of docs/python.md: the package beside scikit-learn's rbf_kernel, hyppo and the same calls of Rust, in one run.

    pip install hsic[sklearn] hyppo
    cargo build --release -p hsic --example python_counterparts
    python scripts/bench_python.py [--quick] [--rust target/release/examples/python_counterparts]

Beside Rust, both are called in turn, so that whatever else the machine does is shared; the fastest of each counts, and the one that took the least
time of the processor, which Linux counts.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


class Rust:
    """The example python_counterparts of the crate hsic, which times the calls it reads."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.folder = folder

    def file(self, name, rows):
        rows = np.ascontiguousarray(rows, dtype="<f8")
        rows.tofile(self.folder / name)
        return f"{self.folder / name} {' '.join(map(str, rows.shape))}"

    def seconds(self, call):
        """Seconds of a call on the clock, and of the processor."""
        start = self.processor()
        print(call, file=self.process.stdin, flush=True)
        wall = float(self.process.stdout.readline())
        return wall, self.processor() - start

    def processor(self):
        tasks = Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9 if tasks.exists() else 0.0


def beside(rust, name, call, native, repeats):
    """The fastest of a call here and there, in turn."""
    call(), rust.seconds(native)
    ours, theirs = [], []
    for _ in range(repeats):
        start = time.process_time()
        wall, _ = best(call, 1)
        ours.append((wall, time.process_time() - start))
        theirs.append(rust.seconds(native))
    told = []
    for here, there in zip(map(min, zip(*ours)), map(min, zip(*theirs))):
        told.append(f"{here:.4f} s, from Rust {there:.4f} s" + (f", {100 * (here / there - 1):+.1f} %" if there else ""))
    print(f"{name}: {told[0]}; of the processor {told[1]}")


def beside_rust(program, quick):
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        rust = Rust(program, Path(folder))
        n = 2048 if quick else 8192
        x = rng.normal(size=(n, 16))
        rows = rust.file("x", x)
        beside(rust, f"gram, n = {n}, beside gram", lambda: hsic.gram(x, 4.0), f"gram {rows} 4", 15)
        y = x[:, :2] + rng.normal(size=(n, 2))
        pair = f"hsic {rows} {rust.file('y', y).replace(f' {n} ', ' ')} 4 1"
        beside(rust, f"hsic, n = {n}, biased", lambda: hsic.hsic(x, y, sigma=4.0, sigma_y=1.0), pair, 10)
        m = 300 if quick else 1000
        x, y = x[:m].copy(), y[:m].copy()
        pair = f"test {rust.file('x-few', x)} {rust.file('y-few', y).replace(f' {m} ', ' ')} 999"
        beside(rust, f"independence_test, n = {m}, 999 permutations", lambda: hsic.independence_test(x, y), pair, 5)

        from sklearn.datasets import load_breast_cancer, load_digits, load_wine

        for load in (load_wine, load_breast_cancer, load_digits):
            X, codes = load(return_X_y=True)
            name = f"HSICClassifier().fit, {load.__name__.removeprefix('load_')}, {X.shape[0]} × {X.shape[1]}"
            rows, of_rows = rust.file(load.__name__, X), Path(folder) / f"{load.__name__}-codes"
            rust.file(of_rows.name, codes[:, None])
            beside(rust, name, lambda: hsic.HSICClassifier().fit(X, codes), f"fit {rows} {of_rows}", 2 if quick else 5)
        rust.process.stdin.close()
        rust.process.wait()


def main(quick, rust):
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


    if rust:
        beside_rust(rust, quick)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rust")
    arguments = parser.parse_args()
    main(arguments.quick, arguments.rust)
