"""What the drills have in common: two commands that write results, begun, gone on with, and compared."""

import csv
import json
import subprocess

CONFIG = """
name = "drill"
folds = 10
methods = ["spectral", "closed-form", "knn"]
dataset.name = "wine"
"""
REPRODUCE = ["reproduce", "--datasets", "wine,random", "--folds", "3", "--methods", "spectral,closed-form,knn"]
COMMANDS = ["run", "reproduce"]


def start(program, command, folder, out):
    """Begins, or goes on with what an earlier process left in `out`; `reproduce` does so without being asked."""
    words = ["run", "drill.toml"] if command == "run" else REPRODUCE
    (folder / "drill.toml").write_text(CONFIG)
    if command == "run" and (folder / out / "results.json").exists():
        words = [*words, "--resume"]
    words = [program, *words, "--out", out, "--quiet"]
    return subprocess.Popen(words, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def results(folder):
    """Every number of the tables in a folder of results but the seconds, by the file."""
    found = {}
    for path in sorted(folder.rglob("*.csv")):
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows, path
        kept = [{key: value for key, value in row.items() if "seconds" not in key} for row in rows]
        found[str(path.relative_to(folder))] = kept
    assert found, folder
    return found


def folds(folder):
    """How many folds the files in a folder hold; each file must be whole."""
    count = 0
    for path in folder.rglob("results.json"):
        count += sum(len(method["folds"]) for method in json.loads(path.read_text())["methods"])
    return count
