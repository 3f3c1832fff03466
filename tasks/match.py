"""Match: a bucket's predictions and annotations under a protocol become rows that say who found what, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.errors import BoxscoreError
from schemas.records import Pairs, Protocol, Rules
from schemas.tables import GROUND_TRUTH_MATCHES, MATCHES, Table
from tasks.kernels import matching as kernel
from tasks.match_tables import detection_rows, truth_rows
from tasks.matchable import Annotations, Detections, annotations_of, bucket_of, dense_categories, detections_of
from tasks.protocols import BY_NAME as PROTOCOLS
from tasks.shapes import BY_NAME as SHAPES
from tasks.storage import FileEntry, PartWriter, read_parts
from tasks.units import category_index, unit_index

NEAR = 0.1
"""Similarities below this count as nowhere near: TIDE's background threshold."""

_PREDICTION_COLUMNS = ("prediction_key", "unit_key", "category_key", "score", "area")
_TRUTH_COLUMNS = ("annotation_key", "unit_key", "category_key", "iscrowd", "area")


@dataclass(frozen=True, slots=True)
class MatchShard:
    """One bucket to match: paths and small parameters only, so that any process can take it up."""

    protocol: str
    rules: Rules
    bucket: int
    buckets: int
    predictions: tuple[str, ...]
    ground_truth: tuple[str, ...]
    data_units: tuple[str, ...]
    categories: tuple[str, ...]
    every: bool
    """Judge also predictions whose source gave no such shape (boxes: by the hull)."""
    labels: dict[str, str]
    """prediction_set, protocol and rules of the rows."""
    matches: str
    """Folder of the staged partition."""
    ground_truth_matches: str


class MatchCounts(NamedTuple):
    """What a bucket came to; sums over buckets are the set's."""

    predictions: int
    annotations: int
    predictions_outside_protocol: int
    annotations_outside_protocol: int


def _near(found: Detections, truth: Annotations, protocol: Protocol, rules: Rules) -> Pairs:
    """Pairs of each unit, in and out of class, down to what counts as near."""
    floor = min(NEAR, *rules.iou_thresholds)
    return SHAPES[protocol.shape].pairs(found.side, truth.side, floor, dict(rules.options))


def _matched(found: Detections, truth: Annotations, near: Pairs, rules: Rules) -> kernel.Matches:
    return kernel.match(
        *near,
        kernel.Detections(found.category, found.rank, found.outside),
        kernel.Annotations(truth.category, truth.side.crowd, truth.ignored),
        np.array(rules.iou_thresholds),
        len(rules.area_ranges),
        rules.max_detections[-1],
    )


def match_tables(
    predictions: pa.Table, ground_truth: pa.Table, units: pa.Table, categories: pa.Table, shard: MatchShard
) -> tuple[pa.Table, pa.Table, MatchCounts]:
    """(rows of `matches`, rows of `ground_truth_matches`, counts) of one bucket; pure.

    Rows outside the bucket are passed over. Without predictions every annotation is missed, without annotations
    every prediction is false.
    """
    protocol = PROTOCOLS[shard.protocol]
    shape, rules = SHAPES[protocol.shape], shard.rules
    bucket = bucket_of(unit_index(units), shard.bucket, shard.buckets, rules.tie_order)
    dense = dense_categories(category_index(categories))
    found = detections_of(predictions, shape, rules, bucket, dense, shard.every)
    truth = annotations_of(ground_truth, shape, protocol, rules, bucket, dense)
    near = _near(found, truth, protocol, rules)
    matching = _matched(found, truth, near, rules)
    _reconcile(truth, matching)
    rows = detection_rows(found, truth, matching, near, rules, shard.labels)
    truth_table = truth_rows(found, truth, matching, rules, shard.labels)
    counts = MatchCounts(len(rows), len(truth_table), found.outside_protocol, truth.outside_protocol)
    return rows, truth_table, counts


def _reconcile(truth: Annotations, matching: kernel.Matches) -> None:
    """A detection points at an annotation exactly when that annotation points back, crowds aside."""
    pointing = matching.matched[matching.matched >= 0]
    plain = ~truth.side.crowd
    back = int((matching.gt_matched[plain] >= 0).sum())
    if int(plain[pointing].sum()) != back:
        raise BoxscoreError(f"matches do not reconcile: {int(plain[pointing].sum())} point at annotations, {back} back")


def _columns(needed: Sequence[str], extra: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*needed, *extra)))


def match_bucket(shard: MatchShard) -> tuple[MatchCounts, list[FileEntry], list[FileEntry]]:
    """Read one bucket, match it, write its rows; (counts, files of `matches`, files of `ground_truth_matches`)."""
    protocol = PROTOCOLS[shard.protocol]
    needs = SHAPES[protocol.shape].needs
    rows, truth_table, counts = match_tables(
        read_parts(shard.predictions, _columns(_PREDICTION_COLUMNS, needs)),
        read_parts(shard.ground_truth, _columns(_TRUTH_COLUMNS, (*needs, *protocol.truth_columns))),
        read_parts(shard.data_units),
        read_parts(shard.categories),
        shard,
    )
    files = [
        _written(shard.matches, shard.bucket, MATCHES, rows),
        _written(shard.ground_truth_matches, shard.bucket, GROUND_TRUTH_MATCHES, truth_table),
    ]
    return counts, files[0], files[1]


def _written(folder: str, bucket: int, table: Table, rows: pa.Table) -> list[FileEntry]:
    with PartWriter(Path(folder), bucket, table) as writer:
        writer.write(rows)
        return writer.close()
