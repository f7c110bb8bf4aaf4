"""Tables with columns of text."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import make_classification

import hsic
from hsic import HSICClassifier, HSICTransformer

pyarrow = pytest.importorskip("pyarrow")
pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")

FAST = {"search": None, "max_layers": 2}


def columns(n=300):
    x, y = make_classification(n, n_features=4, random_state=0)
    colour = np.array(["red", "blue", "green"])[(x[:, 0] > 0).astype(int) + (x[:, 1] > 0)]
    return {"a": x[:, 0], "b": x[:, 1], "colour": colour}, np.where(y == 1, "yes", "no")


def tables(data):
    frame = pandas.DataFrame(data)
    return {
        "pandas": frame,
        "pandas categorical": frame.assign(colour=frame["colour"].astype("category")),
        "polars": polars.DataFrame(data),
        "polars categorical": polars.DataFrame(data).with_columns(polars.col("colour").cast(polars.Categorical)),
        "pyarrow": pyarrow.table(data),
        "pyarrow dictionary": pyarrow.table({**data, "colour": pyarrow.array(data["colour"]).dictionary_encode()}),
    }


def test_every_library_gives_the_same_model():
    data, y = columns()
    one_hot = [(data["colour"] == name).astype(float) for name in ("blue", "green", "red")]
    expected = HSICClassifier(**FAST).fit(np.column_stack([data["a"], data["b"], *one_hot]), y)
    probabilities = expected.predict_proba(np.column_stack([data["a"], data["b"], *one_hot]))
    for name, table in tables(data).items():
        fitted = HSICClassifier(**FAST).fit(table, y)
        assert fitted.n_features_in_ == 3, name
        assert np.array_equal(fitted.predict_proba(table), probabilities), name
        assert fitted.score(table, y) > 0.8
        assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict_proba(table), probabilities)


def test_the_model_file_of_a_table(tmp_path):
    data, y = columns()
    table = pandas.DataFrame(data)
    fitted = HSICClassifier(**FAST).fit(table, y)
    fitted.save(tmp_path / "model")
    again = hsic.load(tmp_path / "model")
    assert again.feature_names_in_.tolist() == ["a", "b", "colour"]
    assert np.array_equal(again.predict_proba(table), fitted.predict_proba(table))
    assert HSICTransformer(max_layers=1).set_output(transform="pandas").fit(table, y).transform(table).shape[0] == 300


def test_categories_that_are_numbers_stay_categories():
    data, y = columns()
    codes = pandas.Categorical(np.unique(data["colour"], return_inverse=True)[1])
    fitted = HSICClassifier(**FAST).fit(pandas.DataFrame({**data, "colour": codes}), y)
    assert np.array_equal(fitted.predict_proba(pandas.DataFrame({**data, "colour": codes})), HSICClassifier(**FAST).fit(pandas.DataFrame(data), y).predict_proba(pandas.DataFrame(data)))


def test_nulls():
    data, y = columns()
    table = pandas.DataFrame(data)
    table.loc[::9, "colour"] = None
    table.loc[::7, "a"] = np.nan
    with pytest.raises(ValueError, match="X: .*cells"):
        HSICClassifier(**FAST).fit(table, y)
    fitted = HSICClassifier(missing="mean", **FAST).fit(table, y)
    assert fitted.score(table, y) > 0.75
    assert np.array_equal(fitted.predict_proba(polars.from_pandas(table)), fitted.predict_proba(table))


def test_what_does_not_go_with_the_table():
    data, y = columns()
    table = pandas.DataFrame(data)
    fitted = HSICClassifier(**FAST).fit(table, y)
    with pytest.raises(ValueError, match="purple"):
        fitted.predict(table.assign(colour="purple"))
    with pytest.raises(TypeError, match="was fitted on a table with columns of text: X must be one, got ndarray"):
        fitted.predict(table.to_numpy())
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(table.rename(columns={"a": "c"}))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        HSICClassifier(**FAST).fit(table, y[:-1])


def test_remedies_are_those_of_python():
    data, y = columns()
    table = pandas.DataFrame(data)
    for column, message in [
        ([None] * 300, "column `c` has no value at all; leave it out with `drop\\(columns=\\[\"c\"\\]\\)`"),
        (["1,234", "5,678", "9,012"] * 100, "tell with `decimal=\"\\.\"` or `decimal=\",\"` where the file is read"),
    ]:
        with pytest.raises(ValueError, match=message):
            HSICClassifier(**FAST).fit(table.assign(c=pandas.Series(column, dtype=object)), y)
    table.loc[7, "a"] = np.nan
    with pytest.raises(ValueError, match="leave such rows out with `dropna\\(\\)`, or fill the cells with their column's training mean with `missing=\"mean\"`"):
        HSICClassifier(**FAST).fit(table, y)
    fitted = HSICClassifier(**FAST).fit(pandas.DataFrame(data), y)
    with pytest.raises(ValueError, match="OneHotEncoder"):
        fitted.predict(pandas.DataFrame(data).assign(colour="purple"))


def test_every_kind_of_column_is_read_alike():
    data, y = columns()
    n = len(y)
    table = pyarrow.table(
        {
            **data,
            "whole": np.arange(n) % 7,
            "small": (np.arange(n) % 3).astype(np.int8),
            "truth": np.arange(n) % 2 == 0,
            "numbers as text": [str(value / 4) for value in range(n)],
            "dictionary": pyarrow.array([str(value % 4) for value in range(n)]).dictionary_encode(),
        }
    )
    frames = [table, table.to_pandas(), polars.from_arrow(table)]
    models = [HSICClassifier(**FAST).fit(frame, y) for frame in frames]
    assert all(np.array_equal(model.predict_proba(frame), models[0].predict_proba(table)) for model in models for frame in frames)
    assert models[0]._model.columns() == table.column_names


def test_lists_and_times_are_refused_by_name():
    y = np.array([0, 1] * 10)
    lists = polars.DataFrame({"a": range(20), "b": [[1, 2]] * 20})
    with pytest.raises(TypeError, match="column `b` holds lists; make a column of each of their numbers, or leave it out"):
        HSICClassifier(**FAST).fit(lists, y)
    times = polars.DataFrame({"a": range(20), "b": ["x", "y"] * 10}).with_columns(polars.lit("2020-01-01").str.to_date().alias("day"))
    for frame in (times, times.to_pandas(), times.to_arrow()):
        with pytest.raises(TypeError, match="column `day` holds .*; write it as a number, such as the days since a first date"):
            HSICClassifier(**FAST).fit(frame, y)


def test_frames_of_pandas_and_polars_need_no_pyarrow():
    code = """
import sys
sys.modules["pyarrow"] = None
import numpy as np, pandas, polars
from hsic import HSICClassifier
data = {"a": np.linspace(0, 1, 60), "colour": ["red", "blue", None] * 20, "b": [True, False] * 30}
y = np.array(["no", "yes"] * 30)
fits = []
for frame in (pandas.DataFrame(data), pandas.DataFrame(data).astype({"colour": "category"}), polars.DataFrame(data),
              polars.DataFrame(data).with_columns(polars.col("colour").cast(polars.Categorical))):
    fits.append(HSICClassifier(search=None, missing="mean", max_layers=1).fit(frame, y).predict_proba(frame))
print(all(np.array_equal(fits[0], fit) for fit in fits))
numbers = {"a": np.linspace(0, 1, 60), "b": [True, False] * 30}
fits = [HSICClassifier(search=None, max_layers=1).fit(frame, y).predict_proba(frame) for frame in (pandas.DataFrame(numbers), polars.DataFrame(numbers))]
print(np.array_equal(*fits))
class Foreign:
    shape, dtypes = (60, 1), ["string"]
    columns = ["a"]
    def __len__(self): return 60
    def __arrow_c_stream__(self, schema=None): raise NotImplementedError
try:
    HSICClassifier(search=None).fit(Foreign(), y)
except TypeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, timeout=120)
    assert done.returncode == 0, done.stderr
    told = "X is a __main__.Foreign, which takes pyarrow to read: pip install pyarrow, or give a frame of pandas or polars"
    assert done.stdout.splitlines() == ["True", "True", told]
