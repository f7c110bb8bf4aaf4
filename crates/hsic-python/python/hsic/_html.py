"""A network in a notebook."""

from __future__ import annotations

from html import escape
from typing import Any


def network(estimator: Any) -> str:
    """The layers as a table: width, bandwidth, and H* as a bar."""
    rows = "".join(
        f"<tr><td>{layer['layer']}</td><td>{escape(layer['solver'])}</td><td>{layer['width']}</td><td>{layer['sigma']:.4g}</td>"
        f'<td><meter min="0" max="1" value="{layer["hsic"]:.4f}"></meter> {layer["hsic"]:.4f}</td></tr>'
        for layer in estimator.layers_
    )
    caption = f"{escape(estimator.solver_)} network, {estimator.n_features_in_} columns, {len(estimator.classes_)} classes; stacking ended: {escape(estimator.stop_reason_)}"
    return (
        f'<table class="hsic-network"><caption>{caption}</caption><thead><tr><th>layer</th><th>solver</th><th>width q</th>'
        f"<th>bandwidth &sigma;</th><th>H*</th></tr></thead><tbody>{rows}</tbody></table>"
    )
