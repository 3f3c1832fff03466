"""Panoptic quality from segments and what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.judging import MeasureContext
from tasks.metrics.panoptic_quality import Found, Segments, combine, finish, partial, segments_of
from tests.tasks.pixels.label_scenes import context

Row = tuple[int, int, str, float]
"""unit_key, category_key, outcome, IoU."""
PREDICTED: list[Row] = [
    (1, 11, "TP", 0.75), (1, 11, "FP", np.nan), (2, 11, "TP", 0.625), (2, 12, "ignored", np.nan), (3, 12, "FP", np.nan)
]  # fmt: skip
ANNOTATED: list[Row] = [(1, 11, "TP", np.nan), (2, 11, "TP", np.nan), (2, 13, "FN", np.nan), (2, 12, "ignored", np.nan)]


def segments(rows: Sequence[Row]) -> Segments:
    """Rows as arrays."""
    unit, category, outcome, iou = zip(*rows, strict=True) if rows else ((), (), (), ())
    keys = np.array(unit, np.int64), np.array(category, np.int64)
    return Segments(*keys, np.array(outcome, object), np.array(iou, float))


def knows() -> MeasureContext:
    """Class 11 is a thing, 12 is stuff, 13 is unsaid, 14 has no segment."""
    plain = context("panoptic")
    at = plain.categories.column_names.index("is_thing")
    marked = plain.categories.set_column(at, "is_thing", pa.array([True, False, None, True]))
    return plain._replace(categories=marked)


def rows_of(parts: Sequence[Found]) -> Mapping[str, list[dict[str, Any]]]:
    """Rows by table."""
    made = finish(combine([partial(part, knows()) for part in parts], knows()), knows())
    return {name: [row for piece in pieces for row in piece.to_pylist()] for name, pieces in made.items()}


def test_a_class_has_the_quality_of_its_segments() -> None:
    """Sum of IoU over TP + FP / 2 + FN / 2; one without segments that count has none."""
    rows = rows_of([Found(segments(PREDICTED), segments(ANNOTATED))])["metrics"]
    found = {(row["metric"], row["category_name"]): row["value"] for row in rows}
    assert (found["PQ", "a"], found["SQ", "a"], found["RQ", "a"]) == (1.375 / 2.5, 1.375 / 2, 2 / 2.5)
    assert [found["PQ", name] for name in "bcd"] == [0.0, 0.0, None]
    assert [found[kind, "a"] for kind in ("TP", "FP", "FN", "ignored")] == [2, 1, 0, 0]
    assert [found[kind, "b"] for kind in ("TP", "FP", "FN", "ignored")] == [0, 1, 0, 1]


def test_means_are_over_classes_with_segments() -> None:
    """Of all, of things, of stuff; a class that is neither counts among all."""
    rows = rows_of([Found(segments(PREDICTED), segments(ANNOTATED))])["metrics"]
    means = {row["metric"]: row["value"] for row in rows if row["category"] is None}
    assert (means["PQ"], means["PQ_things"], means["PQ_stuff"]) == (1.375 / 2.5 / 3, 1.375 / 2.5, 0.0)


def test_units_have_their_counts() -> None:
    """And the mean IoU of their matches."""
    rows = rows_of([Found(segments(PREDICTED), segments(ANNOTATED))])["unit_scores"]
    told = [tuple(row[name] for name in ("unit_key", "tp", "fp", "fn", "ignored", "mean_iou")) for row in rows]
    assert told == [(1, 1, 1, 0, 0, 0.75), (2, 1, 0, 1, 1, 0.625), (3, 0, 1, 0, 0, None)]


def test_parts_make_the_whole() -> None:
    """To the bit: IoU are summed exactly when all are there."""
    rng = np.random.default_rng(0)
    whole = [(int(unit), 11, "TP", float(iou)) for unit, iou in enumerate(rng.uniform(0.5, 1, 300), 1)]
    nothing = segments([])
    expected = rows_of([Found(segments(whole), nothing)])
    for parts in (2, 7):
        cut = [Found(segments(whole[k::parts]), nothing) for k in range(parts)]
        assert rows_of(cut)["metrics"] == expected["metrics"]
        assert rows_of(cut)["unit_scores"] == expected["unit_scores"]


def test_retired_classes_do_not_count() -> None:
    """Their segments are of no class that is measured."""
    plain = knows()
    at = plain.categories.column_names.index("retired")
    gone = plain._replace(categories=plain.categories.set_column(at, "retired", pa.array([True, False, False, False])))
    state = partial(Found(segments(PREDICTED), segments(ANNOTATED)), gone)
    assert state.counts.sum(axis=1).tolist() == [0, 1, 1, 1]


def test_segments_are_read_from_rows() -> None:
    """Of either side; without a similarity there is none."""
    table = pa.table({"unit_key": [1], "category_key": [11], "outcomes": [["TP"]]})
    assert np.isnan(segments_of(table).iou).tolist() == [True]
    scored = segments_of(table.append_column("matched_similarity", pa.array([0.75])))
    assert (scored.outcome.tolist(), scored.iou.tolist()) == (["TP"], [0.75])
