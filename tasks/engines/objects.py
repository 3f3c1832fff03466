"""Objects: similarities of shapes, matched by a protocol's rules, and what follows from who matched whom."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from schemas.judging import MatchedDetections, MatchedShard, MeasureContext, Protocol
from schemas.records import Array, Run
from schemas.tables import CALIBRATION_BINS, CONFUSION, CURVES, GROUND_TRUTH_MATCHES, MATCHES, METRICS, UNIT_SCORES
from tasks.engine import ANNOTATION, Done, Engine, Given, Matched, Plan, Rows, Shard
from tasks.match import columns_of, judge, read_sides
from tasks.matchable import classes_of
from tasks.measure import LookedAt, Reading, look_at, measure
from tasks.packed_detections import PackedDetections, packed, unpacked
from tasks.protocols import PROTOCOLS
from tasks.shapes import SHAPES
from tasks.shards import read_detections, read_shard
from tasks.slices.matched import restrict_detections, restrict_shard
from tasks.slices.members import ANNOTATIONS, Slice, read_slices
from tasks.storage import read_parts
from tasks.units import unit_index


class Bucket(NamedTuple):
    """The part files of one bucket's matches."""

    matches: tuple[str, ...]
    ground_truth_matches: tuple[str, ...]
    partners: bool
    """Read whom the predictions found, too."""


def _read(bucket: Bucket, context: MeasureContext) -> MatchedShard:
    units, classes = unit_index(context.units), classes_of(context.categories)
    return read_shard(
        bucket.matches, bucket.ground_truth_matches, units, classes, context.rules, partners=bucket.partners
    )


def _first(shard: MatchedShard, _context: MeasureContext) -> tuple[MatchedShard, Array]:
    return shard, shard.event


def _read_again(bucket: Bucket | PackedDetections, context: MeasureContext) -> MatchedDetections:
    if isinstance(bucket, PackedDetections):
        return unpacked(bucket, context)
    units, classes = unit_index(context.units), classes_of(context.categories)
    return read_detections(bucket.matches, units, classes, context.rules)


READING = Reading(_read, restrict_shard, _first, _read_again, restrict_detections)


def match_objects(shard: Shard) -> Done:
    """Read one bucket, match it, write its rows."""
    judged = judge(read_sides(shard), shard)
    files = shard.write({MATCHES: judged.rows, GROUND_TRUTH_MATCHES: judged.truth_rows})
    return Done(judged.counts, files, looked_at(judged.shard, shard), judged=judged.units)


def looked_at(found: MatchedShard, shard: Shard) -> LookedAt | None:
    """What metrics see in a bucket that was just matched; None where they are to read it from its files."""
    if not shard.keep or _ask_for_partners(shard.slices):
        return None
    context = _context(PROTOCOLS[shard.protocol], shard, shard.read("data_units"), shard.read("categories"))
    again = packed(found.detections, len(shard.rules.area_ranges))
    return look_at(found, again, READING, "objects", context, shard.slices)


def _ask_for_partners(slices: Sequence[Slice]) -> bool:
    """Slices of annotations ask whom the predictions found; only the files say so."""
    return any(part.side == ANNOTATIONS for part in slices)


def buckets_of(plan: Plan, matched: Matched, slices: Sequence[Slice] = ()) -> Sequence[Bucket | LookedAt]:
    """What metrics look at: what was kept in memory, or files."""
    if matched.kept:
        return matched.kept
    paths = (matched.paths(plan, table.name) for table in (MATCHES, GROUND_TRUTH_MATCHES))
    return [Bucket(found, known, _ask_for_partners(slices)) for found, known in zip(*paths, strict=True)]


def context_of(plan: Plan, protocol: Protocol) -> MeasureContext:
    """What the plan's metrics know beside the buckets."""
    return _context(protocol, plan, read_parts(plan.data_units), read_parts(plan.categories))


def _context(protocol: Protocol, asked: Plan | Shard, units: pa.Table, categories: pa.Table) -> MeasureContext:
    labels = {**asked.labels, "similarity": protocol.similarity or SHAPES[protocol.shape].similarity}
    return MeasureContext(protocol, asked.rules, units, categories, labels)


def measure_matches(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Rows of the measured tables from the stored matches of all buckets, or those handed over."""
    slices, context = read_slices(plan.slices), context_of(plan, PROTOCOLS[plan.protocol])
    return measure(buckets_of(plan, matched, slices), READING, "objects", context, run, slices)


_LABELS = ("segmentation", "panoptic")
"""Words of `given` for rows that are no objects."""


def misfit(protocol: Protocol, predictions: Given, ground_truth: Given) -> str | None:
    """A set fits that gives the protocol's shape, as the ground truth must; every shape has a hull. Empty sides fit."""
    shape = SHAPES[protocol.shape]
    shaped = [sum(given.get(name, 0) for name in SHAPES) for given in (predictions, ground_truth)]
    if not shaped[0] and any(map(predictions.get, _LABELS)):
        return f"{protocol.name} compares objects, and the set holds labels of pixels only"
    if protocol.needs_on and not ground_truth.get(protocol.needs_on):
        return f"{protocol.name} needs ground truth that is {protocol.needs_on}"
    if shape.name == "bounding_box":
        return None
    if shaped[0] and not predictions.get(shape.name):
        return f"{protocol.name} compares {shape.similarity}, and the set holds no such predictions"
    if shaped[1] and not ground_truth.get(shape.name):
        return f"{protocol.name} compares {shape.similarity}, and the ground truth holds no such annotations"
    return None


ENGINE = Engine(
    name="objects",
    reads=("predictions", "ground_truth"),
    matched=(MATCHES, GROUND_TRUTH_MATCHES),
    measured=(METRICS, CURVES, CONFUSION, CALIBRATION_BINS, UNIT_SCORES),
    match=match_objects,
    measure=measure_matches,
    misfit=misfit,
    columns=columns_of,
    grain=ANNOTATION,
)
