"""A fit over the partitions of Dask, in one process and on a cluster of three."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest
from conftest import contents, spiral

import hsic
from hsic import _hsic, _partitions

dask = pytest.importorskip("dask", reason="Dask is not installed")
distributed = pytest.importorskip("distributed", reason="distributed is not installed")
da = pytest.importorskip("dask.array")
dd = pytest.importorskip("dask.dataframe")
pandas = pytest.importorskip("pandas")

from hsic.dask import HSICClassifier  # noqa: E402

SPECTRAL = {"solver": "spectral", "search": None, "max_layers": 1, "n_features": 64, "sample_rows": 500}
CLOSED_FORM = {"solver": "closed-form", "search": None, "max_layers": 3, "n_features": 64, "sample_rows": 500}
TWO_LAYERS = {**SPECTRAL, "max_layers": 2}
ROUNDING = 1e-10
#: Rounding that went through the ascents of two layers.
ASCENTS = 1e-7


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def client(cluster):
    with distributed.Client(cluster) as client:
        yield client


def network(classifier):
    """Every tensor of the network."""
    return contents(getattr(classifier, "model_", classifier))[0]


def assert_same(one, other, tolerance=ROUNDING):
    one, other = network(one), network(other)
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_allclose(other[name], values, rtol=tolerance, atol=tolerance, err_msg=name)


def cut(n, parts):
    """Uneven lengths that add up to n; some are 0 where there are many."""
    rng = np.random.default_rng(parts)
    return tuple(np.diff([0, *np.sort(rng.integers(0, n + 1, parts - 1)), n]).tolist())


def table(n=1500, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    colour = np.array(["red", "blue", "green"])[(x[:, 0] > 0).astype(int) + (x[:, 1] > 0)]
    frame = pandas.DataFrame({"a": x[:, 0], "b": x[:, 1], "colour": colour, "count": rng.integers(0, 9, n), "flag": x[:, 0] > 1})
    y = pandas.Series(np.where(np.linalg.norm(x, axis=1) + 0.3 * (colour == "red") > 1.3, "yes", "no"), name="y")
    return frame, y


def of_pandas(frame, y, lengths):
    """A DataFrame and a Series of just these partitions."""
    edges = np.cumsum([0, *lengths])
    parts = [slice(a, b) for a, b in zip(edges, edges[1:])]

    def pick(of):
        return dd.from_delayed([dask.delayed(of.iloc[part]) for part in parts], meta=of.iloc[:0], verify_meta=False)

    return pick(frame), pick(y)


@pytest.mark.parametrize(
    ("settings", "partitions", "tolerance"),
    [(SPECTRAL, (1, 7, 40), ROUNDING), (CLOSED_FORM, (1, 7, 40), ROUNDING), (TWO_LAYERS, (7,), ASCENTS)],
    ids=["spectral", "closed-form", "two spectral layers"],
)
def test_the_network_depends_neither_on_processes_nor_on_partitions(client, settings, partitions, tolerance, tmp_path):
    X, y = spiral(4500)
    with dask.config.set(scheduler="synchronous"):
        # one process and one partition, before a client is there
        alone = _partitions.fit(_with(settings), "class", [], _one_process(X, y), {}, "int64")
    for parts in partitions:
        lengths = cut(len(X), parts)
        Xd, yd = da.from_array(X, chunks=(lengths, 2)), da.from_array(y, chunks=(lengths,))
        fitted = HSICClassifier(**settings).fit(Xd, yd)
        assert_same(alone, fitted, tolerance)
        assert np.array_equal(fitted.predict(Xd).compute(), alone.predict(X))
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert fitted.score(Xd, yd) == alone.score(X, y) > 0.6
    np.testing.assert_allclose(fitted.predict_proba(Xd).compute(), alone.predict_proba(X), rtol=0, atol=tolerance)
    np.testing.assert_allclose(fitted.transform(Xd).compute(), alone.transform(X), rtol=0, atol=tolerance)
    fitted.save(tmp_path / "model")
    np.testing.assert_array_equal(hsic.load(tmp_path / "model").predict(X), alone.predict(X))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(Xd).compute(), alone.predict(X))


def _with(settings):
    return HSICClassifier(**settings)


def _one_process(X, y):
    def run_pass(pass_, firsts):
        return _partitions.run(pass_, X, y, "class", 0, 0)

    return run_pass


def test_a_table_is_typed_filled_and_standardised_as_a_local_one(client):
    frame, y = table()
    frame.loc[::9, "colour"] = None
    frame.loc[::7, "a"] = np.nan
    # sorted: partitions of one class, and some that have one colour or none
    order = np.lexsort((frame["colour"].fillna(""), y))
    frame, y = frame.iloc[order].reset_index(drop=True), y.iloc[order].reset_index(drop=True)
    local = hsic.HSICClassifier(search=None, max_layers=1, missing="mean").fit(frame, y)
    settings = {"missing": "mean", **SPECTRAL}
    fitted = []
    for parts in (1, 12):
        Xd, yd = of_pandas(frame, y, cut(len(frame), parts))
        fitted.append(HSICClassifier(**settings).fit(Xd, yd))
    assert_same(*fitted)
    mine, theirs = (contents(each)[1]["preprocessing"] for each in (local, fitted[1].model_))
    assert mine["schema"]["features"] == theirs["schema"]["features"] and mine["schema"]["classes"] == theirs["schema"]["classes"]
    np.testing.assert_allclose(mine["fill"], theirs["fill"], rtol=1e-12, atol=1e-12)
    for name in ("kept", "means", "stds"):
        np.testing.assert_allclose(mine["scaler"][name], theirs["scaler"][name], rtol=1e-12, atol=1e-12)
    assert fitted[1].score(Xd, yd) > 0.7
    predicted = fitted[1].predict(Xd)
    assert isinstance(predicted, dd.Series)
    assert predicted.compute().tolist() == fitted[1].model_.predict(frame).tolist()
    assert list(fitted[1].predict_proba(Xd).columns) == ["no", "yes"]
    categories = frame.assign(colour=frame["colour"].astype("category"))
    assert_same(fitted[0], HSICClassifier(**settings).fit(*of_pandas(categories, y, cut(len(frame), 5))))


def test_the_choice_of_a_network_is_that_of_one_partition(client):
    X, y = spiral(900)
    settings = {"solver": "closed-form", "n_features": 32, "max_layers": 1, "sample_rows": 400}
    one = HSICClassifier(**settings).fit(da.from_array(X, chunks=(900, 2)), da.from_array(y, chunks=900))
    three = HSICClassifier(**settings).fit(da.from_array(X, chunks=(300, 2)), da.from_array(y, chunks=300))
    assert_same(one, three)


def killer(cluster, marks, times):
    """Kills the process that is in the middle of a task, so often."""

    def kill():
        killed: set[int] = set()
        while len(killed) < times:
            for mark in marks.glob("*"):
                pid = int(mark.name)
                if pid not in killed:
                    killed.add(pid)
                    os.kill(pid, signal.SIGKILL)
                    break
            time.sleep(0.02)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return thread


def test_a_killed_worker_is_another_ones_work(cluster, client, tmp_path):
    X, y = spiral(3000)
    Xd, yd = da.from_array(X, chunks=(300, 2)), da.from_array(y, chunks=300)
    expected = HSICClassifier(**SPECTRAL).fit(Xd, yd)
    calls = tmp_path / "calls"
    marks = tmp_path / "marks"
    calls.mkdir()
    marks.mkdir()

    def lingering(block, block_info=None):
        # from its third pass on, two processes say that they are busy and stay so until they are killed
        place = block_info[0]["chunk-location"][0]
        (calls / f"{place}-{time.time_ns()}").touch()
        passes = len(list(calls.glob("4-*")))
        if place == 4 and passes in (3, 5):
            (marks / str(os.getpid())).touch()
            time.sleep(20)
        return block

    slow = Xd.map_blocks(lingering, dtype=X.dtype, meta=np.empty((0, 2)))
    thread = killer(cluster, marks, 2)
    fitted = HSICClassifier(**SPECTRAL).fit(slow, yd)
    thread.join(timeout=30)
    assert len(list(marks.glob("*"))) == 2, "two workers were killed"
    assert_same(expected, fitted)


def test_a_driver_that_dies_goes_on_from_its_checkpoint(client, tmp_path):
    X, y = spiral(2000)
    Xd, yd = da.from_array(X, chunks=(500, 2)), da.from_array(y, chunks=500)
    path, events = tmp_path / "fit.checkpoint", []
    expected = HSICClassifier(progress=events.append, **TWO_LAYERS).fit(Xd, yd)
    assert [event["kind"] for event in events[:3]] == ["scan", "columns", "sample"]
    assert sum(event["gain"] is not None for event in events) == 2
    stop = len(events) // 2

    def dies(event):
        if event["pass"] == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        HSICClassifier(progress=dies, checkpoint=path, **TWO_LAYERS).fit(Xd, yd)
    # killed while it wrote: the last record is cut short
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size - 5)
    again = []
    fitted = HSICClassifier(progress=again.append, checkpoint=path, **TWO_LAYERS).fit(Xd, yd)
    assert [event["replayed"] for event in again] == [True] * stop + [False] * (len(events) - stop)
    assert_same(expected, fitted, ASCENTS)
    with pytest.raises(ValueError, match="checkpoint .* is of another fit"):
        HSICClassifier(checkpoint=path, **{**TWO_LAYERS, "max_layers": 1}).fit(Xd, yd)
    with pytest.raises(ValueError, match="checkpoint .* is of another fit"):
        HSICClassifier(checkpoint=path, **TWO_LAYERS).fit(Xd.rechunk((1000, 2)), yd.rechunk(1000))


def test_what_a_pass_ships_does_not_grow_with_the_rows(client):
    shipped = []
    for n in (1000, 4000):
        X, y = spiral(n)
        events = []
        HSICClassifier(progress=events.append, **SPECTRAL).fit(da.from_array(X, chunks=(500, 2)), da.from_array(y, chunks=500))
        shipped.append(max(sum(event["bytes"]) for event in events))
    assert shipped[1] < 1.2 * shipped[0]


def test_bad_rows_are_told_as_of_a_local_table_with_their_partition():
    frame, y = table(40)
    lengths = (10, 10, 0, 20)

    def message(frame, y, lengths=lengths, **settings):
        with pytest.raises((ValueError, TypeError)) as error:
            HSICClassifier(**{**SPECTRAL, **settings}).fit(*of_pandas(frame, y, lengths))
        return str(error.value)

    text = frame["a"].astype(object)
    text[33] = "abc"
    assert message(frame.assign(a=text), y).startswith("X, partition 3, row 14, column `a`: `abc` is not a number; mend the cell")
    infinite = frame["b"].copy()
    infinite[[12, 15]] = np.inf
    assert message(frame.assign(b=infinite), y) == "X, partition 1, row 3, column `b`: `inf` is not finite as a 64-bit float; mend the cell"
    holes = frame.copy()
    holes.loc[[1, 35], "a"] = np.nan
    holes.loc[35, "colour"] = None
    assert message(holes, y).startswith("X: 3 cells are missing in 2 of 40 rows: 2 in `a`, 1 in `colour`; leave such rows out")
    assert message(frame, y.where(y.index != 21, None)).startswith("X, partition 3, row 2, column `class`: the cell is empty; fill in the class")
    assert message(frame, y.where(y == "x", "no")).startswith("X: all rows are of one class, `no`")
    dates = frame.assign(day=pandas.Timestamp("2020-01-01"))
    assert message(dates, y) == (
        "X, partition 0, column `day` holds timestamps; write it as a number, such as the days since a first date, or leave it out"
    )
    numbers = pandas.Series(np.linspace(0, 1, 40), name="y")
    assert message(frame, numbers).startswith("X, partition 0, row 2, column `y`: 0.0256")
    fewer = of_pandas(frame, y, lengths)[0], of_pandas(frame, y, (10, 9, 1, 20))[1]
    with pytest.raises(ValueError, match="X, partition 1, it has 10 rows, and y has 9"):
        HSICClassifier(**SPECTRAL).fit(*fewer)
    with pytest.raises(ValueError, match="X has no rows"):
        HSICClassifier(**SPECTRAL).fit(*of_pandas(frame.iloc[:0], y.iloc[:0], (0, 0)))
    with pytest.raises(TypeError, match="rows in memory are for hsic.HSICClassifier"):
        HSICClassifier(**SPECTRAL).fit(frame, y)


def test_a_partition_in_pieces_is_one(monkeypatch):
    frame, y = table(600)

    def fitted(rows):
        monkeypatch.setattr(_partitions, "_ROWS", rows)
        return _partitions.fit(_with(SPECTRAL), "class", [], _one_process(frame, y), {}, "object")

    # 47 * 8 < 600: some pieces are merged before the last are there
    assert_same(fitted(1 << 15), fitted(47))
    frame.loc[[100, 500], "b"] = np.inf
    with pytest.raises(ValueError, match="X, partition 0, row 101, column `b`: `inf` is not finite"):
        fitted(47)
    numbers = pandas.Series(np.where(np.arange(600) == 99, 0.5, np.arange(600) % 2), name="y")
    monkeypatch.undo()
    told = _partitions.run(b"", frame, numbers, "class", 2, 0, 1000).problem
    assert told.startswith("X, partition 2, row 1100, column `y`: 0.5 is no class")


def test_an_unknown_category_is_told_with_its_partition():
    frame, y = table(200)
    fitted = HSICClassifier(**SPECTRAL).fit(*of_pandas(frame, y, (120, 80)))
    purple = frame.copy()
    purple.loc[150, "colour"] = "purple"
    predicted = fitted.predict(of_pandas(purple, y, (120, 80))[0])
    assert predicted.partitions[0].compute().tolist() == fitted.model_.predict(frame.iloc[:120]).tolist()
    with pytest.raises(ValueError, match="X, partition 1, row 31, column `colour`: `purple` is not one of the known categories"):
        predicted.compute()
    with pytest.raises(ValueError, match="X, partition 0: a column is missing that the model was fitted on: `colour`"):
        fitted.predict(of_pandas(frame.drop(columns="colour"), y, (200,))[0]).compute()


def test_rows_that_change_during_a_fit_are_told():
    X, y = spiral(600)
    calls = []

    def run_pass(pass_, firsts):
        calls.append(pass_)
        n = 600 if len(calls) < 4 else 599
        return _partitions.run(pass_, X[:n], y[:n], "class", 0, 0)

    with pytest.raises(ValueError, match="600 were counted in the first pass, 599 are there now"):
        _partitions.fit(_with(SPECTRAL), "class", [], run_pass, {}, "int64")
    how = {"fill": False, "solver": "spectral", "settings": "{}", "search": False, "seed": 0}
    native = _hsic.TableFit("class", [], how, "X")
    with pytest.raises(ValueError, match="damaged"):
        native.advance(b"nonsense")
    with pytest.raises(ValueError, match="the fit is not done: it asks for a pass of kind `scan`"):
        native.finish()
