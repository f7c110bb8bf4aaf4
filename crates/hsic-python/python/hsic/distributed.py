"""A fit over rows that are elsewhere: the door for engines.

A fit is a few dozen passes over the rows, each a sum of a few numbers. The :class:`FitMachine`, which never sees a row, asks for
them; whoever has rows runs a pass on them (:func:`run`); partial sums are merged in any tree (:func:`merge`) and given back. Passes and
partials are bytes, which any worker of the same version reads.

>>> import numpy as np
>>> from hsic import distributed
>>> rng = np.random.default_rng(0)
>>> X = rng.normal(size=(5000, 3)); y = (np.linalg.norm(X, axis=1) > 1.5).astype(int)
>>> parts = [(0, X[:1999], y[:1999]), (1999, X[1999:], y[1999:])]      # the number of the first row, rows, class codes
>>> columns = distributed.columns_pass(n_features=3, n_classes=2)
>>> sums = [distributed.run(columns, X, y, first_row=first) for first, X, y in parts]
>>> standardiser = distributed.Standardiser(columns, distributed.merge(columns, sums))
>>> machine = distributed.FitMachine(standardiser.width, 2, max_layers=3)
>>> while (wanted := machine.next_pass()) is not None:
...     sums = [distributed.run(wanted, standardiser.transform(X), y, first_row=first) for first, X, y in parts]
...     machine.advance(distributed.merge(wanted, sums))
>>> classifier = machine.finish(standardiser, n_rows=len(X))
>>> bool(classifier.score(X, y) > 0.8)
True

The sample that a fit begins on is drawn by the numbers of rows, so the same rows with the same numbers give the same network however they
are cut and wherever they are. :mod:`hsic.dask` and :mod:`hsic.spark` are such loops over tables in partitions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Optional

import numpy as np
from numpy.typing import ArrayLike

from . import _hsic
from ._functions import _rows
from ._hsic import Standardiser, columns_pass

if TYPE_CHECKING:
    from ._estimators import HSICClassifier

__all__ = ["FitMachine", "Standardiser", "columns_pass", "kind", "merge", "run"]


def kind(pass_: bytes) -> str:
    """What a pass sums, in a word: "columns", "sample", "class-sums", "measure", "head" and others."""
    return _hsic.pass_kind(pass_)


def run(pass_: bytes, X: ArrayLike, y: ArrayLike, *, first_row: int, n_jobs: Optional[int] = None) -> bytes:
    """The partial of some rows.

    Parameters
    ----------
    pass_ : bytes
        What to sum.
    X : array of shape (n, d)
        The rows; standardised, but for the pass of :func:`columns_pass`.
    y : array of shape (n,)
        Class codes from 0.
    first_row : int
        Number of the first of these rows among all, from 0: rows of different calls must have different numbers.
    n_jobs : int or None, default=None
        Threads.

    Returns
    -------
    bytes
    """
    codes = np.ascontiguousarray(np.asarray(y), dtype=np.int64)
    return _hsic.run(pass_, _rows(X, "X"), codes, first_row, n_jobs)


def merge(pass_: bytes, partials: Iterable[bytes]) -> bytes:
    """The partial of the rows of several; of none that of no rows."""
    return _hsic.merge(pass_, list(partials))


class FitMachine:
    """A fit that never sees a row.

    Parameters
    ----------
    n_features : int
        Columns of standardised rows, ``Standardiser.width``.
    n_classes : int
        Classes.
    solver : {"spectral", "closed-form"}, default="spectral"
        The kind of layers.
    random_state : int, default=0
        Seed.
    **parameters
        Hyperparameters, those of :class:`hsic.HSICClassifier` and ``sample_rows``; features are random, and the head of a spectral
        network sees them, where nothing else is said.
    """

    def __init__(
        self, n_features: int, n_classes: int, *, solver: str = "spectral", random_state: int = 0, **parameters: Any
    ) -> None:
        # exact features, and the kernel's own output, keep every row
        parameters.setdefault("features", "random")
        if solver == "spectral":
            parameters.setdefault("output", "features")
        self._n_classes = n_classes
        self._machine = _hsic.FitMachine(solver, json.dumps(parameters), n_features, n_classes, random_state)

    def next_pass(self) -> Optional[bytes]:
        """The pass it wants, the same until it is given its partial; None when the fit is done."""
        return self._machine.next_pass()

    def advance(self, partial: bytes) -> None:
        """Goes on with the merged partial of all rows; one of another pass is refused, and the machine still waits."""
        self._machine.advance(partial)

    @property
    def layers(self) -> list[dict[str, Any]]:
        """The layers so far: "layer", "width", "sigma", "hsic"."""
        layers: list[dict[str, Any]] = json.loads(self._machine.layers())
        return layers

    def finish(
        self,
        standardiser: Standardiser,
        *,
        n_rows: int,
        classes: Optional[Sequence[Any]] = None,
        feature_names: Optional[Sequence[str]] = None,
    ) -> HSICClassifier:
        """The fitted classifier, once the machine is done: the same as of a local fit, saved to the same file.

        Parameters
        ----------
        standardiser : Standardiser
            What the rows were standardised by.
        n_rows : int
            Rows of the fit, for the record.
        classes : sequence or None, default=None
            The class of every code; None: the codes.
        feature_names : sequence of str or None, default=None
            Names of the columns before they were standardised.
        """
        from ._estimators import _names, _of_model

        labels = np.asarray(range(self._n_classes) if classes is None else classes)
        names = [f"x{i}" for i in range(standardiser.n_columns)] if feature_names is None else list(feature_names)
        model = self._machine.finish(standardiser, names, _names(labels), n_rows)
        estimator = _of_model(model)
        estimator.classes_ = labels
        return estimator
