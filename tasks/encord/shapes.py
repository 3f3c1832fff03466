"""The geometry of one labelled object, as Encord's SDK writes it: all of it relative to the image, masks in pixels."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from schemas.rejects import Reason
from tasks.encord.fields import Record, are_numbers, mapping
from tasks.kernels.rle import FAULTS, MAX_PIXELS, MAX_SIDE_PX, decode_runs, measure
from tasks.kernels.rle_rows import by_columns
from tasks.refusals import Refused, found, whole

LARGEST_RELATIVE = 10.0
"""Boxes may leave their image, but not by ten times its size: such coordinates are pixels."""
_SIDES = ("x", "y", "w", "h")
_HIDDEN = {"invisible": 0, "occluded": 1, "selfOccluded": 1, "visible": 2}
"""Words for a skeleton point, the first that holds: outside the frame, behind something, behind itself, to be seen."""


class Points(NamedTuple):
    """Keypoints: x and y in turn, 0, 1 or 2 for each, a name or None for each."""

    flat: list[float]
    visibility: list[int]
    names: list[str | None]


class Mask(NamedTuple):
    """COCO's compressed run lengths, column by column."""

    height_px: int
    width_px: int
    counts: bytes


class Geometry(NamedTuple):
    """The shape's name, the column of RECORDS it fills, and the value in the form `record_columns` takes."""

    shape: str
    column: str
    value: Any


Orders = dict[str, list[str]]
"""Names of the points of a skeleton class, in the order of the ontology's template, by the class's hash."""


def _checked(values: Sequence[Any], name: str, code: Reason) -> None:
    """Refused unless all are numbers, and near enough to the image to be relative."""
    if not are_numbers(values):
        odd = next(value for value in values if not are_numbers([value]))
        raise Refused(Reason.WRONG_TYPE, f"{name} holds {found(odd)}, allowed are numbers")
    if values and not -LARGEST_RELATIVE <= min(values) <= max(values) <= LARGEST_RELATIVE:
        far = max(values, key=abs)
        text = f"{name} holds {found(far)}; coordinates are shares of the image's size, and this looks like pixels"
        raise Refused(code, text)


def _sides(record: Record, key: str, names: Sequence[str]) -> list[float]:
    box = mapping(record[key], key)
    missing = [name for name in names if box.get(name) is None]
    if missing:
        raise Refused(Reason.INVALID_BOX, f"{key}.{missing[0]} is missing")
    values = [box[name] for name in names]
    _checked(values[:4], key, Reason.OUT_OF_RANGE)
    if values[2] < 0 or values[3] < 0:
        text = f"{key} is {values[2]:g} wide and {values[3]:g} high, allowed are sides of 0 or more"
        raise Refused(Reason.INVALID_BOX, text)
    return values


def _box(record: Record, _orders: Orders) -> Geometry:
    return Geometry("bounding_box", "bbox", _sides(record, "boundingBox", _SIDES))


def _rotated_box(record: Record, _orders: Orders) -> Geometry:
    values = _sides(record, "rotatableBoundingBox", (*_SIDES, "theta"))
    theta = values[4]
    if not are_numbers([theta]):
        raise Refused(Reason.WRONG_TYPE, f"theta is {found(theta)}, allowed is a number of 0 to 360 degrees")
    if not 0 <= theta <= 360:
        raise Refused(Reason.OUT_OF_RANGE, f"theta is {found(theta)}, allowed is 0 to 360 degrees")
    return Geometry("rotatable_bounding_box", "rotated_bbox", values)


def _numbered(value: Any, name: str, code: Reason) -> list[Any]:
    """The points of a list, or of an object whose keys are their numbers."""
    if isinstance(value, list):
        return value
    points = mapping(value, name)
    if not all(key.isascii() and key.isdigit() and len(key) <= 20 for key in points):
        raise Refused(code, f"{name} has keys that are no numbers, allowed are those of its points")
    return [points[key] for key in sorted(points, key=int)]


def _flat(value: Any, name: str, code: Reason) -> list[float]:
    """x and y of each point, in turn."""
    points = _numbered(value, name, code)
    for point in points:
        if not isinstance(point, dict) or point.get("x") is None or point.get("y") is None:
            raise Refused(code, f"{name} holds {found(point)}, allowed are points with x and y")
        if "z" in point:
            raise Refused(Reason.UNSUPPORTED, f"{name} holds a point in space; points of images are taken")
    flat = list(chain.from_iterable((point["x"], point["y"]) for point in points))
    _checked(flat, name, code)
    return flat


def _ring(value: Any, name: str) -> list[float]:
    """A ring of 3 points or more; given as x and y in turn, or as points."""
    code = Reason.INVALID_POLYGON
    if not isinstance(value, list) or (value and isinstance(value[0], dict)):
        flat = _flat(value, name, code)
    else:
        _checked(value, name, code)
        flat = value
    if len(flat) % 2:
        raise Refused(code, f"{name} has {len(flat)} numbers, allowed are x and y of each point")
    distinct = len(set(zip(flat[::2], flat[1::2], strict=True)))
    if distinct < 3:
        raise Refused(code, f"{name} has {distinct} different points, allowed are 3 or more")
    return flat


def _polygon(record: Record, _orders: Orders) -> Geometry:
    """`polygons` has all rings and wins; `polygon` is the first shell only."""
    given = record.get("polygons")
    if not given:
        return Geometry("polygon", "polygons", [[_ring(record["polygon"], "polygon")]])
    if not isinstance(given, list) or not all(isinstance(rings, list) and rings for rings in given):
        raise Refused(Reason.INVALID_POLYGON, "polygons is no list of polygons, each a list of rings")
    rings = [[_ring(ring, f"polygons[{p}][{r}]") for r, ring in enumerate(rings)] for p, rings in enumerate(given)]
    return Geometry("polygon", "polygons", rings)


def _polyline(record: Record, _orders: Orders) -> Geometry:
    flat = _flat(record["polyline"], "polyline", Reason.INVALID_KEYPOINTS)
    if len(flat) < 4:
        raise Refused(Reason.INVALID_KEYPOINTS, f"polyline has {len(flat) // 2} points, allowed are 2 or more")
    return Geometry("polyline", "polyline", flat)


def _point(record: Record, _orders: Orders) -> Geometry:
    flat = _flat(record["point"], "point", Reason.INVALID_KEYPOINTS)
    if len(flat) != 2:
        raise Refused(Reason.INVALID_KEYPOINTS, f"point has {len(flat) // 2} points, allowed is one")
    return Geometry("point", "keypoints", Points(flat, [2], [None]))


def _seen(point: Record) -> int:
    """Visibility of a skeleton's point: the SDK writes a word, the editor a flag called so; nothing means visible."""
    word = point.get("visibility")
    if word is not None:
        if not isinstance(word, str) or word not in _HIDDEN:
            text = f"visibility is {found(word)}, allowed are {', '.join(_HIDDEN)}"
            raise Refused(Reason.INVALID_KEYPOINTS, text)
        return _HIDDEN[word]
    return next((seen for flag, seen in _HIDDEN.items() if point.get(flag)), 2)


def _skeleton(record: Record, orders: Orders) -> Geometry:
    """Points in the template's order, where it knows them all; else by their numbers."""
    code = Reason.INVALID_KEYPOINTS
    points = _numbered(record["skeleton"], "skeleton", code)
    flat = _flat(points, "skeleton", code)
    if not points:
        raise Refused(code, "skeleton has no points")
    order = {name: k for k, name in enumerate(orders.get(str(record.get("featureHash")), ()))}
    names = [name if isinstance(name := point.get("name"), str) else None for point in points]
    rows = list(range(len(points)))
    if len(order) >= len(set(names)) == len(names) and all(name in order for name in names):
        rows.sort(key=lambda row: order[str(names[row])])
    placed = list(chain.from_iterable(flat[2 * row : 2 * row + 2] for row in rows))
    seen = [_seen(points[row]) for row in rows]
    return Geometry("skeleton", "keypoints", Points(placed, seen, [names[row] for row in rows]))


def _counts(packed: bytes, height_px: int, width_px: int) -> bytes:
    """Run lengths by columns, of those by rows."""
    data, offsets = np.frombuffer(packed, np.uint8), np.array([0, len(packed)], np.int64)
    code = measure(data, offsets, np.array([height_px]), np.array([width_px])).codes[0]
    if code:
        raise Refused(Reason.INVALID_MASK, f"bitmask of {width_px} x {height_px} pixels: {FAULTS[code]}")
    counts = by_columns(decode_runs(data, offsets)[0], height_px, width_px)
    if not len(counts):
        raise Refused(Reason.INVALID_MASK, "bitmask has more than 2**24 runs by columns")
    return counts.tobytes()


def _bitmask(record: Record, _orders: Orders) -> Geometry:
    """The SDK writes masks as large as their image, with nothing cut off at the top or left."""
    bitmask, code = mapping(record["bitmask"], "bitmask"), Reason.INVALID_MASK
    for name in ("top", "left"):
        if bitmask.get(name) not in (None, 0):
            raise Refused(code, f"bitmask.{name} is {found(bitmask[name])}, allowed is 0: the mask of the whole image")
    height, width = (whole(bitmask.get(name), f"bitmask.{name}", 1, MAX_SIDE_PX, code) for name in ("height", "width"))
    if height * width > MAX_PIXELS:
        raise Refused(code, f"bitmask has {height * width} pixels, allowed are {MAX_PIXELS}")
    packed = bitmask.get("rleString")
    if not isinstance(packed, str):
        raise Refused(code, f"bitmask.rleString is {found(packed)}, allowed is text")
    return Geometry("bitmask", "mask", Mask(height, width, _counts(packed.encode(), height, width)))


_READERS: dict[str, tuple[tuple[str, ...], Callable[[Record, Orders], Geometry]]] = {
    "bounding_box": (("boundingBox",), _box),
    "rotatable_bounding_box": (("rotatableBoundingBox",), _rotated_box),
    "polygon": (("polygons", "polygon"), _polygon),
    "polyline": (("polyline",), _polyline),
    "point": (("point",), _point),
    "bitmask": (("bitmask",), _bitmask),
    "skeleton": (("skeleton",), _skeleton),
}
"""Shape -> the keys that may hold it, and what reads them."""


def read_geometry(record: Record, orders: Orders) -> Geometry:
    """The geometry of an object of a frame. Refused where it has none, or one that is no such shape."""
    shape = record.get("shape")
    if not isinstance(shape, str) or shape not in _READERS:
        text = f"shape is {repr(shape) if isinstance(shape, str) else found(shape)}, allowed are {', '.join(_READERS)}"
        raise Refused(Reason.UNKNOWN_SHAPE, text)
    keys, read = _READERS[shape]
    if not any(record.get(key) for key in keys):
        raise Refused(Reason.NO_GEOMETRY, f"the object is a {shape}, and {keys[-1]} is missing")
    return read(record, orders)
