#!/usr/bin/env python3
r"""Accuracy of `hsic-cli fit` beside scikit-learn's SVC() on data sets that are not in the registry.

    pip install scikit-learn
    cargo build --release -p hsic-cli
    python scripts/peers/own_data.py [--program target/release/hsic-cli] [--seeds 5] [--out FOLDER] [-- FIT_OPTIONS...]

For each of iris, digits, breast cancer (diagnostic), two moons and circles, and each seed, a stratified 30 % of the rows is
held out. `hsic-cli fit` gets the training rows as a CSV and the held-out ones as --test-file; SVC() has its default
settings and, like the program, rows standardised by the training rows. Prints a table in Markdown: mean held-out accuracy
over the seeds, and the difference. Options after `--` go to `hsic-cli fit`, e.g. `-- --solver closed-form`.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_circles, make_moons
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def sets(seed):
    """Name, rows, classes; the two drawn ones by the seed."""
    yield "iris", *load_iris(return_X_y=True)
    yield "digits", *load_digits(return_X_y=True)
    yield "breast cancer", *load_breast_cancer(return_X_y=True)
    yield "two moons", *make_moons(500, noise=0.2, random_state=seed)
    yield "circles", *make_circles(500, noise=0.1, factor=0.5, random_state=seed)


def write(path, x, y):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"x{k}" for k in range(x.shape[1])] + ["class"])
        writer.writerows([*map(repr, map(float, row)), f"c{label}"] for row, label in zip(x, y))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/hsic-cli")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="keep the CSV files here")
    parser.add_argument("options", nargs="*", help="options of hsic-cli fit")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = {}
        for seed in range(arguments.seeds):
            for name, x, y in sets(seed):
                train_x, test_x, train_y, test_y = train_test_split(
                    x, y, test_size=0.3, random_state=seed, stratify=y
                )
                stem = folder / f"{name.replace(' ', '-')}-{seed}"
                write(f"{stem}.csv", train_x, train_y)
                write(f"{stem}-test.csv", test_x, test_y)
                command = [arguments.program, "fit", f"{stem}.csv", "--label", "class", "--model", f"{stem}.safetensors"]
                command += ["--test-file", f"{stem}-test.csv", "--json", *arguments.options]
                ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                svc = make_pipeline(StandardScaler(), SVC()).fit(train_x, train_y)
                results.setdefault(name, []).append(
                    (ours["test_accuracy"], svc.score(test_x, test_y), ours["knn_test_accuracy"], ours["layers"], ours["seconds"])
                )
    print("| set | hsic-cli fit | SVC() | difference | 5-NN | layers | seconds |")
    print("|---|---|---|---|---|---|---|")
    for name, rows in results.items():
        ours, svc, knn, layers, seconds = np.mean(rows, axis=0)
        print(f"| {name} | {ours:.3f} | {svc:.3f} | {ours - svc:+.3f} | {knn:.3f} | {layers:.1f} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
