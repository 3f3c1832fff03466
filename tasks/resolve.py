"""Resolve: the words of the source become the project's keys; what names nothing known is rejected whole."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array
from schemas.rejects import Reason, Stage
from tasks.columns import dictionary, lookup, numbers, one_chunk
from tasks.normalize import Step
from tasks.rejects import rejects_table
from tasks.shape_rules import fit_shapes
from tasks.units import AMBIGUOUS, FRAME_MISSING, FRAME_UNKNOWN, UNKNOWN, CategoryIndex, UnitIndex, mix

SET_SHIFT = 40
"""A prediction key is the set's number and, below it, the row among the set's files: 2^40 rows a set."""


def _as_json(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")  # run lengths are ASCII
    raise TypeError(type(value).__name__)


def _whole(rows: pa.Table) -> list[str]:
    """Each row as JSON, uncapped: resolving it again must need no file."""
    return [orjson.dumps(row, default=_as_json).decode() for row in rows.drop_columns("unit_position").to_pylist()]


_UNFOUND = {
    AMBIGUOUS: (Reason.AMBIGUOUS_UNIT, "{!r} names several data units; use their ids"),
    UNKNOWN: (Reason.UNKNOWN_UNIT, "no data unit of the project is called {!r}"),
    FRAME_MISSING: (Reason.MISSING_FRAME, "{!r} is a video, and the record names no frame"),
    FRAME_UNKNOWN: (Reason.UNKNOWN_FRAME, "{!r} has no such frame"),
}


def unit_faults(position: Array, words: list[str | None]) -> list[tuple[str, str]]:
    """(code, text) of positions below 0, and the words that were looked up."""
    found = [(*_UNFOUND[code], word) for code, word in zip(position.tolist(), words, strict=True)]
    return [(str(code), text.format(word)) for code, text, word in found]


def _why(unit: Array, units: list[str | None], category: Array, categories: list[str | None]) -> list[tuple[str, str]]:
    reasons: list[tuple[str, str]] = []
    for k in range(len(unit)):
        if unit[k] < 0:
            reasons += unit_faults(unit[k : k + 1], units[k : k + 1])
        elif category[k] == AMBIGUOUS:
            text = f"several categories of the project are called {categories[k]!r}; use their hashes"
            reasons.append((str(Reason.UNKNOWN_CATEGORY), text))
        else:
            text = f"no category of the project is called {categories[k]!r}"
            reasons.append((str(Reason.UNKNOWN_CATEGORY), text))
    return reasons


_Checked = tuple[pa.Table, Array, list[tuple[str, str]]]
"""(rows, bool[n] which of them are refused, why)."""


def _other_skeleton(rows: pa.Table, category: Array, categories: CategoryIndex) -> _Checked:
    """Refuse another number of points than that of the class' skeleton; classes may name no points."""
    points = categories.points
    if not points.any() or "keypoints" not in rows.column_names:
        return rows, np.zeros(len(rows), bool), []
    found, allowed = numbers(pc.list_value_length(one_chunk(rows["keypoints"])), missing=0), points[category]
    bad = (found > 0) & (allowed > 0) & (found != allowed)
    pairs = zip(found[bad].tolist(), allowed[bad].tolist(), strict=True)
    return rows, bad, [(str(Reason.INVALID_KEYPOINTS), f"{n} keypoints; the category has {of}") for n, of in pairs]


def _other_shape(rows: pa.Table, category: Array, categories: CategoryIndex) -> _Checked:
    """Bring shapes to their class', or refuse them; classes may name no shape."""
    if "shape" not in rows.column_names or not any(categories.shapes):
        return rows, np.zeros(len(rows), bool), []
    asked = pa.array(categories.shapes, pa.string()).take(pa.array(category))
    fitted, bad = fit_shapes(rows, asked)
    pairs = zip(rows["shape"].filter(pa.array(bad)).to_pylist(), asked.filter(pa.array(bad)).to_pylist(), strict=True)
    return fitted, bad, [(str(Reason.SHAPE_MISMATCH), f"a {found} for a class of shape {of}") for found, of in pairs]


def reject_rows(table: pa.Table, bad: Array, reasons: list[tuple[str, str]]) -> Step:
    """Split `table`: rows of `bad` (bool[n]) leave with their reasons and their whole content."""
    if not bad.any():
        return Step(table, rejects_table(Stage.RESOLVE, [], [], [], [], []))
    out = table.filter(pa.array(bad))
    rejects = rejects_table(
        Stage.RESOLVE,
        out["source_file"].to_pylist(),
        out["source_row"].to_pylist(),
        [code for code, _ in reasons],
        [text for _, text in reasons],
        _whole(out),
    )
    return Step(table.filter(pa.array(~bad)), rejects)


def looked_up(words: pa.ChunkedArray, categories: CategoryIndex, by_name: bool) -> Array:
    """int64[n]: position of each class, or a code below 0; by name an exact one wins over one in lower case."""
    if not by_name:
        return lookup(words, categories.positions)
    called = categories.called()
    exact = lookup(words, called, UNKNOWN)
    return np.where(exact == UNKNOWN, lookup(pc.utf8_lower(words.cast(pa.string())), called, UNKNOWN), exact)


def resolve_rows(rows: pa.Table, units: UnitIndex, categories: CategoryIndex, by_name: bool = False) -> Step:
    """Rows of NORMALIZED with `unit_key` and `category_key`; unknown units and classes are rejected.

    So are skeletons with another number of points than their class names, and shapes that contradict the ontology and
    fall under no rule of `tasks.shape_rules`. Empty in, empty out.
    """
    unit = numbers(rows["unit_position"])
    category = looked_up(rows["source_category"], categories, by_name)
    bad = (unit < 0) | (category < 0)
    reasons: list[tuple[str, str]] = []
    if bad.any():
        words = rows.filter(pa.array(bad))
        named = (words[name].to_pylist() for name in ("source_unit", "source_category"))
        reasons = _why(unit[bad], next(named), category[bad], next(named))
    good, rejects = reject_rows(rows, bad, reasons)
    unit, category, refused = unit[~bad], category[~bad], [rejects]
    for check in (_other_skeleton, _other_shape):
        good, other, why = check(good, category, categories)
        good, more = reject_rows(good, other, why)
        unit, category = unit[~other], category[~other]
        refused.append(more)
    keys = {
        "unit_key": pa.array(units.unit_key[unit]),
        "category_key": pa.array(categories.category_key[category].astype(np.int32)),
    }
    for name, column in keys.items():
        good = good.append_column(name, column)
    return Step(good, pa.concat_tables(refused))


@dataclass(slots=True)
class PredictionKeys:
    """Keys of a set's predictions: ascending in file order, unique in the project."""

    set_number: int
    rows_before: int = 0
    """Rows of the files before the current one."""
    file: str | None = None
    last_row: int = -1
    """Last row of the current file that was taken."""

    def __call__(self, rows: pa.Table) -> Step:
        """Append `prediction_key`; never rejects."""
        nothing = rejects_table(Stage.RESOLVE, [], [], [], [], [])
        source_row, files = numbers(rows["source_row"]), dictionary(rows["source_file"])
        before = np.zeros(len(rows), np.int64)
        for start, stop in _stretches(numbers(files.indices)):
            name = files[start].as_py()
            if name != self.file:
                self.rows_before, self.file = self.rows_before + self.last_row + 1, name
            before[start:stop] = self.rows_before
            self.last_row = int(source_row[stop - 1])
        keys = source_row + before + (self.set_number << SET_SHIFT)
        return Step(rows.append_column("prediction_key", pa.array(keys)), nothing)


def _stretches(codes: Array) -> Iterator[tuple[int, int]]:
    """(start, stop) of every stretch of equal codes."""
    cuts = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    return pairwise(cuts) if len(codes) else iter(())


@dataclass(slots=True)
class SeenKeys:
    """Keys met so far: sorted stretches, each longer than all that follow, so that few are looked through."""

    stretches: list[Array] = field(default_factory=list)

    def repeated(self, keys: Array) -> Array:
        """bool[n]: keys (int64[n]) that came before, earlier or among these; all of them have been met afterwards."""
        order = np.argsort(keys, kind="stable")
        ascending = keys[order]
        again = np.append(False, ascending[1:] == ascending[:-1])[: len(keys)]
        for known in self.stretches:
            place = np.searchsorted(known, ascending)
            again |= known[np.minimum(place, len(known) - 1)] == ascending
        self._take(ascending[~again])
        bad = np.empty(len(keys), bool)
        bad[order] = again
        return bad

    def _take(self, fresh: Array) -> None:
        while self.stretches and len(self.stretches[-1]) <= len(fresh):
            fresh = np.sort(np.concatenate([self.stretches.pop(), fresh]), kind="stable")  # merges what is in order
        if len(fresh):
            self.stretches.append(fresh)


@dataclass(slots=True)
class AnnotationKeys:
    """Keys of annotations: from the unit and the source's id, or the ordinal within the unit; never from the file.

    Blocks must come in file order. A second annotation of one id on one unit is rejected.
    """

    seen: SeenKeys = field(default_factory=SeenKeys)
    without_id: dict[int, int] = field(default_factory=dict)

    def _ids(self, rows: pa.Table, unit_key: Array) -> Array:
        """int64[n]: the id where it is a number, else a digest of its text or of the ordinal, so that none coincide."""
        if "source_id" not in rows.column_names:
            return np.array([self._ordinal(key) for key in unit_key.tolist()], np.int64)
        column = one_chunk(rows["source_id"])
        try:
            return (
                numbers(column.cast(pa.int64()), missing=-1) if not column.null_count else self._mixed(column, unit_key)
            )
        except pa.ArrowInvalid:
            return self._mixed(column, unit_key)

    def _mixed(self, column: pa.Array, unit_key: Array) -> Array:
        texts = column.to_pylist()
        keys = unit_key.tolist()
        return np.array(
            [_digest(text) if text is not None else self._ordinal(keys[k]) for k, text in enumerate(texts)], np.int64
        )

    def _ordinal(self, unit_key: int) -> int:
        ordinal = self.without_id.get(unit_key, 0)
        self.without_id[unit_key] = ordinal + 1
        return _digest(f"ordinal {ordinal}")

    def __call__(self, rows: pa.Table) -> Step:
        """Append `annotation_key`."""
        unit_key = numbers(rows["unit_key"])
        keys = (mix((unit_key, self._ids(rows, unit_key)), len(rows)) >> np.uint64(1)).astype(np.int64)
        bad = self.seen.repeated(keys)
        rows = rows.append_column("annotation_key", pa.array(keys))
        ids = rows.filter(pa.array(bad))["source_id"].to_pylist() if bad.any() else []
        reasons = [(str(Reason.DUPLICATE_ID), f"the unit already has an annotation of id {name!r}") for name in ids]
        return reject_rows(rows, bad, reasons)


def _digest(text: str) -> int:
    """A number for an id: itself where it is one, so that 7 and "7" are one id in every block."""
    try:
        number = int(text)
        if -(2**63) <= number < 2**63:
            return number
    except ValueError:
        pass
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
