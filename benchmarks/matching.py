"""Matching and accumulation alone, warm: python matching.py PROJECT_FOLDER REPEATS

Reads a stored set of boxes into arrays, bucket by bucket, then runs the kernels as the stages match and metrics do, on
one thread. Prints one JSON document: AP, and the CPU seconds of each repeat; the first one, which loads the kernels,
is left out.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.coco_rules import DETECTION_RULES, RECALL_POINTS
from tasks.kernels import matching
from tasks.kernels.accumulate import Curves, finish
from tasks.kernels.box_iou import box_pairs
from tasks.kernels.events import Events, Shard, count_unmatched, sort_events
from tasks.kernels.grouping import group_annotations, group_detections
from tasks.match import NEAR
from tasks.matchable import outside_ranges
from tasks.units import unit_index

Array = NDArray[Any]
THRESHOLDS = np.array(DETECTION_RULES.iou_thresholds)
MOST = np.array(DETECTION_RULES.max_detections, np.int32)
RANGES = len(DETECTION_RULES.area_ranges)


class Side(NamedTuple):
    """Predictions or annotations of a bucket: place of the unit in it, class, what ties and matching need."""

    unit: Array
    category: Array
    box: Array
    outside: Array
    key: Array
    score: Array
    crowd: Array


class Bucket(NamedTuple):
    """One bucket; `unit_order` int64[U] is the place of each of its units among all."""

    unit_order: Array
    found: Side
    truth: Side


def _side(table: pl.DataFrame, key: str, units: Array, classes: Array) -> Side:
    box = np.column_stack([table["bbox_px"].struct.field(name).to_numpy() for name in ("x", "y", "w", "h")])
    size = len(table)
    return Side(
        np.searchsorted(units, table["unit_key"].to_numpy()).astype(np.int32),
        np.searchsorted(classes, table["category_key"].to_numpy()).astype(np.int32),
        box,
        outside_ranges(table["area"].to_numpy(), DETECTION_RULES),
        table[key].to_numpy(),
        table["score"].to_numpy() if "score" in table.columns else np.ones(size),
        table["iscrowd"].to_numpy() if "iscrowd" in table.columns else np.zeros(size, bool),
    )


def read_buckets(project: Path) -> tuple[list[Bucket], int]:
    """(buckets, number of classes); predictions and annotations meet in the buckets of the predictions."""
    columns = ["unit_key", "category_key", "bbox_px", "area"]
    classes = np.sort(pl.read_parquet(project / "categories/**/*.parquet")["category_key"].to_numpy())
    units = unit_index(pl.read_parquet(project / "data_units/**/*.parquet").sort("source_order").to_arrow())
    annotations = pl.read_parquet(
        project / "ground_truth/**/*.parquet", columns=[*columns, "annotation_key", "iscrowd"]
    )
    folders = sorted(project.glob("predictions/*/bucket=*"))
    buckets = []
    for number, folder in enumerate(folders):
        order = np.flatnonzero(units.bucket(len(folders)) == number)
        keys = np.sort(units.unit_key[order])
        found = pl.read_parquet(folder / "*.parquet", columns=[*columns, "prediction_key", "score"])
        truth = annotations.filter(pl.col("unit_key").is_in(keys))
        sides = _side(found, "prediction_key", keys, classes), _side(truth, "annotation_key", keys, classes)
        buckets.append(Bucket(order[np.argsort(units.unit_key[order])], *sides))
    return buckets, len(classes)


def match(bucket: Bucket, categories: int) -> tuple[Events, Shard, Array]:
    """(detections that matched, all detections, annotations that count [K, A]) of a bucket."""
    found, truth, count = bucket.found, bucket.truth, len(bucket.unit_order)
    order, indptr, rank = group_detections(found.unit, found.category, found.score, found.key, count)
    truth_order, truth_indptr = group_annotations(truth.unit, truth.key, count)
    crowd = truth.crowd[truth_order]
    pairs = box_pairs(found.box[order], indptr, truth.box[truth_order], crowd, truth_indptr, NEAR)
    every = np.uint64((1 << RANGES) - 1)
    ignored = np.where(crowd, every, truth.outside[truth_order])
    category, outside, truth_category = found.category[order], found.outside[order], truth.category[truth_order]
    detections = matching.Detections(category, rank, outside)
    annotations = matching.Annotations(truth_category, crowd, ignored)
    done = matching.match(*pairs, detections, annotations, THRESHOLDS, RANGES, int(MOST[-1]))
    matched = np.zeros(len(order), bool)
    matched[done.rows] = True
    shard = Shard(category, found.score[order], bucket.unit_order[found.unit[order]], rank, outside, matched)
    events = Events(
        category[done.rows], shard.score[done.rows], shard.unit_order[done.rows], rank[done.rows],
        done.true_positive, done.counted,
    )  # fmt: skip
    inside = [(ignored >> np.uint64(a)) & np.uint64(1) == 0 for a in range(RANGES)]
    positive = np.stack([np.bincount(truth_category[rows], minlength=categories) for rows in inside], axis=1)
    return events, shard, positive


def evaluate(buckets: list[Bucket], categories: int) -> Curves:
    """Precision, recall and scores of all buckets."""
    events, shards, positive = zip(*(match(bucket, categories) for bucket in buckets), strict=True)
    together = sort_events(Events(*(np.concatenate(column) for column in zip(*events, strict=True))), categories)
    counts = count_unmatched(together, shards, MOST, RANGES)
    return finish(together, counts, np.sum(positive, axis=0), len(THRESHOLDS), np.array(RECALL_POINTS), MOST)


def main() -> int:
    """Evaluate once unmeasured, then REPEATS times."""
    buckets, categories = read_buckets(Path(sys.argv[1]))
    precision = evaluate(buckets, categories).precision[..., 0, -1]
    seconds = []
    for _ in range(int(sys.argv[2])):
        start = time.process_time()
        evaluate(buckets, categories)
        seconds.append(time.process_time() - start)
    print(json.dumps({"numbers": [float(precision[precision > -1].mean())], "cpu_s": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
