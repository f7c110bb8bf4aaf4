#!/usr/bin/env python3
"""Writes a table of so many gigabytes, CSV or Parquet by the name of the file, for docs/scale.md.

    pip install numpy pyarrow==26.0.1 && scripts/make_large.py 3 large.csv

Twenty columns of numbers, one of texts that say nothing, and four classes: the sign of a product and of a sum of two columns each,
one row in ten of a class drawn at random.
"""

import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

wanted, path = float(sys.argv[1]) * 1e9, pathlib.Path(sys.argv[2])
COLUMNS, ROWS = 20, 200_000
rng = np.random.default_rng(0)
names = [f"x{i}" for i in range(COLUMNS)]
texts = np.array(["red", "green", "blue"])


def rows():
    x = rng.normal(size=(ROWS, COLUMNS)).round(5)
    code = 2 * (x[:, 0] * x[:, 1] > 0) + (x[:, 2] + x[:, 3] > 0)
    code = np.where(rng.random(ROWS) < 0.1, rng.integers(0, 4, ROWS), code)
    columns = [pa.array(x[:, i]) for i in range(COLUMNS)]
    columns += [pa.array(texts[rng.integers(0, 3, ROWS)]), pa.array(np.array(["a", "b", "c", "d"])[code])]
    return pa.table(columns, names=[*names, "colour", "class"])


table, n = rows(), 0
if path.suffix == ".parquet":
    options = {"compression": "none", "use_dictionary": ["colour", "class"]}
    writer = pyarrow.parquet.ParquetWriter(path, table.schema, **options)
else:
    writer = pyarrow.csv.CSVWriter(path, table.schema)
with writer:
    while path.stat().st_size < wanted:
        writer.write_table(table)
        n, table = n + ROWS, rows()
print(f"{path}: {n} rows, {path.stat().st_size / 1e9:.2f} GB")
