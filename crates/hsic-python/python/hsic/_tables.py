"""Tables with columns of text, which are read as ``hsic-cli fit`` reads a Parquet file.

Those of pandas and polars are read as they are, those of pyarrow and whatever else has the Arrow PyCapsule interface by pyarrow; categories,
nulls and dictionaries mean here what they mean to the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

#: A column: its name, and numbers or places among texts with those.
Column = tuple[str, Any]


def is_of_text(X: Any) -> bool:
    """Whether X is a table of which some columns are not numbers."""
    if not hasattr(X, "__arrow_c_stream__"):
        return False
    kinds = getattr(X, "dtypes", None)
    if kinds is None:
        # pyarrow's own
        schema = getattr(X, "schema", None)
        kinds = getattr(schema, "types", None) or []
    return any(_is_text(kind) for kind in kinds)


def _is_text(kind: Any) -> bool:
    text = str(kind).lower()
    starts = ("object", "cat", "enum", "dictionary", "str", "large_str", "utf8", "date", "time", "duration", "list", "struct")
    return text.startswith(starts)


def table(X: Any) -> tuple[list[Column], list[str]]:
    """The columns of a table, and which of them are categories whatever they hold."""
    if not hasattr(X, "iloc") and not hasattr(X, "get_columns"):
        X = _arrow(X)
    names = [str(name) for name in (X.columns if hasattr(X, "dtypes") else X.column_names)]
    if len(set(names)) < len(names):
        raise ValueError("two columns of X have the same name: rename one")
    kinds = [str(kind).lower() for kind in (X.dtypes if hasattr(X, "dtypes") else X.schema.types)]
    for name, kind in zip(names, kinds):
        if kind.startswith(("list", "large_list", "fixed_size_list", "array", "struct")):
            raise TypeError(_no_column(name, "lists", "make a column of each of their numbers"))
    return columns(X), [name for name, kind in zip(names, kinds) if kind.startswith(("cat", "enum", "dictionary"))]


def _arrow(X: Any) -> Any:
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        kind = f"{type(X).__module__.partition('.')[0]}.{type(X).__name__}"
        raise TypeError(f"X is a {kind}, which takes pyarrow to read: pip install pyarrow, or give a frame of pandas or polars") from error
    try:
        return pyarrow.table(X)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as error:
        raise TypeError(f"X is no table that Arrow knows: {error}") from error


def columns(X: Any, before: int = 0) -> list[Column]:
    """The columns of a table, of a partition, or of rows of one that come after others."""
    return [(name, _aligned(column)) for name, column in _columns(X, before)]


def _aligned(column: Any) -> Any:
    """The same numbers at an address that they may have: what came through a network may lie anywhere."""
    if isinstance(column, tuple):
        return np.require(column[0], requirements=["C", "A"]), column[1]
    return np.require(column, requirements=["C", "A"])


def _columns(X: Any, before: int) -> list[Column]:
    if isinstance(X, np.ndarray):
        if X.ndim != 2:
            raise ValueError(f"a partition of X must have two dimensions, got {X.ndim}")
        return [(f"x{k}", _numbers(X[:, k])) for k in range(X.shape[1])]
    if hasattr(X, "iloc"):
        return [(str(name), of_series(X.iloc[:, k], str(name))) for k, name in enumerate(X.columns)]
    if hasattr(X, "get_columns"):
        return [(values.name, _of_polars(values)) for values in X.get_columns()]
    pairs = [(field.name, X.column(k)) for k, field in enumerate(X.schema)]
    return [column for name, values in pairs for column in _of_arrow(values, name, before)]


def _numbers(values: Any) -> Any:
    values = np.asarray(values)
    if values.dtype.kind in "iu" and values.dtype != np.uint64:
        return values.astype(np.int64)
    if values.dtype.kind not in "biuf":
        return _texts(values)
    return values.astype(np.float64)


def _texts(values: Any) -> tuple[Any, list[str]]:
    """Places and texts of objects, of which None and NaN are missing."""
    places: dict[Any, int] = {}
    codes = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        missing = value is None or value != value
        codes[row] = -1 if missing else places.setdefault(value, len(places))
    return codes, [str(text) for text in places]


def of_series(values: Any, name: str) -> Any:
    """A column of pandas."""
    kind = values.dtype
    if str(kind) == "category":
        return values.cat.codes.to_numpy().astype(np.int64), [str(text) for text in values.cat.categories]
    letter = getattr(kind, "kind", "O")
    if letter in "mM":
        raise TypeError(_no_column(name, "timestamps", "write it as a number, such as the days since a first date"))
    if letter in "biuf":
        if letter in "iu" and not values.hasnans and str(kind).lower() != "uint64":
            return values.to_numpy(dtype=np.int64)
        if isinstance(kind, np.dtype):
            return values.to_numpy(dtype=np.float64)
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    import pandas

    codes, texts = pandas.factorize(values, use_na_sentinel=True)
    return codes.astype(np.int64), [str(text) for text in texts]


def _of_polars(values: Any) -> Any:
    """A column of polars."""
    kind = str(values.dtype)
    if kind.startswith(("Date", "Time", "Duration")):
        raise TypeError(_no_column(values.name, "timestamps", "write it as a number, such as the days since a first date"))
    if kind.startswith(("String", "Categorical", "Enum")):
        return _texts(values.to_list())
    numbers = values.to_numpy()
    # polars has nulls beside the numbers, and writes them as NaN
    return _numbers(numbers if numbers.dtype.kind in "biuf" else numbers.astype(np.float64))


def _of_arrow(values: Any, name: str, before: int) -> Iterator[Column]:
    """The columns of one of Arrow; a list of numbers is as many columns as it has."""
    import pyarrow
    from pyarrow import types

    if isinstance(values, pyarrow.ChunkedArray):
        values = values.combine_chunks() if values.num_chunks != 1 else values.chunk(0)
    kind = values.type
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        if values.null_count:
            raise ValueError(f"column `{name}` misses the whole list of a row; fill it in")
        flat = values.flatten().cast(pyarrow.float64()).to_numpy(zero_copy_only=False)
        width = len(flat) // len(values) if len(values) else 0
        lengths = np.diff(values.offsets.to_numpy()) if hasattr(values, "offsets") else np.full(len(values), width)
        if (lengths != width).any():
            row = int(np.argmax(lengths != lengths[0]))
            raise ValueError(
                f"row {before + row + 1}, column `{name}`: its list has {lengths[row]} numbers, that of row {before + 1} has {lengths[0]}"
            )
        for k in range(width):
            yield f"x{k}", flat[k::width].copy()
    elif types.is_dictionary(kind) or types.is_string(kind) or types.is_large_string(kind):
        coded = values if types.is_dictionary(kind) else values.dictionary_encode()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        yield name, (codes, [str(text) for text in coded.dictionary.to_pylist()])
    elif types.is_integer(kind) and not values.null_count and not types.is_uint64(kind):
        yield name, values.to_numpy(zero_copy_only=False).astype(np.int64)
    elif types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind) or types.is_null(kind):
        if types.is_boolean(kind):
            values = values.cast(pyarrow.int8())
        numbers = values.cast(pyarrow.float64(), safe=False)
        yield name, numbers.fill_null(float("nan")).to_numpy(zero_copy_only=False).copy()
    elif types.is_temporal(kind):
        raise TypeError(_no_column(name, str(kind), "write it as a number, such as the days since a first date"))
    else:
        raise TypeError(_no_column(name, str(kind), "write it as numbers or text"))


def _no_column(name: str, what: str, remedy: str) -> str:
    return f"column `{name}` holds {what}; {remedy}, or leave it out"
