"""Measuring what was counted: the pairs of classes of all buckets become numbers."""

from schemas.judging import MeasureContext, Protocol
from schemas.records import Run
from schemas.tables import PIXEL_CONFUSION
from tasks.engine import Given, Matched, Plan, Rows
from tasks.measure import Reading, measure
from tasks.pixels.confusion import UnitConfusion, unit_confusion
from tasks.protocols import PROTOCOLS
from tasks.slices.members import Slice, read_slices
from tasks.storage import read_parts

TASK = "segmentation"


def _read(paths: tuple[str, ...], _context: MeasureContext) -> UnitConfusion:
    return unit_confusion(read_parts(paths, ("unit_key", "annotated", "predicted", "n_pixels")))


def _restrict(found: UnitConfusion, part: Slice, _context: MeasureContext) -> UnitConfusion:
    which = part.holds(found.unit_key)
    return UnitConfusion(found.unit_key[which], found.confusion.only(which))


def measure_pixels(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Rows of `metrics` and `unit_scores`, by the metrics of the protocol's engine."""
    protocol = PROTOCOLS[plan.protocol]
    labels = {**plan.labels, "similarity": "pixels"}
    context = MeasureContext(protocol, plan.rules, read_parts(plan.data_units), read_parts(plan.categories), labels)
    paths = matched.paths(plan, PIXEL_CONFUSION.name)
    return measure(paths, Reading(_read, _restrict), protocol.engine, context, run, read_slices(plan.slices))


def misfit(protocol: Protocol, predictions: Given, ground_truth: Given) -> str | None:
    """A set fits that holds semantic masks, as the ground truth must. Empty sides fit."""
    for side, given in (("set", predictions), ("ground truth", ground_truth)):
        if sum(given.values()) and not given.get(TASK):
            return f"{protocol.name} compares semantic masks, and the {side} holds none"
    return None
