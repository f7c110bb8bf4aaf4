#!/usr/bin/env python3
r"""The eight sets of the published table by one setting for all, beside the peers of `run` and scikit-learn's SVC.

    pip install scikit-learn
    cargo build --release
    HSIC_DATA_DIR=FOLDER python scripts/peers/eight_sets.py [--program target/release/hsic-cli] [--seeds 0,1,2] [--head metric-ridge]

The setting is no layer and one head: `--set spectral.max_layers=0 --set spectral.head=metric-ridge`, every other key its default
whatever the file of a set says. `hsic-cli run` gives it, k-NN and kernel ridge regression on its ten stratified folds; SVC(), standardised by
the training rows, has ten stratified folds of scikit-learn's with the same seed. Prints a table in Markdown: mean test accuracy over folds and
seeds, and the mean balanced accuracy of the setting.
"""

import argparse
import csv
import json
import os
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

SETS = ["random", "adversarial", "spiral", "wine", "cancer", "car", "face", "divorce"]
GENERATED = ["random", "adversarial", "spiral", "car"]
#: Levels of car's columns, which are numbers to every method here.
LEVELS = ["vhigh", "high", "med", "low"], ["vhigh", "high", "med", "low"], ["2", "3", "4", "5more"], ["2", "4", "more"], ["small", "med", "big"], ["low", "med", "high"]


def rows(name, seed, program):
    """Rows and classes of a set."""
    if name in GENERATED:
        text = subprocess.run([program, "data", "generate", name, "--seed", str(seed)], capture_output=True, text=True, check=True).stdout
    else:
        folder = Path("datasets") if name == "wine" else Path(os.environ["HSIC_DATA_DIR"])
        text = (folder / f"{name}.csv").read_text()
    table = list(csv.reader(text.splitlines()))[1:]
    y = np.array([row[-1] for row in table])
    if name == "car":
        return np.array([[levels.index(cell) for levels, cell in zip(LEVELS, row)] for row in table], float), y
    return np.array([row[:-1] for row in table], float), y


def run(name, seed, program, head):
    """Mean accuracies of the methods of `run`, and the balanced accuracy of the setting."""
    methods = ["spectral", "knn", "kernel-ridge"]
    text = f'name = "{name}"\nmethods = {methods}\n[dataset]\nname = "{name}"\n[spectral]\nmax_layers = 0\nhead = "{head}"\n'
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text(text)
        command = [program, "run", config, "--seed", str(seed), "--out", Path(folder) / "out", "--json"]
        results = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    folds = {method["method"]: method["folds"] for method in results["methods"]}
    mean = lambda method, key: float(np.mean([fold[key] for fold in folds[method]]))
    return {method: mean(method, "test_accuracy") for method in methods} | {
        "balanced": mean("spectral", "balanced_test_accuracy"),
        "seconds": mean("spectral", "seconds"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/hsic-cli")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--head", default="metric-ridge", help="ridge, metric-ridge or any other")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(f"| set | {options.head} | balanced | k-NN | kernel ridge | SVC() | seconds a fit |\n|---|---|---|---|---|---|---|")
    for name in SETS:
        of_seeds = []
        for seed in map(int, options.seeds.split(",")):
            x, y = rows(name, seed, options.program)
            folds = StratifiedKFold(10, shuffle=True, random_state=seed)
            svc = cross_val_score(make_pipeline(StandardScaler(), SVC()), x, y, cv=folds).mean()
            of_seeds.append(run(name, seed, options.program, options.head) | {"svc": svc})
        mean = {key: float(np.mean([one[key] for one in of_seeds])) for key in of_seeds[0]}
        cells = [f"{mean[key]:.3f}" for key in ["spectral", "balanced", "knn", "kernel-ridge", "svc"]]
        print(f"| {name} | {' | '.join(cells)} | {mean['seconds']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
