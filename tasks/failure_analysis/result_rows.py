"""Rows given as dicts, few of them, as a result table with its labels."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from schemas.tables import Table
from tasks.columns import completed, constant

LABELS = ("prediction_set", "protocol", "rules")


def labelled(rows: Sequence[Mapping[str, Any]], table: Table, labels: Mapping[str, str]) -> pa.Table:
    """The rows in the table's schema, null where one says nothing; labels that are given stand in all of them."""
    schema = table.schema
    own = [name for name in schema.names if name not in labels]
    columns = {name: pa.array([row.get(name) for row in rows], schema.field(name).type) for name in own}
    return completed(columns | {name: constant(labels[name], len(rows)) for name in labels}, schema, len(rows))
