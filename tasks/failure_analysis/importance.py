"""Rows of `metric_importance`: how much each metric says about IoU x TP, on a sample chosen by key."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array
from schemas.records import Run
from schemas.tables import METRIC_IMPORTANCE
from tasks.failure_analysis.information import correlation, information
from tasks.failure_analysis.objects import Dimension, Objects
from tasks.failure_analysis.result_rows import labelled

LEAST_TRUE_POSITIVES = 50
PERMUTATIONS = 200


class Column(NamedTuple):
    """A metric and the outcome it may depend on, of the objects for which it is not null."""

    dimension: Dimension
    values: Array
    """float64[n]"""
    outcome: Array
    """float64[n]: IoU x TP"""
    n_true_positives: int


def columns_of(sample: Objects, dimensions: Sequence[Dimension], most: int) -> list[Column]:
    """The metrics of a sample, of each the first `most` objects that have it."""
    found = []
    for m, dimension in enumerate(dimensions):
        given = np.flatnonzero(~np.isnan(sample.values[:, m]))[:most]
        true = int(sample.hit[given].sum())
        found.append(Column(dimension, sample.values[given, m], sample.similarity[given], true))
    return found


def importance(column: Column, most_permuted: int) -> dict[str, Any]:
    """One row; `null_reason` where too few objects are true positives."""
    row: dict[str, Any] = {
        "metric_of": column.dimension.of,
        "metric": column.dimension.metric,
        "n_samples": len(column.values),
        "n_true_positives": column.n_true_positives,
    }
    if column.n_true_positives < LEAST_TRUE_POSITIVES:
        few = f"{column.n_true_positives} true positives are too few; at least {LEAST_TRUE_POSITIVES} are needed"
        return {**row, "null_reason": few}
    found = information(column.values, column.outcome, PERMUTATIONS, most_permuted)
    return {
        **row,
        "mutual_information": found.mutual,
        "permuted_information": found.judged,
        "permuted_95": float(np.quantile(found.permuted, 0.95)),
        "p_value": found.p_value,
        "n_permuted": min(most_permuted, len(column.values)),
        "correlation": correlation(column.values, column.outcome),
    }


def importance_rows(columns: Sequence[Column], most_permuted: int, labels: Mapping[str, str], run: Run) -> pa.Table:
    """The rows of all metrics, most information first, those without a number last."""
    rows = list(run(partial(importance, most_permuted=most_permuted), columns, label="metric importance"))
    rows.sort(key=lambda row: (-row.get("mutual_information", -1.0), row["metric_of"], row["metric"]))
    return labelled(rows, METRIC_IMPORTANCE, labels)
