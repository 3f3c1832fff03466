"""Errors of the points of skeletons that were found: mean distance, and the percentage of correct keypoints (PCK).

PCK@a is the share of labelled points within a x the longer side of the annotation's box. Source: Yang and Ramanan,
PAMI 2013; there every annotated person counts, here those that were found.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import fsum
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from schemas.tables import METRICS
from tasks.columns import completed, numbers
from tasks.number_rows import category_columns, labels
from tasks.units import live_categories

SHARES = (0.1, 0.2)
"""Of the box' longer side."""
_NOT_FOUND = "no labelled point of an annotation that was found"
_NO_SIDE = "no box of an annotation that was found has a side"
EVERY = -1


class Errors(NamedTuple):
    """Points of annotations that were found, n of them."""

    category: Array
    """int64[n]: positions among the live classes."""
    point: Array
    error_px: Array
    relative: Array
    """float64[n]; NaN where the box has no side."""
    names: Mapping[tuple[int, int], str]
    """Of points that have one, by class and place."""


class Value(NamedTuple):
    """A row of `metrics`; over all classes EVERY, over all points None."""

    metric: str
    category: int
    part: str | None
    value: float
    null_reason: str
    n: int


def partial(rows: pa.Table, context: MeasureContext) -> Errors:
    """A bucket's points. Under a class mapping annotated classes stand for themselves, and all count."""
    live = {key: k for k, key in enumerate(live_categories(context.categories)["category_key"].to_pylist())}
    category = np.array([live.get(key, EVERY) for key in rows["category_key"].to_pylist()], np.int64)
    point, names = numbers(rows["point"]).astype(np.int64), rows["point_name"].to_pylist()
    places = zip(category.tolist(), point.tolist(), names, strict=True)
    named = {(k, p): name for k, p, name in places if name is not None}
    return Errors(category, point, numbers(rows["error_px"]), numbers(rows["relative_error"]), named)


def combine(states: list[Errors], _context: MeasureContext) -> Errors:
    """All points; sums of them are exact, so their order does not matter."""
    names = {place: name for state in states for place, name in state.names.items()}
    category, point, error_px, relative = (np.concatenate(column) for column in list(zip(*states, strict=True))[:4])
    return Errors(category, point, error_px, relative, names)


def _values(errors: Errors, which: Array, category: int, part: str | None) -> Iterator[Value]:
    error_px, relative = errors.error_px[which], errors.relative[which]
    n = len(error_px)
    yield Value("point_error_px", category, part, fsum(error_px) / n if n else np.nan, _NOT_FOUND, n)
    measured = relative[~np.isnan(relative)]
    for share in SHARES:
        within = float(np.mean(measured <= share)) if len(measured) else np.nan
        yield Value(f"PCK@{share:g}", category, part, within, _NO_SIDE if n else _NOT_FOUND, len(measured))


def _all_values(errors: Errors, categories: int) -> Iterator[Value]:
    yield from _values(errors, np.ones(len(errors.point), bool), EVERY, None)
    for category in range(categories):
        mine = errors.category == category
        yield from _values(errors, mine, category, None)
        for point in np.unique(errors.point[mine]).tolist():
            name = errors.names.get((category, point), str(point))
            yield from _values(errors, mine & (errors.point == point), category, f"point={name}")


def finish(errors: Errors, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: over all classes, per class, and per point of a class, which `slice` names."""
    values = [*_all_values(errors, len(live_categories(context.categories)))]
    metric, category, part, value, reason, n = zip(*values, strict=True)
    undefined = np.isnan(value)
    columns = {
        **labels(context, len(values)),
        **category_columns(np.array(category), context),
        "metric": metric,
        "slice": part,
        "value": pa.array(value, from_pandas=True),
        "null_reason": [text if missing else None for text, missing in zip(reason, undefined, strict=True)],
        "n_ground_truth": n,
        "n_predictions": n,
    }
    return {"metrics": [completed(columns, METRICS.schema, len(values))]}


METRIC = Metric(name="point_errors", partial=partial, combine=combine, finish=finish)
