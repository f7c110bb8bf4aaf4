"""The functions against the textbook."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics.pairwise import rbf_kernel

import hsic

#: A few hundred roundings.
CLOSE = 1e-12
#: What single precision allows.
SINGLE = 2e-5


@pytest.fixture
def samples():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3))
    return x, x[:, :2] ** 2 + 0.3 * rng.normal(size=(120, 2)), rng.integers(0, 3, 120)


def by_the_book(K, L):
    n = len(K)
    H = np.eye(n) - 1 / n
    Kc, Lc = H @ K @ H, H @ L @ H
    trace = np.sum(Kc * Lc)
    Kt, Lt = K - np.diag(np.diag(K)), L - np.diag(np.diag(L))
    unbiased = np.sum(Kt * Lt) + Kt.sum() * Lt.sum() / (n - 1) / (n - 2) - 2 / (n - 2) * Kt.sum(0) @ Lt.sum(0)
    return {
        "biased": trace / (n - 1) ** 2,
        "unbiased": unbiased / n / (n - 3),
        "normalized": trace / np.linalg.norm(Kc) / np.linalg.norm(Lc),
    }


def kernel(x, sigma):
    return np.exp(-((x[:, None] - x[None]) ** 2).sum(-1) / 2 / sigma**2)


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 500])
def test_gram_is_the_rbf_kernel(n):
    x = np.random.default_rng(n).normal(size=(n, 16))
    y = np.random.default_rng(n + 1).normal(size=(7, 16))
    K = hsic.gram(x, 1.7)
    np.testing.assert_allclose(K, rbf_kernel(x, gamma=1 / (2 * 1.7**2)), rtol=0, atol=CLOSE)
    assert K.flags.c_contiguous and K.flags.writeable and (K == K.T).all()
    np.testing.assert_allclose(hsic.cross_gram(x, y, 1.7), rbf_kernel(x, y, gamma=1 / (2 * 1.7**2)), rtol=0, atol=CLOSE)


def test_types_are_kept(samples):
    x, y, _ = samples
    single = x.astype(np.float32)
    for function in (hsic.gram, lambda x, s: hsic.cross_gram(x, x, s), lambda x, s: hsic.kernel_times_matrix(x, x, s), lambda x, s: hsic.random_features(x, 64, s)):
        of_single, of_double = function(single, 1.5), function(x, 1.5)
        assert of_single.dtype == np.float32 and of_double.dtype == np.float64
        np.testing.assert_allclose(of_single, of_double, atol=SINGLE * max(1, np.abs(of_double).max()))
    assert hsic.gram(np.arange(6).reshape(3, 2)).dtype == np.float64
    assert hsic.cross_gram(single, x, 1.0).dtype == np.float64


@pytest.mark.parametrize("estimator", ["biased", "unbiased", "normalized"])
def test_hsic_is_that_of_the_book(estimator, samples):
    x, y, codes = samples
    expected = by_the_book(kernel(x, 1.2), kernel(y, 0.7))[estimator]
    assert hsic.hsic(x, y, estimator=estimator, sigma=1.2, sigma_y=0.7) == pytest.approx(expected, rel=CLOSE)
    expected = by_the_book(kernel(x, 1.2), (codes[:, None] == codes[None]).astype(float))[estimator]
    for labels in (codes, codes.astype(float), np.array(["a", "b", "c"])[codes], list(codes)):
        assert hsic.hsic(x, labels, estimator=estimator, sigma=1.2) == pytest.approx(expected, rel=1e-10)


def test_median_bandwidth(samples):
    x = samples[0]
    distances = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))[np.triu_indices(len(x), 1)]
    assert hsic.median_bandwidth(x) == pytest.approx(np.median(distances), rel=CLOSE)


def test_products_and_features(samples):
    x, y, _ = samples
    np.testing.assert_allclose(hsic.kernel_times_matrix(x, y, 0.9), kernel(x, 0.9) @ y, atol=1e-10)
    for orthogonal in (False, True):
        psi = hsic.random_features(x, 20000, 1.5, orthogonal=orthogonal, random_state=3)
        np.testing.assert_allclose(psi @ psi.T, kernel(x, 1.5), atol=0.06)


def test_independence(samples):
    x, y, codes = samples
    rng = np.random.default_rng(5)
    for method in ("permutation", "gamma"):
        assert hsic.independence_test(x, y, method=method).pvalue <= 0.001
        free = hsic.independence_test(x, rng.normal(size=(120, 2)), method=method)
        assert free.pvalue > 0.02 and free.method == method
    found = hsic.independence_test(x, y, n_permutations=99)
    assert found.statistic == pytest.approx(hsic.hsic(x, y), rel=CLOSE)
    assert found.pvalue == (1 + found.n_at_least_as_large) / 100
    assert (found.sigma, found.sigma_y) == (hsic.median_bandwidth(x), hsic.median_bandwidth(y))
    assert hsic.independence_test(x, codes).sigma_y is None
    assert found == hsic.independence_test(x, y, n_permutations=99, n_jobs=1)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: hsic.gram(x[0]), ValueError, "Expected 2D array for x, got 1D array instead"),
        (lambda x: hsic.gram(x + 1j), ValueError, "Complex data not supported"),
        (lambda x: hsic.gram(np.array([["a"]])), ValueError, "x must be of numbers, got dtype <U1"),
        (lambda x: hsic.gram(x, -1.0), ValueError, "bandwidth must be positive and finite, got -1"),
        (lambda x: hsic.gram(np.full((2, 2), np.nan), 1.0), ValueError, "row 0, column 0"),
        (lambda x: hsic.cross_gram(x, x[:, :2], 1.0), ValueError, "cross_gram"),
        (lambda x: hsic.hsic(x, x[:50]), ValueError, "HSIC between samples: x is 120x3, y is 50x3"),
        (lambda x: hsic.hsic(x, x, estimator="mle"), ValueError, 'estimator must be "biased", "unbiased" or "normalized", got "mle"'),
        (lambda x: hsic.hsic(x, x[:, 0]), ValueError, "Unknown label type: continuous"),
        (lambda x: hsic.independence_test(x, x, method="exact"), ValueError, 'method must be "permutation" or "gamma", got "exact"'),
        (lambda x: hsic.independence_test(x, x, n_permutations=0), ValueError, "n_permutations must be at least 1, got 0"),
        (lambda x: hsic.random_features(x, 7, 1.0), ValueError, "even and positive"),
    ],
)
def test_errors(call, kind, message, samples):
    with pytest.raises(kind) as error:
        call(samples[0])
    assert message in str(error.value)


def test_an_array_at_an_odd_address_is_copied(samples):
    x, _, y = samples
    odd = np.frombuffer(b"\0" + x.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(x.shape)
    assert not odd.flags.aligned
    assert np.array_equal(hsic.gram(odd, 1.0), hsic.gram(x, 1.0))
    settings = {"solver": "closed-form", "search": None}
    assert np.array_equal(
        hsic.HSICClassifier(**settings).fit(odd, y).predict_proba(odd),
        hsic.HSICClassifier(**settings).fit(x, y).predict_proba(x),
    )


def test_sparse_is_refused(samples):
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="dense data is required"):
        hsic.gram(sparse.csr_matrix(samples[0]))


def test_hyppo_agrees(samples):
    hyppo = pytest.importorskip("hyppo.independence")
    x, y, _ = samples
    K, L = kernel(x, hsic.median_bandwidth(x)), kernel(y, hsic.median_bandwidth(y))
    # a correlation of the kind of dcor: the root
    biased = hyppo.Hsic(compute_kernel=None, bias=True).statistic(K, L)
    assert biased**2 == pytest.approx(hsic.hsic(x, y, estimator="normalized"), rel=1e-10)


def test_an_inspection_of_a_table_says_what_columns_become(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(";price;when;class\n0;1,5;2020-01-17;no\n1;2,25;2020-01-18;yes\n2;NA;2020-01-19;no\n")
    found = hsic.inspect_table(path, ignore=["when"])
    columns = {column["name"]: column for column in found["columns"]}
    assert [column["becomes"] for column in found["columns"]] == ["left out", "number", "left out", "label of 2 classes"]
    assert (columns["price"]["format"], columns["price"]["missing"]) == ("decimal ,", 1)
    assert found["problem"] is None and len(found["warnings"]) == 1
    assert "has dates or times" in hsic.inspect_table(path)["problem"]
    with pytest.raises(ValueError, match="encoding: expected an encoding"):
        hsic.inspect_table(path, encoding="klingon")
