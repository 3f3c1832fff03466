"""The `poly2d` entries of an object on one image: rings become polygons with holes, open curves become polylines."""

from typing import Any, NamedTuple

from schemas.rejects import Reason
from tasks.openlabel.entries import Columns, attribute, vertices
from tasks.refusals import Refused, found

_Ring = list[dict[str, float]]


class Ring(NamedTuple):
    """A closed `poly2d`."""

    points: _Ring
    hole: bool
    polygon: str | None
    """The attribute polygon_id: rings with the same one are one polygon; they all are where none has it."""


def is_open(entry: dict[str, Any]) -> bool:
    """Whether an entry is a curve and not a ring: `closed` is false."""
    closed = entry.get("closed", True)
    if not isinstance(closed, bool):
        raise Refused(Reason.WRONG_TYPE, f"closed is {found(closed)}, allowed is true or false")
    return not closed


def polyline(entry: dict[str, Any]) -> Columns:
    """An open curve."""
    return {"shape": "polyline", "polyline": vertices(entry, 2)}


def _ring(entry: dict[str, Any]) -> Ring:
    hole, polygon = attribute(entry, "boolean", "is_hole"), attribute(entry, "text", "polygon_id")
    if hole is not None and not isinstance(hole, bool):
        raise Refused(Reason.WRONG_TYPE, f"is_hole is {found(hole)}, allowed is true or false")
    if polygon is not None and not isinstance(polygon, str):
        raise Refused(Reason.WRONG_TYPE, f"polygon_id is {found(polygon)}, allowed is text")
    return Ring(vertices(entry, 3), bool(hole), polygon)


def polygons(entries: list[dict[str, Any]]) -> Columns:
    """The rings of one object as its polygons. Refused where one is damaged, or a hole has nothing around it."""
    groups: dict[str | None, list[Ring]] = {}
    for ring in map(_ring, entries):
        groups.setdefault(ring.polygon, []).append(ring)
    return {"shape": "polygon", "polygons": [polygon for rings in groups.values() for polygon in _nested(rings)]}


def _nested(rings: list[Ring]) -> list[list[_Ring]]:
    """Shells, each with its holes behind it: a hole belongs to the shell in front of it in the file, else the first."""
    shells: list[list[_Ring]] = []
    early: list[_Ring] = []
    for ring in rings:
        if not ring.hole:
            shells.append([ring.points])
        elif shells:
            shells[-1].append(ring.points)
        else:
            early.append(ring.points)
    if not shells:
        name = f" {rings[0].polygon!r}" if rings[0].polygon is not None else ""
        raise Refused(Reason.INVALID_POLYGON, f"the polygon{name} has holes only, allowed are holes in a ring")
    shells[0][1:1] = early
    return shells
