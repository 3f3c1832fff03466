"""Match: a bucket's predictions and annotations under a protocol become rows that say who found what, and why not."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.errors import BoxscoreError
from schemas.judging import Annotations, Detections, MatchedDetections, MatchedShard, Matching, Scene
from schemas.records import Array, Pairs, Protocol, Rules
from tasks.claims import claim_columns, claimants_of, claims_of
from tasks.columns import numbers, only_read
from tasks.engine import JudgedUnits, Shard
from tasks.kernels import matching as kernel
from tasks.kernels.claimants import Claimants
from tasks.kernels.outcomes import IGNORED, TP, annotation_outcomes, count_true, detection_outcomes
from tasks.match_tables import detection_rows, matched_similarity, truth_rows
from tasks.matchable import Bucket, annotations_of, classes_of, detections_of
from tasks.protocols import PROTOCOLS
from tasks.shapes import SHAPES
from tasks.units import unit_index

NEAR = 0.1
"""Similarities below this count as nowhere near: TIDE's background threshold."""

_PREDICTION_COLUMNS = ("prediction_key", "unit_key", "category_key", "score", "area")
_TRUTH_COLUMNS = ("annotation_key", "unit_key", "category_key", "iscrowd", "area")
_TASKS = ("segmentation", "panoptic")
"""Words of `given` for rows that are no objects."""


def _near(found: Detections, truth: Annotations, shard: Shard) -> Pairs:
    """Pairs of each unit, in and out of class, down to what counts as near."""
    protocol, rules = PROTOCOLS[shard.protocol], shard.rules
    floor, options = min(NEAR, *rules.iou_thresholds), dict(rules.options)
    pairs = protocol.pairs or SHAPES[protocol.shape].pairs
    if shard.together is not None:
        return shard.together.pairs(pairs, found.side, truth.side, floor, options)
    return pairs(found.side, truth.side, floor, options)


def _matched(found: Detections, truth: Annotations, near: Pairs, protocol: Protocol, rules: Rules) -> kernel.Matches:
    """Who matched whom, by the protocol's own matcher or by COCO's, and what is near."""
    detections = kernel.Detections(found.category, found.rank, found.outside)
    annotations = kernel.Annotations(truth.category, truth.side.crowd, truth.ignored)
    thresholds, most = np.array(rules.iou_thresholds), rules.max_detections[-1]
    if protocol.matcher is None:
        return kernel.match(*near, detections, annotations, thresholds, len(rules.area_ranges), most)
    decided = _decided(protocol.matcher(_taking_part(near, found.rank < most), found, truth, rules))
    return kernel.explained(*near, detections, annotations, decided, thresholds[0], most)


def _taking_part(near: Pairs, takes_part: Array) -> Pairs:
    """The pairs of the detections that take part, bool[D]: those beyond the maximum match nothing by any rule."""
    if takes_part.all():
        return near
    row = np.repeat(np.arange(len(takes_part)), np.diff(near.indptr))
    kept = takes_part[row]
    counts = np.bincount(row[kept], minlength=len(takes_part))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Pairs(indptr, near.annotation[kept], near.similarity[kept])


def _decided(matching: Matching) -> kernel.Decided:
    """A matcher's arrays as the kernel takes them."""
    rows, matched, found = (
        np.ascontiguousarray(array, np.int32) for array in (matching.rows, matching.matched, matching.gt_matched)
    )
    true, counted = (np.ascontiguousarray(array, bool) for array in (matching.true_positive, matching.counted))
    return kernel.Decided(rows, matched, true, counted, found)


class Judged(NamedTuple):
    """What became of a bucket."""

    rows: pa.Table
    """Of `matches`."""
    truth_rows: pa.Table
    """Of `ground_truth_matches`."""
    counts: dict[str, int]
    shard: MatchedShard
    """What metrics would read back from the rows."""

    @property
    def units(self) -> JudgedUnits:
        """Units of all rows."""
        return JudgedUnits(numbers(self.rows["unit_key"]), numbers(self.truth_rows["unit_key"]))


class Sides(NamedTuple):
    """A bucket's detections and annotations, and what is near."""

    found: Detections
    truth: Annotations
    near: Pairs
    bucket: Bucket


def _admitted(scene: Scene, bucket: Bucket, shard: Shard) -> tuple[pa.Table, int]:
    """(predictions that the protocol judges at all, how many of the bucket it does not)."""
    admitted = PROTOCOLS[shard.protocol].admitted
    if admitted is None:
        return scene.predictions, 0
    rows = admitted(scene, shard.rules)
    before, after = (int((bucket.local[numbers(table["unit_key"])] >= 0).sum()) for table in (scene.predictions, rows))
    return rows, before - after


def sides_of(
    predictions: pa.Table, ground_truth: pa.Table, units: pa.Table, categories: pa.Table, shard: Shard
) -> Sides:
    """Both sides of one bucket as its protocol sees them. Rows outside the bucket are passed over."""
    protocol, rules = PROTOCOLS[shard.protocol], shard.rules
    bucket = shard.bucket_of(unit_index(units))
    classes = classes_of(categories)
    scene = Scene(predictions, ground_truth, units, categories, classes.dense)
    if protocol.expanded is not None:
        ground_truth = protocol.expanded(scene)
        scene = scene._replace(ground_truth=ground_truth)
    predictions, left_out = _admitted(scene, bucket, shard)
    found = detections_of(predictions, protocol, rules, bucket, classes, _every(protocol, shard.given))
    found = found._replace(outside_protocol=found.outside_protocol + left_out)
    hulls = _every(protocol, shard.given, shard.truth_given)
    truth = annotations_of(ground_truth, protocol, rules, bucket, classes, hulls)
    return Sides(found, truth, _near(found, truth, shard), bucket)


def judge(sides: Sides, shard: Shard) -> Judged:
    """Match both sides of a bucket; pure.

    Without predictions every annotation is missed, without annotations every prediction is false.
    """
    protocol, rules = PROTOCOLS[shard.protocol], shard.rules
    found, truth, near, _ = sides
    matching = _matched(found, truth, near, protocol, rules)
    outcome = detection_outcomes(matching.true_positive, matching.counted)
    truth_outcome = annotation_outcomes(matching.gt_matched, only_read(truth.ignored))
    _reconcile(outcome, truth_outcome)
    similarity = matched_similarity(matching, near, len(found.rank))
    rows = detection_rows(found, truth, matching, outcome, similarity, rules, shard.labels)
    claimants = claimants_of(matching, truth.ignored, found.score, rules.iou_thresholds[0])
    claims = claim_columns(claimants, found.side.table)
    truth_table = truth_rows(found, truth, matching, truth_outcome, claims, rules, shard.labels)
    counts = {
        "predictions": len(rows),
        "annotations": len(truth_table),
        "predictions_outside_protocol": found.outside_protocol,
        "annotations_outside_protocol": truth.outside_protocol,
    }
    return Judged(rows, truth_table, counts, matched_shard(sides, matching, truth_outcome, similarity, claimants))


def matched_shard(
    sides: Sides, matching: kernel.Matches, truth_outcome: Array, similarity: Array, claimants: Claimants
) -> MatchedShard:
    """The bucket as metrics take it."""
    found, truth, _, bucket = sides
    each = np.diff(found.side.indptr)
    detections = MatchedDetections(
        unit=np.repeat(bucket.positions, each),
        category=found.category,
        score=found.score,
        unit_order=np.repeat(bucket.order, each),
        rank=found.rank,
        outside=found.outside,
        error=matching.error,
    )
    return MatchedShard(
        detections=detections,
        event=matching.rows.astype(np.int64),
        event_tp=matching.true_positive,
        event_counted=matching.counted,
        similarity=similarity,
        truth_unit=np.repeat(bucket.positions, np.diff(truth.side.indptr)),
        truth_category=truth.category,
        truth_found=truth_outcome == TP,
        truth_counted=truth_outcome[:, :, 0] != IGNORED,
        claims=claims_of(claimants, found.score, found.category),
    )


def _every(protocol: Protocol, *given: Mapping[str, int]) -> bool:
    """Judge also rows whose source gave no box, by their hull: where a side gave none, or the protocol says so."""
    boxes = protocol.shape == "bounding_box"
    return protocol.any_shape or (boxes and not all(side.get("bounding_box") for side in given))


def _reconcile(outcome: Array, truth_outcome: Array) -> None:
    """In every range and at every threshold there are as many TP as annotations that count and are found."""
    true, found = count_true(outcome), count_true(truth_outcome)
    if (true != found).any():
        a, t = np.argwhere(true != found)[0]
        raise BoxscoreError(f"matches do not reconcile: {true[a, t]} true positives, {found[a, t]} annotations found")


def _columns(needed: Sequence[str], *more: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*needed, *(name for names in more for name in names))))


def columns_of(shard: Shard) -> dict[str, list[str]]:
    """What a bucket's work reads of both sides."""
    protocol = PROTOCOLS[shard.protocol]
    needs = SHAPES[protocol.shape].needs
    tasks = [("task",) if any(map(given.get, _TASKS)) else () for given in (shard.given, shard.truth_given)]
    return {
        "predictions": _columns(_PREDICTION_COLUMNS, needs, protocol.found_columns, tasks[0]),
        "ground_truth": _columns(_TRUTH_COLUMNS, needs, protocol.truth_columns, tasks[1]),
    }


def read_sides(shard: Shard) -> Sides:
    """Both sides of one bucket, read from their tables."""
    columns = columns_of(shard)
    return sides_of(
        shard.read("predictions", columns["predictions"]),
        shard.read("ground_truth", columns["ground_truth"]),
        shard.read("data_units"),
        shard.read("categories"),
        shard,
    )
