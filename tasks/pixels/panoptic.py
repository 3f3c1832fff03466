"""Who matches whom among segments, by panopticapi's rule, and a bucket of it as rows of `matches`.

A predicted and an annotated segment of one class match where their IoU exceeds 0.5, so at most one of each does; void
pixels, which no annotation holds, are taken out of the union. Crowds match nothing and are not missed. A prediction
without match does not count where more than half of it is void or lies in a crowd of its class.
Source of the rule: Kirillov et al. (2019), "Panoptic Segmentation", section 4, and panopticapi's evaluation.
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array
from schemas.tables import GROUND_TRUTH_MATCHES, MATCHES, Table
from tasks.columns import completed, constant, numbers
from tasks.engine import Done, Shard
from tasks.kernels.overlaps import Overlaps
from tasks.pixels.rows import NEEDED, Rows, Sides, sides_of

LOWEST_IOU = 0.5
"""A match has more."""
MOST_VOID = 0.5
"""Share of a prediction that may be void or crowd before it does not count."""


class Matched(NamedTuple):
    """Partners of segments, by their places; -1 is none."""

    truth: Array
    """int64[D]: annotated segment of each prediction."""
    found: Array
    """int64[G]"""
    iou: Array
    """float64[D]; NaN without partner."""
    ignored: Array
    """bool[D]: predictions that do not count."""


def match_segments(
    shared: Overlaps, truth_class: Array, truth_crowd: Array, found_class: Array, truth_unit: Array
) -> Matched:
    """Match G annotated and D predicted segments by the pixels that pairs of them share.

    `truth_class`, `found_class` int[G], int[D]; `truth_crowd` bool[G]; `truth_unit` int[G]. No pairs: no matches.
    """
    truth_px = _totals(shared.annotation, shared.n_pixels, len(truth_class))
    found_px = _totals(shared.detection, shared.n_pixels, len(found_class))
    void = shared.annotation < 0
    void_px = _totals(shared.detection[void], shared.n_pixels[void], len(found_class))
    both = (shared.annotation >= 0) & (shared.detection >= 0)
    a, d, n_pixels = shared.annotation[both], shared.detection[both], shared.n_pixels[both]
    same = truth_class[a] == found_class[d]
    iou = n_pixels / (truth_px[a] + found_px[d] - n_pixels - void_px[d])
    good = same & ~truth_crowd[a] & (iou > LOWEST_IOU)
    partner, back, value = np.full(len(found_px), -1), np.full(len(truth_px), -1), np.full(len(found_px), np.nan)
    partner[d[good]], back[a[good]], value[d[good]] = a[good], d[good], iou[good]
    in_crowd = same & _counting_crowd(truth_class, truth_crowd, truth_unit)[a]
    uncounted_px = void_px + _totals(d[in_crowd], n_pixels[in_crowd], len(found_px))
    return Matched(partner, back, value, (partner < 0) & (uncounted_px > MOST_VOID * found_px))


def _totals(place: Array, n_pixels: Array, count: int) -> Array:
    """int64[count]: pixels of each place; -1 is none."""
    total = np.zeros(count, np.int64)
    np.add.at(total, place[place >= 0], n_pixels[place >= 0])
    return total


def _counting_crowd(category: Array, crowd: Array, unit: Array) -> Array:
    """bool[G]: crowds that excuse predictions: of several of a class on a unit the last, as in panopticapi."""
    last = {(int(unit[row]), int(category[row])): row for row in np.flatnonzero(crowd).tolist()}
    counting = np.zeros(len(crowd), bool)
    counting[list(last.values())] = True
    return counting


_TRUTH_COLUMNS = ("annotation_key", "iscrowd")
_FOUND_COLUMNS = ("prediction_key", "score")


def columns_of(shard: Shard) -> dict[str, tuple[str, ...]]:
    """What a bucket's work reads of both sides."""
    return {"predictions": (*NEEDED, *_FOUND_COLUMNS), "ground_truth": (*NEEDED, *_TRUTH_COLUMNS)}


def match_panoptic(shard: Shard) -> Done:
    """Match the segments of a bucket and write its rows."""
    sides = sides_of(shard, "panoptic", _TRUTH_COLUMNS, _FOUND_COLUMNS)
    truth, found = sides.truth.table, sides.found.table
    crowd = numbers(truth["iscrowd"], missing=False)
    classes = numbers(truth["category_key"]), numbers(found["category_key"])
    matched = match_segments(sides.shared, classes[0], crowd, classes[1], numbers(truth["unit_key"]))
    rows = {
        MATCHES: _found_rows(sides, matched, shard.labels),
        GROUND_TRUTH_MATCHES: _truth_rows(sides, matched, crowd, shard.labels),
    }
    return Done(sides.counts(), shard.write(rows), judged=sides.judged)


def _found_rows(sides: Sides, matched: Matched, labels: dict[str, str]) -> pa.Table:
    outcome = np.where(matched.truth >= 0, "TP", np.where(matched.ignored, "ignored", "FP"))
    partner = _keys(sides.truth, "annotation_key", matched.truth)
    columns = {
        "score": sides.found.table["score"],
        "annotation_keys": _lists(partner),
        "outcomes": _lists(pa.array(outcome.tolist(), pa.string())),
        "matched_similarity": pa.array(matched.iou, from_pandas=True),
    }
    return _rows(MATCHES, sides.found, "prediction_key", columns, labels)


def _truth_rows(sides: Sides, matched: Matched, crowd: Array, labels: dict[str, str]) -> pa.Table:
    outcome = np.where(crowd, "ignored", np.where(matched.found >= 0, "TP", "FN"))
    partner = _keys(sides.found, "prediction_key", matched.found)
    columns = {
        "prediction_keys": _lists(partner),
        "outcomes": _lists(pa.array(outcome.tolist(), pa.string())),
    }
    return _rows(GROUND_TRUTH_MATCHES, sides.truth, "annotation_key", columns, labels)


def _rows(table: Table, rows: Rows, key: str, columns: dict[str, Any], labels: dict[str, str]) -> pa.Table:
    count = len(rows.table)
    shared = {name: rows.table[name] for name in (key, "unit_key", "category_key")}
    named = {name: constant(text, count) for name, text in labels.items()}
    return completed({**named, **shared, **columns}, table.schema, count)


def _keys(rows: Rows, key: str, place: Array) -> pa.Array:
    """The keys of the rows at `place`, null for -1."""
    return rows.table[key].combine_chunks().take(pa.array(place, pa.int64(), mask=place < 0))


def _lists(values: pa.Array) -> pa.Array:
    """Lists of one: there is one threshold."""
    return pa.ListArray.from_arrays(pa.array(np.arange(len(values) + 1, dtype=np.int32)), values)
