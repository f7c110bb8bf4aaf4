"""Every check of scikit-learn, with no failure expected."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from hsic import HSICClassifier, HSICTransformer

ESTIMATORS = [
    HSICClassifier(),
    HSICClassifier(search=None),
    HSICClassifier(solver="closed-form", search=None),
    HSICClassifier(missing="mean", search=None),
    HSICTransformer(),
]


@parametrize_with_checks(ESTIMATORS)
@pytest.mark.filterwarnings("ignore")
def test_check(estimator, check):
    check(estimator)
