"""KITTI: objects matched by its rule, and average precision from two more passes over the same boxes."""

from dataclasses import replace
from itertools import chain

import numpy as np

from schemas.judging import MeasureContext
from schemas.records import Run
from tasks.columns import numbers
from tasks.engine import Matched, Plan, Rows, Shard
from tasks.engines.objects import ENGINE as OBJECTS
from tasks.engines.objects import context_of, measure_matches
from tasks.kitti.levels import NONE
from tasks.kitti.scene import scene_of
from tasks.match import read_sides
from tasks.measure import Reading, measure
from tasks.metrics.kitti_precision import Bucket
from tasks.protocols import PROTOCOLS
from tasks.slices.members import ANNOTATIONS, Slice, read_slices


def _bucket(shard: Shard, context: MeasureContext) -> Bucket:
    sides = read_sides(shard)
    unit_key = numbers(context.units["unit_key"])[sides.bucket.positions]
    annotation_key = numbers(sides.truth.side.table["annotation_key"])
    return Bucket(*scene_of(sides.near, sides.found, sides.truth, shard.rules), unit_key, annotation_key)


def _restrict(bucket: Bucket, part: Slice, _context: MeasureContext) -> Bucket:
    """What is in the slice: of units, the rest is of no class; of annotations, the others are too hard at any level."""
    scene = bucket.scene
    if part.side == ANNOTATIONS:
        inside = part.holds(bucket.annotation_key)
        return bucket._replace(scene=scene._replace(gt_hard=np.where(inside, scene.gt_hard, ~np.uint64(0))))
    units = part.holds(bucket.unit_key)
    found, known = (np.repeat(units, np.diff(indptr)) for indptr in (scene.dt_indptr, scene.gt_indptr))
    restricted = scene._replace(
        dt_class=np.where(found, scene.dt_class, np.int32(NONE)),
        dt_small=np.where(found, scene.dt_small, np.uint64(0)),
        gt_class=np.where(known, scene.gt_class, np.int32(NONE)),
        gt_neighbour=np.where(known, scene.gt_neighbour, np.int32(NONE)),
        gt_region=scene.gt_region & known,
    )
    return bucket._replace(scene=restricted)


READING = Reading(_bucket, _restrict, read_again=_bucket, restrict_again=_restrict)


def measure_twice(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Counts and unit scores of the matches, and KITTI's own numbers and curves from the boxes."""
    counted = measure_matches(plan, matched, run)
    context = context_of(plan, PROTOCOLS[plan.protocol])
    precise = measure(plan.shards, READING, "kitti", context, run, read_slices(plan.slices))
    return {**counted, "metrics": chain(counted["metrics"], precise["metrics"]), "curves": precise["curves"]}


ENGINE = replace(OBJECTS, name="kitti", measure=measure_twice)
