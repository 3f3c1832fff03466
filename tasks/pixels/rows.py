"""A bucket's masks of one task, annotated and predicted, and the pixels that they share."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import bytes_parts, numbers, one_chunk
from tasks.engine import JudgedUnits, Shard
from tasks.kernels.mask_iou import Masks
from tasks.kernels.overlaps import Overlaps, overlaps
from tasks.matchable import Bucket
from tasks.units import unit_index

NEEDED = ("unit_key", "category_key", "task", "mask")
"""What is read of both sides in any case."""


class Rows(NamedTuple):
    """n masks of a task, unit by unit; within a unit in the order of their table."""

    table: pa.Table
    """Without the masks."""
    masks: Masks
    left_out: int
    """Rows of the bucket of another task, or without a mask."""


class Sides(NamedTuple):
    """Annotated and predicted masks of a bucket, and what they share."""

    truth: Rows
    found: Rows
    unit_key: Array
    """int64[U]: of the bucket's units, by their place."""
    shared: Overlaps

    @property
    def pair_units(self) -> Array:
        """int64[N]: unit_key of each pair."""
        return self.unit_key[self.shared.unit]

    @property
    def judged(self) -> JudgedUnits:
        """Units of all rows."""
        return JudgedUnits(numbers(self.found.table["unit_key"]), numbers(self.truth.table["unit_key"]))

    def counts(self) -> dict[str, int]:
        """What an evaluation's record says of a bucket."""
        return {
            "predictions": len(self.found.table),
            "annotations": len(self.truth.table),
            "predictions_outside_protocol": self.found.left_out,
            "annotations_outside_protocol": self.truth.left_out,
        }


def sides_of(shard: Shard, task: str, truth_columns: tuple[str, ...], found_columns: tuple[str, ...]) -> Sides:
    """Read a bucket's rows of `task` and compare them pixel by pixel. Nothing on a side: nothing is shared there."""
    units = unit_index(shard.read("data_units"))
    bucket = shard.bucket_of(units)
    truth = rows_of(shard.read("ground_truth", (*NEEDED, *truth_columns)), task, bucket)
    found = rows_of(shard.read("predictions", (*NEEDED, *found_columns)), task, bucket)
    shared = overlaps(truth.masks, found.masks, (bucket.width_px * bucket.height_px).astype(np.int64))
    return Sides(truth, found, units.unit_key[bucket.positions], shared)


def rows_of(table: pa.Table, task: str, bucket: Bucket) -> Rows:
    """The rows of a bucket that are of a task and have a mask."""
    place = bucket.local[numbers(table["unit_key"])]
    judged = numbers(pc.fill_null(pc.equal(table["task"], task), False)) & numbers(table["mask"].is_valid())
    inside = np.flatnonzero((place >= 0) & judged)
    order = inside[np.argsort(place[inside], kind="stable")]
    rows = table.take(pa.array(order))
    masks = one_chunk(rows["mask"])
    indptr = np.searchsorted(place[order], np.arange(len(bucket.positions) + 1)).astype(np.int64)
    height = numbers(masks.field("height")).astype(np.int64)
    packed = Masks(*bytes_parts(masks.field("counts")), height, indptr)
    return Rows(rows.drop_columns(["mask", "task"]), packed, int((place >= 0).sum()) - len(order))
