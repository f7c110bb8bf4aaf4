#!/usr/bin/env python3
"""Kills a run with SIGKILL at random moments and resumes it: the results must be those of a run that nothing disturbed.

    cargo build --release && scripts/drills/kill.py target/release/hsic-cli [TIMES]

Compares every column of folds.csv and layers.csv but the seconds, and what results.json says of its settings.
"""

import csv
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

program = str(pathlib.Path(sys.argv[1]).resolve())
times = int(sys.argv[2]) if len(sys.argv) > 2 else 20
random.seed(0)
CONFIG = """
name = "drill"
folds = 10
methods = ["spectral", "closed-form", "knn"]
dataset.name = "wine"
"""


def run(folder, out, *options, after=None):
    """Runs the experiment; kills it after so many seconds. Whether it came to its end."""
    process = subprocess.Popen(
        [program, "run", "drill.toml", "--out", out, "--quiet", *options],
        cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )
    try:
        _, stderr = process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False
    assert process.returncode == 0, stderr
    return True


def results(folder, out):
    found = []
    for name in ["folds.csv", "layers.csv"]:
        with open(folder / out / name, newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows, name
        found.append([{key: value for key, value in row.items() if "seconds" not in key} for row in rows])
    return found


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "drill.toml").write_text(CONFIG)
    start = time.monotonic()
    run(folder, "undisturbed")
    whole = time.monotonic() - start
    expected, kills = results(folder, "undisturbed"), 0
    for drill in range(times):
        out = f"drill{drill}"
        moments = []
        while True:
            after = random.uniform(0, whole)
            resume = ["--resume"] if (folder / out / "results.json").exists() else []
            if run(folder, out, *resume, after=after):
                break
            kills += 1
            moments.append(f"{after:.2f}")
            if len(moments) == 5:
                resume = ["--resume"] if (folder / out / "results.json").exists() else []
                run(folder, out, *resume)
                break
        assert results(folder, out) == expected, f"killed after {', '.join(moments)} s"
        print(f"drill {drill + 1}: killed {len(moments)} times, after {', '.join(moments) or 'no'} s; results equal")
    print(f"{times} runs of {whole:.2f} s, {kills} kills: all results equal")
