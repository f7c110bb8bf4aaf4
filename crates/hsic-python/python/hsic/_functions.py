"""HSIC and what it is made of, as functions of arrays."""

from __future__ import annotations

import json
import operator
import os
from dataclasses import dataclass
from typing import Any, Optional, Sequence, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _hsic

#: Rows that a median of distances is taken of.
_SUBSAMPLE = 512


def _rows(x: Any, name: str) -> NDArray[Any]:
    """A two-dimensional C-contiguous and aligned array of one of two types: x itself where it is one."""
    if hasattr(x, "tocsr") or hasattr(x, "sparse") and not hasattr(x, "iloc"):
        raise TypeError(f"Sparse data was passed for {name}, but dense data is required. Use '.toarray()' to convert to a dense numpy array.")
    array = np.asarray(x)
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported\n{name} has dtype {array.dtype}")
    if array.dtype.kind not in "fiub":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} must be of numbers, got dtype {array.dtype}: {error}") from error
    if array.dtype not in (np.float64, np.float32):
        array = array.astype(np.float64)
    if array.ndim != 2:
        raise ValueError(
            f"Expected 2D array for {name}, got {array.ndim}D array instead. Reshape your data either using "
            "array.reshape(-1, 1) if your data has a single feature or array.reshape(1, -1) if it contains a single sample."
        )
    return np.require(array, requirements=["C", "A"])


def _pair(x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both of one type: of doubles where one is."""
    first, second = _rows(x, names[0]), _rows(y, names[1])
    if first.dtype != second.dtype:
        first, second = first.astype(np.float64), second.astype(np.float64)
    return first, second


def _sigma(x: NDArray[Any], sigma: Optional[float]) -> float:
    return _hsic.median_bandwidth(x, _SUBSAMPLE, 0) if sigma is None else float(sigma)


def _codes(y: Any) -> Optional[tuple[NDArray[np.int64], int]]:
    """The class codes of a vector of labels; None of rows of numbers."""
    if getattr(y, "ndim", None) is None:
        y = np.asarray(y)
    if y.ndim != 1:
        return None
    classes, codes = np.unique(np.asarray(y), return_inverse=True)
    if classes.dtype.kind == "f":
        if not np.isfinite(classes).all():
            raise ValueError("Input y contains NaN.")
        if (classes != np.floor(classes)).any():
            raise ValueError(
                "Unknown label type: continuous. A vector y is taken for classes; for rows of numbers pass y.reshape(-1, 1)."
            )
    return codes.astype(np.int64), len(classes)



def median_bandwidth(x: ArrayLike, *, subsample_rows: int = _SUBSAMPLE, random_state: int = 0) -> float:
    """The median of the distances between rows, the "median heuristic".

    Parameters
    ----------
    x : array of shape (n, d)
        The rows.
    subsample_rows : int, default=512
        Rows, drawn evenly, whose pairs are looked at.
    random_state : int, default=0
        Seed of the draw.

    Returns
    -------
    float
        sigma; where more than half of the pairs are equal rows, the median of the positive distances.

    Notes
    -----
    O(s²·d) time for s rows of the subsample.

    References
    ----------
    Gretton et al. (2012), A kernel two-sample test, section 8.
    """
    return _hsic.median_bandwidth(_rows(x, "x"), operator.index(subsample_rows), operator.index(random_state))


def gram(x: ArrayLike, sigma: Optional[float] = None, *, n_jobs: Optional[int] = None) -> NDArray[Any]:
    """The Gram matrix of the Gaussian kernel, K_ij = exp(-||x_i - x_j||² / 2σ²).

    Parameters
    ----------
    x : array of shape (n, d)
        The rows; float32 and float64 keep their type and, where they are C-contiguous, are not copied.
    sigma : float or None, default=None
        The bandwidth σ; None: :func:`median_bandwidth`. In scikit-learn's words ``gamma = 1 / (2 * sigma**2)``.
    n_jobs : int or None, default=None
        Threads.

    Returns
    -------
    ndarray of shape (n, n)

    Notes
    -----
    n²(d + exp)/2 time, n² memory.

    Examples
    --------
    >>> import numpy as np, hsic
    >>> hsic.gram(np.array([[0.0, 0.0], [3.0, 4.0]]), sigma=5.0).round(4)
    array([[1.    , 0.6065],
           [0.6065, 1.    ]])
    """
    rows = _rows(x, "x")
    return _hsic.gram(rows, _sigma(rows, sigma), n_jobs)


def cross_gram(x: ArrayLike, y: ArrayLike, sigma: float, *, n_jobs: Optional[int] = None) -> NDArray[Any]:
    """The kernel between the rows of x and those of y, K_ij = exp(-||x_i - y_j||² / 2σ²).

    Parameters
    ----------
    x, y : arrays of shape (n, d) and (m, d)
        The rows.
    sigma : float
        The bandwidth σ.
    n_jobs : int or None, default=None
        Threads.

    Returns
    -------
    ndarray of shape (n, m)

    Notes
    -----
    n·m(d + exp) time, n·m memory.
    """
    first, second = _pair(x, y)
    return _hsic.cross_gram(first, second, float(sigma), n_jobs)


def kernel_times_matrix(
    x: ArrayLike, v: ArrayLike, sigma: Optional[float] = None, *, n_jobs: Optional[int] = None
) -> NDArray[Any]:
    """K V, where K is the Gram matrix of the rows of x, which is never held.

    Parameters
    ----------
    x : array of shape (n, d)
        The rows.
    v : array of shape (n, q)
        The factor.
    sigma : float or None, default=None
        The bandwidth σ; None: :func:`median_bandwidth`.
    n_jobs : int or None, default=None
        Threads.

    Returns
    -------
    ndarray of shape (n, q)

    Notes
    -----
    n²(d + exp)/2 + 2n²q time, O(n·q) memory.
    """
    rows, factor = _pair(x, v, ("x", "v"))
    return _hsic.kernel_times_matrix(rows, factor, _sigma(rows, sigma), n_jobs)


def hsic(
    x: ArrayLike,
    y: ArrayLike,
    *,
    estimator: str = "biased",
    sigma: Optional[float] = None,
    sigma_y: Optional[float] = None,
    n_jobs: Optional[int] = None,
) -> float:
    """The Hilbert-Schmidt independence criterion of x and y.

    With K and L the Gram matrices of x and y and H = I - 11ᵀ/n::

        biased      Tr(KHLH) / (n-1)²
        unbiased    (Tr(K̃L̃) + 1ᵀK̃1·1ᵀL̃1/((n-1)(n-2)) - 2·1ᵀK̃L̃1/(n-2)) / (n(n-3)), K̃ and L̃ without their diagonals
        normalized  Tr(KHLH) / (||HKH|| ||HLH||), the centred kernel alignment, in [0, 1]

    Parameters
    ----------
    x : array of shape (n, d)
        The rows.
    y : array of shape (n,) or (n, e)
        A vector is taken for classes, of which L is 1 within and 0 between; rows of numbers are compared by a Gaussian kernel.
    estimator : {"biased", "unbiased", "normalized"}, default="biased"
        Which one.
    sigma, sigma_y : float or None, default=None
        The bandwidths; None: :func:`median_bandwidth`.
    n_jobs : int or None, default=None
        Threads.

    Returns
    -------
    float

    Notes
    -----
    n²/2 kernel values of each side, no n×n memory.

    References
    ----------
    Gretton, Bousquet, Smola, Schölkopf (2005); Song et al. (2012), eq. 5; Cortes, Mohri, Rostamizadeh (2012), eq. 3.
    """
    coded = _codes(y)
    if coded is not None:
        rows = _rows(x, "x")
        return _hsic.hsic_of_labels(rows, coded[0], coded[1], _sigma(rows, sigma), estimator, n_jobs)
    first, second = _pair(x, y)
    return _hsic.hsic_of_samples(first, second, _sigma(first, sigma), _sigma(second, sigma_y), estimator, n_jobs)


@dataclass(frozen=True)
class IndependenceResult:
    """The outcome of a test of independence.

    Attributes
    ----------
    statistic : float
        The biased HSIC, Tr(KHLH)/(n-1)².
    pvalue : float
        The probability of as large a value where x and y are independent.
    method : str
        "permutation" or "gamma".
    n : int
        Rows.
    sigma, sigma_y : float or None
        The bandwidths; no second of classes.
    unbiased, normalized : float or None
        The other estimators; None where n is too small for one.
    n_permutations, n_at_least_as_large : int or None
        Permutations, and those with as large an HSIC; of the gamma method none.
    """

    statistic: float
    pvalue: float
    method: str
    n: int
    sigma: float
    sigma_y: Optional[float]
    unbiased: Optional[float]
    normalized: Optional[float]
    n_permutations: Optional[int]
    n_at_least_as_large: Optional[int]


def independence_test(
    x: ArrayLike,
    y: ArrayLike,
    *,
    method: str = "permutation",
    n_permutations: int = 999,
    sigma: Optional[float] = None,
    sigma_y: Optional[float] = None,
    random_state: int = 0,
    n_jobs: Optional[int] = None,
) -> IndependenceResult:
    """Tests whether x and y are independent, by HSIC.

    Parameters
    ----------
    x : array of shape (n, d)
        The rows.
    y : array of shape (n,) or (n, e)
        A vector is taken for classes; rows of numbers are compared by a Gaussian kernel.
    method : {"permutation", "gamma"}, default="permutation"
        Permutations of one side, exact for any n; or a gamma distribution of the same mean and variance, for many rows.
    n_permutations : int, default=999
        Permutations.
    sigma, sigma_y : float or None, default=None
        The bandwidths; None: :func:`median_bandwidth`.
    random_state : int, default=0
        Seed of the permutations.
    n_jobs : int or None, default=None
        Threads; the result does not depend on them.

    Returns
    -------
    IndependenceResult

    Notes
    -----
    p = (1 + permutations with as large an HSIC) / (1 + permutations).

    References
    ----------
    Gretton et al. (2008), A kernel statistical test of independence.
    """
    permutations, seed = operator.index(n_permutations), operator.index(random_state)
    if permutations < 1:
        raise ValueError(f"n_permutations must be at least 1, got {permutations}")
    coded = _codes(y)
    rows = _rows(x, "x").astype(np.float64, copy=False)
    test: _hsic.Test = {
        "sigma": sigma,
        "sigma_y": sigma_y,
        "method": method,
        "permutations": permutations,
        "seed": seed,
    }
    if coded is not None:
        told = _hsic.independence_of_labels(rows, *coded, test, n_jobs)
    else:
        others = _rows(y, "y").astype(np.float64, copy=False)
        told = _hsic.independence_of_samples(rows, others, test, n_jobs)
    of = json.loads(told)
    return IndependenceResult(
        statistic=of["hsic_biased"],
        pvalue=of["p_value"],
        method=of["test"],
        n=of["n"],
        sigma=of["sigma"],
        sigma_y=of["sigma_y"],
        unbiased=of["hsic_unbiased"],
        normalized=of["hsic_normalized"],
        n_permutations=of["permutations"],
        n_at_least_as_large=of["at_least_as_large"],
    )


def random_features(
    x: ArrayLike,
    n_features: int = 300,
    sigma: Optional[float] = None,
    *,
    orthogonal: bool = False,
    random_state: int = 0,
    n_jobs: Optional[int] = None,
) -> NDArray[Any]:
    """Random Fourier features: ψ(x)·ψ(y) is about exp(-||x - y||² / 2σ²).

    Parameters
    ----------
    x : array of shape (n, d)
        The rows.
    n_features : int, default=300
        Even; cosines and sines come in pairs.
    sigma : float or None, default=None
        The bandwidth σ; None: :func:`median_bandwidth`.
    orthogonal : bool, default=False
        Whether frequencies are orthogonal, which lowers the variance.
    random_state : int, default=0
        Seed of the frequencies.
    n_jobs : int or None, default=None
        Threads.

    Returns
    -------
    ndarray of shape (n, n_features)

    References
    ----------
    Rahimi, Recht (2007); Yu et al. (2016).
    """
    rows = _rows(x, "x")
    m, seed = operator.index(n_features), operator.index(random_state)
    return _hsic.random_features(rows, m, _sigma(rows, sigma), bool(orthogonal), seed, n_jobs)


def inspect_table(
    path: Union[str, "os.PathLike[str]"],
    *,
    label: Optional[str] = None,
    labels: Union[str, "os.PathLike[str]", None] = None,
    ignore: Sequence[str] = (),
    text: Sequence[str] = (),
    decimal: Optional[str] = None,
    encoding: Optional[str] = None,
    comment: Optional[str] = None,
    skip: int = 0,
) -> dict[str, Any]:
    """What every column of a table holds and becomes, what is odd about it, and why it would be refused.

    Parameters
    ----------
    path : str or path
        CSV (packed with gzip or not), Parquet, .npy, .npz or idx.
    label : str, optional
        The column of the classes; by default the last.
    labels : str or path, optional
        File of the classes of an .npy or idx file.
    ignore : sequence of str
        Columns to leave out.
    text : sequence of str
        Columns to take as categories even where they read as numbers.
    decimal : {".", ","}, optional
        The mark before the fraction of numbers; by default the one that fits all cells of a column.
    encoding : str, optional
        How characters are stored, e.g. "windows-1252"; a byte order mark goes before it, and without both it is UTF-8.
    comment : str, optional
        Lines that start with this ASCII character are no rows.
    skip : int, default=0
        Lines before the header that are passed over.

    Returns
    -------
    dict
        "rows", "columns" (of each "name", "missing", "distinct", "first", "format", "becomes", "problem"), "warnings" and
        "problem", as `hsic-cli data inspect --json`; missing cells are no problem here.

    Raises
    ------
    ValueError
        For a file that cannot be read, and for columns that are not there.

    Notes
    -----
    Four passes over the rows; memory does not grow with them.
    """
    reading: _hsic.Reading = {
        "labels": None if labels is None else os.fspath(labels),
        "label": label,
        "ignore": list(ignore),
        "text": list(text),
        "decimal": decimal,
        "encoding": encoding,
        "comment": comment,
        "skip": operator.index(skip),
    }
    inspection: dict[str, Any] = json.loads(_hsic.inspect_table(os.fspath(path), reading))
    return inspection
