"""The parameters of the estimators: written by generate.py from the table of hyperparameters, not by hand."""

# fmt: off
from __future__ import annotations

from typing import Any, Mapping, Optional, Union

#: The hyperparameters by solver, in the order of the table.
OF_SOLVER: dict[str, tuple[str, ...]] = {
    "spectral": ("selection", "sigma", "features", "n_features", "bandwidth_scale", "class_weight", "head",
        "max_layers", "target_hsic", "target_silhouette", "min_gain", "patience", "candidates", "beam_width",
        "subsample_rows", "output", "width", "tolerance", "max_iterations", "rank_tolerance",
        "exact_tolerance"),
    "closed-form": ("selection", "sigma", "features", "n_features", "bandwidth_scale", "class_weight", "head",
        "max_layers", "target_hsic", "target_silhouette", "min_gain", "patience", "candidates", "beam_width",
        "subsample_rows", "self_excluded"),
}

#: What every parameter of the classifier means.
CLASSIFIER_DOC = """\
solver : str, default="auto"
    "spectral" (W*, by gradient ascent on the Stiefel manifold), "closed-form" (W_s, the kernel mean
    embedding), or "auto": whichever the search prefers, and without a search the one that has the parameters
    given.
search : str or None, default='auto'
    "auto" chooses the hyperparameters that are not given by cross-validation on the training rows, as
    ``hsic-cli fit`` does; None takes their defaults.
selection : str, default=None
    How a layer's bandwidth is chosen; `cv` chooses the hyperparameters of the table `cv`. Allowed:
    "max-trace", "smoothest-gain", "max-hsic", "leave-one-out", "beam", "construction", "cv". None:
    "max-trace" (spectral), "smoothest-gain" (closed-form).
sigma : float, default=None
    One bandwidth for every layer in place of a selection. Allowed: positive and finite. None: none.
features : str, default=None
    The map between layers. Allowed: "random", "orthogonal", "exact". None: "random" (spectral), "exact"
    (closed-form).
n_features : int, default=None
    Number of random features. Allowed: even and at least 2. None: 300.
bandwidth_scale : float, default=None
    Factor on the selected bandwidth. Allowed: positive and finite. None: 1.0, or what the search chooses.
class_weight : str, dict or None, default=None
    How classes count in the objective. Allowed: "plain", "balanced". "plain" and "balanced" are of the fit. A
    dict {class: weight} multiplies the probability of each class, as that many rows of it would its prior,
    after a fit as by default. None: "plain", or what the search chooses.
head : str or dict, default=None
    From the last layer's output to a class. Allowed: "bayes", "nearest-mean", "knn", "nearest-neighbour",
    "logistic", "ridge", "balanced-ridge", "metric-ridge", { knn = k }, { ridge = centres }. None: "bayes"
    (spectral), "nearest-mean" (closed-form), or what the search chooses.
max_layers : int, default=None
    Most layers; 0 leaves the input to the head. Allowed: at least 0. None: 30, or what the search chooses.
target_hsic : float, default=None
    H* at which stacking stops. Allowed: above 0 and at most 1. None: 0.99.
target_silhouette : float or str, default=None
    Mean silhouette of Z at which stacking stops. Allowed: above -1 and at most 1, or "none". None: 0.95
    (spectral), "none" (closed-form).
min_gain : float, default=None
    Gain in H* that counts as one. Allowed: at least 0 and below 1. None: 0.001.
patience : int, default=None
    Layers without gain before stacking stops. Allowed: at least 1. None: 2.
candidates : int, default=None
    Bandwidths tried a layer, by the selections that try several. Allowed: at least 2. None: 20.
beam_width : int, default=None
    Partial stacks that go on, by the selections that look ahead. Allowed: at least 1. None: 6.
subsample_rows : int, default=None
    Rows of the subsample on which a bandwidth is chosen. Allowed: at least 2. None: 512.
output : str, default=None
    What the head sees of the last layer. Allowed: "features", "kernel", "projection". None: "features"
    (spectral alone), or what the search chooses.
width : int, str or dict, default=None
    Columns of a layer. Allowed: { share = s } with s above 0 and below 1, a whole number of at least 1,
    "positive-eigenvalues". None: {"share": 0.5} (spectral alone), or what the search chooses.
tolerance : float, default=None
    Relative gain of the objective at which a layer's ascent stops; in blocks 1/n_features, if that is more.
    Allowed: above 0 and below 1. None: 0.0001 (spectral alone).
max_iterations : int, default=None
    Most steps of a layer's ascent. Allowed: at least 1. None: 100 (spectral alone).
rank_tolerance : float, default=None
    Share of the largest singular value below which directions of a layer's input are left out. Allowed: above
    0 and below 1. None: 1e-07 (spectral alone).
exact_tolerance : float, default=None
    Share of the largest eigenvalue below which `exact` features leave directions out. Allowed: above 0 and
    below 1. None: 1e-06 (spectral alone).
self_excluded : bool, default=None
    Whether a training row's own kernel term is left out of its activation. Allowed: true or false. None:
    false (closed-form alone), or what the search chooses.
missing : str, default="refuse"
    "refuse": a missing cell (NaN) is an error; "mean": it becomes the mean of its column's known training
    cells.
random_state : int, RandomState instance or None, default=0
    The seed. The same seed gives the same bits, whatever n_jobs.
budget : float or None, default=None
    Seconds after which the search tries no further network; the fit of the chosen one comes on top. The
    result then depends on how fast the machine is. None: no clock is looked at.
verbose : int, default=0
    1: a line on standard output for every network that the search tries, with the best so far, and for every
    layer.
n_jobs : int or None, default=None
    Threads; -1 all of the machine. None: as ``hsic.set_num_threads`` or RAYON_NUM_THREADS or OMP_NUM_THREADS
    says, else all.
"""


class ClassifierParameters:
    """Takes the parameters and looks at none of them, as scikit-learn wants it."""

    def __init__(
        self,
        *,
        solver: str = "auto",
        search: Optional[str] = "auto",
        selection: Optional[str] = None,
        sigma: Optional[float] = None,
        features: Optional[str] = None,
        n_features: Optional[int] = None,
        bandwidth_scale: Optional[float] = None,
        class_weight: Union[str, Mapping[Any, float], None] = None,
        head: Union[str, Mapping[str, int], None] = None,
        max_layers: Optional[int] = None,
        target_hsic: Optional[float] = None,
        target_silhouette: Union[float, str, None] = None,
        min_gain: Optional[float] = None,
        patience: Optional[int] = None,
        candidates: Optional[int] = None,
        beam_width: Optional[int] = None,
        subsample_rows: Optional[int] = None,
        output: Optional[str] = None,
        width: Union[int, str, Mapping[str, float], None] = None,
        tolerance: Optional[float] = None,
        max_iterations: Optional[int] = None,
        rank_tolerance: Optional[float] = None,
        exact_tolerance: Optional[float] = None,
        self_excluded: Optional[bool] = None,
        missing: str = "refuse",
        random_state: Any = 0,
        budget: Optional[float] = None,
        verbose: int = 0,
        n_jobs: Optional[int] = None,
    ) -> None:
        self.solver = solver
        self.search = search
        self.selection = selection
        self.sigma = sigma
        self.features = features
        self.n_features = n_features
        self.bandwidth_scale = bandwidth_scale
        self.class_weight = class_weight
        self.head = head
        self.max_layers = max_layers
        self.target_hsic = target_hsic
        self.target_silhouette = target_silhouette
        self.min_gain = min_gain
        self.patience = patience
        self.candidates = candidates
        self.beam_width = beam_width
        self.subsample_rows = subsample_rows
        self.output = output
        self.width = width
        self.tolerance = tolerance
        self.max_iterations = max_iterations
        self.rank_tolerance = rank_tolerance
        self.exact_tolerance = exact_tolerance
        self.self_excluded = self_excluded
        self.missing = missing
        self.random_state = random_state
        self.budget = budget
        self.verbose = verbose
        self.n_jobs = n_jobs

#: What every parameter of the transformer means.
TRANSFORMER_DOC = """\
solver : str, default="spectral"
    "spectral" (W*, by gradient ascent on the Stiefel manifold), "closed-form" (W_s, the kernel mean
    embedding), or "auto": whichever the search prefers, and without a search the one that has the parameters
    given.
search : str or None, default=None
    "auto" chooses the hyperparameters that are not given by cross-validation on the training rows, as
    ``hsic-cli fit`` does; None takes their defaults.
selection : str, default=None
    How a layer's bandwidth is chosen; `cv` chooses the hyperparameters of the table `cv`. Allowed:
    "max-trace", "smoothest-gain", "max-hsic", "leave-one-out", "beam", "construction", "cv". None:
    "max-trace" (spectral), "smoothest-gain" (closed-form).
sigma : float, default=None
    One bandwidth for every layer in place of a selection. Allowed: positive and finite. None: none.
features : str, default=None
    The map between layers. Allowed: "random", "orthogonal", "exact". None: "random" (spectral), "exact"
    (closed-form).
n_features : int, default=None
    Number of random features. Allowed: even and at least 2. None: 300.
bandwidth_scale : float, default=None
    Factor on the selected bandwidth. Allowed: positive and finite. None: 1.0, or what the search chooses.
class_weight : str, dict or None, default=None
    How classes count in the objective. Allowed: "plain", "balanced". "plain" and "balanced" are of the fit. A
    dict {class: weight} multiplies the probability of each class, as that many rows of it would its prior,
    after a fit as by default. None: "plain", or what the search chooses.
head : str or dict, default=None
    From the last layer's output to a class. Allowed: "bayes", "nearest-mean", "knn", "nearest-neighbour",
    "logistic", "ridge", "balanced-ridge", "metric-ridge", { knn = k }, { ridge = centres }. None: "bayes"
    (spectral), "nearest-mean" (closed-form), or what the search chooses.
max_layers : int, default=None
    Most layers; 0 leaves the input to the head. Allowed: at least 0. None: 30, or what the search chooses.
target_hsic : float, default=None
    H* at which stacking stops. Allowed: above 0 and at most 1. None: 0.99.
target_silhouette : float or str, default=None
    Mean silhouette of Z at which stacking stops. Allowed: above -1 and at most 1, or "none". None: 0.95
    (spectral), "none" (closed-form).
min_gain : float, default=None
    Gain in H* that counts as one. Allowed: at least 0 and below 1. None: 0.001.
patience : int, default=None
    Layers without gain before stacking stops. Allowed: at least 1. None: 2.
candidates : int, default=None
    Bandwidths tried a layer, by the selections that try several. Allowed: at least 2. None: 20.
beam_width : int, default=None
    Partial stacks that go on, by the selections that look ahead. Allowed: at least 1. None: 6.
subsample_rows : int, default=None
    Rows of the subsample on which a bandwidth is chosen. Allowed: at least 2. None: 512.
output : str, default=None
    What the head sees of the last layer. Allowed: "features", "kernel", "projection". None: "features"
    (spectral alone), or what the search chooses.
width : int, str or dict, default=None
    Columns of a layer. Allowed: { share = s } with s above 0 and below 1, a whole number of at least 1,
    "positive-eigenvalues". None: {"share": 0.5} (spectral alone), or what the search chooses.
tolerance : float, default=None
    Relative gain of the objective at which a layer's ascent stops; in blocks 1/n_features, if that is more.
    Allowed: above 0 and below 1. None: 0.0001 (spectral alone).
max_iterations : int, default=None
    Most steps of a layer's ascent. Allowed: at least 1. None: 100 (spectral alone).
rank_tolerance : float, default=None
    Share of the largest singular value below which directions of a layer's input are left out. Allowed: above
    0 and below 1. None: 1e-07 (spectral alone).
exact_tolerance : float, default=None
    Share of the largest eigenvalue below which `exact` features leave directions out. Allowed: above 0 and
    below 1. None: 1e-06 (spectral alone).
self_excluded : bool, default=None
    Whether a training row's own kernel term is left out of its activation. Allowed: true or false. None:
    false (closed-form alone), or what the search chooses.
missing : str, default="refuse"
    "refuse": a missing cell (NaN) is an error; "mean": it becomes the mean of its column's known training
    cells.
random_state : int, RandomState instance or None, default=0
    The seed. The same seed gives the same bits, whatever n_jobs.
budget : float or None, default=None
    Seconds after which the search tries no further network; the fit of the chosen one comes on top. The
    result then depends on how fast the machine is. None: no clock is looked at.
verbose : int, default=0
    1: a line on standard output for every network that the search tries, with the best so far, and for every
    layer.
n_jobs : int or None, default=None
    Threads; -1 all of the machine. None: as ``hsic.set_num_threads`` or RAYON_NUM_THREADS or OMP_NUM_THREADS
    says, else all.
"""


class TransformerParameters:
    """Takes the parameters and looks at none of them, as scikit-learn wants it."""

    def __init__(
        self,
        *,
        solver: str = "spectral",
        search: Optional[str] = None,
        selection: Optional[str] = None,
        sigma: Optional[float] = None,
        features: Optional[str] = None,
        n_features: Optional[int] = None,
        bandwidth_scale: Optional[float] = None,
        class_weight: Union[str, Mapping[Any, float], None] = None,
        head: Union[str, Mapping[str, int], None] = None,
        max_layers: Optional[int] = None,
        target_hsic: Optional[float] = None,
        target_silhouette: Union[float, str, None] = None,
        min_gain: Optional[float] = None,
        patience: Optional[int] = None,
        candidates: Optional[int] = None,
        beam_width: Optional[int] = None,
        subsample_rows: Optional[int] = None,
        output: Optional[str] = None,
        width: Union[int, str, Mapping[str, float], None] = None,
        tolerance: Optional[float] = None,
        max_iterations: Optional[int] = None,
        rank_tolerance: Optional[float] = None,
        exact_tolerance: Optional[float] = None,
        self_excluded: Optional[bool] = None,
        missing: str = "refuse",
        random_state: Any = 0,
        budget: Optional[float] = None,
        verbose: int = 0,
        n_jobs: Optional[int] = None,
    ) -> None:
        self.solver = solver
        self.search = search
        self.selection = selection
        self.sigma = sigma
        self.features = features
        self.n_features = n_features
        self.bandwidth_scale = bandwidth_scale
        self.class_weight = class_weight
        self.head = head
        self.max_layers = max_layers
        self.target_hsic = target_hsic
        self.target_silhouette = target_silhouette
        self.min_gain = min_gain
        self.patience = patience
        self.candidates = candidates
        self.beam_width = beam_width
        self.subsample_rows = subsample_rows
        self.output = output
        self.width = width
        self.tolerance = tolerance
        self.max_iterations = max_iterations
        self.rank_tolerance = rank_tolerance
        self.exact_tolerance = exact_tolerance
        self.self_excluded = self_excluded
        self.missing = missing
        self.random_state = random_state
        self.budget = budget
        self.verbose = verbose
        self.n_jobs = n_jobs

#: What every parameter of the classifier of hsic.dask means.
DASK_DOC = """\
solver : str, default="auto"
    "spectral" (W*, by gradient ascent on the Stiefel manifold), "closed-form" (W_s, the kernel mean
    embedding), or "auto": whichever the search prefers, and without a search the one that has the parameters
    given.
search : str or None, default='auto'
    "auto" chooses the hyperparameters that are not given by cross-validation on the training rows, as
    ``hsic-cli fit`` does; None takes their defaults.
selection : str, default=None
    How a layer's bandwidth is chosen; `cv` chooses the hyperparameters of the table `cv`. Allowed:
    "max-trace", "smoothest-gain", "max-hsic", "leave-one-out", "beam", "construction", "cv". None:
    "max-trace" (spectral), "smoothest-gain" (closed-form).
sigma : float, default=None
    One bandwidth for every layer in place of a selection. Allowed: positive and finite. None: none.
features : str, default=None
    The map between layers. Allowed: "random", "orthogonal", "exact". None: "random" (spectral), "exact"
    (closed-form).
n_features : int, default=None
    Number of random features. Allowed: even and at least 2. None: 300.
bandwidth_scale : float, default=None
    Factor on the selected bandwidth. Allowed: positive and finite. None: 1.0, or what the search chooses.
class_weight : str, dict or None, default=None
    How classes count in the objective. Allowed: "plain", "balanced". "plain" and "balanced" are of the fit. A
    dict {class: weight} multiplies the probability of each class, as that many rows of it would its prior,
    after a fit as by default. None: "plain", or what the search chooses.
head : str or dict, default=None
    From the last layer's output to a class. Allowed: "bayes", "nearest-mean", "knn", "nearest-neighbour",
    "logistic", "ridge", "balanced-ridge", "metric-ridge", { knn = k }, { ridge = centres }. None: "bayes"
    (spectral), "nearest-mean" (closed-form), or what the search chooses.
max_layers : int, default=None
    Most layers; 0 leaves the input to the head. Allowed: at least 0. None: 30, or what the search chooses.
target_hsic : float, default=None
    H* at which stacking stops. Allowed: above 0 and at most 1. None: 0.99.
target_silhouette : float or str, default=None
    Mean silhouette of Z at which stacking stops. Allowed: above -1 and at most 1, or "none". None: 0.95
    (spectral), "none" (closed-form).
min_gain : float, default=None
    Gain in H* that counts as one. Allowed: at least 0 and below 1. None: 0.001.
patience : int, default=None
    Layers without gain before stacking stops. Allowed: at least 1. None: 2.
candidates : int, default=None
    Bandwidths tried a layer, by the selections that try several. Allowed: at least 2. None: 20.
beam_width : int, default=None
    Partial stacks that go on, by the selections that look ahead. Allowed: at least 1. None: 6.
subsample_rows : int, default=None
    Rows of the subsample on which a bandwidth is chosen. Allowed: at least 2. None: 512.
output : str, default=None
    What the head sees of the last layer. Allowed: "features", "kernel", "projection". None: "features"
    (spectral alone), or what the search chooses.
width : int, str or dict, default=None
    Columns of a layer. Allowed: { share = s } with s above 0 and below 1, a whole number of at least 1,
    "positive-eigenvalues". None: {"share": 0.5} (spectral alone), or what the search chooses.
tolerance : float, default=None
    Relative gain of the objective at which a layer's ascent stops; in blocks 1/n_features, if that is more.
    Allowed: above 0 and below 1. None: 0.0001 (spectral alone).
max_iterations : int, default=None
    Most steps of a layer's ascent. Allowed: at least 1. None: 100 (spectral alone).
rank_tolerance : float, default=None
    Share of the largest singular value below which directions of a layer's input are left out. Allowed: above
    0 and below 1. None: 1e-07 (spectral alone).
exact_tolerance : float, default=None
    Share of the largest eigenvalue below which `exact` features leave directions out. Allowed: above 0 and
    below 1. None: 1e-06 (spectral alone).
self_excluded : bool, default=None
    Whether a training row's own kernel term is left out of its activation. Allowed: true or false. None:
    false (closed-form alone), or what the search chooses.
sample_rows : int or None, default=None
    Rows of the sample on which bandwidths are chosen and ascents start, and up to 16 a class more. None:
    2048.
missing : str, default="refuse"
    "refuse": a missing cell (NaN) is an error; "mean": it becomes the mean of its column's known training
    cells.
random_state : int, RandomState instance or None, default=0
    The seed. The same seed gives the same bits, whatever n_jobs.
client : distributed.Client or None, default=None
    The cluster. None: the present client; without one Dask's own scheduler of threads or processes.
checkpoint : str, path-like or None, default=None
    A file that grows by what every pass found. A fit of the same rows and settings that finds it there goes
    on after the last pass; it is not removed.
progress : bool, callable or None, default=None
    True: a line a pass on standard error. A function is given a dict: which pass and layer, seconds, bytes,
    H* and its gain.
"""


class DaskParameters:
    """Takes the parameters and looks at none of them, as scikit-learn wants it."""

    def __init__(
        self,
        *,
        solver: str = "auto",
        search: Optional[str] = "auto",
        selection: Optional[str] = None,
        sigma: Optional[float] = None,
        features: Optional[str] = None,
        n_features: Optional[int] = None,
        bandwidth_scale: Optional[float] = None,
        class_weight: Union[str, Mapping[Any, float], None] = None,
        head: Union[str, Mapping[str, int], None] = None,
        max_layers: Optional[int] = None,
        target_hsic: Optional[float] = None,
        target_silhouette: Union[float, str, None] = None,
        min_gain: Optional[float] = None,
        patience: Optional[int] = None,
        candidates: Optional[int] = None,
        beam_width: Optional[int] = None,
        subsample_rows: Optional[int] = None,
        output: Optional[str] = None,
        width: Union[int, str, Mapping[str, float], None] = None,
        tolerance: Optional[float] = None,
        max_iterations: Optional[int] = None,
        rank_tolerance: Optional[float] = None,
        exact_tolerance: Optional[float] = None,
        self_excluded: Optional[bool] = None,
        sample_rows: Optional[int] = None,
        missing: str = "refuse",
        random_state: Any = 0,
        client: Any = None,
        checkpoint: Any = None,
        progress: Any = None,
    ) -> None:
        self.solver = solver
        self.search = search
        self.selection = selection
        self.sigma = sigma
        self.features = features
        self.n_features = n_features
        self.bandwidth_scale = bandwidth_scale
        self.class_weight = class_weight
        self.head = head
        self.max_layers = max_layers
        self.target_hsic = target_hsic
        self.target_silhouette = target_silhouette
        self.min_gain = min_gain
        self.patience = patience
        self.candidates = candidates
        self.beam_width = beam_width
        self.subsample_rows = subsample_rows
        self.output = output
        self.width = width
        self.tolerance = tolerance
        self.max_iterations = max_iterations
        self.rank_tolerance = rank_tolerance
        self.exact_tolerance = exact_tolerance
        self.self_excluded = self_excluded
        self.sample_rows = sample_rows
        self.missing = missing
        self.random_state = random_state
        self.client = client
        self.checkpoint = checkpoint
        self.progress = progress
