"""The classifier of rows that Dask has.

>>> import dask.array as da
>>> from hsic.dask import HSICClassifier
>>> rng = da.random.default_rng(0)
>>> X = rng.normal(size=(4000, 3), chunks=(1000, 3))
>>> y = ((X**2).sum(axis=1) > 2.2).astype(int)
>>> X, y = X.persist(), y.persist()
>>> classifier = HSICClassifier(solver="spectral", search=None, max_layers=2).fit(X, y)
>>> bool((classifier.predict(X) == y).mean().compute() > 0.8)
True
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

import numpy as np

try:
    import dask
    import dask.array
    from dask.delayed import Delayed, delayed
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("hsic.dask needs Dask: pip install 'hsic[dask]'", name=error.name) from error
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from . import _partitions
from ._estimators import FilePath
from ._estimators import HSICClassifier as LocalClassifier
from ._parameters import DASK_DOC, DaskParameters
from ._partitions import FAN, Partial

__all__ = ["HSICClassifier"]

#: Times that a task is tried again which failed for another reason than its rows.
RETRIES = 3


class HSICClassifier(DaskParameters, ClassifierMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    __doc__ = f"""A classifier of Dask's arrays and DataFrames: a network trained layer by layer in closed form by maximising HSIC.

    The fit is that of :class:`hsic.HSICClassifier` in blocks: some dozens of passes, each a task a partition and a tree of merges. Partitions
    are used where they are and never gathered; what is shipped a pass does not depend on the number of rows. The network does not depend
    on how the rows are cut into partitions, to rounding, as long as their order is the same.

    Parameters
    ----------
{"".join(f"    {line}" for line in DASK_DOC.splitlines(keepends=True))}
    Attributes
    ----------
    model_ : hsic.HSICClassifier
        The fitted model, which predicts rows in memory.
    classes_, layers_, n_iter_, n_features_in_, stop_reason_, solver_, parameters_
        As those of :class:`hsic.HSICClassifier`.
    """

    model_: LocalClassifier

    def fit(self, X: Any, y: Any) -> HSICClassifier:
        """Fits the network.

        Parameters
        ----------
        X : dask.array.Array or dask.dataframe.DataFrame
            Training rows. Columns of text and categories become a column of zeros and ones a category.
        y : dask.array.Array or dask.dataframe.Series
            Their classes, in as many partitions.

        Returns
        -------
        self
        """
        rows, names, text = _rows(X, "X")
        of_classes = _classes_of(y, X)
        if len(rows) != len(of_classes):
            raise ValueError(
                f"X has {len(rows)} partitions, y has {len(of_classes)}: cut both alike, with rechunk of arrays or repartition of tables"
            )
        label = _partitions.label_beside(names)
        client = _client(self.client)

        def run_pass(pass_: bytes, firsts: Mapping[int, int]) -> Partial:
            shipped = delayed(pass_, pure=True)
            run, merge = delayed(_partitions.run, pure=False), delayed(_merge, pure=False)
            partials = [run(shipped, x, of, label, number, firsts.get(number, 0)) for number, (x, of) in enumerate(zip(rows, of_classes))]
            # always merged once, so that one partition is no special case
            while True:
                partials = [merge(shipped, *partials[start : start + FAN]) for start in range(0, len(partials), FAN)]
                if len(partials) == 1:
                    return _compute(partials[0], client)

        of = {"columns": names, "partitions": len(rows)}
        kind = str(y.dtypes.iloc[0] if getattr(y, "ndim", 1) == 2 and hasattr(y, "dtypes") else y.dtype)
        self.model_ = _partitions.fit(self, label, text, run_pass, of, kind)
        for name in ("classes_", "layers_", "n_iter_", "n_features_in_", "stop_reason_", "solver_", "parameters_"):
            setattr(self, name, getattr(self.model_, name))
        return self

    def predict(self, X: Any) -> Any:
        """The likeliest class of every row, lazily: a Series of a DataFrame, an array of an array."""
        return self._lazily("predict", X)

    def predict_proba(self, X: Any) -> Any:
        """p(class | row), lazily: a DataFrame with a column a class, or an array."""
        return self._lazily("predict_proba", X)

    def predict_log_proba(self, X: Any) -> Any:
        """log p(class | row), lazily."""
        return self._lazily("predict_log_proba", X)

    def transform(self, X: Any) -> Any:
        """Z of the last layer, lazily."""
        return self._lazily("transform", X)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of rows predicted right."""
        if sample_weight is not None:
            raise ValueError("score knows no sample_weight")
        check_is_fitted(self, "model_")
        rows, of_classes, estimator = _rows(X, "X")[0], _classes_of(y, X), delayed(self.model_)
        right = delayed(_right, pure=False)
        if len(rows) != len(of_classes):
            raise ValueError(f"X has {len(rows)} partitions, y has {len(of_classes)}: cut both alike")
        counts = [right(estimator, x, of, number) for number, (x, of) in enumerate(zip(rows, of_classes))]
        hits, n = _compute(delayed(_sum)(*counts), _client(self.client))
        return hits / n if n else float("nan")

    def save(self, path: FilePath) -> None:
        """Writes the model file, which :func:`hsic.load` and ``hsic-cli predict`` read."""
        check_is_fitted(self, "model_")
        self.model_.save(path)

    def __getstate__(self) -> dict[str, Any]:
        # a client is of its process
        return {**super().__getstate__(), "client": None}

    def _lazily(self, what: str, X: Any) -> Any:
        check_is_fitted(self, "model_")
        rows, _, _ = _rows(X, "X")
        estimator = delayed(self.model_, pure=False)
        if isinstance(X, dask.array.Array):
            task = delayed(_partitions.output, pure=False)
            parts = [task(estimator, what, x, number) for number, x in enumerate(rows)]
            return _array(parts, X.chunks[0], *self._columns(what))
        from dask import dataframe
        import pandas

        names = self._names(what)
        if names is None:
            meta: Any = pandas.Series([], dtype=self.classes_.dtype, name="prediction")
        else:
            meta = pandas.DataFrame({name: np.empty(0) for name in names})
        meta.index = X._meta.index[:0]
        task = delayed(_frame, pure=False)
        parts = [task(estimator, what, x, number, names) for number, x in enumerate(rows)]
        return dataframe.from_delayed(parts, meta=meta, divisions=X.divisions, verify_meta=False)

    def _columns(self, what: str) -> tuple[Any, Optional[int]]:
        """The type of an output and its columns."""
        if what == "predict":
            return self.classes_.dtype, None
        return np.dtype(float), self.layers_[-1]["width"] if what == "transform" else len(self.classes_)

    def _names(self, what: str) -> Optional[list[Any]]:
        if what == "predict":
            return None
        return [f"z{k}" for k in range(self.layers_[-1]["width"])] if what == "transform" else [str(label) for label in self.classes_]


def _merge(pass_: bytes, *partials: Partial) -> Partial:
    return _partitions.merge(pass_, partials)


def _frame(estimator: LocalClassifier, what: str, X: Any, number: int, names: Optional[list[Any]]) -> Any:
    import pandas

    values = _partitions.output(estimator, what, X, number)
    if names is None:
        return pandas.Series(values, index=X.index, name="prediction")
    return pandas.DataFrame(values, index=X.index, columns=names)


def _right(estimator: LocalClassifier, X: Any, y: Any, number: int) -> tuple[int, int]:
    predicted = _partitions.output(estimator, "predict", X, number)
    return int((predicted == np.asarray(y).reshape(-1)).sum()), len(predicted)


def _sum(*counts: tuple[int, int]) -> tuple[int, int]:
    return sum(hits for hits, _ in counts), sum(n for _, n in counts)


def _array(parts: list[Delayed], lengths: Any, dtype: Any, columns: Optional[int]) -> Any:
    shapes = [(n,) if columns is None else (n, columns) for n in lengths]
    blocks = [dask.array.from_delayed(part, shape, dtype=dtype) for part, shape in zip(parts, shapes)]
    return dask.array.concatenate(blocks, allow_unknown_chunksizes=True)


def _rows(X: Any, name: str) -> tuple[list[Delayed], list[str], list[str]]:
    """The partitions of X, the names of its columns and which of them are categories."""
    if isinstance(X, dask.array.Array):
        if X.ndim != 2:
            raise ValueError(f"{name} must have two dimensions, got {X.ndim}")
        X = X.rechunk({1: -1}) if X.numblocks[1] != 1 else X
        return list(X.to_delayed().ravel()), [f"x{k}" for k in range(int(X.shape[1]))], []
    if hasattr(X, "to_delayed") and hasattr(X, "npartitions") and hasattr(X, "columns"):
        names = [str(column) for column in X.columns]
        if len(set(names)) < len(names):
            raise ValueError(f"two columns of {name} have the same name: rename one")
        return _partitions_of(X), names, [str(column) for column, kind in zip(X.columns, X.dtypes) if str(kind) == "category"]
    raise TypeError(
        f"{name} must be an array or a DataFrame of Dask, got {type(X).__name__}; rows in memory are for hsic.HSICClassifier"
    )


def _partitions_of(table: Any) -> list[Delayed]:
    """The partitions of a DataFrame or Series, as many as it says: reading few columns, Dask would join files."""
    return list(table.simplify().to_delayed(optimize_graph=False))


def _classes_of(y: Any, X: Any) -> list[Delayed]:
    """The partitions of y, cut as X where that is known."""
    if isinstance(y, dask.array.Array):
        if isinstance(X, dask.array.Array) and y.chunks[0] != X.chunks[0] and not np.isnan(X.chunks[0] + y.chunks[0]).any():
            if sum(y.chunks[0]) != sum(X.chunks[0]):
                raise ValueError(f"X has {sum(X.chunks[0])} rows, y has {sum(y.chunks[0])}: give as many classes as rows")
            y = y.rechunk({0: X.chunks[0]})
        return list(y.to_delayed().ravel())
    if hasattr(y, "to_delayed") and hasattr(y, "npartitions"):
        return _partitions_of(y)
    raise TypeError(f"y must be an array or a Series of Dask, got {type(y).__name__}")


def _client(client: Any) -> Any:
    """The client given, else the present one; None where there is none, and Dask's own schedulers work."""
    if client is not None:
        return client
    try:
        from distributed import get_client
    except ModuleNotFoundError:
        return None
    try:
        return get_client()
    except ValueError:
        return None


def _compute(task: Delayed, client: Any) -> Any:
    if client is None:
        return task.compute()
    future = client.compute(task, retries=RETRIES)
    try:
        return future.result()
    except BaseException:
        # Ctrl-C too: nobody waits for the pass any more
        future.cancel()
        raise
