"""HSIC networks and HSIC from Python.

Estimators of scikit-learn's kind, trained layer by layer in closed form without backpropagation (:class:`HSICClassifier`,
:class:`HSICTransformer`), and the Hilbert-Schmidt independence criterion as fast functions of arrays (:func:`hsic`,
:func:`independence_test`, :func:`gram` and what they are made of). :mod:`hsic.distributed` fits over rows that are elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._functions import (
    IndependenceResult,
    cross_gram,
    gram,
    hsic,
    independence_test,
    inspect_table,
    kernel_times_matrix,
    median_bandwidth,
    random_features,
)
from ._hsic import __version__, get_num_threads, set_num_threads

if TYPE_CHECKING:
    from ._estimators import HSICClassifier, HSICTransformer, load

# scikit-learn is imported with the first of these alone
_LAZY = ("HSICClassifier", "HSICTransformer", "load")

__all__ = [
    "HSICClassifier",
    "HSICTransformer",
    "IndependenceResult",
    "__version__",
    "cross_gram",
    "get_num_threads",
    "gram",
    "hsic",
    "independence_test",
    "inspect_table",
    "kernel_times_matrix",
    "load",
    "median_bandwidth",
    "random_features",
    "set_num_threads",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            from . import _estimators
        except ModuleNotFoundError as error:
            if error.name is None or not error.name.startswith("sklearn"):
                raise
            raise ModuleNotFoundError(
                f"hsic.{name} needs scikit-learn 1.6 or later: pip install 'hsic[sklearn]'", name=error.name
            ) from error
        return getattr(_estimators, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
