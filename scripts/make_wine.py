#!/usr/bin/env python3
r"""Write datasets/wine.csv from the copy of UCI Wine that scikit-learn carries.

    pip install scikit-learn
    python scripts/make_wine.py [OUTPUT]

The file is comma-separated with one header row, the class (1, 2, 3) in the last column, `\n` line ends and
the shortest text that reads back as the same number. Its sha256 is printed; it belongs into
datasets/registry.toml.
"""

import hashlib
import sys
from pathlib import Path

from sklearn.datasets import load_wine

DEFAULT_OUTPUT = Path(__file__).resolve().parent.parent / "datasets" / "wine.csv"


def column_name(name):
    # A slash is awkward in plots and in `--label`; the UCI description reads "OD280/OD315 of diluted wines".
    return name.replace("/", "_").lower()


def number(value):
    # repr is the shortest round-trip form, but it writes integers as `127.0`.
    value = float(value)
    return str(int(value)) if value.is_integer() else repr(value)


def main():
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_OUTPUT
    wine = load_wine()
    lines = [",".join([column_name(name) for name in wine.feature_names] + ["class"])]
    for row, target in zip(wine.data, wine.target):
        # scikit-learn counts the classes from 0, UCI from 1
        lines.append(",".join([number(value) for value in row] + [str(int(target) + 1)]))
    text = "".join(line + "\n" for line in lines).encode("ascii")
    output.write_bytes(text)
    print(f"{hashlib.sha256(text).hexdigest()}  {output.name}: {len(lines) - 1} rows, {wine.data.shape[1]} features")


if __name__ == "__main__":
    main()
