"""Every check of scikit-learn; of the estimators as they come no failure is expected."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from hsic import HSICClassifier, HSICTransformer

ESTIMATORS = [
    HSICClassifier(),
    HSICTransformer(),
    HSICClassifier(solver="closed-form", search=None),
    HSICClassifier(missing="mean", search=None),
]

#: docs/python.md says why.
MEMORISED = "a deep network learns noise by heart: its probabilities are further apart than the check's weights"


def expected(estimator) -> dict[str, str]:
    if isinstance(estimator, HSICClassifier) and estimator.search is None:
        return {"check_class_weight_classifiers": MEMORISED}
    return {}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected)
@pytest.mark.filterwarnings("ignore")
def test_check(estimator, check):
    check(estimator)
