"""What the metrics over pixels keep of a bucket: sums of pairs of classes, and a few numbers of each unit."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.pixels.agreement import Agreement, agrees, component_pixels, ratio
from tasks.pixels.confusion import Confusion, UnitConfusion, summed

_UNITS_AT_ONCE = 4096


class State(NamedTuple):
    """Integers, but for what lies in one unit alone: whole = combined parts, to the bit."""

    confusion: Confusion
    """Each pair once."""
    unit_key: Array
    """int64[U], ascending."""
    disagreeing: Array
    """int64[U], px"""
    pixels: Array
    """int64[U]"""
    mean_iou: Array
    """float64[U]: of the components that a unit shows; NaN where it shows none."""


def state_of(found: UnitConfusion, agreement: Agreement) -> State:
    """What a bucket's pixels come to. No units: empty arrays."""
    unit_key, unit = np.unique(found.unit_key, return_inverse=True)
    disagreeing, pixels = np.zeros((2, len(unit_key)), np.int64)
    np.add.at(pixels, unit, found.confusion.n_pixels)
    differ = ~agrees(found.confusion, agreement.pairs)
    np.add.at(disagreeing, unit[differ], found.confusion.n_pixels[differ])
    mean_iou = _mean_ious(found.confusion, unit, len(unit_key), agreement)
    return State(summed(found.confusion), unit_key, disagreeing, pixels, mean_iou)


def _mean_ious(confusion: Confusion, unit: Array, units: int, agreement: Agreement) -> Array:
    """float64[U], some units at a time: each takes a row of all components."""
    means = [np.empty(0)]
    for first in range(0, units, _UNITS_AT_ONCE):
        which = (unit >= first) & (unit < first + _UNITS_AT_ONCE)
        iou = component_pixels(confusion.only(which), agreement, unit[which] - first).iou
        there = ~np.isnan(iou)
        means.append(ratio(np.where(there, iou, 0.0).sum(axis=1), there.sum(axis=1)))
    return np.concatenate(means)


def combined(states: Sequence[State]) -> State:
    """The state of all buckets: pairs are added, units stand beside each other, by key."""
    confusion = Confusion(*(np.concatenate(column) for column in zip(*(s.confusion for s in states), strict=True)))
    columns = [np.concatenate(column) for column in zip(*(state[1:] for state in states), strict=True)]
    order = np.argsort(columns[0])
    return State(summed(confusion), *(column[order] for column in columns))


def worst_first(state: State) -> Array:
    """int64[U]: places of units by falling share of pixels that disagree, then by key."""
    return np.lexsort((state.unit_key, -ratio(state.disagreeing, state.pixels)))
