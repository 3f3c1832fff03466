"""Rows of `metric_performance`: precision and recall in every bin of every metric, over all classes and of each."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array
from schemas.tables import METRIC_PERFORMANCE
from tasks.columns import completed, constant
from tasks.failure_analysis.counts import COUNT, HITS, Counts, mean_similarity
from tasks.failure_analysis.intervals import wilson
from tasks.failure_analysis.objects import Binning, Dimension


class Classes(NamedTuple):
    """The measured classes, K."""

    key: Array
    """int32[K]: category_key"""
    names: Sequence[str | None]


class Counted(NamedTuple):
    """A side's dimensions, their bins and what was counted in them."""

    dimensions: tuple[Dimension, ...]
    binning: Binning
    counts: Counts


def _bins(side: Counted, m: int) -> Array:
    """int64[K + 1, b + 1, 4]: cells of all classes together, then of each; the last bin is that of nulls."""
    cells = side.counts.cells[m]
    filled = np.append(np.arange(len(side.binning.bounds[m])), side.binning.width)
    return np.concatenate([cells.sum(axis=0)[None], cells])[:, filled]


def _rates(name: str, cells: Array) -> dict[str, Array]:
    count, hits = cells[:, COUNT], cells[:, HITS]
    low, high = wilson(hits, count)
    share = np.where(count > 0, hits / np.maximum(count, 1), np.nan)
    return {name: share, f"{name}_low": low, f"{name}_high": high}


def _of_predictions(cells: Array) -> dict[str, Array]:
    rates = _rates("precision", cells)
    return {"n_predictions": cells[:, COUNT], "tp": cells[:, HITS], **rates, "mean_iou": mean_similarity(cells)}


def _of_annotations(cells: Array) -> dict[str, Array]:
    rates = _rates("recall", cells)
    missed = {
        "fn_rate": 1 - rates["recall"],
        "fn_rate_low": 1 - rates["recall_high"],
        "fn_rate_high": 1 - rates["recall_low"],
    }
    counts = {"n_ground_truth": cells[:, COUNT], "found": cells[:, HITS]}
    return {**counts, **rates, **missed, "mean_iou": mean_similarity(cells)}


def _ends(sides: Sequence[Array], extreme: np.ufunc, bins: int) -> Array:
    """float64[b + 1]: lowest or highest value in each bin, whichever side has it; NaN in that of nulls."""
    return np.append(extreme.reduce([ends[:bins] for ends in sides]), np.nan)


def _metric_rows(
    dimension: Dimension, predicted: tuple[Counted, int] | None, annotated: tuple[Counted, int] | None,
    classes: Classes, labels: Mapping[str, str],
) -> pa.Table:  # fmt: skip
    """Rows of one metric that predictions, annotations or both have, in the same bins."""
    given = [side for side in (predicted, annotated) if side is not None]
    cells = [_bins(*side) for side in given]
    category, place = np.nonzero(np.sum([part[:, :, COUNT] for part in cells], axis=0))
    values: dict[str, Array] = {}
    for counted, part in reversed(list(zip(given, cells, strict=True))):
        own = part[category, place]
        values |= _of_predictions(own) if counted is predicted else _of_annotations(own)
    bins = cells[0].shape[1] - 1
    values["value_low"] = _ends([side.counts.low[m] for side, m in given], np.minimum, bins)[place]
    values["value_high"] = _ends([side.counts.high[m] for side, m in given], np.maximum, bins)[place]
    return _table(dimension, category - 1, np.where(place == bins, -1, place), values, classes, labels)


def _table(
    dimension: Dimension, category: Array, place: Array, values: Mapping[str, Array], classes: Classes,
    labels: Mapping[str, str],
) -> pa.Table:  # fmt: skip
    n, every = len(category), category < 0
    names = pa.array([name or None for name in classes.names], pa.string())
    columns: dict[str, Any] = {name: pa.array(column, from_pandas=True) for name, column in values.items()}
    columns |= {name: constant(labels[name], n) for name in ("prediction_set", "protocol", "rules")}
    columns |= {"metric_of": constant(dimension.of, n), "metric": constant(dimension.metric, n)}
    position = pa.array(np.maximum(category, 0), mask=every)
    columns["category"] = pa.array(classes.key).take(position)
    columns["category_name"] = names.take(position)
    columns["bin"] = pa.array(place.astype(np.int32), mask=place < 0)
    return completed(columns, METRIC_PERFORMANCE.schema, n)


def performance_rows(
    predicted: Counted, annotated: Counted, classes: Classes, labels: Mapping[str, str]
) -> list[pa.Table]:
    """A table a metric, bins ascending within classes, all classes first; only bins that hold something.

    Metrics of units stand once, with precision and recall in the same bins; their mean IoU is that of predictions.
    """
    found = []
    for dimension in dict.fromkeys((*predicted.dimensions, *annotated.dimensions)):
        sides = [
            (side, side.dimensions.index(dimension)) if dimension in side.dimensions else None
            for side in (predicted, annotated)
        ]
        if any(len(side.binning.bounds[m]) for side, m in filter(None, sides)):
            found.append(_metric_rows(dimension, sides[0], sides[1], classes, labels))
    return found
