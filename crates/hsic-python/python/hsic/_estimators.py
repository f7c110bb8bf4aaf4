"""The estimators: scikit-learn's classes over the native model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from typing import Any, Optional, Union

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d, validate_data

from . import _hsic, _html, _tables
from ._parameters import (
    CLASSIFIER_DOC,
    OF_SOLVER,
    TRANSFORMER_DOC,
    ClassifierParameters,
    TransformerParameters,
)

FilePath = Union[str, "PathLike[str]"]

#: What the column of classes may be called, where a column of the table has the first of these names.
_LABELS = ("class", "the class", "the class of the row")

_ATTRIBUTES = """\
classes_ : ndarray of shape (n_classes,)
    The classes, in the order of the columns of predict_proba.
n_features_in_ : int
    Columns of X.
feature_names_in_ : ndarray of shape (n_features_in_,)
    Their names, where X had names that are all strings.
layers_ : list of dict
    The layers first to last: "layer", "solver", "width" (q), "sigma" (σ), "hsic" (H* of the training rows).
n_iter_ : int
    Number of layers.
stop_reason_ : str
    Why stacking ended: "target-hsic", "target-silhouette", "no-gain" or "max-layers".
solver_ : str
    The solver of the network that was chosen; "input" where it has no layer, and the head sees the standardised columns.
parameters_ : dict
    Its hyperparameters, as the model file has them.
search_ : dict or None
    What the search found: "chosen", "candidates" (the best network of every stack, with its accuracy), "inner_folds", and "out_of_time",
    whether the budget ended it. None where nothing was searched, and of a model file.
"""

_NETWORK = """
    Layer l maps rows R to Z = R W, where W maximises HSIC between Z and the classes,

        Tr(Γ K),  K_ij = exp(-||z_i - z_j||² / 2σ²),  Γ = HYYᵀH,

    and R of the next layer is the feature map of K. Layers are stacked until H*, the normalised HSIC, gains no more; a head
    on the last layer's output says the class. Columns are standardised before.
"""

_NOTES = """
    A layer costs O(n² (d + q)) time at exact features and O(n m²) at m random ones; nothing of size n x n is held. X is borrowed
    where it is a C-contiguous array of float64; a fit holds two copies of it, standardised and in order of class, beside what the layers need.

    References
    ----------
    Wu, Masoomi, Gretton, Dy, Deep layer-wise networks have closed-form weights.
"""


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


def _doc(first: str, more: str, parameters: str, example: str) -> str:
    return (
        f"{first}\n{_NETWORK}{more}\n    Parameters\n    ----------\n{_indented(parameters)}\n    Attributes\n    ----------\n"
        f"{_indented(_ATTRIBUTES)}\n    Notes\n    -----{_NOTES}\n    Examples\n    --------\n{_indented(example)}"
    )


class _Network(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What both estimators share: a fit, Z, and the model file."""

    _model: _hsic.Model

    def fit(self, X: Any, y: Any) -> Any:
        """Fits the network on the rows of X and their classes y.

        Parameters
        ----------
        X : array or table of shape (n, d)
            Training rows. Columns of text of a table of pandas, polars or pyarrow become a column of zeros and ones a category.
        y : array of shape (n,)
            Their classes: numbers, strings or booleans.

        Returns
        -------
        self
        """
        self._check_words()
        is_table = _tables.is_of_text(X)
        if is_table:
            validate_data(self, X, skip_check_array=True)
            y = column_or_1d(y, warn=True)
            check_consistent_length(X, y)
        else:
            X, y = validate_data(self, X, y, **self._checks())
            X = np.require(X, requirements="A")
        check_classification_targets(y)
        classes, codes = np.unique(np.asarray(y), return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"{type(self).__name__} needs samples of at least 2 classes in y, but y has 1 class: {classes[0]!r}")
        settings, weights = self._settings(classes)
        names = _names(classes)
        how: _hsic.How = {
            "fill": self.missing == "mean",
            "solver": self.solver,
            "settings": json.dumps(settings),
            "search": self.search is not None,
            "seed": _seed(self.random_state),
        }
        run: _hsic.Run = {
            "n_jobs": self.n_jobs,
            "budget": None if self.budget is None else float(self.budget),
            "listener": _print if self.verbose else None,
        }
        if is_table:
            table, text = _tables.table(X)
            label = next(name for name in _LABELS if name not in dict(table))
            table.append((label, (codes.astype(np.int64), names)))
            self._model, found = _hsic.Model.fit_table(table, label, names, text, how, run)
        else:
            columns = getattr(self, "feature_names_in_", [f"x{column}" for column in range(X.shape[1])])
            columns = [str(name) for name in columns]
            self._model, found = _hsic.Model.fit(X, codes.astype(np.int64), names, columns, how, run)
        self.classes_ = classes
        self._log_weights = weights
        self.search_ = json.loads(found)
        if self.search_ is not None:
            # the record has it where it is true alone
            self.search_.setdefault("out_of_time", False)
        self._describe()
        return self

    def transform(self, X: Any, layer: Optional[int] = None) -> Any:
        """Z of the rows of X: the output of a layer before its feature map.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows.
        layer : int or None, default=None
            Which layer, from 1; None: the last.

        Returns
        -------
        ndarray of shape (n, q)
        """
        rows = self._rows(X)
        return self._model.transform(rows, len(self.layers_) if layer is None else int(layer), self.n_jobs)

    def save(self, path: FilePath) -> None:
        """Writes the model file, which ``hsic-cli predict`` and :func:`hsic.load` read.

        Parameters
        ----------
        path : str or path-like
            The file; it is whole or not there.
        """
        check_is_fitted(self)
        if self._log_weights is not None:
            raise ValueError(
                "the model file has no place for class_weight as a dict: use pickle, or fit with \"balanced\" or without weights"
            )
        self._model.save(path)

    def to_bytes(self) -> bytes:
        """The bytes of the model file."""
        check_is_fitted(self)
        return self._model.to_bytes()

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_model")

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "_model" in state:
            state["_model"] = state["_model"].to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state.get("_model"), bytes):
            state = {**state, "_model": _hsic.Model.from_bytes(state["_model"], "the pickle")}
        super().__setstate__(state)

    def _repr_html_inner(self) -> str:
        html: str = super()._repr_html_inner()
        return html + _html.network(self) if hasattr(self, "_model") else html

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)
        if hasattr(self, "_model") and "text/html" in bundle:
            bundle["text/html"] += _html.network(self)
        return bundle

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = self.missing == "mean"
        return tags

    @property
    def _n_features_out(self) -> int:
        width: int = self.layers_[-1]["width"]
        return width

    def _checks(self) -> dict[str, Any]:
        return {
            "dtype": [np.float64, np.float32],
            "order": "C",
            "ensure_all_finite": "allow-nan" if self.missing == "mean" else True,
        }

    def _rows(self, X: Any) -> Any:
        check_is_fitted(self)
        if self._model.takes_arrays():
            return np.require(validate_data(self, X, reset=False, **self._checks()), requirements="A")
        if not hasattr(X, "__arrow_c_stream__"):
            raise TypeError(f"{type(self).__name__} was fitted on a table with columns of text: X must be one, got {type(X).__name__}")
        validate_data(self, X, reset=False, skip_check_array=True)
        return self._model.encode(_tables.table(X)[0])

    def _check_words(self) -> None:
        for name, words in (
            ("solver", ("auto", "spectral", "closed-form")),
            ("search", ("auto", None)),
            ("missing", ("refuse", "mean")),
        ):
            value = getattr(self, name)
            if value not in words:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, words))}, got {value!r}")

    def _settings(self, classes: Any) -> tuple[dict[str, Any], Optional[Any]]:
        """The hyperparameters given, and log weights of classes where they are a dict."""
        given = {name: getattr(self, name) for name in dict.fromkeys(sum(OF_SOLVER.values(), ()))}
        weights = None
        if isinstance(given["class_weight"], Mapping):
            weights = _log_weights(given.pop("class_weight"), classes)
        return {name: _plain(value) for name, value in given.items() if value is not None}, weights

    def _describe(self) -> None:
        told = json.loads(self._model.describe())
        network, training = told["network"], told["training"]
        self.layers_ = [
            {
                "layer": number,
                "solver": layer["solver"],
                "width": width,
                "sigma": layer["sigma"],
                "hsic": layer["hsic_normalized"],
            }
            for number, (layer, width) in enumerate(zip(network["layers"], self._model.widths()), 1)
        ]
        self.n_iter_ = len(self.layers_)
        self.stop_reason_ = network["stop_reason"]
        # a network of no layer was found by none
        self.solver_ = "input" if self.layers_[0]["solver"] == "identity" else training["method"]
        self.parameters_ = training["settings"]


class HSICClassifier(ClassifierParameters, ClassifierMixin, _Network):  # type: ignore[misc]
    # what scikit-learn's constructor of a class reads stands in the generated base
    __doc__ = _doc(
        "A classifier: a network trained layer by layer in closed form by maximising HSIC.",
        """
    With its defaults the network is chosen, among kernel ridge regression of the input and both kinds of layers, by
    cross-validation on the training rows; it trains on all of them.
""",
        CLASSIFIER_DOC,
        """\
>>> from sklearn.datasets import load_wine
>>> from hsic import HSICClassifier
>>> X, y = load_wine(return_X_y=True)
>>> HSICClassifier(solver="spectral", search=None).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.9
True
""",
    )

    def predict_log_proba(self, X: Any) -> Any:
        """log p(class | row).

        Parameters
        ----------
        X : array of shape (n, d)
            Rows.

        Returns
        -------
        ndarray of shape (n, n_classes)
        """
        rows = self._rows(X)
        log_proba = self._model.predict_log_proba(rows, self.n_jobs)
        if self._log_weights is not None:
            log_proba += self._log_weights
            log_proba -= np.logaddexp.reduce(log_proba, axis=1, keepdims=True)
        return log_proba

    def predict_proba(self, X: Any) -> Any:
        """p(class | row).

        Parameters
        ----------
        X : array of shape (n, d)
            Rows.

        Returns
        -------
        ndarray of shape (n, n_classes)
        """
        check_is_fitted(self)
        if self._log_weights is not None:
            return np.exp(self.predict_log_proba(X))
        return self._model.predict_proba(self._rows(X), self.n_jobs)

    def decision_function(self, X: Any) -> Any:
        """log p(class | row), of two classes the difference of the second and the first.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows.

        Returns
        -------
        ndarray of shape (n,) or (n, n_classes)
        """
        log_proba = self.predict_log_proba(X)
        if len(self.classes_) == 2:
            return log_proba[:, 1] - log_proba[:, 0]
        return log_proba

    def predict(self, X: Any) -> Any:
        """The likeliest class of every row, of equal ones the first.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows.

        Returns
        -------
        ndarray of shape (n,)
        """
        log_proba = self.predict_log_proba(X)
        return self.classes_[log_proba.argmax(axis=1)]


class HSICTransformer(TransformerParameters, _Network):
    __doc__ = _doc(
        "Features in which classes are apart: Z of a network trained layer by layer in closed form by maximising HSIC.",
        "",
        TRANSFORMER_DOC,
        """\
>>> from sklearn.datasets import load_wine
>>> from hsic import HSICTransformer
>>> X, y = load_wine(return_X_y=True)
>>> HSICTransformer().fit(X, y).transform(X).shape[0]
178
""",
    )


def load(path: FilePath) -> HSICClassifier:
    """Reads a model file, of :meth:`HSICClassifier.save` or of ``hsic-cli fit``.

    Classes that all read as whole numbers, or as True and False, become such; a model file has their names alone.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    HSICClassifier
        Fitted; its constructor's parameters are the defaults.
    """
    return _of_model(_hsic.Model.load(path))


def _of_model(model: _hsic.Model) -> HSICClassifier:
    estimator = HSICClassifier()
    estimator._model = model
    estimator._log_weights = None
    estimator.search_ = None
    estimator.classes_ = _classes(model.classes())
    columns = model.columns()
    estimator.n_features_in_ = len(columns)
    if columns != [f"x{column}" for column in range(len(columns))]:
        estimator.feature_names_in_ = np.array(columns, dtype=object)
    estimator._describe()
    if json.loads(model.describe())["preprocessing"]["fill"] is not None:
        estimator.missing = "mean"
    return estimator


def _print(line: str) -> None:
    print(line, flush=True)


def _names(classes: Any) -> list[str]:
    names = [str(label) for label in classes.tolist()]
    if len(set(names)) < len(names):
        raise ValueError("two classes of y read alike as text: give them other names")
    return names


def _classes(names: list[str]) -> Any:
    truth = {"False": False, "True": True}
    if set(names) <= set(truth):
        return np.array([truth[name] for name in names])
    try:
        numbers = [int(name) for name in names]
    except ValueError:
        return np.array(names)
    return np.array(numbers) if [str(number) for number in numbers] == names else np.array(names)


def _log_weights(weights: Mapping[Any, float], classes: Any) -> Any:
    unknown = [label for label in weights if label not in classes]
    if unknown:
        raise ValueError(f"The classes, {unknown}, are not in class_weight")
    values = np.array([float(weights.get(label, 1.0)) for label in classes.tolist()])
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(f"the weights of class_weight must be positive and finite, got {dict(weights)!r}")
    return np.log(values)


def _plain(value: Any) -> Any:
    """A value as JSON has it: NumPy's numbers are numbers."""
    if isinstance(value, Mapping):
        return {key: _plain(of) for key, of in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def _seed(random_state: Any) -> int:
    if isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool):
        if random_state < 0:
            raise ValueError(f"random_state must be at least 0, got {random_state}")
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
