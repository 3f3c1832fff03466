"""Checks of what people put into predictions: every message says the field, the value and what is allowed."""

from collections.abc import Iterable, Mapping
from typing import Any

LONGEST_TEXT = 1_000
FARTHEST = 1.0
"""How far points may leave their image, in sides of the image."""
_SHOWN = 80


def shown(value: object) -> str:
    """A value in a message."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def number(value: Any, field: str, low: float, high: float) -> float:
    """The value as a float between `low` and `high`; else ValueError. numpy's numbers are taken too."""
    an_array = len(getattr(value, "shape", ())) > 0
    if isinstance(value, bool | str | bytes) or an_array or not hasattr(value, "__float__"):
        raise ValueError(f"{field} is {shown(value)}; a number is needed")
    found = float(value)
    if not low <= found <= high:
        raise ValueError(f"{field} is {found:g}; {low:g} to {high:g} is allowed")
    return found


def whole(value: Any, field: str, low: int, high: int) -> int:
    """The value as an int between `low` and `high`; else ValueError."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ValueError(f"{field} is {shown(value)}; a whole number is needed")
    found = int(value)
    if not low <= found <= high:
        raise ValueError(f"{field} is {found}; {low} to {high} is allowed")
    return found


def text(value: Any, field: str) -> str:
    """The value, if it is a text of 1 to 1000 characters without NUL; else ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"{field} is {shown(value)}; a text is needed")
    if not 1 <= len(value) <= LONGEST_TEXT or "\0" in value:
        raise ValueError(f"{field} is {shown(value)}; 1 to {LONGEST_TEXT} characters without NUL are allowed")
    return str(value)


def pairs(points: Any, field: str, fewest: int) -> tuple[tuple[float, float], ...]:
    """Points x, y as tuples, from an array (n, 2) or a sequence; ValueError where they are none, or pixels."""
    rows = points.tolist() if hasattr(points, "tolist") else points
    if not isinstance(rows, Iterable) or isinstance(rows, str | bytes | dict):
        raise ValueError(f"{field} is {shown(points)}; points (x, y) are needed")
    found = tuple(_pair(row, field) for row in rows)
    if len(found) < fewest:
        raise ValueError(f"{field} has {len(found)} points; at least {fewest} are needed")
    return found


def _pair(row: Any, field: str) -> tuple[float, float]:
    if not isinstance(row, list | tuple) or len(row) != 2:
        raise ValueError(f"{field} holds {shown(row)}; a point is a pair x, y")
    x, y = (number(value, f"{field}.{axis}", -FARTHEST, 1 + FARTHEST) for value, axis in zip(row, "xy", strict=True))
    return x, y


def probabilities(values: Any, field: str) -> dict[str, float]:
    """The probabilities by class as floats; ValueError where one is no number from 0 to 1, or there is none."""
    if not isinstance(values, Mapping) or not values:
        raise ValueError(f"{field} is {shown(values)}; a probability for each class is needed")
    return {text(name, field): number(value, f"{field}[{name!r}]", 0, 1) for name, value in values.items()}


def mask_array(data: Any, field: str) -> Any:
    """The array, if it is one (height, width) of whole numbers or booleans that are 0 or 1; else ValueError."""
    if not hasattr(data, "dtype") or not hasattr(data, "shape"):
        raise ValueError(f"{field} is {shown(data)}; a numpy array (height, width) of 0 and 1 is needed")
    if len(data.shape) != 2 or 0 in data.shape or data.dtype.kind not in "bui":
        raise ValueError(f"{field} has shape {data.shape} and dtype {data.dtype}; (height, width) uint8 is needed")
    low, high = int(data.min()), int(data.max())
    if low < 0 or high > 1:
        raise ValueError(f"{field} has values from {low} to {high}; 0 and 1 are allowed")
    return data
