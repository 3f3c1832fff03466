"""What is told of quality when it is measured: how many values there are, and from where to where they go."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """What a column holds: how many rows have a value, the least and the greatest of them."""

    n: int
    least: float | None
    greatest: float | None


class Faulty(NamedTuple):
    """Images that have no numbers, for one reason."""

    n: int
    first: str
    """One of them, and what was found."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of one subject."""

    subject: str
    prediction_set: str | None
    status: str
    rows: dict[str, int] = field(default_factory=dict)
    """By what they tell of."""
    columns: dict[str, Span] = field(default_factory=dict)
    """Of each metric that has values."""
    faults: dict[str, Faulty] = field(default_factory=dict)
    """Images at fault, by code."""
