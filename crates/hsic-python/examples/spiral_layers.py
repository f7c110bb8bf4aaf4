"""Draws a spiral layer by layer: three arms that become three corners.

    pip install "hsic[sklearn]" matplotlib
    python spiral_layers.py [spiral.png]
"""

from __future__ import annotations

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from hsic import HSICTransformer


def main(path: str) -> None:
    rng = np.random.default_rng(0)
    n = 600
    t, y = np.sqrt(rng.uniform(0.02, 1, n)), rng.integers(0, 3, n)
    angle = 4 * t + 2 * np.pi * y / 3
    X = np.column_stack([t * np.cos(angle), t * np.sin(angle)]) + rng.normal(scale=0.02, size=(n, 2))

    network = HSICTransformer(solver="spectral", max_layers=4).fit(X, y)
    pictures = [("input", X)]
    for layer in network.layers_:
        Z = network.transform(X, layer=layer["layer"])
        # the two directions in which Z is widest
        centred = Z - Z.mean(axis=0)
        plane = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
        pictures.append((f"layer {layer['layer']}: q = {layer['width']}, H* = {layer['hsic']:.2f}", plane))

    figure, axes = plt.subplots(1, len(pictures), figsize=(3.2 * len(pictures), 3.4), squeeze=False, layout="constrained")
    for axis, (title, plane) in zip(axes[0], pictures):
        second = plane[:, 1] if plane.shape[1] > 1 else np.zeros(n)
        axis.scatter(plane[:, 0], second, c=y, cmap="viridis", s=7)
        axis.set_title(title, fontsize=10)
        axis.set_xticks([])
        axis.set_yticks([])
    figure.savefig(path, dpi=120)
    print(f"{len(network.layers_)} layers, stopped by {network.stop_reason_}: {path}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "spiral.png")
