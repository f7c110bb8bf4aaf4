#!/usr/bin/env python3
"""Fills the disk in the middle of a run: the error must say so, and what was there before must be there still.

    cargo build --release && sudo scripts/drills/disk_full.py target/release/hsic-cli

Mounts a small tmpfs, which takes root; says so where it cannot.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

program = str(pathlib.Path(sys.argv[1]).resolve())
if os.geteuid() != 0:
    sys.exit("mounting a tmpfs takes root")
FIRST = 'name = "first"\nfolds = 2\nmethods = ["knn"]\ndataset.name = "wine"\n'
SECOND = 'name = "second"\nfolds = 10\nmethods = ["spectral", "closed-form", "knn"]\ndataset.name = "wine"\n'

with tempfile.TemporaryDirectory() as name:
    disk = pathlib.Path(name)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", name], check=True)
    try:
        for stem, config in [("first", FIRST), ("second", SECOND)]:
            (disk / f"{stem}.toml").write_text(config)

        def run(stem, *options):
            arguments = [program, "run", f"{stem}.toml", "--out", stem, "--quiet", *options]
            return subprocess.run(arguments, cwd=disk, capture_output=True, text=True)

        def files(folder):
            return {path.name: path.read_bytes() for path in sorted((disk / folder).iterdir()) if path.is_file()}

        assert run("first").returncode == 0
        before = files("first")
        # all but so many kilobytes is taken
        for free in [4, 16, 64]:
            stat = os.statvfs(disk)
            room = stat.f_bavail * stat.f_frsize - free * 1024
            (disk / "ballast").write_bytes(bytes(max(room, 0)))
            ended = run("second")
            assert ended.returncode not in (0, None) and ended.returncode > 0, f"{free} kB: exit code {ended.returncode}"
            assert "No space left on device" in ended.stderr, ended.stderr
            assert files("first") == before, "results of before were touched"
            print(f"{free} kB free: exit code {ended.returncode}: {ended.stderr.strip()}")
            (disk / "ballast").unlink()
        # with room again, it goes on
        resume = ["--resume"] if (disk / "second" / "results.json").exists() else []
        ended = run("second", *resume)
        assert ended.returncode == 0, ended.stderr
        print("with room again the run came to its end")
    finally:
        subprocess.run(["umount", name], check=True)
