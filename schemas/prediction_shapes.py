"""What a prediction's `data` may be, beside arrays. Coordinates are relative: divided by the image's width and height.

Each is checked when it is made: ValueError names the field, the value and what is allowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.prediction_checks import FARTHEST, number, pairs, shown, text, whole

_LONGEST_SIDE_PX = 65_536
_MOST_PIXELS = 2**28
_FIRST_SIGN, _LAST_SIGN = "0", "o"
"""COCO's compressed run lengths are written in these characters and those between."""


@dataclass(kw_only=True)
class BoundingBox:
    """A box: top-left corner x, y and size w, h in [0, 1]; theta in [0, 360] degrees, clockwise about the centre."""

    __module__ = "boxscore"

    x: float
    y: float
    w: float
    h: float
    theta: float = 0.0

    def __post_init__(self) -> None:
        """Check the values."""
        for field in ("x", "y", "w", "h"):
            setattr(self, field, number(getattr(self, field), field, 0, 1))
        self.theta = number(self.theta, "theta", 0, 360)


@dataclass(kw_only=True)
class RotatableBoundingBox(BoundingBox):
    """A box that may be turned: the box before it is turned, and theta, which must be given."""

    __module__ = "boxscore"

    theta: float


@dataclass(kw_only=True)
class Polyline:
    """A line through points (x, y): an array (n, 2) or a sequence of pairs."""

    __module__ = "boxscore"

    points: Any

    def __post_init__(self) -> None:
        """Check the points, and keep them as a tuple of pairs."""
        self.points = pairs(self.points, "points", fewest=2)


@dataclass(kw_only=True)
class Keypoint:
    """A point; visibility 0 absent, 1 hidden, 2 visible."""

    __module__ = "boxscore"

    x: float
    y: float
    visibility: int = 2
    name: str | None = None

    def __post_init__(self) -> None:
        """Check the values."""
        for field in ("x", "y"):
            setattr(self, field, number(getattr(self, field), field, -FARTHEST, 1 + FARTHEST))
        self.visibility = whole(self.visibility, "visibility", 0, 2)
        if self.name is not None:
            self.name = text(self.name, "name")


@dataclass(kw_only=True)
class Skeleton:
    """Points of one object, in the order of its class's skeleton."""

    __module__ = "boxscore"

    points: Sequence[Keypoint]

    def __post_init__(self) -> None:
        """Check that all are points, and that there is one."""
        self.points = list(self.points)
        other = [point for point in self.points if not isinstance(point, Keypoint)]
        if other:
            raise ValueError(f"points holds {shown(other[0])}; a Keypoint is needed")
        if not self.points:
            raise ValueError("points has 0 points; at least 1 is needed")


@dataclass(kw_only=True)
class Bitmask:
    """A mask in COCO's compressed run lengths: column by column, background first; sides in px."""

    __module__ = "boxscore"

    height: int
    width: int
    counts: bytes

    def __post_init__(self) -> None:
        """Check size and characters; whether the runs fill the size is seen when it is written or read."""
        for side in ("height", "width"):
            setattr(self, side, whole(getattr(self, side), side, 1, _LONGEST_SIDE_PX))
        if self.height * self.width > _MOST_PIXELS:
            raise ValueError(f"height x width is {self.height * self.width}; at most {_MOST_PIXELS} is allowed")
        counts: Any = self.counts
        if isinstance(counts, str):
            counts = counts.encode("utf-8")
        if not isinstance(counts, bytes) or not counts:
            raise ValueError(f"counts is {shown(self.counts)}; COCO's compressed run lengths are needed")
        if min(counts) < ord(_FIRST_SIGN) or max(counts) > ord(_LAST_SIGN):
            raise ValueError(f"counts is {shown(counts)}; characters '{_FIRST_SIGN}' to '{_LAST_SIGN}' are allowed")
        self.counts = counts
