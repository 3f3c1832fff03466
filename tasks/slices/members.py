"""Which data units, or annotations, a slice holds: built once, written beside the plan, looked up in every bucket."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from schemas.judging import Array
from tasks.columns import numbers
from tasks.storage import read_scratch, write_scratch

UNITS, ANNOTATIONS = "units", "annotations"
_NAMES = b"slices"
_DENSE = 1 << 26
"""Keys below this are looked up in a table of as many bytes; annotation keys are larger, and searched."""


class Slice(NamedTuple):
    """A part of the data. Of units both sides are taken; of annotations the others do not count, as if ignored."""

    name: str
    side: str
    """UNITS or ANNOTATIONS."""
    members: Array
    """int64, ascending: unit_keys or annotation_keys."""

    def holds(self, keys: Array) -> Array:
        """bool[n]: whether each of the keys int64[n] is a member. Nothing is in an empty slice."""
        if len(self.members) == 0 or len(keys) == 0:
            return np.zeros(len(keys), bool)
        highest = int(self.members[-1])
        if highest < _DENSE:
            table = np.zeros(highest + 2, bool)
            table[self.members] = True
            return table[np.minimum(keys, highest + 1)]
        place = np.minimum(np.searchsorted(self.members, keys), len(self.members) - 1)
        return self.members[place] == keys


def write_slices(path: Path, slices: Sequence[Slice]) -> None:
    """Write them where `read_slices` finds them."""
    place = np.repeat(np.arange(len(slices), dtype=np.int32), [len(part.members) for part in slices])
    key = np.concatenate([np.empty(0, np.int64), *(part.members for part in slices)])
    names = orjson.dumps([[part.name, part.side] for part in slices])
    write_scratch(path, pa.table({"place": place, "key": key}).replace_schema_metadata({_NAMES: names}))


def read_slices(path: str) -> tuple[Slice, ...]:
    """The slices of a plan; none where it has no file of them."""
    if not path:
        return ()
    table = read_scratch(Path(path))
    place, key = numbers(table["place"]), numbers(table["key"])
    named = orjson.loads(table.schema.metadata[_NAMES])
    bounds = np.searchsorted(place, np.arange(len(named) + 1))
    return tuple(
        Slice(name, side, key[start:stop])
        for (name, side), start, stop in zip(named, bounds[:-1], bounds[1:], strict=True)
    )
