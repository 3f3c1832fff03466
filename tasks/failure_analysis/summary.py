"""What was found out about a set, read back: rates over all, slices, and the metrics that say most."""

from typing import Any

import polars as pl
import pyarrow as pa

from tasks.catalog import Entry
from tasks.failure_analysis.result_rows import LABELS

_SIDES = (("precision", "n_predictions", "tp"), ("recall", "n_ground_truth", "found"))


def _overall(entry: Entry, name: str, count: str, hits: str) -> dict[str, Any]:
    """A rate over all objects, from the bins of one metric; nothing where there are no objects."""
    rows = entry.partitions["metric_performance"].read(["metric_of", "metric", "category", count, hits])
    bins = pl.DataFrame(rows).filter(pl.col("category").is_null(), pl.col(count).is_not_null())
    sums = bins.group_by("metric_of", "metric").agg(pl.col(count).sum(), pl.col(hits).sum())
    if sums.is_empty():
        return {name: None, count: 0}
    total, right = sums.row(0)[2:]
    return {name: right / total if total else None, count: total}


def _rows(entry: Entry, table: str) -> list[dict[str, Any]]:
    rows: pa.Table = entry.partitions[table].read()
    return [{name: value for name, value in row.items() if name not in LABELS} for row in rows.to_pylist()]


def failure_summary(entry: Entry, most: int) -> dict[str, Any]:
    """The `most` first slices and metrics of an analysis, with what they are compared with."""
    facts = {"protocol": entry.name}
    for side in _SIDES:
        facts |= _overall(entry, *side)
    slices = _rows(entry, "failure_slices")
    shown, metrics = _of_both(slices, most), _rows(entry, "metric_importance")[:most]
    return {**facts, "n_slices": len(slices), "slices": shown, "importance": metrics}


def _of_both(slices: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first slices by rank, half of each rate where there are as many: one must not hide the other."""
    first = [[row for row in slices if row["rate"] == rate] for rate, _, _ in _SIDES]
    share = max(most // 2, most - min(map(len, first)))
    shown = [row for rows in first for row in rows[:share]]
    return sorted(shown, key=lambda row: row["rank"])[:most]
