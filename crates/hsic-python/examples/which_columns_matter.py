"""Which columns of a table do the classes depend on? A test of independence for each.

    pip install hsic scikit-learn
    python which_columns_matter.py
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_wine

import hsic


def main() -> None:
    wine = load_wine()
    rng = np.random.default_rng(0)
    columns = np.column_stack([wine.data, rng.normal(size=len(wine.data))])
    names = [*wine.feature_names, "noise"]
    found = []
    for name, column in zip(names, columns.T):
        test = hsic.independence_test(column[:, None], wine.target, n_permutations=999)
        found.append((test.normalized or 0.0, test.pvalue, name))
    for strength, pvalue, name in sorted(found, reverse=True):
        print(f"{name:30} H* = {strength:.3f}  p = {pvalue:.3f}")


if __name__ == "__main__":
    main()
