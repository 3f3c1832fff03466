"""What several protocols share of a bucket: its tables are read once, and sides that are the same compared once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Pairs, Side
from tasks.storage import read_parts

Compare = Callable[[Side, Side, float, Mapping[str, Any]], Pairs]


class _Compared(NamedTuple):
    compare: Compare
    found: Side
    truth: Side
    floor: float
    options: Mapping[str, Any]
    pairs: Pairs

    def answers(self, compare: Compare, found: Side, truth: Side, floor: float, options: Mapping[str, Any]) -> bool:
        """Whether the pairs are those of this comparison too."""
        asked = (self.compare, self.floor, self.options) == (compare, floor, options)
        return asked and _same(self.found, found, "prediction_key") and _same(self.truth, truth, "annotation_key")


class Together:
    """For one bucket and one pass over it."""

    def __init__(self, columns: Sequence[Mapping[str, Sequence[str]]]) -> None:
        """`columns`: what each protocol reads, by table."""
        self._columns: dict[str, list[str]] = {}
        for reads in columns:
            for table, names in reads.items():
                self._columns[table] = list(dict.fromkeys((*self._columns.get(table, ()), *names)))
        self._tables: dict[tuple[str, tuple[str, ...]], pa.Table] = {}
        self._compared: list[_Compared] = []

    def rows(self, table: str, paths: tuple[str, ...], columns: Sequence[str] | None) -> pa.Table:
        """Rows of part files of a table, of which the first to ask reads what any will."""
        every = self._columns.get(table, [])
        if columns is None or not set(every).issuperset(columns):
            return read_parts(paths, columns)
        key = (table, paths)
        if key not in self._tables:
            self._tables[key] = read_parts(paths, every)
        return self._tables[key].select(list(columns))

    def pairs(self, compare: Compare, found: Side, truth: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
        """What `compare` finds of both sides, or found of the same ones."""
        for before in self._compared:
            if before.answers(compare, found, truth, floor, options):
                return before.pairs
        self._compared.append(_Compared(compare, found, truth, floor, options, compare(found, truth, floor, options)))
        return self._compared[-1].pairs


def _same(one: Side, other: Side, key: str) -> bool:
    """Whether two sides of a bucket hold the same rows in the same order; a row's key says all of its geometry."""
    if not one.table[key].equals(other.table[key]):
        return False
    arrays = zip((one.indptr, one.crowd, one.width_px, one.height_px),
                 (other.indptr, other.crowd, other.width_px, other.height_px), strict=True)  # fmt: skip
    return all(np.array_equal(mine, theirs) for mine, theirs in arrays)
