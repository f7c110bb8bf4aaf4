#!/usr/bin/env python3
"""Fuzzes the targets one after another from small files of every kind, and prints what was done as rows of a table.

    scripts/drills/fuzz.py target/release/hsic-cli CORPUS [SECONDS [TARGET...]]

Takes cargo-fuzz and nightly Rust, or with TARGETS a folder of targets that are built. A target ends after 10 million inputs, after
so many seconds (1800 if nothing is said), or at the first finding, whose input is then in CORPUS/TARGET-findings. What is learnt stays
in CORPUS, a folder outside the repository, and is begun from again.

Without AddressSanitizer, which halves the inputs a second: all `unsafe` is in hsic-kernels, which no reader reaches.
"""

import datetime
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

repository = pathlib.Path(__file__).resolve().parents[2]
program, corpus = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 1800
targets = sys.argv[4:] or ["idx", "toml", "npy", "csv", "table", "model"]
wine = (repository / "datasets" / "wine.csv").read_bytes().splitlines(keepends=True)
SMALL_WINE = b"".join([wine[0], *wine[1::12]])
GERMAN = "Größe;Farbe;Art\n1.234,5;rot;A\n2,25;\"gelb; hell\";B\n-3;rot;A\n?;grün;B\n".encode()
PRICES = b"id,price,share,when,kind\n1,$3.50,12 %,2020-01-17,a\n2,\"$1,200.00\",3 %,2020-02-01,b\n3,$2,,2021-01-01,a\n"
IDX = struct.pack(">HBBII", 0, 8, 2, 3, 2) + bytes([1, 2, 3, 4, 5, 6])


def npy(descr, shape, values, fortran=False):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return struct.pack("<H", len(header)) + header.encode() + values


ARRAYS = [
    npy("<f8", (2, 2), struct.pack("<4d", 1, 2, 3, 4.5)),
    npy(">f4", (2, 3), struct.pack(">6f", *range(6)), fortran=True),
    npy("<f2", (2, 1), struct.pack("<2e", 1, -2)),
    npy("<i8", (2,), struct.pack("<2q", 0, 1)),
    npy("|b1", (2,), b"\0\1"),
    npy("<U2", (2,), "abc ".encode("utf-32-le")),
    npy("|S2", (2,), b"abcd"),
]


def seeds(target):
    """Inputs as `arbitrary` reads them: what is before the last of a tuple, then its bytes."""
    if target == "idx":
        return [IDX, struct.pack(">HBBI", 0, 8, 1, 3) + b"\0\1\0"]
    if target == "toml":
        return [b"\0" + path.read_bytes() for path in sorted((repository / "configs").glob("*.toml"))]
    if target == "npy":
        return [b"\1" + array for array in ARRAYS] + [b"\0" + IDX]
    if target == "csv":
        return [b",\1" + SMALL_WINE, b";\1" + GERMAN, b",\1" + PRICES]
    if target == "table":
        files = [SMALL_WINE, GERMAN, PRICES, IDX, GERMAN.decode().encode("utf-16"), *[b"\x93NUMPY\1\0" + array for array in ARRAYS]]
        files += [path.read_bytes() for path in sorted((repository / "crates/hsic-data/tests/parquet").glob("*.parquet"))]
        return [bytes([0, 1, missing]) + file for file in files if len(file) < 8192 for missing in range(3)]
    with tempfile.TemporaryDirectory() as name:
        folder, models = pathlib.Path(name), []
        (folder / "t.csv").write_bytes(SMALL_WINE)
        for solver in ["spectral", "closed-form"]:
            words = ["fit", "t.csv", "--model", solver, "--solver", solver, "--no-search", "--quiet", "--set", f"{solver}.max_layers=1"]
            subprocess.run([program, *words], cwd=folder, check=True)
            models.append(b"\0" + (folder / solver).read_bytes())
        return models


def number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


built = os.environ.get("TARGETS")
for target in targets:
    inputs, findings = corpus / target, corpus / f"{target}-findings"
    for folder in [inputs, findings]:
        folder.mkdir(parents=True, exist_ok=True)
    for index, seed in enumerate(seeds(target)):
        (inputs / f"seed{index}").write_bytes(seed)
    options = ["-runs=10000000", f"-max_total_time={seconds}", "-print_final_stats=1", "-rss_limit_mb=4096", "-timeout=30"]
    options += [f"-artifact_prefix={findings}/"]
    start = time.monotonic()
    words = [f"{built}/{target}"] if built else ["cargo", "+nightly", "fuzz", "run", "-s", "none", target, str(inputs), "--"]
    words += [str(inputs)] * bool(built) + options
    ended = subprocess.run(words, cwd=repository / "fuzz", stderr=subprocess.PIPE, text=True, errors="replace")
    took = time.monotonic() - start
    (corpus / f"{target}.log").write_text(ended.stderr)
    executed = number(r"number_of_executed_units: *(\d+)", ended.stderr)
    executed = executed or number(r"^#(\d+)", ended.stderr)
    features = number(r"cov: (\d+)", ended.stderr)
    found = "none" if ended.returncode == 0 else f"exit code {ended.returncode}, see {findings}"
    print(f"| `{target}` | {executed} | {took:.0f} | {features} | {found} | {datetime.date.today()} |", flush=True)
