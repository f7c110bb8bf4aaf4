"""A fit over the partitions of Spark, local[2]."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
from conftest import contents, spiral

import hsic
from hsic import _partitions

pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed")
pyarrow = pytest.importorskip("pyarrow")
if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
    pytest.skip("there is no Java for Spark", allow_module_level=True)

from hsic.spark import HSICClassificationModel, HSICClassifier  # noqa: E402

# each pass is a job, and a job takes a second: few of them
SETTINGS = {"solver": "closed-form", "search": None, "max_layers": 2, "n_features": 64, "sample_rows": 500}
ROUNDING = 1e-10


@pytest.fixture(scope="module")
def spark():
    import sys

    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    # a task may fail three times
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def assert_same(one, other):
    one, other = contents(one)[0], contents(other)[0]
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_allclose(other[name], values, rtol=ROUNDING, atol=ROUNDING, err_msg=name)


def local(X, y, **settings):
    """The same fit of one partition in this process."""
    from types import SimpleNamespace

    names = ("selection", "sigma", "features", "bandwidth_scale", "class_weight", "head", "target_hsic", "target_silhouette", "min_gain")
    names += ("patience", "candidates", "beam_width", "subsample_rows", "output", "width", "tolerance", "max_iterations", "rank_tolerance")
    names += ("exact_tolerance", "self_excluded")
    given = {"missing": "refuse", "random_state": 0, "checkpoint": None, "progress": None, **SETTINGS, **settings}
    estimator = SimpleNamespace(**{**dict.fromkeys(names), **given})
    return _partitions.fit(estimator, "class", [], lambda pass_, firsts: _partitions.run(pass_, X, y, "class", 0, 0), {}, "int64")


def test_the_network_is_that_of_one_process_for_any_partitions(spark, tmp_path):
    from pyspark.ml.feature import VectorAssembler

    X, y = spiral(2400)
    expected = local(X, y)
    rows = pyarrow.table({"id": np.arange(len(X)), "x": X[:, 0], "y": X[:, 1], "label": y})
    frame = spark.createDataFrame(rows)
    frame = VectorAssembler(inputCols=["x", "y"], outputCol="features").transform(frame)
    for parts in (1, 40):
        # shuffled: the numbers of the rows say which is which
        table = frame.repartition(parts).cache()
        assert table.rdd.getNumPartitions() == parts
        events = []
        classifier = HSICClassifier(idCol="id", progress=events.append, **SETTINGS)
        model = classifier.fit(table)
        assert_same(expected, model.model)
        assert events[0]["kind"] == "scan" and events[-1]["hsic"][-1] > 0.5
    scored = model.transform(table).select("id", "prediction", "probability").toArrow().to_pydict()
    order = np.argsort(scored["id"])
    assert np.array_equal(np.array(scored["prediction"])[order], expected.predict(X))
    model.save(tmp_path / "model")
    again = HSICClassificationModel.load(tmp_path / "model", featuresCol="features", predictionCol="class")
    assert again.transform(table).select("class").first()[0] == scored["prediction"][0]
    np.testing.assert_array_equal(hsic.load(tmp_path / "model").predict(X), expected.predict(X))


def test_a_table_of_text_and_a_task_that_fails(spark, tmp_path):
    from pyspark.sql import functions

    X, _ = spiral(600)
    colour = np.where(X[:, 0] > 0, "red", "blue")
    kind = np.where(np.linalg.norm(X, axis=1) > 0.7, "far", "near")
    rows = pyarrow.table({"x": X[:, 0], "y": X[:, 1], "colour": colour, "kind": kind})
    table = spark.createDataFrame(rows).coalesce(2)
    columns = {"featuresCols": ["x", "y", "colour"], "labelCol": "kind"}
    expected = HSICClassifier(**columns, **SETTINGS).fit(table)
    # in every pass the first try of the first partition fails
    broken = table.mapInArrow(_fails_once(str(tmp_path)), table.schema)
    fitted = HSICClassifier(**columns, **SETTINGS).fit(broken)
    assert len(list(tmp_path.glob("*"))) > 0
    assert_same(expected.model, fitted.model)
    assert fitted.classes.tolist() == ["far", "near"]
    scored = fitted.transform(table).toArrow().to_pydict()
    assert np.mean(np.array(scored["prediction"]) == np.array(scored["kind"])) > 0.8

    def message(table, **more):
        with pytest.raises(ValueError) as error:
            HSICClassifier(**{**columns, **SETTINGS, **more}).fit(table)
        return str(error.value)

    bad = table.withColumn("x", functions.when(functions.monotonically_increasing_id() == 4, float("inf")).otherwise(functions.col("x")))
    assert "row 5, column `x`: `inf` is not finite as a 64-bit float" in message(bad)
    assert message(bad).startswith("X, partition 0, ")
    assert message(table, labelCol="none").startswith("there is no column `none` (labelCol); the columns are x, y, colour, kind")
    assert message(table.limit(0)).startswith("X has no rows")
    purple = table.withColumn("colour", functions.lit("purple"))
    with pytest.raises(Exception, match="`purple` is not one of the known categories"):
        fitted.transform(purple).collect()


def _fails_once(folder):
    def run(batches):
        from pyspark import TaskContext

        context = TaskContext.get()
        if context.partitionId() == 0 and context.attemptNumber() == 0:
            open(f"{folder}/{context.stageId()}", "w").close()
            # half of it was read
            next(batches, None)
            raise RuntimeError("a test breaks this task")
        yield from batches

    return run
