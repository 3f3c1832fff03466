"""Kernels that do what those of the project seldom do."""

from typing import Any

import numpy as np

from tasks.kernels.compile import kernel

NUMBER = 7


@kernel
def doubled(values: Any) -> Any:
    """An array of its own."""
    return values * 2.0


@kernel
def failing(number: int) -> int:
    """The number, unless it is below 0."""
    if number < 0:
        raise ValueError("no number below 0")
    return number


@kernel
def between(values: Any, low: int = 2, high: int = 5) -> int:
    """How many of `values` are in [low, high)."""
    return int(np.sum((values >= low) & (values < high)))


@kernel
def above(values: Any, low: int) -> int:
    """How many of `values` are in [low, 7); another kernel counts them, which a comprehension calls."""
    return sum([between(values[i : i + 1], low, NUMBER) for i in range(len(values))])


@kernel
def divided(value: float, by: float) -> float:
    """A quotient."""
    return value / by


@kernel
def added(values: Any) -> float:
    """The sum, one after another."""
    total = 0.0
    for value in values:
        total += value
    return total
