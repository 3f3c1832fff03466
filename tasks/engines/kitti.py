"""KITTI: objects matched by its rule, and average precision from two more passes over the same boxes."""

from dataclasses import replace
from itertools import chain

from schemas.judging import MeasureContext
from schemas.records import Run
from tasks.engine import Matched, Plan, Rows, Shard
from tasks.engines.objects import ENGINE as OBJECTS
from tasks.engines.objects import context_of, measure_matches
from tasks.kitti.scene import scene_of
from tasks.match import read_sides
from tasks.measure import Reading, measure
from tasks.metrics.kitti_precision import Bucket
from tasks.protocols import BY_NAME as PROTOCOLS


def _bucket(shard: Shard, _context: MeasureContext) -> Bucket:
    sides = read_sides(shard)
    return Bucket(*scene_of(sides.near, sides.found, sides.truth, shard.rules))


def _first(shard: Shard, context: MeasureContext) -> tuple[Bucket, None]:
    return _bucket(shard, context), None


READING = Reading(_first, _bucket)


def measure_twice(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Counts and unit scores of the matches, and KITTI's own numbers and curves from the boxes."""
    counted = measure_matches(plan, matched, run)
    context = context_of(plan, PROTOCOLS[plan.protocol])
    precise = measure(plan.shards, READING, "kitti", context, run)
    return {**counted, "metrics": chain(counted["metrics"], precise["metrics"]), "curves": precise["curves"]}


ENGINE = replace(OBJECTS, name="kitti", measure=measure_twice)
