"""Arrays of a pickle, from their bytes: masks become run lengths, polygons points. Nothing is read beyond a length."""

import re
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from schemas.errors import InputError
from schemas.records import Array, Source
from schemas.rejects import Reason
from tasks.encord.pickles.payloads import payload_bytes
from tasks.kernels.rle import FAULTS, size_fault

_DTYPE = re.compile(r"[<>|](b1|[iu][1248]|f[248])")
_FARTHEST = 1.0
"""How far a polygon may leave its image, in sides of the image; what goes farther counts pixels."""


class Unfit(Exception):  # noqa: N818 - no error of the program: it ends as a reject
    """An array that is no mask or no outline: a reason, and why."""

    def __init__(self, code: Reason, text: str) -> None:
        """Keep both."""
        super().__init__(text)
        self.code, self.text = code, text


def content_of(described: Mapping[str, Any], source: Source) -> bytes:
    """The bytes of an array, from the batch or from the file."""
    content: bytes | None = described["content"]
    return payload_bytes(source, described["at"]) if content is None else content


def _array(described: Mapping[str, Any], source: Source) -> Array:
    """The array itself. InputError where its bytes are not as many as its shape needs."""
    if not _DTYPE.fullmatch(described["dtype"]):
        raise InputError(f"an array of dtype {described['dtype']!r}", where=source.name)
    code = "|u1" if described["dtype"][1:] == "b1" else described["dtype"]  # a forged boolean may be any byte
    dtype, shape = np.dtype(code), tuple(described["shape"])
    content = content_of(described, source)
    if len(content) != prod(shape) * dtype.itemsize:
        at = "" if described["at"] is None else f", byte {described['at']}"
        message = f"an array of shape {shape} and dtype {described['dtype'][1:]} with {len(content)} bytes"
        raise InputError(message, where=f"{source.name}{at}")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if described["fortran"] else "C")


def mask_runs(described: Mapping[str, Any], source: Source) -> Array:
    """Runs int64 of a mask of 0 and 1 (height, width), column by column, background first. Unfit where it is none."""
    shape = described["shape"]
    if len(shape) != 2:
        raise Unfit(Reason.INVALID_MASK, f"a mask of {len(shape)} dimensions; height and width are two")
    fault = size_fault(*shape)
    if fault:
        raise Unfit(Reason.INVALID_MASK, f"mask of {shape[1]} x {shape[0]} pixels: {FAULTS[fault]}")
    if described["dtype"][1] == "f":
        raise Unfit(Reason.INVALID_MASK, f"a mask of dtype {described['dtype'][1:]}; uint8 or bool is taken")
    mask = _array(described, source)
    if mask.max() > 1 or mask.min() < 0:
        found = f"{mask.min()} to {mask.max()}"
        raise Unfit(Reason.INVALID_MASK, f"mask values {found}; 0 and 1 are allowed: divide the mask, or compare it")
    return pixel_runs(mask)


def pixel_runs(mask: Array) -> Array:
    """Runs int64 of a mask (height, width) of 0 and 1 with at least a pixel: column by column, background first."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    ends = np.concatenate([[0] if flat[0] else [], [0], changes, [flat.size]]).astype(np.int64)
    return np.diff(ends)


def outline(described: Mapping[str, Any], source: Source, fewest: int) -> Array:
    """Points float64[n, 2], relative. Unfit where the array holds none, or less than `fewest`, or pixels."""
    shape = described["shape"]
    if len(shape) != 2 or shape[1] != 2:
        raise Unfit(Reason.INVALID_POLYGON, f"points of shape {tuple(shape)}; (n, 2) is allowed")
    points = _array(described, source)
    if points.dtype.kind in "iu" and points.size and (points.max() > 1 or points.min() < 0):
        raise Unfit(Reason.INVALID_POLYGON, "points in whole pixels; divide x by the width and y by the height")
    return check_points(points.astype(np.float64), fewest)


def check_points(points: Array, fewest: int) -> Array:
    """The points, float64[n, 2], if they are an outline in relative coordinates; else Unfit."""
    if len(points) < fewest:
        raise Unfit(Reason.INVALID_POLYGON, f"{len(points)} points; at least {fewest} are needed")
    if not np.isfinite(points).all():
        raise Unfit(Reason.NOT_FINITE, "a point is no finite number")
    if points.min() < -_FARTHEST or points.max() > 1 + _FARTHEST:
        found = f"{points.min():g} to {points.max():g}"
        raise Unfit(Reason.OUT_OF_RANGE, f"points from {found}; relative ones lie in [0, 1], at most [-1, 2]")
    return points
