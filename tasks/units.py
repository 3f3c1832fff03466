"""The project's data units and categories as look-up tables: from the words of a file to keys, sizes and buckets."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array
from tasks.columns import bytes_parts, numbers, one_chunk
from tasks.kernels.digests import digest_bytes

AMBIGUOUS = -2
"""A name that several units share."""


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """Data units by position, a row each."""

    unit_key: Array
    width_px: Array
    height_px: Array
    source_order: Array
    retired: Array
    sequence: Array
    """uint64[U]: digest of the video, group or image the unit belongs to."""

    def bucket(self, buckets: int) -> Array:
        """int64[U]: the share each unit falls into; `buckets` is a power of two, so shares of shares nest."""
        return (self.sequence & np.uint64(buckets - 1)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class CategoryIndex:
    """Categories by position, in the official order."""

    positions: dict[str, int]
    category_key: Array
    retired: Array
    points: Array
    """int64[C]: points of the category's skeleton; 0 where none are named."""


def _file_name(title: str) -> str:
    return title.rpartition("/")[2]


def _stem(title: str) -> str:
    name = _file_name(title)
    return name.rpartition(".")[0] or name


class UnitNames(dict[str, int]):
    """Row of a `data_units` table by what a file calls a unit; AMBIGUOUS where several are called so.

    Ids come first, then titles, file names and stems, each only where it names one unit and is no other's id: those
    are gathered when the first word comes up that is no id. Retired units cannot be found.
    """

    def __init__(self, units: pa.Table) -> None:
        """Gather the ids."""
        live = np.flatnonzero(~numbers(units["retired"], missing=False))
        named = units.select(["source_id", "title"]).take(pa.array(live))
        self._rows = live.tolist()
        super().__init__(zip(named["source_id"].to_pylist(), self._rows, strict=True))
        self._titles = named["title"]
        self._gathering = Lock()

    def __missing__(self, word: str) -> int:
        """Look once more among titles and file names; -1 where nothing is called so."""
        if self._titles is not None:
            self._gather()
        return super().get(word, -1)

    def _gather(self) -> None:
        with self._gathering:
            if self._titles is None:
                return
            titles = self._titles.to_pylist()
            for spell in (str, _file_name, _stem):
                words = [spell(title) if title else None for title in titles]
                counts = Counter(words)
                for row, word in zip(self._rows, words, strict=True):
                    if word is not None and word not in self:
                        self[word] = row if counts[word] == 1 else AMBIGUOUS
            self._titles = None


def unit_index(units: pa.Table) -> UnitIndex:
    """Index of a `data_units` table."""
    sequences = one_chunk(units["sequence_hash"]).cast(pa.binary())
    digests = digest_bytes(*(np.array(part) for part in bytes_parts(sequences)))
    return UnitIndex(
        numbers(units["unit_key"]),
        numbers(units["width"]).astype(float),
        numbers(units["height"]).astype(float),
        numbers(units["source_order"]),
        numbers(units["retired"], missing=False),
        mix([digests], len(units)),
    )


def live_categories(categories: pa.Table) -> pa.Table:
    """The categories that are measured, in the official order, by which means are taken."""
    live = categories.filter(pa.array(~numbers(categories["retired"], missing=False)))
    return live.sort_by("source_order")


def category_index(categories: pa.Table) -> CategoryIndex:
    """Index of a `categories` table by feature hash."""
    categories = categories.sort_by("source_order")
    retired = numbers(categories["retired"], missing=False)
    hashes = categories["feature_hash"].to_pylist()
    live = {name: row for row, name in enumerate(hashes) if not retired[row]}
    points = numbers(pc.list_value_length(one_chunk(categories["keypoint_names"])), missing=0).astype(np.int64)
    return CategoryIndex(live, numbers(categories["category_key"]).astype(np.int64), retired, points)


def keypoint_counts(categories: pa.Table) -> dict[str, int]:
    """Points by class name, of the live classes of a `categories` table that name their points."""
    live = live_categories(categories)
    named = zip(live["name"].to_pylist(), live["keypoint_names"].to_pylist(), strict=True)
    return {name: len(points) for name, points in named if points}


def _keep_keys(old: pa.Table | None, new: pa.Table, identity: tuple[str, ...], key: str) -> pa.Table:
    """`new` with keys: the old one's where the identity is known, the next free ones elsewhere; the rest retired."""
    ids = list(zip(*(new[name].to_pylist() for name in identity), strict=True))
    kept: dict[tuple[object, ...], int] = {}
    if old is not None:
        before = zip(*(old[name].to_pylist() for name in identity), strict=True)
        kept = dict(zip(before, old[key].to_pylist(), strict=True))
    free = iter(range(max(kept.values(), default=0) + 1, len(kept) + len(ids) + 2))
    keys = [kept[name] if name in kept else next(free) for name in ids]
    table = new.append_column(key, pa.array(keys)).append_column("retired", pa.array(np.zeros(len(keys), bool)))
    if old is None or set(kept) <= set(ids):
        return table
    gone = np.array([name not in set(ids) for name in kept])
    rest = old.filter(pa.array(gone))
    rest = rest.set_column(rest.schema.get_field_index("retired"), "retired", pa.array(np.ones(len(rest), bool)))
    return pa.concat_tables([table, rest.select(table.schema.names)], promote_options="permissive")


def keyed_units(old: pa.Table | None, records: pa.Table) -> pa.Table:
    """`data_units` of UNIT_RECORDS (in official order): keys never change meaning and are only appended."""
    return _keep_keys(old, records, ("data_hash", "frame"), "unit_key")


def keyed_categories(old: pa.Table | None, records: pa.Table) -> pa.Table:
    """`categories` of CATEGORY_RECORDS (in official order), keyed likewise."""
    order = pa.array(np.arange(len(records), dtype=np.int64))
    identity = ("feature_hash", "attribute_hash", "option_hash")
    return _keep_keys(old, records.append_column("source_order", order), identity, "category_key")


def mix(values: Iterable[Array], rows: int) -> Array:
    """uint64[n]: columns of 64-bit words folded into one well-mixed word (splitmix64); order of columns counts."""
    state = np.full(rows, 0x9E3779B97F4A7C15, np.uint64)
    for column in values:
        state ^= np.ascontiguousarray(column).view(np.uint64)
        state += np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return state
