"""Skeletons: judged as objects, and beside that how far each point of those found lies from where it belongs."""

from dataclasses import replace
from itertools import chain

import pyarrow as pa

from schemas.judging import MeasureContext
from schemas.records import Run
from schemas.tables import GROUND_TRUTH_MATCHES, MATCHES, POINT_ERRORS
from tasks.engine import Done, Matched, Plan, Rows, Shard
from tasks.engines.objects import ENGINE as OBJECTS
from tasks.engines.objects import context_of, looked_at, measure_matches
from tasks.match import judge, read_sides
from tasks.measure import Reading, measure
from tasks.point_errors import point_error_rows
from tasks.protocols import PROTOCOLS
from tasks.slices.members import read_slices
from tasks.slices.rows import restrict_rows
from tasks.storage import read_parts

_COLUMNS = ("annotation_key", "unit_key", "category_key", "point", "point_name", "error_px", "relative_error")


def match_skeletons(shard: Shard) -> Done:
    """Read one bucket, match it, write its rows and the errors of its points."""
    sides = read_sides(shard)
    judged = judge(sides, shard)
    errors = point_error_rows(sides, judged, shard.read("categories"), shard.labels)
    rows = {MATCHES: judged.rows, GROUND_TRUTH_MATCHES: judged.truth_rows, POINT_ERRORS: errors}
    return Done(judged.counts, shard.write(rows), looked_at(judged.shard, shard), judged=judged.units)


def _read(paths: tuple[str, ...], _context: MeasureContext) -> pa.Table:
    return read_parts(paths, list(_COLUMNS))


READING = Reading(_read, restrict_rows)


def measure_skeletons(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Numbers of the matches, and of the points."""
    counted = measure_matches(plan, matched, run)
    context = context_of(plan, PROTOCOLS[plan.protocol])
    paths, slices = matched.paths(plan, POINT_ERRORS.name), read_slices(plan.slices)
    points = measure(paths, READING, "skeletons", context, run, slices)
    return {**counted, "metrics": chain(counted["metrics"], points["metrics"])}


ENGINE = replace(
    OBJECTS,
    name="skeletons",
    matched=(*OBJECTS.matched, POINT_ERRORS),
    match=match_skeletons,
    measure=measure_skeletons,
)
