"""What a fit of a table in partitions is, whatever engine has them: the loop of passes, the checkpoint.

A partition is a NumPy array, a pandas DataFrame or a table or batch of pyarrow. What a task gives is a :class:`Partial`: sums, or what is wrong
with the partition, which no retry would mend.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any, NamedTuple, Optional, Union

import numpy as np

from . import __version__, _hsic
from ._estimators import HSICClassifier, _classes, _log_weights, _of_model, _plain, _seed
from ._parameters import OF_SOLVER
from ._tables import Column, _aligned, _numbers, _of_arrow, columns, of_series

FilePath = Union[str, "PathLike[str]"]
#: Told of every pass: see :func:`passes`.
Report = Callable[[Mapping[str, Any]], None]

#: What the column of classes may be called, where a column of the table has the first of these names.
_LABELS = ("class", "the class", "the class of the row")

#: Partials that one merge takes.
FAN = 8

#: Rows of a partition that are taken over at a time: their numbers stay in the cache, and in memory that the next ones use again.
_ROWS = 1 << 15


class Partial(NamedTuple):
    """What a task gives: sums, or the first partition that has none and why."""

    sums: bytes
    partition: int = -1
    problem: str = ""


# ---------------------------------------------------------------- classes


def labels(y: Any, before: int = 0) -> Any:
    """The column of classes of a partition, or of rows of it that come after others."""
    return _aligned(_labels(y, before))


def _labels(y: Any, before: int) -> Any:
    if hasattr(y, "iloc"):
        y = y.iloc[:, 0] if y.ndim == 2 else y
        column = of_series(y, "y")
    elif isinstance(y, np.ndarray):
        y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
        if y.ndim != 1:
            raise ValueError(f"y must be of one dimension, got one of {y.ndim}")
        column = _numbers(y)
    else:
        ((_, column),) = _of_arrow(y, "y", before)
    kind = str(getattr(y, "dtype", getattr(y, "type", ""))).lower()
    if kind.startswith("bool"):
        known = np.isfinite(column)
        return np.where(known, column, -1).astype(np.int64), ["False", "True"]
    if not isinstance(column, tuple) and column.dtype == np.float64:
        rest = np.isfinite(column) & (column != np.floor(column))
        if rest.any():
            row = int(np.argmax(rest))
            raise ValueError(
                f"row {before + row + 1}, column `y`: {column[row]} is no class, but a number of a continuous target; give whole numbers or text"
            )
    return column


# ---------------------------------------------------------------- tasks


def run(pass_: bytes, X: Any, y: Any, label: str, number: int, rows: Any, before: int = 0) -> Partial:
    """The partial of a partition, or of rows of it that come after others.

    ``rows`` is the number of the first row among all of the table, or the numbers of all of them.
    """
    file = f"X, partition {number}"
    partials: list[bytes] = []
    try:
        n, m = len(X), len(y)
        if n != m:
            raise ValueError(f"it has {n} rows, and y has {m}: give as many classes as rows, in partitions alike")
        for start in range(0, max(n, 1), _ROWS):
            end = min(start + _ROWS, n)
            of_rows = columns(_some(X, start, end), before + start)
            classes = labels(_some(y, start, end), before + start)
            numbers = rows + start if isinstance(rows, int) else rows[start:end]
            partials.append(_hsic.run_partition(pass_, [*of_rows, (label, classes)], file, number, before + start, numbers))
            if len(partials) == FAN:
                partials = [_hsic.merge_partitions(pass_, partials)]
        return Partial(partials[0] if len(partials) == 1 else _hsic.merge_partitions(pass_, partials))
    except (ValueError, TypeError) as error:
        told = str(error)
        return Partial(b"", number, told if told.startswith("X") else f"{file}, {told}")


def _some(values: Any, start: int, end: int) -> Any:
    """Some rows of an array, of a table or of a column of pandas or of Arrow, without a copy."""
    if hasattr(values, "iloc"):
        return values.iloc[start:end]
    return values[start:end] if isinstance(values, np.ndarray) else values.slice(start, end - start)


def _length(of_rows: Sequence[Column], X: Any) -> int:
    if not of_rows:
        return len(X)
    first = of_rows[0][1]
    return len(first[0] if isinstance(first, tuple) else first)


def merge(pass_: bytes, partials: Iterable[Partial]) -> Partial:
    """The partial of several, or the first problem of them by the number of the partition."""
    partials = [Partial(*partial) for partial in partials]
    failed = [partial for partial in partials if partial.problem]
    if failed:
        return min(failed, key=lambda partial: partial.partition)
    try:
        return Partial(_hsic.merge_partitions(pass_, [partial.sums for partial in partials]))
    except ValueError as error:
        return Partial(b"", 0, f"X, {error}")


def output(estimator: HSICClassifier, what: str, X: Any, number: int, before: int = 0) -> Any:
    """Predictions, log-probabilities, probabilities or Z of a partition, or of rows of it that come after others."""
    file = f"X, partition {number}"
    try:
        return _output(estimator, what, columns(X), file, before)
    except (ValueError, TypeError) as error:
        told = str(error)
        raise type(error)(told if told.startswith("X") else f"{file}, {told}") from None


def _output(estimator: HSICClassifier, what: str, of_rows: list[Column], file: str, before: int) -> Any:
    model = estimator._model
    width = {"predict": 0, "transform": estimator.layers_[-1]["width"]}.get(what, len(estimator.classes_))
    if not of_rows or _length(of_rows, ()) == 0:
        return np.empty(0, dtype=estimator.classes_.dtype) if what == "predict" else np.empty((0, width))
    rows = _hsic.encode_partition(model, of_rows, file, before)
    if what == "transform":
        return model.transform(rows, len(estimator.layers_), 1)
    log_proba = model.predict_log_proba(rows, 1)
    if estimator._log_weights is not None:
        log_proba = log_proba + estimator._log_weights
        log_proba -= np.logaddexp.reduce(log_proba, axis=1, keepdims=True)
    if what == "predict":
        return estimator.classes_[log_proba.argmax(axis=1)]
    return np.exp(log_proba) if what == "predict_proba" else log_proba


# ---------------------------------------------------------------- checkpoint


class Checkpoint:
    """The merged partials of a fit, one after the other, in a file that grows: a fit that begins again goes on after the last of them.

    A record is its length (8 bytes, little-endian), its sha256 and its bytes. The file is written through to the disk after every pass;
    a record that is cut short is left out, and its pass is made again.
    """

    def __init__(self, path: FilePath, of: Mapping[str, Any]) -> None:
        self.path = os.fspath(path)
        header = json.dumps({"hsic-checkpoint": __version__, **of}, sort_keys=True).encode() + b"\n"
        # created where it is not
        with open(self.path, "ab"):
            pass
        self._file = open(self.path, "r+b")
        start = self._file.readline()
        if not start.endswith(b"\n"):
            self._file.seek(0)
            self._file.truncate()
            self._file.write(header)
            self._flush()
        elif start != header:
            self._file.close()
            raise ValueError(self.other("its first line is of other rows, or of another version"))

    def other(self, why: object) -> str:
        """What is said of the checkpoint of another fit."""
        return f"the checkpoint {self.path} is of another fit ({why}): give another path, or remove the file"

    def records(self) -> Iterator[bytes]:
        """The partials that are there; the file ends after them."""
        while True:
            end = self._file.tell()
            head = self._file.read(40)
            body = self._file.read(int.from_bytes(head[:8], "little")) if len(head) == 40 else b""
            if len(head) < 40 or hashlib.sha256(body).digest() != head[8:]:
                self._file.seek(end)
                self._file.truncate()
                return
            yield body

    def append(self, partial: bytes) -> None:
        self._end = self._file.tell()
        self._file.write(len(partial).to_bytes(8, "little") + hashlib.sha256(partial).digest() + partial)
        self._flush()

    def take_back(self) -> None:
        """Without the last record."""
        self._file.seek(self._end)
        self._file.truncate()
        self._flush()

    def close(self) -> None:
        self._file.close()

    def _flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


# ---------------------------------------------------------------- the fit


def reporter(progress: Any) -> Optional[Report]:
    """What is told of every pass: nothing, a line on standard error, or what the caller makes of it."""
    if progress is None or progress is False:
        return None
    if progress is True:
        return lambda event: print(told(event), file=sys.stderr, flush=True)
    if callable(progress):
        return progress  # type: ignore[no-any-return]
    raise ValueError(f"progress must be None, True or a function of one argument, got {progress!r}")


def told(event: Mapping[str, Any]) -> str:
    """A pass in a line."""
    text = f"pass {event['pass']}, {event['kind']}"
    if event["layer"]:
        text += f" of layer {event['layer']}"
    text += f": {event['seconds']:.2f} s" + (", from the checkpoint" if event["replayed"] else "")
    if event["gain"] is not None:
        text += f"; layer {len(event['hsic'])} has H* {event['hsic'][-1]:.4f}, {event['gain']:+.4f}"
    return text


def label_beside(names: Sequence[str]) -> str:
    """A name for the column of classes that no column has."""
    return next(name for name in _LABELS if name not in names)


def settings(estimator: Any) -> tuple[dict[str, Any], Optional[Mapping[Any, float]]]:
    """The hyperparameters that are given, and weights of classes where they are a dict."""
    for name, words in (
        ("solver", ("auto", "spectral", "closed-form")),
        ("search", ("auto", None)),
        ("missing", ("refuse", "mean")),
    ):
        if getattr(estimator, name) not in words:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, words))}, got {getattr(estimator, name)!r}")
    names = [*dict.fromkeys(sum(OF_SOLVER.values(), ())), "sample_rows"]
    given = {name: getattr(estimator, name) for name in names}
    weights = given.pop("class_weight") if isinstance(given["class_weight"], Mapping) else None
    return {name: _plain(value) for name, value in given.items() if value is not None}, weights


def fit(
    estimator: Any,
    label: str,
    text: list[str],
    run_pass: Callable[[bytes, Mapping[int, int]], Partial],
    of: Mapping[str, Any],
    kind: str,
) -> HSICClassifier:
    """The fitted local estimator of rows that an engine has.

    ``run_pass`` gives the merged partial of all partitions, to the numbers of which it is told the number of their first row.
    ``of`` is what the rows are known by; ``kind`` is the type of the classes.
    """
    given, weights = settings(estimator)
    how: _hsic.How = {
        "fill": estimator.missing == "mean",
        "solver": estimator.solver,
        "settings": json.dumps(given),
        "search": estimator.search is not None,
        "seed": _seed(estimator.random_state),
    }
    native = _hsic.TableFit(label, text, how, "X")
    passes(native, run_pass, reporter(estimator.progress), estimator.checkpoint, of)
    fitted = _of_model(native.finish())
    fitted.classes_ = classes(fitted._model.classes(), kind)
    if weights is not None:
        fitted._log_weights = _log_weights(weights, fitted.classes_)
    return fitted


def classes(names: list[str], kind: str) -> Any:
    """The classes of their names, as the type of y has them."""
    kind = kind.lower()
    if kind.startswith(("int", "uint", "float")):
        return np.array([float(name) for name in names]) if kind.startswith("float") else np.array([int(name) for name in names])
    if kind.startswith("bool"):
        return np.array([name == "True" for name in names])
    return _classes(names) if kind == "category" else np.array(names, dtype=object)


def passes(
    native: _hsic.TableFit,
    run_pass: Callable[[bytes, Mapping[int, int]], Partial],
    report: Optional[Report],
    path: Optional[FilePath],
    of: Mapping[str, Any],
) -> None:
    """Makes all passes of a fit.

    ``report`` is told of each: "pass" (its number, from 0), "kind", "layer" (that it is for, from 1; 0 before the first), "seconds" of the pass
    itself, "driver_seconds" of what followed on the driver, "bytes" (of the pass, and of its merged partial), "replayed" (whether it came
    from the checkpoint), "hsic" (H* of the layers so far) and "gain" (of a layer that is new, else None).
    """
    log = Checkpoint(path, of) if path is not None else None
    before: list[float] = []
    try:
        saved = log.records() if log else iter(())
        number = 0
        while (wanted := native.next_pass()) is not None:
            state = json.loads(native.progress())
            start = time.perf_counter()
            partial = next(saved, None)
            replayed = partial is not None
            if partial is None:
                firsts, first = {}, 0
                for partition, rows in native.partitions():
                    firsts[partition] = first
                    first += rows
                sums, _, problem = run_pass(wanted, firsts)
                if problem:
                    raise ValueError(problem)
                partial = sums
            ran = time.perf_counter()
            if log and not replayed:
                log.append(partial)
            try:
                native.advance(partial)
            except ValueError as error:
                if replayed and log:
                    raise ValueError(log.other(error)) from error
                if log:
                    log.take_back()
                raise
            if report:
                hsic = json.loads(native.progress())["hsic"]
                new = len(hsic) > len(before)
                report(
                    {
                        "pass": number,
                        "kind": state["kind"],
                        "layer": len(state["hsic"]) + 1 if number > 1 and state["kind"] not in ("sample", "head") else 0,
                        "seconds": ran - start,
                        "driver_seconds": time.perf_counter() - ran,
                        "bytes": (len(wanted), len(partial)),
                        "replayed": replayed,
                        "hsic": hsic,
                        "gain": hsic[-1] - (before[-1] if before else 0.0) if new else None,
                    }
                )
                before = hsic
            number += 1
    finally:
        if log:
            log.close()
