#!/usr/bin/env python3
"""Kills `run` and `reproduce` with SIGKILL at random moments and goes on: the results must be those of a run that nothing disturbed.

    cargo build --release && scripts/drills/kill.py target/release/hsic-cli [TIMES]

TIMES kills of each, 20 if nothing is said, no more than five of one run, and one of its pictures. A moment is a random number of folds and a random time after
them, since most of the time goes into the pictures. Compares every column of every table but the seconds; whoever looks must find every
file whole at any time.
"""

import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from runs import COMMANDS, folds, results, start

program = str(pathlib.Path(sys.argv[1]).resolve())
times = int(sys.argv[2]) if len(sys.argv) > 2 else 20
random.seed(0)


def run(command, folder, out, at=None, more=0):
    """Whether the command came to its end before it had so many folds, or before so many seconds more, when it is killed."""
    process = start(program, command, folder, out)
    while at is not None and process.poll() is None and folds(folder / out) < at:
        time.sleep(0.002)
    try:
        _, stderr = process.communicate(timeout=more if at is not None else None)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return False
    assert process.returncode == 0, stderr
    return True


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for command in COMMANDS:
        begun = time.monotonic()
        run(command, folder, f"{command}-undisturbed")
        whole = time.monotonic() - begun
        expected, all_folds = results(folder / f"{command}-undisturbed"), folds(folder / f"{command}-undisturbed")
        kills, drills, between = 0, 0, 0
        while kills < times:
            out, kept = f"{command}{drills}", []
            while kills < times and len(kept) < 5 and kept[-1:] != [all_folds]:
                begun = folds(folder / out)
                at = random.randint(begun, all_folds)
                if run(command, folder, out, at, random.uniform(0, whole / (all_folds + 1))):
                    break
                kills += 1
                kept.append(folds(folder / out))
                between += 0 < kept[-1] < all_folds
            run(command, folder, out)
            assert results(folder / out) == expected, f"{command} killed with {kept} folds kept"
            drills += 1
            print(f"{command} {drills}: killed when {kept} of {all_folds} folds were kept; results equal", flush=True)
        print(f"{command}: {kills} kills of {drills} runs of {whole:.2f} s, {between} of them between two folds: all results equal")
