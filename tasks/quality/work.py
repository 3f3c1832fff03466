"""A bucket's work: what it adds to the shared states, then its rows of `quality`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.columns import completed
from tasks.quality.bucket import Bucket
from tasks.quality.measured import Faulty, Span
from tasks.quality.metric import UNIT, Array, QualityMetric, Values
from tasks.quality.metrics import QUALITY_METRICS
from tasks.quality.table import QUALITY
from tasks.storage import FileEntry, PartWriter

State = Mapping[str, Any]
"""Combined states by the name of their metric."""


@dataclass(frozen=True, slots=True)
class QualityShard:
    """One bucket: paths and small parameters only, so that any process can take it up."""

    of: str
    """prediction or annotation."""
    prediction_set: str | None
    bucket: int
    buckets: int
    inputs: dict[str, tuple[str, ...]]
    """Part files by table: the side's own of the bucket, and data_units whole."""
    folder: str
    """Staged folder of `quality`."""

    def read(self) -> Bucket:
        """The bucket, of which columns are read when a metric asks."""
        return Bucket(self.of, self.bucket, self.buckets, self.inputs)


class Written(NamedTuple):
    """What became of a bucket, or of all."""

    files: list[FileEntry]
    rows: dict[str, int]
    """By what they tell of."""
    spans: dict[str, Span]
    """By column of a metric."""
    faults: Mapping[str, Faulty] = MappingProxyType({})
    """Images at fault, by code."""


def metrics_of(side: str) -> list[QualityMetric]:
    """The metrics that can tell of a side's objects or of units by them."""
    return [metric for metric in QUALITY_METRICS if side in metric.sides and (metric.of_objects or metric.of_units)]


def partial_states(shard: QualityShard) -> dict[str, Any]:
    """What the bucket adds to the state of each metric that has one."""
    return _partials(shard.read(), shard.of)


def _partials(bucket: Bucket, side: str) -> dict[str, Any]:
    return {metric.name: metric.partial(bucket) for metric in metrics_of(side) if metric.partial is not None}


def combined(side: str, partials: Sequence[Mapping[str, Any]]) -> State:
    """The states of all buckets together."""
    stateful = [metric for metric in metrics_of(side) if metric.combine is not None]
    return {m.name: m.combine([part[m.name] for part in partials]) for m in stateful if m.combine is not None}


def write_bucket(shard: QualityShard, states: State) -> Written:
    """Compute every metric of the bucket and write its rows: its objects, then its units."""
    return _written(shard.read(), shard, states)


def write_only_bucket(shard: QualityShard) -> Written:
    """The same where no other bucket adds to the states: it is read once."""
    bucket = shard.read()
    return _written(bucket, shard, combined(shard.of, [_partials(bucket, shard.of)]))


def _written(bucket: Bucket, shard: QualityShard, states: State) -> Written:
    tables = [_objects(bucket, shard, states), _units(bucket, shard, states)]
    with PartWriter(Path(shard.folder), shard.bucket, QUALITY) as writer:
        for table in tables:
            writer.write(table)
        files = writer.close()
    counts = dict(zip((shard.of, UNIT), map(len, tables), strict=True))
    return Written(files, counts, joined_spans([spans_of(table) for table in tables]))


def _objects(bucket: Bucket, shard: QualityShard, states: State) -> pa.Table:
    asked = [(m.of_objects, states.get(m.name)) for m in metrics_of(shard.of) if m.of_objects is not None]
    values = [values_of(bucket, state) for values_of, state in asked]
    objects = bucket.objects
    keys = {f"{shard.of}_key": objects.key, "category_key": objects.category.astype(np.int32)}
    return quality_rows(shard.of, shard.prediction_set, bucket.units.key[objects.unit], keys, values)


def _units(bucket: Bucket, shard: QualityShard, states: State) -> pa.Table:
    asked = [(m.of_units, states.get(m.name)) for m in metrics_of(shard.of) if m.of_units is not None]
    values = [values_of(bucket, state) for values_of, state in asked]
    return quality_rows(UNIT, shard.prediction_set, bucket.units.key, {}, values)


def quality_rows(
    of: str, prediction_set: str | None, unit_key: Array, keys: Mapping[str, Array], values: Sequence[Values]
) -> pa.Table:
    """Rows of `quality` about `of`; NaN becomes null, as do the columns that nobody gives."""
    n = len(unit_key)
    columns: dict[str, Any] = {"of": pa.repeat(pa.scalar(of), n), "unit_key": unit_key, **keys}
    if prediction_set is not None:
        columns["prediction_set"] = pa.repeat(pa.scalar(prediction_set), n)
    for each in values:
        columns |= {name: _nullable(column) for name, column in each.items()}
    return completed(columns, QUALITY.schema, n)


def _nullable(column: Array | pa.Array) -> pa.Array:
    if not isinstance(column, np.ndarray):
        return column
    return pa.array(column, from_pandas=True)  # NaN is null


def spans_of(rows: pa.Table) -> dict[str, Span]:
    """What each metric's column holds in these rows; only columns that hold numbers."""
    found = {}
    for field in QUALITY.own:
        column = rows[field.name]
        n = len(column) - column.null_count
        if pa.types.is_floating(field.type) or pa.types.is_integer(field.type):
            bounds = pc.min_max(column).as_py() if n else {"min": None, "max": None}
            found[field.name] = Span(n, bounds["min"], bounds["max"])
    return found


def joined_spans(parts: Sequence[Mapping[str, Span]]) -> dict[str, Span]:
    """The spans of all parts together."""
    names = list(dict.fromkeys(name for part in parts for name in part))
    return {name: _joined([part[name] for part in parts if name in part]) for name in names}


def _joined(spans: Sequence[Span]) -> Span:
    held = [span for span in spans if span.least is not None and span.greatest is not None]
    if not held:
        return Span(0, None, None)
    return Span(sum(span.n for span in held), min(s.least for s in held), max(s.greatest for s in held))  # type: ignore[type-var]
