"""A column cut into named parts: by value, between edges, or into parts of like size."""

import json
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from schemas.judging import Array
from tasks.columns import dictionary, numbers, one_chunk
from tasks.slices.asked import OPTION, Asked

MOST_VALUES = 100
"""Slices of one column."""


class Part(NamedTuple):
    """A slice of some rows."""

    name: str
    rows: Array
    """int64, ascending."""


def cut(column: pa.Array, asked: Asked, of: str) -> list[Part]:
    """The parts of a column of n rows, in the order of their values; rows may be in several, of a column of lists.

    `of` says what the rows are, in errors. InputError for nulls that nobody asked for, types that have no values to
    slice by, and more than MOST_VALUES values. No rows: no parts by value or quantile.
    """
    check_type(column.type, asked)
    column = _plain(column)
    given = numbers(column.is_valid())
    if pa.types.is_floating(column.type):
        given = given & ~np.isnan(numbers(column))
    rows = np.flatnonzero(given)
    missing = len(column) - len(rows)
    if missing and not asked.nulls:
        hint = f"write {asked.column}? to take them as a slice of their own, or slice by a column without nulls"
        message = f"{asked.column!r} is null on {missing:,} of {len(column):,} {of}"
        raise InputError(message, where=OPTION, hint=hint)
    parts = _parts(column.take(pa.array(rows)), asked)
    found = [Part(f"{asked.column}{name}", rows[places]) for name, places in parts]
    return [*found, Part(f"{asked.column}=null", np.flatnonzero(~given))] if missing else found


def check_type(kind: pa.DataType, asked: Asked) -> None:
    """InputError where a column of this type has no values to slice by, or none to cut."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    cuts = bool(asked.edges or asked.quantiles)
    if _is_list(value):
        good = not cuts and _has_values(value.value_type)
    else:
        good = pa.types.is_null(value) or (_is_number(value) if cuts else _has_values(value))
    if not good:
        wanted = "numbers" if cuts else "texts, numbers, true or false, or lists of these"
        raise InputError(f"{asked.column!r} holds {str(kind)[:100]}; it must hold {wanted}", where=OPTION)


def _plain(column: pa.Array) -> pa.Array:
    """Without a dictionary; of nothing but nulls, as text."""
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    return column.cast(pa.string()) if pa.types.is_null(column.type) else column


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or (pa.types.is_floating(kind) and kind.bit_width >= 32)


def _has_values(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return _is_number(kind) or pa.types.is_boolean(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _parts(column: pa.Array, asked: Asked) -> list[tuple[str, Array]]:
    """(what follows the column's name, rows) of a column without nulls."""
    if asked.edges:
        return _between(numbers(column).astype(float), asked.edges)
    if asked.quantiles:
        return _quantiles(numbers(column).astype(float), asked.quantiles)
    rows = np.arange(len(column))
    if _is_list(column.type):
        rows, column = numbers(pc.list_parent_indices(column)).astype(np.int64), column.flatten()
        if column.null_count:
            message = f"a list of {asked.column!r} holds {column.null_count:,} nulls"
            raise InputError(message, where=OPTION, hint="leave them out of the lists")
    return _by_value(column, rows, asked)


def _by_value(column: pa.Array, rows: Array, asked: Asked) -> list[tuple[str, Array]]:
    encoded = dictionary(column)
    values = one_chunk(encoded.dictionary).to_pylist()
    if len(values) > MOST_VALUES:
        hint = f"{asked.column}:q4 makes 4 parts of like size, {asked.column}:0,10,100 cuts at these numbers"
        if not _is_number(column.type):
            hint = "group its values in a column of your own with --tags"
        message = f"{asked.column!r} has {len(values):,} values; a column gives {MOST_VALUES} slices at most"
        raise InputError(message, where=OPTION, hint=hint)
    codes = numbers(encoded.indices)
    in_order = sorted(range(len(values)), key=lambda k: values[k])
    return [(f"={_word(values[k])}", np.unique(rows[codes == k])) for k in in_order]


def _between(values: Array, edges: tuple[float, ...]) -> list[tuple[str, Array]]:
    """Parts [edge, next); below the first and from the last on where something lies there."""
    place, words = np.searchsorted(edges, values, side="right"), [_number(edge) for edge in edges]
    names = [f"<{words[0]}", *(f"=[{a},{b})" for a, b in pairwise(words)), f">={words[-1]}"]
    parts = [(name, np.flatnonzero(place == k)) for k, name in enumerate(names)]
    return [part for k, part in enumerate(parts) if len(part[1]) or 0 < k < len(edges)]


def _quantiles(values: Array, count: int) -> list[tuple[str, Array]]:
    """Parts of like size; equal values are never torn apart, so there may be fewer."""
    if len(values) == 0:
        return []
    in_order = np.sort(values)
    inner = np.unique(in_order[np.arange(1, count) * len(values) // count])
    inner = inner[inner > in_order[0]]
    place = np.searchsorted(inner, values, side="right")
    words = [_number(edge) for edge in (in_order[0], *inner, in_order[-1])]
    ends = [*[")"] * len(inner), "]"]
    names = [f"=[{a},{b}{end}" for (a, b), end in zip(pairwise(words), ends, strict=True)]
    return [(name, np.flatnonzero(place == k)) for k, name in enumerate(names)]


def _number(value: float) -> str:
    """The shortest text that reads back as the number."""
    whole = float(value).is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else repr(float(value))


def _word(value: object) -> str:
    """A value in a slice's name: texts as they are, but quoted where they could be taken for something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    text = str(value)
    odd = not text.isprintable() or text != text.strip() or text in {"", "null"} or " & " in text or '"' in text
    return json.dumps(text, ensure_ascii=False) if odd else text
