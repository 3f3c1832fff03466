"""Which annotated object each predicted one is, frame by frame: what attributes of objects are compared by."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.coco_rules import DETECTION_RULES
from schemas.judging import Array
from tasks.engine import Shard
from tasks.kernels import matching as kernel
from tasks.matchable import Bucket, annotations_of, classes_of, detections_of
from tasks.protocols import PROTOCOLS
from tasks.questions.answer_rows import places
from tasks.questions.spans import Ranges, joined
from tasks.questions.timeline import Timeline
from tasks.shapes import SHAPES

_BOX = "bounding_box"
_EVERY = (1 << 31) - 1
"""No prediction ranks too low to take part."""


_NEEDS = tuple(dict.fromkeys(("unit_key", "category_key", "track_id", "task", "area", *SHAPES[_BOX].needs)))
OBJECT_COLUMNS = {
    "predictions": ("prediction_key", "score", *_NEEDS),
    "ground_truth": ("annotation_key", "iscrowd", *_NEEDS),
}
"""What is read of the objects of both sides."""


class Meetings(NamedTuple):
    """N ranges of frames of sequences on which a predicted object is an annotated one; int64[N] each."""

    sequence: Array
    first: Array
    last: Array
    annotated: Array
    """Place of its track_id among the tracks."""
    predicted: Array


def meetings(shard: Shard, bucket: Bucket, times: Timeline, tracks: list[str], iou: float) -> Meetings:
    """Match the hulls of a bucket's objects as COCO does, at `iou`, all of a unit; objects without a track_id do not
    count. Nothing on a side: none meet.
    """
    found_table = shard.read("predictions", OBJECT_COLUMNS["predictions"])
    truth_table = shard.read("ground_truth", OBJECT_COLUMNS["ground_truth"])
    coco = PROTOCOLS["coco-bbox"]
    every_area, ties = DETECTION_RULES.area_ranges[:1], shard.rules.tie_order
    rules = replace(DETECTION_RULES, iou_thresholds=(iou,), area_ranges=every_area, tie_order=ties)
    classes = classes_of(shard.read("categories"))
    found = detections_of(found_table, coco, rules, bucket, classes, every=True)
    truth = annotations_of(truth_table, coco, rules, bucket, classes, every=True)
    near = SHAPES[_BOX].pairs(found.side, truth.side, iou, {})
    matches = kernel.match(
        *near,
        kernel.Detections(found.category, found.rank, found.outside),
        kernel.Annotations(truth.category, truth.side.crowd, truth.ignored),
        np.array([iou]),
        1,
        _EVERY,
    )
    true = matches.true_positive[:, 0, 0]
    rows, partner = matches.rows[true], matches.matched[true, 0, 0]
    place = np.repeat(np.arange(len(bucket.positions)), np.diff(found.side.indptr))[rows]
    ours, theirs = (_tracks(side.side.table, tracks) for side in (truth, found))
    return _runs(times.sequence[place], times.frame[place], ours[partner], theirs[rows])


def _tracks(table: pa.Table, tracks: list[str]) -> Array:
    return places(table["track_id"], pa.array(tracks, pa.string()))


def _once(sequence: Array, frame: Array, track: Array) -> Array:
    """Places of the first row of each object on each frame."""
    order = np.lexsort((track, frame, sequence))
    keys = np.stack([sequence, frame, track])[:, order]
    new = np.ones(len(order), bool)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    return order[new]


def _runs(sequence: Array, frame: Array, annotated: Array, predicted: Array) -> Meetings:
    """Frames one by one as ranges. An object that is two others on one frame is the first of them by track_id."""
    rows = np.stack([sequence, frame, annotated, predicted])[:, (annotated >= 0) & (predicted >= 0)]
    rows = rows[:, np.lexsort(rows[::-1])]
    for side in (2, 3):
        rows = rows[:, _once(rows[0], rows[1], rows[side])]
    names, pair = np.unique(rows[[0, 2, 3]], axis=1, return_inverse=True)
    runs, _ = joined(Ranges(pair.ravel(), rows[1], rows[1]))
    return Meetings(names[0, runs.group], runs.first, runs.last, names[1, runs.group], names[2, runs.group])


def with_gaps(owners: Array, met: Ranges) -> tuple[Ranges, Array]:
    """(ranges that cover every frame of each group, int64[n]: places in `met`, -1 on frames on which nothing is met).

    `met`, in which no group meets itself, comes with all that lies between, for every group in it and in `owners`.
    """
    top = (1 << 31) - 1
    every = np.unique(np.concatenate([owners, met.group]))
    order = met.order()
    ordered = met.take(order)
    group = np.concatenate([every, ordered.group])
    begin = np.concatenate([np.zeros(len(every), np.int64), ordered.last + 1])
    sides = np.lexsort((begin, group))
    gap_group, gap_first = group[sides], begin[sides]
    starts = np.full(len(sides), top + 1, np.int64)  # where the next meeting begins; none: beyond every frame
    later = np.searchsorted(by_code(ordered.group, ordered.first, every), by_code(gap_group, gap_first, every))
    inside = later < len(order)
    same = inside.copy()
    same[inside] = ordered.group[later[inside]] == gap_group[inside]
    starts[same] = ordered.first[later[same]]
    there = gap_first < starts
    gaps = Ranges(gap_group[there], gap_first[there], starts[there] - 1)
    ranges = Ranges(*(np.concatenate(columns) for columns in zip(met, gaps, strict=True)))
    return ranges, np.concatenate([np.arange(len(met.group)), np.full(len(gaps.group), -1, np.int64)])


def by_code(group: Array, frame: Array, every: Array) -> Array:
    """One number for group and frame, ascending with both."""
    return (np.searchsorted(every, group) << 32) + frame
