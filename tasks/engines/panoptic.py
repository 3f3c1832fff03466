"""Panoptic: segments match by their pixels, and classes have a panoptic quality."""

from typing import NamedTuple

from schemas.judging import MeasureContext, Protocol
from schemas.records import Run
from schemas.tables import GROUND_TRUTH_MATCHES, MATCHES, METRICS, UNIT_SCORES
from tasks.engine import Engine, Given, Matched, Plan, Rows
from tasks.measure import Reading, measure
from tasks.metrics.panoptic_quality import Found, segments_of
from tasks.pixels.panoptic import match_panoptic
from tasks.protocols import BY_NAME as PROTOCOLS
from tasks.storage import read_parts

_COLUMNS = ("unit_key", "category_key", "outcomes")


class Bucket(NamedTuple):
    """The part files of one bucket's matches."""

    matches: tuple[str, ...]
    ground_truth_matches: tuple[str, ...]


def _first(bucket: Bucket, _context: MeasureContext) -> tuple[Found, None]:
    predicted = segments_of(read_parts(bucket.matches, (*_COLUMNS, "matched_similarity")))
    return Found(predicted, segments_of(read_parts(bucket.ground_truth_matches, _COLUMNS))), None


def measure_panoptic(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Rows of `metrics` and `unit_scores` from the stored matches of all buckets."""
    labels = {**plan.labels, "similarity": "mask_iou"}
    tables = read_parts(plan.data_units), read_parts(plan.categories)
    context = MeasureContext(PROTOCOLS[plan.protocol], plan.rules, *tables, labels)
    paths = (matched.paths(plan, table.name) for table in (MATCHES, GROUND_TRUTH_MATCHES))
    buckets = [Bucket(*parts) for parts in zip(*paths, strict=True)]
    return measure(buckets, Reading(_first), "panoptic", context, run)


def misfit(protocol: Protocol, predictions: Given, ground_truth: Given) -> str | None:
    """A set fits that holds segments, as the ground truth must. Empty sides fit."""
    for side, given in (("set", predictions), ("ground truth", ground_truth)):
        if sum(given.values()) and not given.get("panoptic"):
            return f"{protocol.name} compares segments, and the {side} holds none"
    return None


ENGINE = Engine(
    name="panoptic",
    reads=("predictions", "ground_truth"),
    matched=(MATCHES, GROUND_TRUTH_MATCHES),
    measured=(METRICS, UNIT_SCORES),
    match=match_panoptic,
    measure=measure_panoptic,
    misfit=misfit,
)
