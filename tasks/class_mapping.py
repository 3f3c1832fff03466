"""Predicted classes that differ from the annotated ones: a set of pairs, kept in `categories`, and what it makes equal.

Annotated classes are rows of kind "object"; predicted ones have a kind of their own. `counterparts` of an annotated
class lists the predicted classes that agree with it: several, or none. Many annotated classes may share one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Array
from schemas.tables import CATEGORY_RECORDS
from tasks.columns import completed, numbers

PREDICTED_CLASS = "predicted class"
"""`kind` of the rows of `categories` that only predictions speak of."""
COUNTERPART_ROWS = "counterpart_rows"
"""Column beside those of CATEGORY_RECORDS: rows of the predicted classes that agree, list<i32>."""
_PREFIX = "predicted:"
"""Before a predicted class's name in `feature_hash`: an annotated class may have the same name."""


@dataclass(frozen=True, slots=True)
class ClassMapping:
    """Pairs of an annotated class and a predicted one that agree; None: the annotated class has no counterpart."""

    pairs: tuple[tuple[str, str | None], ...]

    @property
    def annotated(self) -> list[str]:
        """Annotated classes, each once, in the order of the pairs."""
        return list(dict.fromkeys(annotated for annotated, _ in self.pairs))

    @property
    def predicted(self) -> list[str]:
        """Predicted classes, each once, in the order of the pairs."""
        return list(dict.fromkeys(predicted for _, predicted in self.pairs if predicted is not None))


class Component(NamedTuple):
    """Classes that hang together through the mapping: as one class, annotated and predicted mean the same."""

    name: str
    """Names of the predicted classes, joined by |."""
    annotated: tuple[int, ...]
    """category_keys."""
    predicted: tuple[int, ...]
    """category_keys, in the official order."""


def mapped_categories(records: pa.Table, mapping: ClassMapping) -> pa.Table:
    """CATEGORY_RECORDS with the classes of the mapping behind those of the files: annotated ones not there, predicted;
    and the column COUNTERPART_ROWS: of annotated classes the rows of those that agree with them.

    InputError where the files have an object class that the mapping lacks.
    """
    kinds, names = records["kind"].to_pylist(), records["name"].to_pylist()
    held = {name: None for name, kind in zip(names, kinds, strict=True) if kind == "object"}
    mapped = set(mapping.annotated)
    missing = [name for name in held if name not in mapped]
    if missing:
        shown = ", ".join(map(repr, missing[:10]))
        hint = 'every class needs an entry: {"annotated": NAME} where it has no counterpart'
        raise InputError(f"the class mapping lacks {shown}", where="--class-mapping", hint=hint)
    fresh = [name for name in mapping.annotated if name not in held]
    columns = {
        "feature_hash": [*fresh, *(_PREFIX + name for name in mapping.predicted)],
        "name": [*fresh, *mapping.predicted],
        "kind": [*["object"] * len(fresh), *[PREDICTED_CLASS] * len(mapping.predicted)],
    }
    added = completed(columns, CATEGORY_RECORDS.schema, len(columns["name"]))
    return _with_counterparts(pa.concat_tables([records.cast(CATEGORY_RECORDS.schema), added]), mapping)


def _with_counterparts(records: pa.Table, mapping: ClassMapping) -> pa.Table:
    kinds, names = records["kind"].to_pylist(), records["name"].to_pylist()
    row_of = {name: row for row, (name, kind) in enumerate(zip(names, kinds, strict=True)) if kind == PREDICTED_CLASS}
    rows: dict[str, list[int]] = {name: [] for name in mapping.annotated}
    for annotated, predicted in mapping.pairs:
        if predicted is not None:
            rows[annotated].append(row_of[predicted])
    lists = [rows[name] if kind == "object" else None for name, kind in zip(names, kinds, strict=True)]
    return records.append_column(COUNTERPART_ROWS, pa.array(lists, pa.list_(pa.int32())))


def _live(categories: pa.Table) -> list[tuple[int, str, str]]:
    """(key, name, kind) of the object and predicted classes that are not retired, in the official order."""
    live = categories.filter(pa.array(~numbers(categories["retired"], missing=False))).sort_by("source_order")
    rows = zip(*(live[name].to_pylist() for name in ("category_key", "name", "kind")), strict=True)
    return [(key, name, kind or "object") for key, name, kind in rows if kind in {"object", PREDICTED_CLASS, None}]


def _counterparts(categories: pa.Table) -> dict[int, list[int]]:
    """Predicted keys by annotated key, of the live classes under a mapping; empty where the project has none."""
    if "counterparts" not in categories.column_names:
        return {}
    lists = dict(zip(categories["category_key"].to_pylist(), categories["counterparts"].to_pylist(), strict=True))
    return {key: lists[key] for key, _, kind in _live(categories) if kind == "object" and lists[key] is not None}


def is_mapped(categories: pa.Table) -> bool:
    """Whether the project's predictions have classes of their own."""
    return bool(_counterparts(categories))


def class_pairs(categories: pa.Table) -> set[tuple[str, str | None]]:
    """The mapping that `categories` holds, in names; empty where the project has none."""
    names = {key: name for key, name, _ in _live(categories)}
    pairs: set[tuple[str, str | None]] = set()
    for annotated, several in _counterparts(categories).items():
        pairs |= {(names[annotated], names[predicted]) for predicted in several} or {(names[annotated], None)}
    return pairs


def check_same_mapping(categories: pa.Table, mapping: ClassMapping) -> None:
    """InputError unless `mapping` is the one that the project was given with its ground truth."""
    held = class_pairs(categories)
    if held == set(mapping.pairs):
        return
    found = "another class mapping" if held else "no class mapping"
    hint = "boxscore import ground-truth FILES --project NAME --class-mapping M puts this one in its place"
    raise InputError(f"the project has {found}; it comes with the ground truth", where="--class-mapping", hint=hint)


def predicted_classes(categories: pa.Table) -> dict[str, int]:
    """category_key by name of the classes that predictions may have: of their own, or else the annotated ones."""
    wanted = PREDICTED_CLASS if is_mapped(categories) else "object"
    return {name: key for key, name, kind in _live(categories) if kind == wanted}


def mapped_pairs(categories: pa.Table) -> Array:
    """int32[P, 2]: annotated and predicted keys that agree; without a mapping every class with itself."""
    if is_mapped(categories):
        pairs = [(key, other) for key, several in _counterparts(categories).items() for other in several]
    else:
        pairs = [(key, key) for key, _, _ in _live(categories)]
    return np.array(pairs, np.int32).reshape(-1, 2)


def without_counterpart(categories: pa.Table) -> list[int]:
    """Keys of annotated classes that no predicted class agrees with; none without a mapping."""
    return [key for key, several in _counterparts(categories).items() if not several]


def components(categories: pa.Table) -> list[Component]:
    """The connected parts of the mapping, in the order of their first predicted class; without one a part a class."""
    names = {key: name for key, name, _ in _live(categories)}
    parts: dict[int, tuple[list[int], list[int]]] = {}
    root = _roots(mapped_pairs(categories), list(names))
    for annotated, predicted in mapped_pairs(categories).tolist():
        ours, theirs = parts.setdefault(root[predicted], ([], []))
        ours.append(annotated)
        theirs.append(predicted)
    place = {key: k for k, key in enumerate(names)}
    found = [(_in_order(ours, place), _in_order(theirs, place)) for ours, theirs in parts.values()]
    found.sort(key=lambda part: place[part[1][0]])
    return [Component("|".join(names[key] for key in theirs), ours, theirs) for ours, theirs in found]


def _in_order(keys: Sequence[int], place: dict[int, int]) -> tuple[int, ...]:
    return tuple(sorted(set(keys), key=place.__getitem__))


def _roots(pairs: Array, keys: list[int]) -> dict[int, int]:
    """One key for all that hang together."""
    root = {key: key for key in keys}

    def find(key: int) -> int:
        while root[key] != key:
            key = root[key]
        return key

    for annotated, predicted in pairs.tolist():
        root[find(annotated)] = find(predicted)
    return {key: find(key) for key in keys}


def measured_classes(categories: pa.Table) -> pa.Table:
    """The classes that protocols measure, in the official order: the live object classes, or under a mapping a row per
    component, which stands under the key of its first predicted class and the names of all.
    """
    return _measured(_Same(categories))


class _Same(NamedTuple):
    """A table that is equal to itself alone: what is made of it once need not be made again."""

    table: pa.Table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.table is other.table


@lru_cache(maxsize=4)
def _measured(same: _Same) -> pa.Table:
    """The metrics of an evaluation ask hundreds of times."""
    categories = same.table
    if not is_mapped(categories):
        return _rows(categories, [key for key, _, kind in _live(categories) if kind == "object"])
    parts = components(categories)
    rows = _rows(categories, [part.predicted[0] for part in parts])
    at = rows.column_names.index("name")
    return rows.set_column(at, "name", pa.array([part.name for part in parts], pa.string()))


def _rows(categories: pa.Table, keys: Sequence[int]) -> pa.Table:
    """The rows of some keys, in their order."""
    row_of = {key: row for row, key in enumerate(categories["category_key"].to_pylist())}
    return categories.take(pa.array([row_of[key] for key in keys], pa.int64()))


def class_positions(categories: pa.Table) -> Array:
    """int32[highest category_key + 1]: row of `measured_classes` by key, -1 for what is not measured.

    Under a mapping annotated and predicted classes lead to their component, and those without counterpart nowhere.
    """
    positions = np.full(int(numbers(categories["category_key"]).max(initial=0)) + 1, -1, np.int32)
    if not is_mapped(categories):
        keys = measured_classes(categories)["category_key"].to_pylist()
        positions[keys] = np.arange(len(keys))
        return positions
    for row, part in enumerate(components(categories)):
        positions[[*part.annotated, *part.predicted]] = row
    return positions
