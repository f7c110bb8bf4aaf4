"""Writes python/hsic/_parameters.py, the constructors of the estimators, from the table of hyperparameters.

    python generate.py          writes the file
    python generate.py --check  says whether it is up to date
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

from hsic import _hsic

TARGET = Path(__file__).parent / "python" / "hsic" / "_parameters.py"

HEAD = '''"""The parameters of the estimators: written by generate.py from the table of hyperparameters, not by hand."""

# fmt: off
from __future__ import annotations

from typing import Any, Mapping, Optional, Union

#: The hyperparameters by solver, in the order of the table.
OF_SOLVER: dict[str, tuple[str, ...]] = {
'''

COMMON = {
    "solver": (
        'str, default="{solver}"',
        '"spectral" (W*, by gradient ascent on the Stiefel manifold), "closed-form" (W_s, the kernel mean embedding), or "auto": '
        "whichever the search prefers, and without a search the one that has the parameters given.",
    ),
    "search": (
        "str or None, default={search!r}",
        '"auto" chooses the hyperparameters that are not given by cross-validation on the training rows, as ``hsic-cli fit`` does; '
        "None takes their defaults.",
    ),
    "missing": (
        'str, default="refuse"',
        '"refuse": a missing cell (NaN) is an error; "mean": it becomes the mean of its column\'s known training cells.',
    ),
    "random_state": (
        "int, RandomState instance or None, default=0",
        "The seed. The same seed gives the same bits, whatever n_jobs.",
    ),
    "budget": (
        "float or None, default=None",
        "Seconds after which the search tries no further network; the fit of the chosen one comes on top. The result then depends on how fast the "
        "machine is. None: no clock is looked at.",
    ),
    "verbose": (
        "int, default=0",
        "1: a line on standard output for every network that the search tries, with the best so far, and for every layer.",
    ),
    "n_jobs": (
        "int or None, default=None",
        "Threads; -1 all of the machine. None: as ``hsic.set_num_threads`` or RAYON_NUM_THREADS or OMP_NUM_THREADS says, else all.",
    ),
}

#: What an estimator of rows that an engine has takes beside the hyperparameters.
ENGINE = {
    "sample_rows": (
        "int or None, default=None",
        "Rows of the sample on which bandwidths are chosen and ascents start, and up to 16 a class more. None: 2048.",
    ),
    "client": (
        "distributed.Client or None, default=None",
        "The cluster. None: the present client; without one Dask's own scheduler of threads or processes.",
    ),
    "checkpoint": (
        "str, path-like or None, default=None",
        "A file that grows by what every pass found. A fit of the same rows and settings that finds it there goes on after the last pass; it is "
        "not removed.",
    ),
    "progress": (
        "bool, callable or None, default=None",
        "True: a line a pass on standard error. A function is given a dict: which pass and layer, seconds, bytes, H* and its gain.",
    ),
}

#: Annotation and default of what comes after the hyperparameters.
LAST = {
    "missing": 'str = "refuse"',
    "random_state": "Any = 0",
    "budget": "Optional[float] = None",
    "verbose": "int = 0",
    "n_jobs": "Optional[int] = None",
    "sample_rows": "Optional[int] = None",
    "client": "Any = None",
    "checkpoint": "Any = None",
    "progress": "Any = None",
}

SPOKEN = {
    "ClassifierParameters": "the classifier",
    "TransformerParameters": "the transformer",
    "DaskParameters": "the classifier of hsic.dask",
}

TYPES = {
    "int": "Optional[int]",
    "float": "Optional[float]",
    "bool": "Optional[bool]",
    "str": "Optional[str]",
    "str or dict": "Union[str, Mapping[str, int], None]",
    "float or str": "Union[float, str, None]",
    "int, str or dict": "Union[int, str, Mapping[str, float], None]",
}


def merged(table: dict) -> dict:
    """Every hyperparameter once, with what each solver says of it."""
    fields: dict = {}
    for solver, of_solver in table.items():
        for field in of_solver:
            fields.setdefault(field["name"], {})[solver] = field
    return fields


def default_of(of_solvers: dict, solvers: list) -> str:
    values = {solver: field["default"] for solver, field in of_solvers.items()}
    words = {solver: "none" if value is None else json.dumps(value) for solver, value in values.items()}
    if len(set(words.values())) == 1:
        told = next(iter(words.values()))
        return told if len(words) == len(solvers) else f"{told} ({next(iter(words))} alone)"
    return ", ".join(f"{word} ({solver})" for solver, word in words.items())


def parameter_docs(fields: dict, solvers: list, solver: str, search: "str | None", last: tuple) -> str:
    lines = []

    def entry(name: str, kind: str, text: str) -> None:
        lines.append(f"{name} : {kind}")
        lines.extend(textwrap.wrap(text, 110, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False))

    for name in ("solver", "search"):
        kind, text = COMMON[name]
        entry(name, kind.format(solver=solver, search=search), text)
    for name, of_solvers in fields.items():
        field = next(iter(of_solvers.values()))
        text = field["doc"][0].upper() + field["doc"][1:] + f". Allowed: {field['allowed']}."
        kind = field["type"]
        if name == "class_weight":
            kind = "str, dict or None"
            text += (
                ' "plain" and "balanced" are of the fit. A dict {class: weight} multiplies the probability of each class, '
                "as that many rows of it would its prior, after a fit as by default."
            )
        searched = ", or what the search chooses" if any(f["is_searched"] for f in of_solvers.values()) else ""
        text += f" None: {default_of(of_solvers, solvers)}{searched}."
        entry(name, f"{kind}, default=None", text)
    for name in last:
        entry(name, *{**COMMON, **ENGINE}[name])
    return "\n".join(lines)


def source() -> str:
    table = json.loads(_hsic.parameters())
    fields = merged(table)
    solvers = list(table)
    text = HEAD
    for solver, of_solver in table.items():
        names = ", ".join(json.dumps(field["name"]) for field in of_solver)
        text += "\n".join(textwrap.wrap(f'"{solver}": ({names}),', 110, initial_indent="    ", subsequent_indent="        ")) + "\n"
    text += "}\n"
    local = ("missing", "random_state", "budget", "verbose", "n_jobs")
    for name, solver, search, last in (
        ("ClassifierParameters", "auto", "auto", local),
        ("TransformerParameters", "spectral", None, local),
        ("DaskParameters", "auto", "auto", ("sample_rows", "missing", "random_state", "client", "checkpoint", "progress")),
    ):
        docs = parameter_docs(fields, solvers, solver, search, last)
        constant = name.removesuffix("Parameters").upper() + "_DOC"
        text += f'\n#: What every parameter of {SPOKEN[name]} means.\n{constant} = """\\\n{docs}\n"""\n'
        text += f'\n\nclass {name}:\n    """Takes the parameters and looks at none of them, as scikit-learn wants it."""\n\n'
        text += "    def __init__(\n        self,\n        *,\n"
        text += f"        solver: str = {json.dumps(solver)},\n"
        text += f"        search: Optional[str] = {json.dumps(search) if search else None},\n"
        for field, of_solvers in fields.items():
            kind = TYPES[next(iter(of_solvers.values()))["type"]]
            if field == "class_weight":
                kind = "Union[str, Mapping[Any, float], None]"
            text += f"        {field}: {kind} = None,\n"
        for field in last:
            text += f"        {field}: {LAST[field]},\n"
        text += "    ) -> None:\n"
        for field in ("solver", "search", *fields, *last):
            text += f"        self.{field} = {field}\n"
    return text


if __name__ == "__main__":
    new = source()
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text() == new else f"{TARGET} is not what the table says: run generate.py")
    TARGET.write_text(new)
