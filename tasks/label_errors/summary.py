"""Candidates read back: how many of each kind, and the first of them."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from tasks.catalog import Entry
from tasks.failure_analysis.result_rows import LABELS
from tasks.label_errors.kinds import KINDS

_NAMES = tuple(kind.name for kind in KINDS)


def candidate_summary(entry: Entry, kinds: Sequence[str], most: int) -> dict[str, Any]:
    """Counts by kind and the `most` best candidates, of some kinds alone where they are named; InputError otherwise."""
    for kind in kinds:
        if kind not in _NAMES:
            raise InputError(f"there is no kind {kind!r}", where="--kind", hint=f"there are: {', '.join(_NAMES)}")
    rows = entry.partitions["label_error_candidates"].read()
    counts = {row["values"]: row["counts"] for row in pc.value_counts(rows["kind"]).to_pylist()}
    if kinds:
        rows = rows.filter(pc.is_in(rows["kind"], pa.array(list(kinds), pa.string())))
    shown = [{name: value for name, value in row.items() if name not in LABELS} for row in rows[:most].to_pylist()]
    return {
        "protocol": entry.name,
        "sets": list(entry.record["evaluations"]),
        "counts": {name: counts[name] for name in _NAMES if name in counts},
        "candidates": shown,
    }
