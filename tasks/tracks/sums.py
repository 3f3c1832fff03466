"""What a bucket's tracks come to: sums for every sequence and class, as rows of `tracks`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, Rules
from schemas.tables import TRACKS
from tasks.columns import completed, constant
from tasks.engine import Done, Shard
from tasks.kernels.track_clear import clear_sums
from tasks.kernels.track_hota import hota_sums
from tasks.kernels.track_identity import identity_sums
from tasks.kernels.track_scene import Scene
from tasks.protocols.motchallenge import DISTRACTORS
from tasks.protocols.tracks import MATCH_IOU
from tasks.tracks.boxes import Sides, sides_of
from tasks.tracks.distractors import without_distractors
from tasks.tracks.scene import Frames, frames_of, scene_of

ASSOCIATION = ("association_sum", "association_recall_sum", "association_precision_sum")
TRACK_COUNTS = ("id_switches", "fragments", "mostly_tracked", "partly_tracked", "mostly_lost")


class _Sums(NamedTuple):
    """Columns of `tracks` of one way of matching, of S sequences at one threshold."""

    matching: str
    threshold: float
    matches: Array
    """int64[S]"""
    columns: Mapping[str, Array]


def _hota(scene: Scene, rules: Rules) -> list[_Sums]:
    sums = hota_sums(scene, np.array(rules.iou_thresholds))
    return [
        _Sums("hota", threshold, sums.matches[:, a], {"similarity_sum": sums.similarity[:, a]} | dict(
            zip(ASSOCIATION, sums.association[:, a].T, strict=True)
        ))
        for a, threshold in enumerate(rules.iou_thresholds)
    ]  # fmt: skip


def _clear(scene: Scene, threshold: float) -> _Sums:
    sums = clear_sums(scene, threshold)
    columns = dict(zip(("similarity_sum", *TRACK_COUNTS), sums[1:], strict=True))
    return _Sums("clear", threshold, sums.matches, columns)


def _all_sums(scene: Scene, rules: Rules) -> list[_Sums]:
    (threshold,) = dict(rules.options)[MATCH_IOU]
    identity = _Sums("identity", threshold, identity_sums(scene, threshold), {})
    return [*_hota(scene, rules), _clear(scene, threshold), identity]


def _rows(sums: _Sums, shared: Mapping[str, Any], boxes: tuple[Array, Array]) -> pa.Table:
    """Rows of one way of matching; `boxes` counts the annotated and the predicted ones of each sequence."""
    count = len(sums.matches)
    columns = {
        **shared,
        "matching": constant(sums.matching, count),
        "threshold": np.full(count, sums.threshold),
        "matched_boxes": sums.matches,
        "missed_boxes": boxes[0] - sums.matches,
        "false_boxes": boxes[1] - sums.matches,
        **sums.columns,
    }
    return completed(columns, TRACKS.schema, count)


def _shared(frames: Frames, sides: Sides, shard: Shard) -> dict[str, Any]:
    """Columns that all rows of a sequence and class have."""
    names = pa.array([name or None for name in sides.classes.names], pa.string())
    labels = {name: constant(text, len(frames.sequence)) for name, text in shard.labels.items()}
    return {
        **labels,
        "sequence_hash": sides.units.hashes.take(pa.array(frames.sequence)),
        "category": sides.keys[frames.category],
        "category_name": names.take(pa.array(frames.category)),
    }


def _judged(shard: Shard) -> Sides:
    sides = sides_of(shard)
    if DISTRACTORS in dict(shard.rules.options):
        return without_distractors(sides, shard.rules)
    return sides._replace(truth=sides.truth.only(~sides.truth.ignored))


def match_tracks(shard: Shard) -> Done:
    """Judge the tracks of a bucket and write its rows; a sequence shows a class where either side has a box of it."""
    sides = _judged(shard)
    frames = frames_of(sides.truth, sides.found, sides.units, len(sides.classes.names))
    scene = scene_of(frames, sides.truth, sides.found, sides.units)
    boxes = np.diff(frames.truth[frames.frames]), np.diff(frames.found[frames.frames])
    shared = _shared(frames, sides, shard)
    rows = pa.concat_tables([_rows(sums, shared, boxes) for sums in _all_sums(scene, shard.rules)])
    return Done(sides.counts, shard.write({TRACKS: rows}), judged=sides.judged)
