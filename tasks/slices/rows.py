"""Rows of a bucket restricted to a slice, where each row says which unit and annotation it is about."""

import pyarrow as pa

from schemas.judging import MeasureContext
from tasks.columns import numbers
from tasks.slices.members import ANNOTATIONS, Slice

_KEYS = {ANNOTATIONS: "annotation_key"}


def restrict_rows(rows: pa.Table, part: Slice, _context: MeasureContext) -> pa.Table:
    """The rows of the slice's units, or annotations."""
    return rows.filter(pa.array(part.holds(numbers(rows[_KEYS.get(part.side, "unit_key")]))))
