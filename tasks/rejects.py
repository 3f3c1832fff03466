"""Tables of records that were not taken: the columns of REJECTS that a stage knows."""

from collections.abc import Sequence
from typing import Any

import orjson
import pyarrow as pa

from schemas.rejects import Stage
from schemas.tables import REJECTS

LONGEST_RECORD = 2_000
"""Characters of the record kept; enough for a box, keypoints, and the beginning of a large mask."""

SCHEMA = pa.schema([field for field in REJECTS.schema if field.name not in {"run_id", "prediction_set"}])


def rejects_table(
    stage: Stage,
    files: Sequence[str],
    rows: Sequence[int | None],
    codes: Sequence[str],
    reasons: Sequence[str],
    records: Sequence[str],
) -> pa.Table:
    """n rejects in `SCHEMA`: where each stood in its file, why it was not taken, and what it was. None in, none out."""
    columns = {
        "source_file": files,
        "source_row": rows,
        "stage": [stage.value] * len(rows),
        "reason_code": [str(code) for code in codes],
        "reason": reasons,
        "record": records,
    }
    return pa.table({name: pa.array(columns[name], SCHEMA.field(name).type) for name in SCHEMA.names}, schema=SCHEMA)


def capped(record: str) -> str:
    """At most `LONGEST_RECORD` characters of `record`; an ellipsis says that there was more."""
    return record if len(record) <= LONGEST_RECORD else record[: LONGEST_RECORD - 1] + "…"


def rejects_of(
    records: pa.RecordBatch, rows: Sequence[int], faults: Sequence[tuple[str, str]], stage: Stage
) -> pa.Table:
    """Rejects of some rows of `records` (columns of RECORDS), with (code, text) of each; the record as JSON, capped."""
    bad = records.take(pa.array(rows, pa.int64()))
    found = [{name: value for name, value in row.items() if value is not None} for row in bad.to_pylist()]
    return rejects_table(
        stage,
        bad.column("source_file").to_pylist(),
        bad.column("source_row").to_pylist(),
        [code for code, _ in faults],
        [text for _, text in faults],
        [capped(orjson.dumps(row, default=_as_text).decode()) for row in found],
    )


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")  # packed run lengths are ASCII
    raise TypeError(f"no JSON for {type(value).__name__}")
