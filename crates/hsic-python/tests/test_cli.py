"""The same model as the program hsic-cli, to the bit."""

from __future__ import annotations

import csv
import os
import subprocess

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

import hsic
from hsic import HSICClassifier

CLI = os.environ.get("HSIC_CLI")
SETS = {"wine": load_wine, "iris": load_iris, "cancer": load_breast_cancer}

pytestmark = pytest.mark.skipif(not CLI, reason="HSIC_CLI names no hsic-cli to compare with")


def write(path, X, y, names):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "class"])
        writer.writerows([*map(repr, map(float, row)), label] for row, label in zip(X, y))


def cli(*arguments):
    done = subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("searches", [True, False])
def test_a_fit_is_that_of_the_program(name, searches, tmp_path):
    X, y = SETS[name](return_X_y=True)
    labels = np.array([f"c{code}" for code in y])
    names = [f"x{i}" for i in range(X.shape[1])]
    write(tmp_path / "table.csv", X, labels, names)
    how = [] if searches else ["--solver", "spectral", "--no-search"]
    cli("fit", tmp_path / "table.csv", "--label", "class", "--test-size", 0, "--model", tmp_path / "cli.model", "--quiet", *how)
    ours = HSICClassifier() if searches else HSICClassifier(solver="spectral", search=None)
    ours.fit(X, labels).save(tmp_path / "ours.model")
    theirs = hsic.load(tmp_path / "cli.model")
    assert np.array_equal(ours.predict_log_proba(X), theirs.predict_log_proba(X))
    assert ours.layers_ == theirs.layers_ and ours.parameters_ == theirs.parameters_
    # and the program reads ours
    predicted = cli("predict", tmp_path / "table.csv", "--model", tmp_path / "ours.model", "--proba")
    rows = list(csv.DictReader(predicted.splitlines()))
    assert [row["predicted"] for row in rows] == list(ours.predict(X))
    proba = np.array([[float(row[f"p({label})"]) for label in ours.classes_] for row in rows])
    assert np.array_equal(proba, ours.predict_proba(X))
