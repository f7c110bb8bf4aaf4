"""Tables with columns of text, which are read as ``hsic-cli fit`` reads a Parquet file.

A table comes through the Arrow PyCapsule interface of pandas, polars and pyarrow; categories, nulls and dictionaries mean here what they
mean to the program.
"""

from __future__ import annotations

import io
from typing import Any, Optional


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


def parquet(X: Any, labels: Optional[list[str]] = None, label: str = "") -> tuple[bytes, list[str]]:
    """The table as a Parquet file, with a column of labels at its end if there are any, and the columns that are categories."""
    try:
        import pyarrow
        from pyarrow import parquet as format
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("a table with columns of text needs pyarrow: pip install pyarrow", name=error.name) from error
    names = [str(name) for name in (X.columns if hasattr(X, "dtypes") else X.column_names)]
    if len(set(names)) < len(names):
        raise ValueError("two columns of X have the same name: rename one")
    try:
        if hasattr(X, "iloc"):
            table = pyarrow.Table.from_pandas(X, preserve_index=False)
        else:
            table = pyarrow.table(X)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as error:
        raise TypeError(f"X is no table that Arrow knows: {error}") from error
    text = [field.name for field in table.schema if pyarrow.types.is_dictionary(field.type)]
    for name in text:
        # decoded here: writers of Parquet do not know dictionaries of every type
        chunks = [_decoded(chunk, pyarrow) for chunk in table[name].chunks]
        table = table.set_column(table.column_names.index(name), name, pyarrow.chunked_array(chunks, chunks[0].type if chunks else pyarrow.string()))
    if labels is not None:
        table = table.append_column(label, pyarrow.array(labels, pyarrow.string()))
    out = io.BytesIO()
    # read once: packing it would cost more than it saves
    format.write_table(table, out, compression="none", use_dictionary=False)
    return out.getvalue(), text


def _decoded(chunk: Any, pyarrow: Any) -> Any:
    """The values of a dictionary, text as one type of text."""
    values = chunk.dictionary
    if not pyarrow.types.is_integer(values.type):
        values = values.cast(pyarrow.string())
    return values.take(chunk.indices)
