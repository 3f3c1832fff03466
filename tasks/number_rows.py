"""Rows of the table `metrics`, built column by column."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, MeasureContext
from schemas.tables import METRICS
from tasks.columns import constant, nullable, numbers
from tasks.storage.encoding import layout_of
from tasks.units import live_categories

EVERY = -1
"""Category position that stands for all classes together."""


class NumberRows(NamedTuple):
    """n numbers of one kind; arrays of n, or what holds for all of them. Positions -1 stand for null."""

    metric: str
    value: Array
    """float64[n]; NaN is undefined."""
    category: Array
    """int[n]: positions among the live categories, or EVERY."""
    area_range: Array
    """int[n]: positions in the rules' area ranges; -1: none."""
    threshold: Array
    """float64[n]; NaN: over all thresholds."""
    max_detections: Array
    """int[n]; 0: it does not depend on any."""
    null_reason: str
    """Why a value of this kind can be undefined."""


def words(positions: Array, texts: Sequence[str | None]) -> pa.Array:
    """A text column of `texts` by position; -1 is null, and so is a text that is None."""
    said = np.array([text is not None for text in texts] + [False])  # position -1 is the last
    indices = nullable(positions.astype(np.int32, copy=False), said[positions])
    known = pa.array(["" if text is None else text for text in texts], pa.string())
    return pa.DictionaryArray.from_arrays(indices, known, safe=False)


def category_columns(positions: Array, context: MeasureContext) -> dict[str, pa.Array]:
    """`category` and `category_name` of positions among the live categories; EVERY gives nulls."""
    live = live_categories(context.categories)
    keys = np.append(numbers(live["category_key"]), 0)
    return {
        "category": nullable(keys.astype(np.int32).take(positions), positions >= 0),
        "category_name": words(positions, live["name"].to_pylist()),
    }


def labels(context: MeasureContext, rows: int) -> dict[str, pa.Array]:
    """The columns that every result table begins with, and the similarity."""
    return {name: constant(text, rows) for name, text in context.labels.items()}


def _table(rows: NumberRows, context: MeasureContext, totals: Mapping[str, Array]) -> pa.Table:
    undefined = np.isnan(rows.value)
    count = len(rows.value)
    ranges = [bounds.name for bounds in context.rules.area_ranges]
    where = (rows.category, rows.area_range)
    return pa.table(
        {
            **labels(context, count),
            "metric": constant(rows.metric, count),
            **category_columns(rows.category, context),
            "area_range": words(rows.area_range, ranges),
            "threshold": pa.array(rows.threshold, mask=np.isnan(rows.threshold)),
            "max_detections": pa.array(rows.max_detections.astype(np.int32), mask=rows.max_detections == 0),
            "slice": constant(None, count),
            "value": pa.array(rows.value, mask=undefined),
            "null_reason": words(np.where(undefined, 0, -1), [rows.null_reason]),
            "n_ground_truth": pa.array(totals["n_ground_truth"][where]),
            "n_predictions": pa.array(totals["n_predictions"][where[0]]),
        }
    )


def number_table(
    kinds: Sequence[NumberRows], context: MeasureContext, n_ground_truth: Array, n_predictions: Array
) -> pa.Table:
    """Rows of METRICS, text as codes. `n_ground_truth` int64[K, A] counts annotations, `n_predictions` int64[K]."""
    totals = {  # the last row is the sum: position EVERY reads it
        "n_ground_truth": np.vstack([n_ground_truth, n_ground_truth.sum(axis=0)]),
        "n_predictions": np.append(n_predictions, n_predictions.sum()),
    }
    held = layout_of(METRICS).held
    return pa.concat_tables([_table(rows, context, totals).select(held.names).cast(held) for rows in kinds])
