"""Time and memory of a fit over the partitions of Dask, on worker processes of this machine.

    python scripts/bench_engines.py generate FOLDER ROWS [--columns 50] [--part-rows 250000]
    python scripts/bench_engines.py run FOLDER --workers 2 [--parts N] [--fit '{"solver": "spectral", "max_layers": 2}']

`generate` writes ROWS x COLUMNS normal numbers of 5 classes as Parquet files of PART-ROWS rows, and prints their size. `run` fits
the first N files (all, if none is said) and prints a line of JSON: rows, seconds, the driver's share of them, the largest memory of a worker process,
passes, bytes of the largest pass and of the largest merged partial. Needs the package hsic with its extra `dask`.

    python scripts/bench_engines.py model LINES

fits seconds = a * passes + b * rows * passes / workers to all lines of `run` but the last, and prints what it says of that one.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

CLASSES = 5
CLUSTERS = 4


def generate(folder: Path, rows: int, columns: int, part_rows: int) -> None:
    import pyarrow
    from pyarrow import parquet

    folder.mkdir(parents=True, exist_ok=True)
    centres = np.random.default_rng(0).normal(scale=0.8, size=(CLASSES * CLUSTERS, columns))
    for part, first in enumerate(range(0, rows, part_rows)):
        rng = np.random.default_rng([1, part])
        n = min(part_rows, rows - first)
        cluster = rng.integers(0, len(centres), n)
        x = (centres[cluster] + rng.normal(size=(n, columns))).astype(np.float32)
        table = {f"x{k}": x[:, k] for k in range(columns)} | {"y": (cluster % CLASSES).astype(np.int8)}
        parquet.write_table(pyarrow.table(table), folder / f"part-{part:05}.parquet", compression="none", use_dictionary=False)
    print(f"{rows} rows, {sum(file.stat().st_size for file in folder.glob('*.parquet')) / 1e9:.2f} GB")


def peak() -> int:
    """The largest resident memory of this process so far, in bytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run(folder: Path, workers: int, parts: "int | None", settings: dict) -> None:
    import dask
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    from hsic.dask import HSICClassifier

    files = [str(file) for file in sorted(folder.glob("*.parquet"))[:parts]]
    events: list = []
    # a file is a partition
    dask.config.set({"dataframe.convert-string": False, "dataframe.parquet.minimum-partition-size": 1})
    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, memory_limit="3GB", dashboard_address=None)
    with cluster, Client(cluster) as client:
        table = dd.read_parquet(files, split_row_groups=False)
        X, y = table.drop(columns="y"), table["y"]
        start = time.perf_counter()
        fitted = HSICClassifier(search=None, progress=events.append, **settings).fit(X, y)
        seconds = time.perf_counter() - start
        memory = max(client.run(peak).values())
        score = fitted.score(X.partitions[0], y.partitions[0])
    by_kind: dict = {}
    for event in events:
        by_kind.setdefault(event["kind"], []).append(event["seconds"])
    print(
        json.dumps(
            {
                "rows": sum(rows_of(file) for file in files),
                "partitions": len(files),
                "workers": workers,
                "seconds": round(seconds, 2),
                "driver_share": round(sum(event["driver_seconds"] for event in events) / seconds, 4),
                "worker_gb": round(memory / 1e9, 3),
                "passes": len(events),
                "pass_bytes": max(event["bytes"][0] for event in events),
                "partial_bytes": max(event["bytes"][1] for event in events),
                "checkpoint_bytes": sum(event["bytes"][1] for event in events),
                "seconds_by_kind": {kind: round(float(np.mean(of)), 2) for kind, of in by_kind.items()},
                "accuracy": round(score, 4),
            }
        ),
        flush=True,
    )


def rows_of(file: str) -> int:
    from pyarrow import parquet

    return parquet.read_metadata(file).num_rows


def model(lines: Path) -> None:
    runs = [json.loads(line) for line in lines.read_text().splitlines() if line.startswith("{")]

    def terms(run: dict) -> list:
        return [run["passes"], run["rows"] * run["passes"] / run["workers"]]

    known, last = runs[:-1], runs[-1]
    seconds = np.array([run["seconds"] for run in known])
    # of relative errors: a minute is not to outweigh a second
    matrix = np.array([terms(run) for run in known]) / seconds[:, None]
    fitted = np.linalg.lstsq(matrix, np.ones(len(known)), rcond=None)[0]
    says = float(np.dot(terms(last), fitted))
    print(f"seconds = {fitted[0]:.3f} * passes + {fitted[1]:.3e} * rows * passes / workers")
    print(f"left out: {last['rows']} rows, {last['workers']} workers: {says:.1f} s, measured {last['seconds']:.1f} s ({says / last['seconds'] - 1:+.1%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    of = commands.add_parser("generate")
    of.add_argument("folder", type=Path)
    of.add_argument("rows", type=int)
    of.add_argument("--columns", type=int, default=50)
    of.add_argument("--part-rows", type=int, default=250_000)
    of = commands.add_parser("run")
    of.add_argument("folder", type=Path)
    of.add_argument("--workers", type=int, default=2)
    of.add_argument("--parts", type=int)
    of.add_argument("--fit", type=json.loads, default={"solver": "spectral", "max_layers": 2, "n_features": 128})
    of = commands.add_parser("model")
    of.add_argument("lines", type=Path)
    given = parser.parse_args()
    if given.command == "generate":
        generate(given.folder, given.rows, given.columns, given.part_rows)
    elif given.command == "run":
        run(given.folder, given.workers, given.parts, given.fit)
    else:
        model(given.lines)


if __name__ == "__main__":
    main()
