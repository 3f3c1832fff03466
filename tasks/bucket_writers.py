"""Rows scattered over the buckets of a table: which row goes where, and writers side by side."""

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import pyarrow as pa

from schemas.tables import Table
from tasks.columns import numbers
from tasks.running import local_run
from tasks.storage import PartWriter, StagedPartition
from tasks.stretches import sorted_by_group
from tasks.units import UnitIndex

_WHOLE_ROW_GROUPS = 4
"""Row groups that all buckets together hold; more buckets write smaller ones: memory must not grow with them."""


class BucketWriters:
    """Scatters rows over the parts of a table's buckets, in the order they come; buckets encode side by side."""

    def __init__(self, staged: StagedPartition, table: Table, units: UnitIndex, buckets: int) -> None:
        """One writer per bucket; rows need `unit_position`."""
        share = max(1, buckets // _WHOLE_ROW_GROUPS)
        self._writers: list[PartWriter] = [staged.writer(bucket, share) for bucket in range(buckets)]
        self._bucket = units.bucket(buckets).astype(np.uint16)
        self._columns = set(table.fields)
        self._run = local_run()

    def write(self, rows: pa.Table) -> None:
        """Each row goes to the bucket of its unit."""
        bucket = self._bucket.take(numbers(rows["unit_position"]))
        rows = rows.select([name for name in rows.column_names if name in self._columns])
        if len(self._writers) == 1:
            self._writers[0].write(rows)
            return
        starts = np.cumsum([0, *np.bincount(bucket, minlength=len(self._writers))]).tolist()
        together = sorted_by_group(rows, bucket)
        parts = [together.slice(start, stop - start) for start, stop in pairwise(starts)]
        self._each(PartWriter.write, parts)

    def close(self) -> None:
        """Finish all files: a bucket's last row group is most of it, so this is where the work is."""
        self._each(PartWriter.close)

    def _each(self, work: Callable[..., object], *arguments: Iterable[object]) -> None:
        """Do it with every writer, and wait: a writer takes its rows in order."""
        for _ in self._run(lambda given: work(*given), zip(self._writers, *arguments, strict=True), label="write"):
            pass
