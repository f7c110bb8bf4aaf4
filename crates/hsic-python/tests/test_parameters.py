"""The constructors are those of the table."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from hsic import HSICClassifier, HSICTransformer, _hsic

HERE = Path(__file__).parent.parent


def test_the_committed_constructors_are_what_the_table_says():
    generator = HERE / "generate.py"
    sys.path.insert(0, str(HERE))
    try:
        import generate
    finally:
        sys.path.remove(str(HERE))
    assert generator.exists()
    assert (HERE / "python" / "hsic" / "_parameters.py").read_text(encoding="utf-8") == generate.source()


@pytest.mark.parametrize("estimator", [HSICClassifier, HSICTransformer])
def test_every_hyperparameter_is_a_parameter_and_documented(estimator):
    parameters = inspect.signature(estimator).parameters
    for fields in json.loads(_hsic.parameters()).values():
        for field in fields:
            assert parameters[field["name"]].default is None
            assert f"\n    {field['name']} : " in estimator.__doc__


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"solver": "newton"}, "solver must be one of 'auto', 'spectral', 'closed-form', got 'newton'"),
        ({"search": "all"}, "search must be one of 'auto', None, got 'all'"),
        ({"missing": "drop"}, "missing must be one of 'refuse', 'mean', got 'drop'"),
        ({"patience": 0}, "patience must be at least 1, got 0"),
        ({"n_features": 7}, "n_features must be even and at least 2, got 7"),
        ({"sigma": -1.0}, "sigma must be positive and finite, got -1"),
        ({"random_state": -1}, "random_state must be at least 0, got -1"),
        ({"budget": -1.0}, "budget must be at least 0 and finite, got -1"),
        ({"budget": float("inf")}, "budget must be at least 0 and finite, got inf"),
        ({"n_jobs": 0}, "n_jobs must be a whole number other than 0, got 0"),
        ({"class_weight": {0: 1.0, 7: 2.0}}, "The classes, [7], are not in class_weight"),
        ({"class_weight": {0: -1.0}}, "the weights of class_weight must be positive and finite, got {0: -1.0}"),
    ],
)
def test_a_wrong_value_names_the_parameter(parameters, message, arms):
    with pytest.raises(ValueError) as error:
        HSICClassifier(**parameters).fit(*arms)
    assert str(error.value) == message


def test_a_parameter_of_the_other_solver_is_refused(arms):
    with pytest.raises(ValueError, match='solver="closed-form": unknown field `width`'):
        HSICClassifier(solver="closed-form", width=3).fit(*arms)


def test_auto_takes_the_solver_that_has_the_parameter(arms):
    assert HSICClassifier(search=None, self_excluded=False).fit(*arms).solver_ == "closed-form"
    assert HSICClassifier(search=None, width=2).fit(*arms).solver_ == "spectral"


def test_a_budget_ends_the_search(arms):
    X, y = arms
    none = HSICClassifier(budget=0).fit(X, y)
    assert none.search_["out_of_time"]
    assert [candidate["folds"] for candidate in none.search_["candidates"]] == [1, 0, 0, 0, 0]
    whole, hour = HSICClassifier().fit(X, y), HSICClassifier(budget=3600).fit(X, y)
    assert not hour.search_["out_of_time"]
    assert hour.search_ == whole.search_ and np.array_equal(hour.predict_proba(X), whole.predict_proba(X))
    assert HSICClassifier(budget=0, search=None).fit(X, y).search_ is None


def test_verbose_tells_what_is_tried_and_every_layer(arms, capsys):
    X, y = arms
    fitted = HSICClassifier(verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("choosing: ")
    assert "choosing: fold 1 of 3, stack 1 of 5 (input)" in lines
    tried = [line for line in lines if line.startswith("choosing: fold 1 of 3, stack 2 of 5 (spectral)")]
    assert "; best so far right for 0." in tried[0] and ", layer 1 done" in "".join(lines)
    assert f"fitting {fitted.solver_} on 300 rows" in lines
    HSICClassifier(solver="closed-form", search=None, max_layers=2, verbose=True).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fitting closed-form on 300 rows"
    assert lines[1].startswith("layer 1: width 3, sigma ") and ", H* 0." in lines[1] and lines[1].endswith(" s")
    HSICClassifier(search=None, max_layers=1).fit(X, y)
    assert capsys.readouterr().out == ""
