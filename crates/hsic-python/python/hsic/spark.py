"""The classifier of rows that Spark has.

>>> from hsic.spark import HSICClassifier                                   # doctest: +SKIP
>>> table = spark.read.parquet("rows.parquet")                              # doctest: +SKIP
>>> classifier = HSICClassifier(featuresCols=["age", "colour"], labelCol="kind")   # doctest: +SKIP
>>> model = classifier.fit(table)                                           # doctest: +SKIP
>>> model.transform(table).select("prediction", "probability").show()       # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Optional

import numpy as np

try:
    import pyarrow
    from pyspark import TaskContext
    from pyspark.ml import Estimator, Model
    from pyspark.ml.functions import array_to_vector, vector_to_array
    from pyspark.ml.param import Param, Params, TypeConverters
    from pyspark.ml.param.shared import HasFeaturesCol, HasLabelCol, HasPredictionCol, HasProbabilityCol, HasSeed
    from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
    from pyspark.sql import functions
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("hsic.spark needs PySpark 4.1 or later: pip install 'hsic[spark]'", name=error.name) from error

from . import _hsic, _partitions
from ._estimators import FilePath, _of_model
from ._estimators import HSICClassifier as LocalClassifier
from ._parameters import OF_SOLVER
from ._partitions import FAN, Partial

__all__ = ["HSICClassificationModel", "HSICClassifier"]

#: What a task gives: a Partial.
_PARTIALS = "sums binary, partition int, problem string"

_HYPERPARAMETERS = (*dict.fromkeys(sum(OF_SOLVER.values(), ())), "sample_rows")


class _Columns(HasFeaturesCol, HasPredictionCol, HasProbabilityCol):  # type: ignore[misc]
    """Which columns are read and written."""

    featuresCols = Param(Params._dummy(), "featuresCols", "columns of numbers and text, in place of featuresCol", TypeConverters.toListString)

    def _features(self, dataset: Any) -> list[tuple[str, Any]]:
        """Names of the columns to learn from, and the columns."""
        if self.isSet("featuresCols"):
            names = self.getOrDefault("featuresCols")
            return [(name, functions.col(f"`{name}`")) for name in names]
        name = self.getFeaturesCol()
        if name not in dataset.columns:
            raise ValueError(
                f"there is no column `{name}` (featuresCol); the columns are {', '.join(dataset.columns)}: name one of vectors or arrays, "
                "or columns of numbers and text with featuresCols"
            )
        column = functions.col(f"`{name}`")
        is_vector = type(dataset.schema[name].dataType).__name__ == "VectorUDT"
        return [(name, vector_to_array(column) if is_vector else column)]


class HSICClassifier(Estimator, _Columns, HasLabelCol, HasSeed, DefaultParamsReadable, DefaultParamsWritable):  # type: ignore[misc]
    """A classifier of Spark's DataFrames: a network trained layer by layer in closed form by maximising HSIC.

    The fit is that of :class:`hsic.HSICClassifier` in blocks: some dozens of passes, each a task a partition (``mapInArrow``) and a tree of
    merges. Rows stay where they are; what is shipped a pass does not depend on their number.

    Parameters
    ----------
    featuresCol : str, default="features"
        A column of vectors or of arrays of numbers.
    featuresCols : list of str
        In its place: columns of numbers, booleans, decimals and text. Those of text become a column of zeros and ones a category.
    labelCol : str, default="label"
        The column of classes: numbers, booleans or text.
    predictionCol, probabilityCol : str, default="prediction", "probability"
        What transform adds: the class, as labelCol has it, and a vector.
    idCol : str
        A column of whole numbers from 0, no two alike. The sample that a fit begins on is drawn by it; without it by the place of a row in
        the table, which Spark keeps for files and not through a shuffle: then it is another sample, as good.
    seed : int, default=0
        The seed.
    solver, search, missing
        As those of :class:`hsic.HSICClassifier`.
    checkpoint, progress
        As those of :class:`hsic.dask.HSICClassifier`.
    **hyperparameters
        As those of :class:`hsic.HSICClassifier`, and ``sample_rows``.
    """

    idCol = Param(Params._dummy(), "idCol", "column of whole numbers by which the sample is drawn")
    solver = Param(Params._dummy(), "solver", "auto, spectral or closed-form")
    search = Param(Params._dummy(), "search", "auto, or none: whether hyperparameters are chosen")
    missing = Param(Params._dummy(), "missing", "refuse, or mean: what becomes of missing cells")

    def __init__(self, *, checkpoint: Optional[FilePath] = None, progress: Any = None, **params: Any) -> None:
        super().__init__()
        self.checkpoint = checkpoint
        self.progress = progress
        self._setDefault(seed=0, solver="auto", search="auto", missing="refuse")
        self.setParams(**params)

    def setParams(self, **params: Any) -> HSICClassifier:
        """Sets parameters by their names."""
        unknown = [name for name in params if not self.hasParam(name)]
        if unknown:
            raise TypeError(f"unknown parameters: {', '.join(unknown)}; there are {', '.join(param.name for param in self.params)}")
        if params.get("search", "") is None:
            params["search"] = "none"
        self._set(**params)
        return self

    def _fit(self, dataset: Any) -> HSICClassificationModel:
        label_col = self.getLabelCol()
        if label_col not in dataset.columns:
            raise ValueError(f"there is no column `{label_col}` (labelCol); the columns are {', '.join(dataset.columns)}")
        features = self._features(dataset)
        names = [name for name, _ in features]
        label = _partitions.label_beside(names)
        id_col = self.getOrDefault("idCol") if self.isSet("idCol") else None
        columns = [column.alias(name) for name, column in features]
        columns.append(functions.col(f"`{label_col}`").alias(label))
        if id_col is not None:
            columns.append(functions.col(f"`{id_col}`").cast("long").alias("row id"))
        rows = dataset.select(*columns)
        count = _count(rows)

        def run_pass(pass_: bytes, firsts: Mapping[int, int]) -> Partial:
            partials = rows.mapInArrow(_runner(pass_, names, label, firsts, id_col is not None), _PARTIALS)
            left = count
            while True:
                left = max(1, -(-left // FAN))
                partials = partials.repartition(left).mapInArrow(_merger(pass_), _PARTIALS)
                if left == 1:
                    break
            found = [Partial(bytes(row.sums), row.partition, row.problem) for row in partials.collect()]
            return _partitions.merge(pass_, found)

        value = {param.name: self.getOrDefault(param) for param in self.params if self.isDefined(param)}
        settings = SimpleNamespace(
            **{name: value.get(name) for name in _HYPERPARAMETERS},
            solver=value["solver"],
            search=None if value["search"] == "none" else value["search"],
            missing=value["missing"],
            random_state=value["seed"],
            checkpoint=self.checkpoint,
            progress=self.progress,
        )
        kind = dataset.schema[label_col].dataType.typeName()
        kind = {"double": "float", "float": "float", "boolean": "bool", "string": "object"}.get(kind, "int")
        fitted = _partitions.fit(settings, label, [], run_pass, {"columns": names}, kind)
        return self._copyValues(HSICClassificationModel(fitted))


for _name in _HYPERPARAMETERS:
    setattr(HSICClassifier, _name, Param(Params._dummy(), _name, f"as {_name} of hsic.HSICClassifier"))


class HSICClassificationModel(Model, _Columns):  # type: ignore[misc]
    """A fitted network.

    Parameters
    ----------
    model : hsic.HSICClassifier
        The same model, which predicts rows in memory.
    """

    def __init__(self, model: LocalClassifier) -> None:
        super().__init__()
        self.model = model

    @property
    def classes(self) -> Any:
        """The classes, in the order of the probabilities."""
        return self.model.classes_

    @property
    def numClasses(self) -> int:
        return len(self.model.classes_)

    def save(self, path: FilePath) -> None:
        """Writes the model file, which :func:`hsic.load` and ``hsic-cli predict`` read."""
        self.model.save(path)

    @classmethod
    def load(cls, path: FilePath, **columns: Any) -> HSICClassificationModel:
        """Reads a model file, of any fit; ``columns`` are featuresCol, predictionCol and probabilityCol."""
        local = _of_model(_hsic.Model.load(path))
        model = cls(local)
        names = list(getattr(local, "feature_names_in_", []))
        if names and "featuresCol" not in columns:
            columns.setdefault("featuresCols", [str(name) for name in names])
        model._set(**columns)
        return model

    def _transform(self, dataset: Any) -> Any:
        classes = self.model.classes_
        kind = {"i": "bigint", "u": "bigint", "f": "double", "b": "boolean"}.get(classes.dtype.kind, "string")
        schema = f"prediction {kind}, probability array<double>"
        features = functions.struct(*(column.alias(name) for name, column in self._features(dataset)))
        told = functions.arrow_udf(_predictor(self.model), schema, functions.ArrowUDFType.SCALAR_ITER)(features)
        columns = [functions.col(f"`{name}`") for name in dataset.columns]
        scored = dataset.select(*columns, told.alias("hsic told"))
        return scored.select(
            *columns,
            functions.col("`hsic told`.prediction").alias(self.getPredictionCol()),
            array_to_vector(functions.col("`hsic told`.probability")).alias(self.getProbabilityCol()),
        )


def _count(rows: Any) -> int:
    """Partitions, about: for the shape of the tree alone."""
    try:
        return int(rows.rdd.getNumPartitions())
    except Exception:
        # Spark Connect has no RDDs
        return FAN * FAN


def _runner(pass_: bytes, names: list[str], label: str, firsts: Mapping[int, int], has_id: bool) -> Any:
    def run(batches: Iterator[Any]) -> Iterator[Any]:
        number = TaskContext.get().partitionId()
        before, sums = 0, None
        for batch in batches:
            X = batch.select(names)
            rows = batch.column("row id").to_numpy(zero_copy_only=False) if has_id else firsts.get(number, 0) + before
            partial = _partitions.run(pass_, X, batch.column(label), label, number, rows, before)
            sums = partial if sums is None else _partitions.merge(pass_, [sums, partial])
            before += batch.num_rows
            if sums.problem:
                break
        if sums is not None:
            yield _batch(sums._replace(partition=number))

    return run


def _merger(pass_: bytes) -> Any:
    def run(batches: Iterator[Any]) -> Iterator[Any]:
        partials = [Partial(**row) for batch in batches for row in batch.to_pylist()]
        if partials:
            yield _batch(_partitions.merge(pass_, partials))

    return run


def _batch(partial: Partial) -> Any:
    schema = pyarrow.schema([("sums", pyarrow.binary()), ("partition", pyarrow.int32()), ("problem", pyarrow.string())])
    return pyarrow.RecordBatch.from_pylist([partial._asdict()], schema=schema)


def _predictor(model: LocalClassifier) -> Any:
    def predict(batches: Iterator[pyarrow.Array]) -> Iterator[pyarrow.Array]:
        context = TaskContext.get()
        number, before = context.partitionId() if context else 0, 0
        for batch in batches:
            X = pyarrow.RecordBatch.from_struct_array(batch)
            proba = _partitions.output(model, "predict_proba", X, number, before)
            before += len(batch)
            classes = model.classes_[proba.argmax(axis=1)] if len(proba) else model.classes_[:0]
            offsets = np.arange(0, proba.size + 1, proba.shape[1], dtype=np.int32)
            lists = pyarrow.ListArray.from_arrays(offsets, pyarrow.array(np.ascontiguousarray(proba).reshape(-1)))
            kind = {"i": pyarrow.int64(), "u": pyarrow.int64(), "f": pyarrow.float64(), "b": pyarrow.bool_()}
            told = pyarrow.array(classes.tolist(), kind.get(model.classes_.dtype.kind, pyarrow.string()))
            yield pyarrow.StructArray.from_arrays([told, lists], ["prediction", "probability"])

    return predict
