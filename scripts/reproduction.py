#!/usr/bin/env python3
"""Tables of docs/reproduction.md from results.json files, means over the runs (seeds) of each experiment.

Usage: python3 scripts/reproduction.py results/*/results.json        (standard library only)
"""
import json
import statistics
import sys

COLUMNS = ["layers", "sigma", "train_accuracy", "test_accuracy", "balanced_test_accuracy", "seconds",
           "hsic_normalized", "mse", "ce", "cosine_ratio", "scatter_trace_ratio"]
ORDER = ["random", "adversarial", "spiral", "wine", "cancer", "car", "car-plain", "face", "divorce"]


def cell(mean, std, digits):
    if mean is None:
        return ""
    return f"{mean:.{digits}f} ± {std:.{digits}f}" if std is not None else f"{mean:.{digits}f}"


def main():
    runs = {}
    for path in sys.argv[1:]:
        with open(path) as file:
            results = json.load(file)
        for method in results["methods"]:
            runs.setdefault((results["name"], method["method"]), []).append(method)
    print("| set | | L | σ | train | test | balanced | time s | H* | MSE | CE | C | T |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    digits = [1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3]
    key = lambda item: (ORDER.index(item[0][0]), item[0][1] != "spectral")
    for (name, method), entries in sorted(runs.items(), key=key):
        cells = []
        for column, digit in zip(COLUMNS, digits):
            # the deviation is over folds, as in the published table: the mean of the runs' deviations
            means = [entry["mean"][column] for entry in entries if entry["mean"][column] is not None]
            stds = [entry["std"][column] for entry in entries if entry["std"][column] is not None]
            cells.append(cell(statistics.mean(means), statistics.mean(stds), digit) if means else "")
        print(f"| {name} | **{method}** | " + " | ".join(cells) + " |")
        published = entries[0]["published"]
        if published:
            cells = [cell(published.get(column), published.get(column + "_std"), 2) for column in COLUMNS]
            print("| | published | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
