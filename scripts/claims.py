#!/usr/bin/env python3
"""docs/claims.md from the JSON of `hsic-cli verify --json`.

    hsic-cli verify spiral random adversarial wine divorce cancer face car --json > claims.json
    scripts/claims.py claims.json > docs/claims.md
"""

import json
import sys

CLAIMS = [
    "any labelling",
    "indicator kernel",
    "scatter",
    "MSE and CE",
    "W_s not stationary",
    "W* optimal",
    "reformulation",
]
WEIGHTS = ["reported", "not-applicable", "holds", "refuted-as-printed", "premise-not-reached", "failed"]
SHOWN = {"not-applicable": "n/a", "refuted-as-printed": "as corrected"}

HEAD = """# The seven claims

Made by `scripts/claims.py` from the JSON of the command below; do not edit.

```sh
hsic-cli verify                                       # spiral, random, adversarial, wine; seeds 0, 1, 2
hsic-cli verify wine divorce --seed 0,1 --all         # any registered set, or an experiment file
hsic-cli verify cancer --report claims.html           # verdicts, pictures and bandwidths on one page
hsic-cli verify cancer --json > claims.json           # every number, in one object
hsic-cli verify --replay claims.json                  # claim 1 again: the certified layers alone, no search
```

Each claim is checked on all rows of a set, standardised, once a seed. A quantity is shown for the layer and seed that ask most for
attention; `--all` shows every one.

| verdict | means |
|---|---|
| holds | within the bound, for every seed |
| refuted as printed | not as printed; the note has what holds in its place |
| premise not reached | no stack was found of which the claim speaks; the best one is shown |
| n/a | the claim asks for nothing here; the note says why |
| failed | a bug of ours, or a theorem that is wrong; exit code 1 |

| claim | network | what is measured | holds if |
|---|---|---|---|
| 1 | closed form, `construction` and `beam`: the first that reaches H* 0.99 | H* of the last layer; train accuracy; lengths of the columns of W_s | ≥ 0.99, = 1, within 1e-10 of 1. Where equal rows disagree: the proven bound on both |
| 2 | spectral, stacked until H* stops rising, then infinitely wide and balanced with narrower kernels; the closed form of claim 1 | mean, quantiles of K over pairs of same and of different class | last means ≥ 0.95 and ≤ 0.05, at H* ≥ 0.99 |
| 3 | the same two | Tr(S_w)/Tr(S_b) | last ≤ 0.05 and below the first, at H* ≥ 0.99 |
| 4 | both methods at their defaults, and the same two | error of the kernel regression, by its bound 1 − H*²; rank correlation over layers of its MSE and CE with H* | never above the bound; < 0 with p ≤ 0.01 by permutation, over five layers or more on which H* rises by 0.05 |
| 5 | closed form, 300 explicit random features, at orth(W_s), `max-hsic` and `smoothest-gain` | ‖Riemannian gradient‖/‖QW‖; gain of one ascent step | ≥ 0.01 and > 0 wherever H* < 0.9 |
| 6 | every spectral layer solved to 1e-9 | stationarity residual; how many of 350 sampled neighbours (projector distance 1e-3 to 1e-1) are higher | ≤ 1e-4 and none; not applicable where q is the rank |
| 7 | every spectral layer | eq. 8–9 by explicit pair sums against Tr(WᵀQW)/σ² | agree to 1e-10 |

The proofs are in [mathematics.md](mathematics.md#a-stack-for-any-labelling): a narrow kernel makes a point of every class whose rows are equally often there; a rule whose H* → 1
once classes are far enough apart; what no network can pass where equal rows disagree; and
[what a high H* says of MSE and CE](mathematics.md#what-a-high-h-says-of-mse-and-ce). Tests make the solver wrong on purpose (the sign of Q, columns of W_s that are not of length 1, a
kernel that is not centred): each of the seven verdicts changes (`crates/hsic-eval/src/claims/faults.rs`).

Claim 7 is **refuted as printed** everywhere: eq. 9 holds with the squared norm ‖Wᵀr_i‖² and the signed Γ, to 1e-13; with the norm
itself it does not. The printed |Γ| agrees with −Γ only while every block of Γ between classes is negative, which fails on sets with
three or more classes of unequal size (`car`: acc–good +0.28, good–vgood +0.47).
"""


def verdict(report, claim):
    found = [f["verdict"] for f in report["findings"] if f["claim"] == claim]
    worst = max(found, key=WEIGHTS.index, default="reported")
    return "not-applicable" if worst == "reported" else worst


def shown(verdict):
    text = SHOWN.get(verdict, verdict.replace("-", " "))
    return f"**{text}**" if verdict in ("failed", "premise-not-reached") else text


def number(value):
    if value is None:
        return "—"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return f"{value:.1e}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def of(report, prefix):
    values = [
        f["measured"]
        for f in report["findings"]
        # "closed-form" alone is the default schedule, not those with a comma after it
        if f["quantity"].startswith(prefix) and not f["quantity"].startswith(prefix + ",") and f["measured"] is not None
    ]
    return sum(values) / len(values) if values else None


def verdicts(sets):
    header = ["claim"] + [report["dataset"] for report in sets]
    rows = [[f"{claim} {words}"] + [shown(verdict(report, claim)) for report in sets] for claim, words in enumerate(CLAIMS, 1)]
    return table(header, rows)


def notes(sets):
    """What is neither held nor reported, a line a quantity."""
    lines = []
    for report in sets:
        seen = {}
        for f in report["findings"]:
            if f["verdict"] in ("failed", "premise-not-reached") or (f["verdict"] == "refuted-as-printed" and f["claim"] != 7):
                seen.setdefault((f["claim"], f["quantity"]), []).append(f)
        for (claim, quantity), found in seen.items():
            seeds = ", ".join(str(s) for s in sorted({f["seed"] for f in found}))
            lines.append(
                f"- **{report['dataset']}, claim {claim}** ({found[0]['verdict'].replace('-', ' ')}, seeds {seeds}): "
                f"{quantity}: {number(found[-1]['measured'])}; {found[-1].get('note', '')}"
            )
    return "\n".join(lines) + "\n" if lines else "None.\n"


def certificates(sets):
    rows = []
    for report in sets:
        seen = {}
        for c in report["certificates"]:
            sigmas = ", ".join(f"{layer['sigma']:.4g}" for layer in c["layers"])
            key = (c["network"], sigmas, f"{c['layers'][-1]['hsic_normalized']:.6f}", number(c["train_accuracy"]))
            seen.setdefault(key, []).append(str(c["seed"]))
        for (network, sigmas, hsic, accuracy), seeds in seen.items():
            rows.append([report["dataset"], ", ".join(seeds), network, str(sigmas.count(",") + 1), hsic, accuracy, sigmas])
    return table(["set", "seeds", "found by", "layers", "H*", "train accuracy", "bandwidths"], rows)


def theory(sets):
    columns = [
        ("1 − H* a layer, W*", "factor of 1 − H* from layer to layer, spectral, to"),
        ("1 − H* a layer, W_s", "factor of 1 − H* from layer to layer, closed-form"),
        ("T a layer, W*", "factor of Tr(S_w)/Tr(S_b) from layer to layer, spectral, to"),
        ("T a layer, W_s", "factor of Tr(S_w)/Tr(S_b) from layer to layer, closed-form"),
        ("common H*", "H* that W* and W_s"),
        ("layers, W*", "layers W* needs"),
        ("layers, W_s", "layers W_s needs"),
        ("test, W*", "test accuracy of W*, mean"),
        ("test, W_s", "test accuracy of W_s, mean"),
    ]
    rows = [[report["dataset"]] + [number(of(report, prefix)) for _, prefix in columns] for report in sets]
    return table(["set"] + [name for name, _ in columns], rows)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        run = json.load(file)
    sets = run["sets"]
    seeds = ", ".join(map(str, run["seeds"]))
    names = " ".join(run["sources"])
    print(HEAD)
    print(f"## Measured\n\nVerdicts of `hsic-cli verify {names}` (version {run['version']}, seeds {seeds}):\n")
    print(verdicts(sets))
    print("## What does not hold as printed, or was not reached\n\nBeside claim 7:\n")
    print(notes(sets))
    print("## Claim 1: the bandwidths\n\nAnyone can run these layers alone, one closed-form layer after another.\n")
    print(certificates(sets))
    print(
        "## How fast, and what it means for test rows\n\n"
        "Means over the seeds. A factor is the geometric mean over the layers; of one layer there is none. `common H*` is what W* (to the limit) and W_s (default "
        "schedule) both reach, less 0.01, and the layers each needs to it: the paper's first observation. Test accuracy is of both at their defaults, over five folds: the second.\n"
    )
    print(theory(sets), end="")


if __name__ == "__main__":
    main()
