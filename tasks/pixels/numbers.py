"""Numbers over pixels as rows of `metrics`, and of single units as rows of `unit_scores`."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array, MeasureContext
from schemas.tables import METRICS, UNIT_SCORES
from tasks.columns import completed
from tasks.number_rows import labels


class Value(NamedTuple):
    """A number; None where it is undefined, and why it can be."""

    metric: str
    value: float | None
    null_reason: str
    category: int | None = None
    """category_key; None: over all classes."""
    category_name: str | None = None
    n_ground_truth: int | None = None
    """What is counted on the annotated side: pixels, or segments."""
    n_predictions: int | None = None
    threshold: float | None = None


def value_table(values: Sequence[Value], context: MeasureContext) -> pa.Table:
    """Rows of METRICS. No values: none."""
    columns: dict[str, object] = {
        name: [getattr(value, name) for value in values] for name in Value._fields if name != "null_reason"
    }
    columns["null_reason"] = [value.null_reason if value.value is None else None for value in values]
    return completed({**labels(context, len(values)), **columns}, METRICS.schema, len(values))


def defined(value: float) -> float | None:
    """The number; None for NaN."""
    return None if np.isnan(value) else float(value)


def unit_table(unit_key: Array, scores: dict[str, Array], context: MeasureContext) -> pa.Table:
    """Rows of UNIT_SCORES: columns by name, NaN is null. Units that are not in the table of units are no error."""
    place = pc.index_in(pa.array(unit_key), context.units["unit_key"].combine_chunks())
    columns = {name: context.units[name].take(place) for name in ("data_hash", "frame")}
    columns |= {name: pa.array(column, from_pandas=True) for name, column in scores.items()}
    kept = {name: column for name, column in labels(context, len(unit_key)).items() if name in UNIT_SCORES.fields}
    return completed({**kept, "unit_key": pa.array(unit_key), **columns}, UNIT_SCORES.schema, len(unit_key))
