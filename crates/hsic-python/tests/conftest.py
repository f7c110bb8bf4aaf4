"""What the tests share."""

from __future__ import annotations

import numpy as np
import pytest


def spiral(n: int = 300, seed: int = 0) -> "tuple[np.ndarray, np.ndarray]":
    """Three arms."""
    rng = np.random.default_rng(seed)
    t = np.sqrt(rng.uniform(size=n))
    y = rng.integers(0, 3, n)
    angle = 4 * t + 2 * np.pi * y / 3
    return np.c_[t * np.cos(angle), t * np.sin(angle)] + rng.normal(scale=0.02, size=(n, 2)), y


@pytest.fixture
def arms() -> "tuple[np.ndarray, np.ndarray]":
    return spiral()
