"""A COCO set through the kernels, bucket by bucket, as the stages do it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tasks.kernels.accumulate import Curves, finish
from tasks.kernels.box_iou import box_pairs
from tasks.kernels.events import Events, Shard, add_counts, count_unmatched, sort_events
from tasks.kernels.grouping import group_annotations, group_detections
from tasks.kernels.matching import Annotations, Detections, Matches, match
from tests.coco_zoo import CocoSet

AREA_RANGES = ((0, 1e10), (0, 32**2), (32**2, 96**2), (96**2, 1e10))
THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALL_POINTS = np.linspace(0, 1, 101)
MAX_DETECTIONS = (1, 10, 100)


class Bucket(NamedTuple):
    """One bucket's detections and annotations in sorted order, and what matched."""

    matches: Matches
    dt_row: np.ndarray
    """The detection's place in the results."""
    gt_row: np.ndarray
    """The annotation's place in the ground truth."""
    unit: np.ndarray
    category: np.ndarray
    score: np.ndarray
    rank: np.ndarray
    outside: np.ndarray
    gt_category: np.ndarray
    gt_outside: np.ndarray


def columns(records: list[dict[str, Any]], key: str, dtype: Any, width: int | None = None) -> np.ndarray:
    """A field of the records as an array, of the right shape also without records."""
    shape = (len(records),) if width is None else (len(records), width)
    return np.array([record[key] for record in records], dtype).reshape(shape)


def outside_bits(area: np.ndarray, area_ranges: Sequence[tuple[float, float]]) -> np.ndarray:
    """Bit a is set where the area lies outside range a; bounds belong to the range."""
    bits = np.zeros(len(area), np.uint64)
    for a, (low, high) in enumerate(area_ranges):
        bits |= ((area < low) | (area > high)).astype(np.uint64) << np.uint64(a)
    return bits


def match_bucket(
    coco: CocoSet,
    images: np.ndarray,
    *,
    thresholds: np.ndarray = THRESHOLDS,
    area_ranges: Sequence[tuple[float, float]] = AREA_RANGES,
    max_detections: int = 100,
    floor: float = 0.1,
) -> Bucket:
    """Group, pair and match the given images (ascending ids)."""
    categories = np.array(sorted(c["id"] for c in coco.ground_truth["categories"]))
    found, labelled = columns(coco.results, "image_id", int), columns(coco.ground_truth["annotations"], "image_id", int)
    dt_in, gt_in = np.flatnonzero(np.isin(found, images)), np.flatnonzero(np.isin(labelled, images))
    detections = [coco.results[i] for i in dt_in]
    truth = [coco.ground_truth["annotations"][i] for i in gt_in]
    category = np.searchsorted(categories, columns(detections, "category_id", int)).astype(np.int32)
    gt_category = np.searchsorted(categories, columns(truth, "category_id", int)).astype(np.int32)
    unit = np.searchsorted(images, found[dt_in]).astype(np.int32)
    score = columns(detections, "score", float)
    group = group_detections(unit, category, score, np.arange(len(unit)), len(images))
    gt_group = group_annotations(
        np.searchsorted(images, labelled[gt_in]).astype(np.int32), np.arange(len(truth)), len(images)
    )
    boxes = columns(detections, "bbox", float, 4)[group.order]
    crowd = columns(truth, "iscrowd", bool)[gt_group.order]
    gt_outside = outside_bits(columns(truth, "area", float)[gt_group.order], area_ranges)
    gt_outside[crowd] = np.uint64(2 ** len(area_ranges) - 1)
    pairs = box_pairs(
        boxes,
        group.unit_indptr,
        columns(truth, "bbox", float, 4)[gt_group.order],
        crowd,
        gt_group.unit_indptr,
        min(floor, thresholds.min()),
    )
    outside = outside_bits(boxes[:, 2] * boxes[:, 3], area_ranges)
    category, gt_category = category[group.order], gt_category[gt_group.order]
    matches = match(
        *pairs,
        Detections(category, group.rank, outside),
        Annotations(gt_category, crowd, gt_outside),
        thresholds,
        len(area_ranges),
        max_detections,
    )
    return Bucket(
        matches,
        dt_in[group.order],
        gt_in[gt_group.order],
        images[unit[group.order]],
        category,
        score[group.order],
        group.rank,
        outside,
        gt_category,
        gt_outside,
    )


def evaluate(
    coco: CocoSet,
    *,
    thresholds: Sequence[float] | np.ndarray = THRESHOLDS,
    area_ranges: Sequence[tuple[float, float]] = AREA_RANGES,
    max_detections: Sequence[int] = MAX_DETECTIONS,
    recall_points: Sequence[float] | np.ndarray = RECALL_POINTS,
    n_buckets: int = 1,
) -> Curves:
    """Precision, recall and scores, with the images dealt out to buckets and the buckets taken last first."""
    images = np.array(sorted(image["id"] for image in coco.ground_truth["images"]))
    limits = np.array(max_detections, np.int32)
    buckets = [
        match_bucket(
            coco,
            images[b::n_buckets],
            thresholds=np.array(thresholds, float),
            area_ranges=area_ranges,
            max_detections=int(limits[-1]),
        )
        for b in reversed(range(n_buckets))
    ]
    n_categories = len(coco.ground_truth["categories"])
    parts = [bucket_events(bucket) for bucket in buckets]
    events = sort_events(Events(*(np.concatenate(columns) for columns in zip(*parts, strict=True))), n_categories)
    shards = [bucket_shard(bucket) for bucket in buckets]
    half = len(shards) // 2
    counts = add_counts(
        count_unmatched(events, part, limits, len(area_ranges)) for part in (shards[:half], shards[half:])
    )
    positives = [bucket_positives(bucket, n_categories, len(area_ranges)) for bucket in buckets]
    return finish(events, counts, np.sum(positives, axis=0), len(thresholds), np.array(recall_points, float), limits)


def bucket_events(bucket: Bucket) -> Events:
    """The bucket's detections that matched something."""
    rows = bucket.matches.rows
    return Events(
        bucket.category[rows],
        bucket.score[rows],
        bucket.unit[rows],
        bucket.rank[rows],
        bucket.matches.true_positive,
        bucket.matches.counted,
    )


def bucket_shard(bucket: Bucket) -> Shard:
    """All the bucket's detections."""
    matched = np.zeros(len(bucket.rank), bool)
    matched[bucket.matches.rows] = True
    return Shard(bucket.category, bucket.score, bucket.unit, bucket.rank, bucket.outside, matched)


def bucket_positives(bucket: Bucket, n_categories: int, n_ranges: int) -> np.ndarray:
    """int64[K, A]: annotations that count."""
    counts = np.zeros((n_categories, n_ranges), np.int64)
    for a in range(n_ranges):
        inside = (bucket.gt_outside >> np.uint64(a)) & np.uint64(1) == 0
        counts[:, a] = np.bincount(bucket.gt_category[inside], minlength=n_categories)
    return counts
