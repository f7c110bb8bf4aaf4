#!/usr/bin/env python3
"""Fills the disk under `run`, `reproduce` and `fit`: the error must say so, what was there before must be there still, and with room
again the command must come to the results of one that nothing disturbed.

    cargo build --release && sudo scripts/drills/disk_full.py target/release/hsic-cli [TIMES]

Mounts a small tmpfs, which takes root. The disk is full before the command starts, or fills up at TIMES random moments (10 if nothing
is said).
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from runs import COMMANDS, folds, results, start

program = str(pathlib.Path(sys.argv[1]).resolve())
times = int(sys.argv[2]) if len(sys.argv) > 2 else 10
if os.geteuid() != 0:
    sys.exit("mounting a tmpfs takes root")
random.seed(0)
FULL = "No space left on device"


def fill(disk, free):
    """Takes all but so many kilobytes."""
    stat = os.statvfs(disk)
    room = max(stat.f_bavail * stat.f_frsize - free * 1024, 0)
    try:
        with open(disk / "ballast", "ab") as ballast:
            ballast.write(bytes(room))
    except OSError:
        pass  # what runs beside was faster, and nothing is free


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def drill(command, disk):
    begun = time.monotonic()
    _, stderr = (process := start(program, command, disk, "before")).communicate()
    assert process.returncode == 0, stderr
    whole = time.monotonic() - begun
    expected, before = results(disk / "before"), files(disk / "before")
    for free in [0, 64, 512]:
        fill(disk, free)
        _, stderr = (process := start(program, command, disk, "full")).communicate()
        assert process.returncode == 2 and FULL in stderr, f"{free} kB: {process.returncode} {stderr}"
        (disk / "ballast").unlink()
    print(f"{command}: with 0, 64 and 512 kB free it does not start: {stderr.strip()}", flush=True)
    refused = 0
    for number in range(times):
        process = start(program, command, disk, out := f"out{number}")
        time.sleep(random.uniform(0, whole))
        fill(disk, free := random.choice([0, 4, 16, 64]))
        _, stderr = process.communicate()
        (disk / "ballast").unlink(missing_ok=True)
        assert process.returncode == 0 or FULL in stderr and process.returncode in (1, 2), f"{process.returncode} {stderr}"
        refused += process.returncode != 0
        kept = folds(disk / out) if (disk / out).exists() else 0
        told = stderr.strip().replace("\n", " ") or "it was done before"
        print(f"{command} {number + 1}: {free} kB left, exit code {process.returncode}, {kept} folds kept: {told}", flush=True)
        _, stderr = (process := start(program, command, disk, out)).communicate()
        assert process.returncode == 0, stderr
        assert results(disk / out) == expected
        # pictures are large beside the disk
        subprocess.run(["rm", "-r", disk / out], check=True)
        assert files(disk / "before") == before, "results of before were touched"
    print(f"{command}: the disk was full {refused} times of {times}; nothing was lost, and with room again all results are equal")


with tempfile.TemporaryDirectory() as name:
    disk = pathlib.Path(name)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", name], check=True)
    try:
        for command in COMMANDS:
            drill(command, disk)
            subprocess.run(["rm", "-r", disk / "before"], check=True)
        table = "a,b,kind\n" + "".join(f"{i * 7 % 11},{i * 5 % 13},{i % 2}\n" for i in range(60))
        (disk / "t.csv").write_text(table)
        words = [program, "fit", "t.csv", "--model", "m", "--solver", "closed-form", "--no-search", "--quiet"]
        subprocess.run(words, cwd=disk, check=True)
        before = files(disk)
        for free in [0, 4]:
            fill(disk, free)
            ended = subprocess.run(words, cwd=disk, capture_output=True, text=True)
            assert ended.returncode in (1, 2) and FULL in ended.stderr, ended.stderr
            (disk / "ballast").unlink()
            assert files(disk) == before, "the model of before was touched"
        print(f"fit: {ended.stderr.strip()}; the model of before is there still")
    finally:
        subprocess.run(["umount", name], check=True)
