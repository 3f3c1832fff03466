"""Measuring answers: the stretches of all buckets become numbers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from schemas.judging import MeasureContext, Protocol
from schemas.records import Run
from schemas.tables import CLASSIFICATION_RESULTS
from tasks.engine import Given, Matched, Plan, Rows
from tasks.measure import Reading, measure
from tasks.protocols import PROTOCOLS
from tasks.questions.ontology import questions_of
from tasks.questions.results import COLUMNS, Results, results_of
from tasks.questions.sequences import Sequences, sequences_of
from tasks.slices.members import read_slices
from tasks.slices.rows import restrict_rows
from tasks.storage import read_parts

_UNITS = ("unit_key", "sequence_hash", "kind")


def _read(bucket: Any, _context: MeasureContext) -> pa.Table:
    return bucket if isinstance(bucket, pa.Table) else read_parts(bucket, COLUMNS)


def _first(rows: pa.Table, context: MeasureContext, sequences: Sequences) -> tuple[Results, None]:
    return results_of(rows, questions_of(context.categories), sequences), None


def measure_answers(plan: Plan, matched: Matched, run: Run) -> Rows:
    """Rows of `metrics` and `confusion` from the stretches of all buckets, read back or handed over."""
    labels = {**plan.labels, "similarity": "answers"}
    tables = read_parts(plan.data_units, _UNITS, threads=True), read_parts(plan.categories)
    context = MeasureContext(PROTOCOLS[plan.protocol], plan.rules, *tables, labels)
    buckets: Sequence[Any] = matched.kept or matched.paths(plan, CLASSIFICATION_RESULTS.name)
    reading = Reading(_read, restrict_rows, partial(_first, sequences=sequences_of(context.units)))
    return measure(buckets, reading, "answers", context, run, read_slices(plan.slices))


def misfit(protocol: Protocol, predictions: Given, ground_truth: Given) -> str | None:
    """A set fits that holds answers, as the ground truth must. Empty sides fit."""
    for side, given in (("set", predictions), ("ground truth", ground_truth)):
        if sum(given.values()) and not given.get("answers"):
            return f"{protocol.name} compares answers, and the {side} holds none"
    return None
