"""A fit in passes from Python."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import spiral

from hsic import distributed, load


def fit(parts, **parameters):
    columns = distributed.columns_pass(2, 3)
    sums = [distributed.run(columns, X, y, first_row=first) for first, X, y in parts]
    standardiser = distributed.Standardiser(columns, distributed.merge(columns, sums))
    standardiser = distributed.Standardiser.from_bytes(standardiser.to_bytes())
    machine = distributed.FitMachine(standardiser.width, 3, **parameters)
    kinds = []
    while (wanted := machine.next_pass()) is not None:
        kinds.append(distributed.kind(wanted))
        sums = [distributed.run(wanted, standardiser.transform(X), y, first_row=first) for first, X, y in parts]
        machine.advance(distributed.merge(wanted, sums))
    return machine, standardiser, kinds


def cut(X, y, *rows):
    edges = [0, *rows, len(X)]
    return [(a, X[a:b], y[a:b]) for a, b in zip(edges, edges[1:])]


@pytest.mark.parametrize("parameters", [{"max_layers": 3}, {"solver": "closed-form", "max_layers": 6}, {"head": "knn", "sample_rows": 1000, "max_layers": 3}])
def test_the_network_does_not_depend_on_who_has_the_rows(parameters, tmp_path):
    X, y = spiral(9000)
    outcomes = []
    for parts in (cut(X, y), cut(X, y, 2047, 6001), cut(X, y, 3)):
        machine, standardiser, kinds = fit(parts, **parameters)
        classifier = machine.finish(standardiser, n_rows=len(X), classes=["a", "b", "c"])
        outcomes.append(classifier.predict_log_proba(X))
        assert kinds[0] == "sample" and "measure" in kinds
    for other in outcomes[1:]:
        np.testing.assert_allclose(other, outcomes[0], atol=1e-6, rtol=1e-6)
    assert classifier.score(X, np.array(["a", "b", "c"])[y]) > 0.9
    assert [layer["layer"] for layer in machine.layers[: classifier.n_iter_]] == [layer["layer"] for layer in classifier.layers_]
    classifier.save(tmp_path / "model")
    assert np.array_equal(load(tmp_path / "model").predict_proba(X), classifier.predict_proba(X))


def test_what_is_not_of_the_pass_is_refused():
    X, y = spiral(3000)
    machine = distributed.FitMachine(2, 3)
    wanted = machine.next_pass()
    columns = distributed.columns_pass(2, 3)
    with pytest.raises(ValueError, match="a partial of pass"):
        machine.advance(distributed.run(columns, X, y, first_row=0))
    assert machine.next_pass() == wanted
    with pytest.raises(ValueError, match="the fit is not done: it asks for pass 0 of"):
        machine.finish(distributed.Standardiser(columns, distributed.run(columns, X, y, first_row=0)), n_rows=3000)
    with pytest.raises(ValueError):
        distributed.run(b"nonsense", X, y, first_row=0)
    with pytest.raises(ValueError, match="class code"):
        distributed.run(wanted, X, y + 1, first_row=0)
    with pytest.raises(ValueError, match="unknown field `depth`"):
        distributed.FitMachine(2, 3, depth=4)
