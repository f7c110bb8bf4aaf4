#!/usr/bin/env python3
"""Writes the Parquet files that crates/hsic-data/tests/parquet.rs reads, and what is in them as CSV.

    pip install pyarrow==26.0.1 && scripts/make_parquet.py crates/hsic-data/tests/parquet
"""

import csv
import datetime
import decimal
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
N = 23


def ints(bits, signed):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    spread = [low + (high - low) * i // (N - 1) for i in range(N)]
    return spread if bits < 64 else [low, high, 2**53, 2**53 + 1] + [i * 1001 for i in range(N - 4)]


columns = {f"i{bits}": pa.array(ints(bits, True), getattr(pa, f"int{bits}")()) for bits in (8, 16, 32, 64)}
columns |= {f"u{bits}": pa.array(ints(bits, False), getattr(pa, f"uint{bits}")()) for bits in (8, 16, 32, 64)}
halves = [0.0, -0.0, 2.0**-24, 65504.0, -1.5] + [i / 8 for i in range(N - 5)]
floats = [0.1, -1e300, 5e-324, 1 / 3, 1e22] + [i * 0.7 for i in range(N - 5)]
columns["f16"] = pa.array(halves, pa.float16())
columns["f32"] = pa.array([0.1, 3.4e38, 1e-45] + [i / 3 for i in range(N - 3)], pa.float32())
columns["f64"] = pa.array(floats, pa.float64())
columns["flag"] = pa.array([i % 3 == 0 for i in range(N)])
D = decimal.Decimal
columns["price"] = pa.array([D(i * 37 - 300) / 100 for i in range(N)], pa.decimal128(9, 2))
columns["long"] = pa.array([D("12345678901234567890.123") + i for i in range(N)], pa.decimal128(38, 3))
columns["small"] = pa.array([D(i) / 10 for i in range(N)], pa.decimal32(4, 1))
texts = ["red", "dark, blue", "grün", " padded "]
columns["text"] = pa.array([texts[i % 4] for i in range(N)])
columns["large"] = pa.array([texts[i % 2] for i in range(N)], pa.large_string())
columns["coded"] = columns["text"].dictionary_encode()
columns["gaps"] = pa.array([None if i % 4 == 1 else i / 2 for i in range(N)], pa.float64())
columns["holes"] = pa.array([None if i % 5 < 2 else i for i in range(N)], pa.int32())
columns["blanks"] = pa.array([None if i > 16 else texts[i % 3] for i in range(N)]).dictionary_encode()
columns["none"] = pa.nulls(N)
columns["kind"] = pa.array(["cat" if i * i % 7 < 3 else "dog" for i in range(N)])
table = pa.table(columns)


def cell(value, kind):
    if value is None:
        return ""
    if pa.types.is_boolean(kind):
        return str(int(value))
    if pa.types.is_floating(kind):
        return repr(float(value))
    if pa.types.is_decimal(kind):
        return str(value)
    return str(value).strip()


with open(out / "types.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.column_names)
    for i in range(N):
        writer.writerow(cell(table[name][i].as_py(), table.schema.field(name).type) for name in table.column_names)

# groups that end within a batch, pages of a few rows, every encoding
small = {"row_group_size": 7, "write_batch_size": 2, "data_page_size": 16, "write_statistics": False}
pq.write_table(table, out / "snappy.parquet", compression="snappy", **small)
pq.write_table(table, out / "zstd.parquet", compression="zstd", data_page_version="2.0", **small)
pq.write_table(table, out / "gzip.parquet", compression="gzip", version="1.0", store_schema=False)
pq.write_table(table, out / "lz4.parquet", compression="lz4", data_page_version="2.0", use_dictionary=False)
encodings = {name: "DELTA_BINARY_PACKED" for name in ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "holes")}
encodings |= {"text": "DELTA_BYTE_ARRAY", "large": "DELTA_LENGTH_BYTE_ARRAY", "kind": "DELTA_BYTE_ARRAY"}
encodings |= {"f32": "BYTE_STREAM_SPLIT", "f64": "BYTE_STREAM_SPLIT", "gaps": "BYTE_STREAM_SPLIT", "flag": "RLE"}
pq.write_table(table, out / "plain.parquet", compression="none", use_dictionary=False, column_encoding=encodings)

day = datetime.date(2024, 2, 29)
hour = datetime.datetime(2024, 2, 29, 12)
odd = {
    "x": pa.array([1.0, 2.0, 3.0]),
    "list": pa.array([[1.0], [2.0, 3.0], []]),
    "pair": pa.array([{"a": 1, "b": 2}] * 3),
    "map": pa.array([[("k", 1)]] * 3, pa.map_(pa.string(), pa.int64())),
    "day": pa.array([day] * 3),
    "when": pa.array([hour] * 3, pa.timestamp("us")),
    "clock": pa.array([hour.time()] * 3),
    "bytes": pa.array([b"\xff\x00"] * 3),
    "fixed": pa.array([b"ab"] * 3, pa.binary(2)),
    "wide": pa.array([D(1)] * 3, pa.decimal256(60, 0)),
    "kind": pa.array(["a", "b", "a"]),
}
pq.write_table(pa.table(odd), out / "odd.parquet", compression="none")
old = pa.table({"when": pa.array([hour] * 3, pa.timestamp("ns")), "kind": odd["kind"]})
pq.write_table(old, out / "int96.parquet", use_deprecated_int96_timestamps=True)
pq.write_table(pa.table({"x": odd["x"], "kind": odd["kind"]}), out / "brotli.parquet", compression="brotli")
