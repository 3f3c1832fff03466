"""Rows carried over and rows made anew as one bucket's rows, in the order of a run over all of them."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from schemas.records import Array
from schemas.tables import Table
from tasks.columns import constant
from tasks.engine import Shard
from tasks.pieces import Ground, Pieces
from tasks.storage import FileEntry, PartWriter, read_parts

_LABELS = ("prediction_set", "protocol", "rules")
_SHORT_RUN = 64
"""Rows: where runs of one source are shorter than this in the mean, rows are taken one by one."""


def merge(
    table: Table, carried: tuple[str, ...], made: pa.Table, keep: Array, pieces: Pieces, ground: Ground, shard: Shard
) -> list[FileEntry]:
    """Write the rows of the part files `carried` whose pieces are among `keep`, and those of `made`, as the bucket's.

    Nothing to carry, or nothing made: the others alone.
    """
    columns = [name for name in table.fields if name not in _LABELS]
    old = _plain(read_parts(carried, columns), table, columns)
    both = pa.concat_tables([old, _plain(made, table, columns)])
    stays = np.concatenate([np.isin(pieces.of_row(old, ground), keep), np.ones(len(made), bool)])
    order = np.lexsort(pieces.order(both, ground))
    rows = _in_order(both, order[stays[order]])
    for name in _LABELS:
        rows = rows.append_column(name, constant(shard.labels[name], len(rows)))
    with PartWriter(Path(shard.folders[table.name]), shard.bucket, table) as writer:
        writer.write(rows)
        return writer.close()


def _plain(rows: pa.Table, table: Table, names: Sequence[str]) -> pa.Table:
    """Some columns in the types of their table; those that are not there are null."""
    kinds = {name: table.schema.field(name).type for name in names}
    there = set(rows.column_names)
    return pa.table(
        {name: rows[name].cast(kind) if name in there else pa.nulls(len(rows), kind) for name, kind in kinds.items()}
    )


def _in_order(rows: pa.Table, order: Array) -> pa.Table:
    """The rows in their order; what stands together already is copied together, and lies in one piece for whoever
    writes it.
    """
    cuts = np.flatnonzero(np.diff(order) != 1) + 1
    if len(order) == 0 or len(cuts) * _SHORT_RUN > len(order):
        return rows.take(pa.array(order))
    runs = pairwise([0, *cuts.tolist(), len(order)])
    return pa.concat_tables(rows.slice(order[start], stop - start) for start, stop in runs).combine_chunks()
