"""What the tests share."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest


def spiral(n: int = 300, seed: int = 0) -> "tuple[np.ndarray, np.ndarray]":
    """Three arms."""
    rng = np.random.default_rng(seed)
    t = np.sqrt(rng.uniform(size=n))
    y = rng.integers(0, 3, n)
    angle = 4 * t + 2 * np.pi * y / 3
    return np.c_[t * np.cos(angle), t * np.sin(angle)] + rng.normal(scale=0.02, size=(n, 2)), y


def contents(classifier: Any) -> "tuple[dict[str, np.ndarray], dict[str, Any]]":
    """The tensors of a model file, and what its header says, read without the package."""
    data = classifier.to_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    said = json.loads(header.pop("__metadata__")["hsic"])["model"]
    types = {"F64": np.float64, "I64": np.int64, "U64": np.uint64, "U32": np.uint32, "F32": np.float32}
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[start:end], types[entry["dtype"]]).reshape(entry["shape"])
    return tensors, said


@pytest.fixture
def arms() -> "tuple[np.ndarray, np.ndarray]":
    return spiral()
