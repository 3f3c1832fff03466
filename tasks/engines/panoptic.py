"""Panoptic: segments match by their pixels, and classes have a panoptic quality."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import MeasureContext, Protocol
from schemas.records import Run
from schemas.tables import GROUND_TRUTH_MATCHES, MATCHES, METRICS, UNIT_SCORES
from tasks.columns import numbers, one_chunk
from tasks.engine import ANNOTATION, Engine, Given, Matched, Plan, Rows
from tasks.measure import Reading, measure
from tasks.metrics.panoptic_quality import Found, segments_of
from tasks.pixels.panoptic import columns_of, match_panoptic
from tasks.protocols import PROTOCOLS
from tasks.slices.members import ANNOTATIONS, Slice, read_slices
from tasks.slices.rows import restrict_rows
from tasks.storage import read_parts

_COLUMNS = ("unit_key", "category_key", "outcomes")


class Bucket(NamedTuple):
    """The part files of one bucket's matches."""

    matches: tuple[str, ...]
    ground_truth_matches: tuple[str, ...]


class Tables(NamedTuple):
    """A bucket's segments as rows."""

    matches: pa.Table
    ground_truth_matches: pa.Table


def _read(bucket: Bucket, _context: MeasureContext) -> Tables:
    known = read_parts(bucket.ground_truth_matches, ("annotation_key", *_COLUMNS))
    return Tables(read_parts(bucket.matches, (*_COLUMNS, "annotation_keys", "matched_similarity")), known)


def _restrict(found: Tables, part: Slice, context: MeasureContext) -> Tables:
    """Of units both sides; of annotations those, and what matched another one is ignored."""
    if part.side == ANNOTATIONS:
        known = restrict_rows(found.ground_truth_matches, part, context)
        return Tables(_without_others(found.matches, part), known)
    return Tables(*(restrict_rows(table, part, context) for table in found))


def _without_others(matches: pa.Table, part: Slice) -> pa.Table:
    partner = numbers(one_chunk(matches["annotation_keys"]).flatten(), missing=-1)
    elsewhere = pa.array((partner >= 0) & ~part.holds(partner))
    outcomes = one_chunk(matches["outcomes"])
    words = pc.if_else(elsewhere, "ignored", outcomes.flatten())
    at = matches.column_names.index("outcomes")
    lists = pa.ListArray.from_arrays(np.arange(len(words) + 1, dtype=np.int32), words)
    return matches.set_column(at, "outcomes", lists)


def _first(found: Tables, _context: MeasureContext) -> tuple[Found, None]:
    return Found(*map(segments_of, found)), None


def measure_panoptic(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Rows of `metrics` and `unit_scores` from the stored matches of all buckets."""
    labels = {**plan.labels, "similarity": "mask_iou"}
    tables = read_parts(plan.data_units), read_parts(plan.categories)
    context = MeasureContext(PROTOCOLS[plan.protocol], plan.rules, *tables, labels)
    paths = (matched.paths(plan, table.name) for table in (MATCHES, GROUND_TRUTH_MATCHES))
    buckets = [Bucket(*parts) for parts in zip(*paths, strict=True)]
    return measure(buckets, Reading(_read, _restrict, _first), "panoptic", context, run, read_slices(plan.slices))


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
    columns=columns_of,
    grain=ANNOTATION,
    task="panoptic",
)
