"""One entry of `object_data`: its attributes, and its coordinates as columns of a record."""

from math import isfinite
from typing import Any

from schemas.rejects import Reason
from tasks.refusals import Refused, found, number

Columns = dict[str, Any]
"""Columns of RECORDS, pixels."""


def attribute(entry: dict[str, Any], kind: str, name: str) -> Any:
    """The value of an attribute (of `text`, `num` or `boolean`); None where there is none of the name."""
    attributes = entry.get("attributes")
    listed = attributes.get(kind) if isinstance(attributes, dict) else None
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and item.get("name") == name:
            return item.get("val")
    return None


def _finite(value: Any, name: str) -> float:
    if not isfinite(read := number(value, name)):
        raise Refused(Reason.NOT_FINITE, f"{name} is {found(value)}, allowed is a finite number")
    return read


def stream_of(entry: dict[str, Any]) -> str | None:
    """The stream an entry belongs to, as far as it says."""
    stream = attribute(entry, "text", "stream")
    if stream is not None and not isinstance(stream, str):
        raise Refused(Reason.WRONG_TYPE, f"the attribute stream is {found(stream)}, allowed is text")
    return stream


def confidence_of(entry: dict[str, Any]) -> float:
    """The attribute `confidence`; 1 where it is missing, as Kognic has it."""
    said = attribute(entry, "num", "confidence")
    return 1.0 if said is None else _finite(said, "confidence")


def _values(entry: dict[str, Any], allowed: str) -> list[float]:
    values = entry.get("val")
    if values is None:
        raise Refused(Reason.MISSING_FIELD, f"val is missing, allowed is {allowed}")
    if not isinstance(values, list):
        raise Refused(Reason.WRONG_TYPE, f"val is {found(values)}, allowed is {allowed}")
    return [_finite(value, f"val[{k}]") for k, value in enumerate(values)]


def box(entry: dict[str, Any]) -> Columns:
    """A `bbox`: centre and size become corner and size."""
    allowed = "centre x, centre y, width and height, px"
    values = _values(entry, allowed)
    if len(values) != 4:
        raise Refused(Reason.INVALID_BOX, f"val has {len(values)} numbers, allowed are 4: {allowed}")
    x, y, width, height = values
    if width < 0 or height < 0:
        raise Refused(Reason.INVALID_BOX, f"the box is {width:g} x {height:g} px, allowed are sides of 0 or more")
    corner = {"x": x - width / 2, "y": y - height / 2, "w": width, "h": height}
    return {"shape": "bounding_box", "bbox": corner}


def point(entry: dict[str, Any]) -> Columns:
    """A `point2d`."""
    values = _values(entry, "x and y, px")
    if len(values) != 2:
        raise Refused(Reason.INVALID_KEYPOINTS, f"val has {len(values)} numbers, allowed are 2: x and y, px")
    spot = {"x": values[0], "y": values[1], "visibility": 2, "name": None}
    return {"shape": "point", "keypoints": [spot]}


def vertices(entry: dict[str, Any], least: int) -> list[dict[str, float]]:
    """The points of a `poly2d`, of which there must be `least`."""
    mode = entry.get("mode", "MODE_POLY2D_ABSOLUTE")
    if mode != "MODE_POLY2D_ABSOLUTE":
        raise Refused(Reason.UNSUPPORTED, f"mode is {mode!r}, allowed is 'MODE_POLY2D_ABSOLUTE'")
    flat = _values(entry, "x and y of each point, px")
    if len(flat) % 2 or len(flat) < 2 * least:
        text = f"val has {len(flat)} numbers, allowed are {2 * least} or more, x and y of each point"
        raise Refused(Reason.INVALID_POLYGON, text)
    return [{"x": x, "y": y} for x, y in zip(flat[::2], flat[1::2], strict=True)]
