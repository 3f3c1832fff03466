"""What one object shows in one frame, piece by piece: a box, a polygon of several rings, a curve, a point, a bitmap."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from schemas.rejects import Reason
from tasks.openlabel.classes import BOX, PLANAR, POINT, POLYGON, PROPERTIES
from tasks.openlabel.entries import Columns, box, confidence_of, point, stream_of
from tasks.openlabel.polygons import is_open, polygons, polyline
from tasks.refusals import Refused, found

_NO_COLUMNS: Columns = {}


class Piece(NamedTuple):
    """A geometry of an object on one stream."""

    kind: str
    stream: str | None
    confidence: float
    columns: Columns
    """Empty for bitmaps, which are read once their unit is known."""
    record: Any
    """What the file says, for the table of rejects."""


class Unfit(NamedTuple):
    """A piece that cannot be taken, and what the file says of it."""

    why: Refused
    record: Any


def pieces(data: Any) -> Iterator[Piece | Unfit]:
    """The pieces of an object's `object_data`; a box and a polygon of one stream, each alone there, are one."""
    if not isinstance(data, dict):
        yield Unfit(Refused(Reason.NOT_AN_OBJECT, f"object_data is {found(data)}, allowed is an object"), data)
        return
    taken: list[Piece] = []
    for kind, listed in data.items():
        if kind in PROPERTIES:
            continue
        for piece in _of_kind(kind, listed):
            if isinstance(piece, Unfit):
                yield piece
            else:
                taken.append(piece)
    yield from _joined(taken)


def _of_kind(kind: str, listed: Any) -> Iterator[Piece | Unfit]:
    if not isinstance(listed, list):
        yield Unfit(Refused(Reason.WRONG_TYPE, f"{kind!r} is {found(listed)}, allowed is a list"), {kind: listed})
    elif kind == POLYGON:
        yield from _polygons(listed)
    else:
        for entry in listed:
            yield _piece(kind, [entry], lambda entries: _READERS[kind](entries[0]) if kind in _READERS else _NO_COLUMNS)


_READERS: dict[str, Callable[[dict[str, Any]], Columns]] = {BOX: box, POINT: point}


def _piece(kind: str, entries: list[Any], read: Callable[[list[dict[str, Any]]], Columns]) -> Piece | Unfit:
    """The piece that some entries make; the first says stream and confidence."""
    record = {kind: entries}
    try:
        if kind not in PLANAR:
            raise Refused(Reason.UNSUPPORTED, f"{kind!r} is not taken: of geometry only {', '.join(PLANAR)} are")
        for entry in entries:
            _check(kind, entry)
        return Piece(kind, stream_of(entries[0]), confidence_of(entries[0]), read(entries), record)
    except Refused as why:
        return Unfit(why, record)


def _check(kind: str, entry: Any) -> None:
    """Refused where an entry is no object."""
    if not isinstance(entry, dict):
        raise Refused(Reason.NOT_AN_OBJECT, f"{kind} holds {found(entry)}, allowed are objects")


def _polygons(listed: list[Any]) -> Iterator[Piece | Unfit]:
    """Open curves one by one, and the rings of each stream together."""
    rings: dict[str | None, list[dict[str, Any]]] = {}
    for entry in listed:
        try:
            _check(POLYGON, entry)
            curve, stream = is_open(entry), stream_of(entry)
        except Refused as why:
            yield Unfit(why, {POLYGON: [entry]})
            continue
        if curve:
            yield _piece(POLYGON, [entry], lambda entries: polyline(entries[0]))
        else:
            rings.setdefault(stream, []).append(entry)
    for entries in rings.values():
        yield _piece(POLYGON, entries, polygons)


def _joined(taken: list[Piece]) -> Iterator[Piece]:
    """The pieces, with a box that is a stream's only one put to its only polygon: one object, told twice."""
    boxes, outlines = (_only(taken, column) for column in ("bbox", "polygons"))
    for piece in taken:
        box_here, outline = boxes.get(piece.stream), outlines.get(piece.stream)
        if box_here is None or outline is None or (piece is not box_here and piece is not outline):
            yield piece
        elif piece is outline:
            columns = {**box_here.columns, **piece.columns}
            yield piece._replace(columns=columns, record={**box_here.record, **piece.record})


def _only(taken: list[Piece], column: str) -> dict[str | None, Piece]:
    """By stream the one piece that has a column; streams with several are left out."""
    having = [piece for piece in taken if column in piece.columns]
    counts = Counter(piece.stream for piece in having)
    return {piece.stream: piece for piece in having if counts[piece.stream] == 1}
