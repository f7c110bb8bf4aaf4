"""From a table to a model, its file, and a search over pipelines.

    pip install "hsic[sklearn]"
    python table_to_model.py [model.safetensors]
"""

from __future__ import annotations

import sys

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer

import hsic
from hsic import HSICClassifier


def main(path: str) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

    chosen = HSICClassifier().fit(X_train, y_train)
    print(f"chosen by cross-validation: {chosen.solver_}, test accuracy {chosen.score(X_test, y_test):.3f}")

    pipeline = make_pipeline(PowerTransformer(), HSICClassifier(search=None))
    grid = {"hsicclassifier__solver": ["spectral", "closed-form"], "hsicclassifier__max_layers": [1, 2]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X_train, y_train)
    print(f"of a grid: {search.best_params_}, test accuracy {search.score(X_test, y_test):.3f}")

    chosen.save(path)
    again = hsic.load(path)
    assert np.array_equal(again.predict_proba(X_test), chosen.predict_proba(X_test))
    print(f"{path} predicts the same, here and by `hsic-cli predict`")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "model.safetensors")
