"""Tracks: objects followed through sequences are matched, and detection and association summed over all of them."""

import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import MeasureContext, Protocol
from schemas.records import Run
from schemas.tables import METRICS, TRACKS
from tasks.columns import numbers
from tasks.engine import SEQUENCE, Engine, Given, Matched, Plan, Rows
from tasks.measure import Reading, measure
from tasks.metrics.track_quality import Sums, sums_of
from tasks.pieces import TRACKS as PIECES
from tasks.protocols import PROTOCOLS
from tasks.shapes import SHAPES
from tasks.slices.members import Slice, read_slices
from tasks.storage import read_parts
from tasks.tracks.boxes import columns_of
from tasks.tracks.sums import match_tracks


def _read(paths: tuple[str, ...], _context: MeasureContext) -> pa.Table:
    return read_parts(paths)


def _restrict(rows: pa.Table, part: Slice, context: MeasureContext) -> pa.Table:
    """Rows of the sequences that the slice holds, whole."""
    inside = part.holds(numbers(context.units["unit_key"]))
    sequences = context.units["sequence_hash"].filter(pa.array(inside)).unique()
    return rows.filter(pc.is_in(rows["sequence_hash"], sequences))


def _first(rows: pa.Table, context: MeasureContext) -> tuple[Sums, None]:
    return sums_of(rows, context), None


def measure_tracks(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Rows of `metrics` from the sums of all sequences."""
    labels = {**plan.labels, "similarity": "bbox_iou"}
    tables = read_parts(plan.data_units), read_parts(plan.categories)
    context = MeasureContext(PROTOCOLS[plan.protocol], plan.rules, *tables, labels)
    reading, slices = Reading(_read, _restrict, _first), read_slices(plan.slices)
    return measure(matched.paths(plan, TRACKS.name), reading, "tracks", context, run, slices)


def misfit(protocol: Protocol, predictions: Given, ground_truth: Given) -> str | None:
    """A set fits whose objects have tracks on frames of sequences, as the ground truth's must. Empty sides fit."""
    for side, given in (("set", predictions), ("ground truth", ground_truth)):
        if any(map(given.get, SHAPES)) and not given.get("tracks"):
            return f"{protocol.name} follows objects through videos, and the {side} names no track (`track_id`) there"
    return None


ENGINE = Engine(
    name="tracks",
    reads=("predictions", "ground_truth"),
    matched=(TRACKS,),
    measured=(METRICS,),
    match=match_tracks,
    measure=measure_tracks,
    misfit=misfit,
    columns=columns_of,
    pieces=PIECES,
    grain=SEQUENCE,
)
