"""HOTA, MOTA and IDF1 from sums of sequences."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.judging import MeasureContext, Rules
from schemas.tables import TRACKS
from tasks.columns import completed
from tasks.metrics.track_quality import combine, finish, partial, sums_of
from tasks.protocols.tracks import MATCH_IOU
from tests.tasks.pixels.label_scenes import context

ALPHAS = (0.25, 0.5)


def knows() -> MeasureContext:
    """Two thresholds; classes 11 to 14."""
    return context("tracks")._replace(rules=Rules(iou_thresholds=ALPHAS, options=((MATCH_IOU, (0.5,)),)))


def rows_of(*rows: Mapping[str, Any]) -> pa.Table:
    """Rows of `tracks`, of class 11 unless they say another."""
    names = {name for row in rows for name in row} | {"category", "protocol", "rules", "prediction_set"}
    filled = [{"category": 11, "protocol": "tracks", "rules": "r", "prediction_set": "s", **row} for row in rows]
    columns = {name: [row.get(name) for row in filled] for name in names}
    return completed(columns, TRACKS.schema, len(rows))


def row(matching: str, threshold: float, matched: int, false: int, missed: int, **more: Any) -> dict[str, Any]:
    """A sequence's sums."""
    boxes = {"matched_boxes": matched, "false_boxes": false, "missed_boxes": missed}
    return {"matching": matching, "threshold": threshold, **boxes, **more}


def association(total: float, recall: float, precision: float) -> dict[str, float]:
    """Sums over matches."""
    names = ("association_sum", "association_recall_sum", "association_precision_sum")
    return dict(zip(names, (total, recall, precision), strict=True))


SEQUENCES = (
    [
        row("hota", 0.25, 4, 1, 2, similarity_sum=3.0, **association(2.0, 3.0, 2.5)),
        row("hota", 0.5, 0, 5, 6, similarity_sum=0.0, **association(0.0, 0.0, 0.0)),
        row("clear", 0.5, 3, 2, 3, similarity_sum=2.25, id_switches=1, fragments=2, mostly_tracked=1),
        row("identity", 0.5, 2, 3, 4),
    ],
    [
        row("hota", 0.25, 2, 0, 0, similarity_sum=1.0, **association(2.0, 2.0, 2.0)),
        row("hota", 0.5, 0, 2, 2, similarity_sum=0.0, **association(0.0, 0.0, 0.0)),
        row("clear", 0.5, 1, 1, 1, similarity_sum=0.5, id_switches=0, fragments=0, mostly_lost=2),
        row("identity", 0.5, 1, 1, 1),
    ],
)


def measured(*parts: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int | None, float | None], tuple[Any, Any]]:
    """(value, reason) by metric, category and threshold; a part is a bucket's rows."""
    state = combine([partial(sums_of(rows_of(*part), knows()), knows()) for part in parts], knows())
    rows = [made for piece in finish(state, knows())["metrics"] for made in piece.to_pylist()]
    return {(r["metric"], r["category"], r["threshold"]): (r["value"], r["null_reason"]) for r in rows}


def test_sums_are_added_before_they_are_divided() -> None:
    """Of two sequences: 6 matches of 7 predicted and 8 annotated boxes at the lower threshold."""
    numbers = measured(*SEQUENCES)
    assert numbers["DetA_alpha", None, 0.25] == (6 / 9, None)
    assert numbers["AssA_alpha", 11, 0.25] == (4 / 6, None)
    assert numbers["HOTA_alpha", None, 0.25] == (sqrt(6 / 9 * (4 / 6)), None)
    assert numbers["DetRe_alpha", None, 0.25] == (6 / 8, None)
    assert numbers["AssPr_alpha", None, 0.25] == (4.5 / 6, None)
    assert numbers["MOTA", None, None] == ((4 - 3 - 1) / 8, None)
    assert numbers["MOTP", None, None] == (2.75 / 4, None)
    assert numbers["IDF1", None, None] == (3 / (3 + 2 + 2.5), None)
    assert (numbers["Frag", None, None], numbers["MT", 11, None], numbers["ML", 11, None]) == (
        (2.0, None), (1.0, None), (2.0, None),
    )  # fmt: skip


def test_thresholds_without_a_match_count_as_trackeval_counts_them() -> None:
    """0 in the means of association, 1 in that of localisation; null by themselves."""
    numbers = measured(*SEQUENCES)
    assert numbers["AssA_alpha", None, 0.5] == numbers["LocA_alpha", None, 0.5] == (None, "nothing matches")
    assert numbers["AssA", None, None] == (4 / 6 / 2, None)
    assert numbers["LocA", None, None] == ((4 / 6 + 1) / 2, None)
    assert numbers["HOTA_alpha", None, 0.5] == (0.0, None)


def test_buckets_give_the_numbers_of_the_whole() -> None:
    """In any order."""
    whole = measured([*SEQUENCES[0], *SEQUENCES[1]])
    assert measured(*SEQUENCES) == measured(SEQUENCES[1], SEQUENCES[0]) == whole


def test_a_class_without_boxes_has_no_number_and_no_part_in_the_means() -> None:
    """Over all classes the sums of the others stand."""
    numbers = measured(*SEQUENCES)
    assert numbers["HOTA", 12, None] == (None, "neither side has a box of a track")
    assert numbers["MOTA", 12, None] == (None, "no box of a track is annotated")
    assert numbers["mean_HOTA", None, None] == numbers["HOTA", 11, None]
    nothing = measured([])
    assert nothing["mean_IDF1", None, None] == (None, "no class has it")
    assert np.isfinite(nothing["IDSW", None, None][0])
