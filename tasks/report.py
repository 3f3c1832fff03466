"""What a person is shown of an evaluation: its numbers beside those before, its classes, its curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.catalog import Entry, catalog
from tasks.curve_picture import Line
from tasks.numbers import number_list, overall_numbers
from tasks.storage import Store

Numbers = Mapping[str, float | int | None]
Before = Mapping[tuple[str, str], Numbers]
"""Numbers by set and by the name they stand under, as they were before a run."""
DECIMALS = 4
"""As metrics are quoted."""
_MOST_LINES = 3
_RECALL = np.linspace(0, 1, 101)
"""COCO's recall points; other rules' curves are drawn at them too."""


def numbers_before(store: Path, project: str, sets: Sequence[str]) -> dict[tuple[str, str], Numbers]:
    """What sets measure now, for comparing; nothing of a project or set that is not there yet. No sets: all."""
    place = Store(store)
    if project not in place.projects():
        return {}
    known = catalog(place.project(project))
    return {of: overall_numbers(entry) for of, entry in known.evaluations.items() if not sets or of[0] in sets}


def shown(value: float | int | None) -> float | int | None:
    """A number as it is quoted; counts and what is undefined as they are."""
    return round(value, DECIMALS) if isinstance(value, float) else value


def metric_rows(numbers: Numbers, before: Numbers | None) -> list[dict[str, Any]]:
    """A row a metric: its value, the one before, and how it changed. Without numbers before, null."""
    rows = []
    for metric, value in numbers.items():
        earlier = None if before is None else before.get(metric)
        change = None if value is None or earlier is None else shown(value - earlier)
        rows.append({"metric": metric, "value": shown(value), "before": shown(earlier), "change": change})
    return rows


def class_rows(evaluation: Entry, most: int = 20) -> list[dict[str, Any]]:
    """A row a class by its main number, best first; of more than `most`, the best half and the worst half.

    The main number is the first of the protocol's that classes have too; without one there are no rows. Classes for
    which it is undefined are left out.
    """
    main, table = _main_numbers(evaluation)
    rows = table.sort_by([("value", "descending"), ("category", "ascending")])
    if len(rows) > most:
        rows = pa.concat_tables([rows.slice(0, most // 2), rows.slice(len(rows) - most // 2)])
    return [_class_row(row, main) for row in rows.to_pylist()]


def _main_numbers(evaluation: Entry) -> tuple[str, pa.Table]:
    """(the main number, rows of `metrics` that hold it for a class)."""
    columns = ["metric", "category", "category_name", "slice", "value", "n_ground_truth", "n_predictions"]
    table = evaluation.partitions["metrics"].read(columns)
    whole = pc.and_(pc.is_null(table["slice"]), pc.is_valid(table["value"]))
    table = table.filter(pc.and_(pc.is_valid(table["category"]), whole))
    measured = set(table["metric"].unique().to_pylist())
    main = next((number.name for number in number_list(evaluation) if number.name in measured), "")
    return main, table.filter(pc.equal(table["metric"], main))


def _class_row(row: Mapping[str, Any], main: str) -> dict[str, Any]:
    counts = {"annotations": row["n_ground_truth"], "predictions": row["n_predictions"]}
    return {"class": row["category_name"], main: shown(row["value"]), **counts}


def curve_lines(evaluation: Entry) -> list[Line]:
    """Precision at 101 points of recall, the mean over the classes; at the lowest, middle and highest threshold.

    Of the whole area and the largest number of detections. None where the protocol draws no curves.
    """
    if "curves" not in evaluation.partitions:
        return []
    columns = ["category", "area_range", "threshold", "max_detections", "recall", "precision"]
    table = evaluation.partitions["curves"].read(columns)
    if len(table) == 0:
        return []
    most = pc.max(table["max_detections"])
    whole = pc.equal(table["area_range"], table["area_range"][0])
    table = table.filter(pc.and_(pc.equal(table["max_detections"], most), whole) if most.is_valid else whole)
    thresholds = sorted(table["threshold"].unique().to_pylist())
    _, of_classes = _main_numbers(evaluation)
    return [_mean_line(table, threshold, len(of_classes)) for threshold in _some(thresholds)]


def _some(thresholds: Sequence[float]) -> list[float]:
    """The lowest, the middle and the highest."""
    n = len(thresholds)
    return list(thresholds) if n <= _MOST_LINES else [thresholds[0], thresholds[n // 2], thresholds[-1]]


def _mean_line(table: pa.Table, threshold: float, classes: int) -> Line:
    """The mean over `classes`: those of which nothing was found may have no curve."""
    rows = table.filter(pc.equal(table["threshold"], threshold)).sort_by([("category", "ascending")])
    category, recall, precision = (rows[name].to_numpy() for name in ("category", "recall", "precision"))
    starts = np.flatnonzero(np.diff(category, prepend=category[0] - 1))
    parts = zip(np.split(recall, starts[1:]), np.split(precision, starts[1:]), strict=True)
    drawn = [_envelope(r, p) for r, p in parts]
    mean = np.sum(drawn, axis=0) / max(len(drawn), classes)
    return Line(f"threshold {threshold:g}: mean {mean.mean():.3f}", _RECALL, mean)


def _envelope(recall: Array, precision: Array) -> Array:
    """The best precision at each of the 101 recalls or beyond; 0 beyond the last."""
    order = np.argsort(recall, kind="stable")
    best = np.maximum.accumulate(precision[order][::-1])[::-1]
    place = np.searchsorted(recall[order], _RECALL - 1e-9)
    return np.where(place < len(best), best[np.minimum(place, len(best) - 1)], 0.0)
