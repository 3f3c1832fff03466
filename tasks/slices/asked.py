"""What one asks to slice by: a column, perhaps how its numbers are cut, and whether nulls are a slice of their own."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from schemas.errors import InputError
from schemas.parameters import ProtocolSettings

OPTION = "--slice-by"
MOST_EDGES = 100
_GRAMMAR = (
    "COLUMN, COLUMN:EDGE,EDGE,... or COLUMN:qN (N parts of like size); COLUMN? takes nulls as a slice of their own"
)
_TEXT = re.compile(r"(?P<column>[^:?=]+)(?P<nulls>\??)(?::(?P<cut>.*))?", re.DOTALL)
_QUANTILES = re.compile(r"q(\d{1,3})")


class Asked(NamedTuple):
    """One column to slice by."""

    column: str
    """As it was written, with the table before a dot where that was said."""
    nulls: bool = False
    """Rows without a value are a slice of their own, instead of an error."""
    edges: tuple[float, ...] = ()
    """Ascending: numbers are cut into [edge, next edge)."""
    quantiles: int = 0
    """Numbers are cut into so many parts of like size; 0: not."""


def asked_of(text: str) -> Asked:
    """The column that `text` asks for; InputError with the grammar where it is none."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise _refused(text, "names no column")
    column, nulls, cut = match["column"].strip(), bool(match["nulls"]), match["cut"]
    if cut is None:
        return Asked(column, nulls)
    quantiles = _QUANTILES.fullmatch(cut.strip())
    if quantiles is None:
        return Asked(column, nulls, edges=_edges(text, cut))
    if not 2 <= int(quantiles[1]) <= MOST_EDGES:
        raise _refused(text, f"asks for {quantiles[1]} parts, where 2 to {MOST_EDGES} can be had")
    return Asked(column, nulls, quantiles=int(quantiles[1]))


def all_asked(texts: Sequence[str]) -> list[Asked]:
    """The columns, each once."""
    return list(dict.fromkeys(map(asked_of, texts)))


def asked_in(settings: ProtocolSettings) -> list[Asked]:
    """The columns that the settings ask for, each once.

    InputError where one is none, or where tags are there and nothing is asked for.
    """
    if settings.tags is not None and not settings.slice_by:
        raise InputError("tags are there to slice by", where="--tags", hint=f"name their columns with {OPTION}")
    return all_asked(settings.slice_by)


def _edges(text: str, cut: str) -> tuple[float, ...]:
    words = cut.split(",")
    try:
        edges = [float(word) for word in words]
    except ValueError as error:
        raise _refused(text, f"has {cut[:100]!r} where edges belong") from error
    if len(edges) > MOST_EDGES or not all(map(math.isfinite, edges)):
        raise _refused(text, f"needs 1 to {MOST_EDGES} finite edges")
    if edges != sorted(set(edges)):
        raise _refused(text, "has edges that do not ascend")
    return tuple(edges)


def _refused(text: str, why: str) -> InputError:
    return InputError(f"{text[:200]!r} {why}", where=OPTION, hint=_GRAMMAR)
