"""Leave-one-out scores and predictions of kernel ridge regressions by scikit-learn: ridge.json.

    python3 scripts/golden/ridge.py > scripts/golden/ridge.json

`Ridge` on the features of the kernel (K = ΦΦᵀ), fitted again without each row; where every row counts alike the errors are held
against those of `RidgeCV`, and the predictions against `KernelRidge` on the kernel that `KernelCenterer` centres.
"""

import json

import numpy as np
import sklearn
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.metrics.pairwise import laplacian_kernel, rbf_kernel
from sklearn.preprocessing import KernelCenterer
from sklearn.utils.class_weight import compute_sample_weight

SIGMA, RIDGE = 0.8, 1.0
rng = np.random.RandomState(0)
x, new = np.round(rng.randn(24, 3), 4), np.round(rng.randn(5, 3), 4)
codes = (x[:, 0] * x[:, 1] > 0).astype(int) + (x[:, 2] > 0.8)
y = np.eye(3)[codes]
cases = []
for kind, kernel in [
    ("gaussian", lambda a, b: rbf_kernel(a, b, gamma=1 / (2 * SIGMA**2))),
    ("laplacian", lambda a, b: laplacian_kernel(a, b, gamma=1 / SIGMA)),
]:
    k, k_new = kernel(x, x), kernel(new, x)
    values, vectors = np.linalg.eigh(k)
    phi, phi_new = vectors * np.sqrt(values), k_new @ vectors / np.sqrt(values)
    for class_weight in [None, "balanced"]:
        weights = compute_sample_weight(class_weight, codes)
        fit = lambda rows: Ridge(RIDGE).fit(phi[rows], y[rows], sample_weight=weights[rows])
        rows = np.arange(len(x))
        scores = fit(rows).predict(phi_new)
        held_out = np.vstack([fit(rows != i).predict(phi[i : i + 1]) for i in rows])
        if class_weight is None:
            cv = RidgeCV([RIDGE], store_cv_results=True).fit(phi, y)
            assert np.allclose(cv.cv_results_[:, :, 0], (y - held_out) ** 2, rtol=0, atol=1e-12)
            center = KernelCenterer().fit(k)
            ridge = KernelRidge(alpha=RIDGE, kernel="precomputed").fit(center.transform(k), y - y.mean(0))
            assert np.allclose(ridge.predict(center.transform(k_new)) + y.mean(0), scores, rtol=0, atol=1e-12)
        cases.append({
            "kernel": kind,
            "class_weight": class_weight or "plain",
            "held_out": held_out.tolist(),
            "scores": scores.tolist(),
        })
print(json.dumps({
    "made_with": f"scikit-learn {sklearn.__version__}",
    "sigma": SIGMA,
    "ridge": RIDGE,
    "x": x.tolist(),
    "codes": codes.tolist(),
    "new": new.tolist(),
    "cases": cases,
}))
