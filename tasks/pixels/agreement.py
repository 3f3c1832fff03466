"""What pixels of pairs of classes come to under a set of pairs that agree: disagreement, and IoU of components.

A pixel agrees where its pair of annotated and predicted class is among those that agree. Classes that hang together
through such pairs are one component, whose IoU is that of its annotated and its predicted pixels.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.pixels.confusion import Confusion


class Agreement(NamedTuple):
    """Which classes agree, by their category_keys."""

    pairs: Array
    """int[P, 2]: annotated, predicted."""
    components: Sequence[tuple[Sequence[int], Sequence[int]]]
    """Annotated and predicted classes of each component, C of them."""
    without_counterpart: Sequence[int]
    """Annotated classes that no predicted class agrees with."""


class Share(NamedTuple):
    """Pixels that disagree, among all that count."""

    disagreeing: int
    pixels: int

    @property
    def value(self) -> float | None:
        """The share; None of no pixels."""
        return self.disagreeing / self.pixels if self.pixels else None


class ComponentPixels(NamedTuple):
    """Pixels of C components in G groups (all pixels, or a group per unit), int64[G, C] each."""

    shared: Array
    annotated: Array
    predicted: Array
    predicted_beside: Array
    """Those of `predicted` whose annotated class has a counterpart."""

    @property
    def iou(self) -> Array:
        """float64[G, C]: shared of all; NaN where neither side has a pixel."""
        return ratio(self.shared, self.annotated + self.predicted - self.shared)

    @property
    def iou_beside(self) -> Array:
        """The same where pixels of classes without counterpart are left out."""
        return ratio(self.shared, self.annotated + self.predicted_beside - self.shared)


def ratio(part: Array, whole: Array) -> Array:
    """float64[n]: part / whole, NaN where whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.asarray(whole) > 0)


def mean(values: Array) -> float | None:
    """Mean of what is defined; None where nothing is."""
    there = values[~np.isnan(values)]
    return float(np.mean(there)) if len(there) else None


def agrees(confusion: Confusion, pairs: Array) -> Array:
    """bool[n]: whether each pair of classes is among those that agree."""
    return np.isin(_code(confusion.annotated, confusion.predicted), _code(pairs[:, 0], pairs[:, 1]))


def _code(annotated: Array, predicted: Array) -> Array:
    """One number for a pair of keys of 32 bits."""
    return (annotated.astype(np.int64) << 32) + predicted.astype(np.int64)


def has_counterpart(confusion: Confusion, agreement: Agreement) -> Array:
    """bool[n]: whether the annotated class of a pair agrees with any predicted class."""
    return ~np.isin(confusion.annotated, np.array(agreement.without_counterpart, np.int64))


def disagreement(confusion: Confusion, agreement: Agreement, beside: bool = False) -> Share:
    """Pixels that disagree; `beside`: pixels of classes without counterpart are left out instead of disagreeing."""
    if beside:
        confusion = confusion.only(has_counterpart(confusion, agreement))
    differ = ~agrees(confusion, agreement.pairs)
    return Share(int(confusion.n_pixels[differ].sum()), int(confusion.n_pixels.sum()))


def disagreement_by_class(confusion: Confusion, agreement: Agreement, side: str) -> dict[int, Share]:
    """The same within each `annotated` or `predicted` class that has pixels, by key."""
    keys = getattr(confusion, side)
    return {int(key): disagreement(confusion.only(keys == key), agreement) for key in np.unique(keys)}


def _places(keys: Array, classes: Sequence[Sequence[int]]) -> Array:
    """int64[n]: component of each key; -1 where it is in none."""
    place = {key: row for row, members in enumerate(classes) for key in members}
    return np.array([place.get(key, -1) for key in keys.tolist()], np.int64)


def component_pixels(confusion: Confusion, agreement: Agreement, group: Array | None = None) -> ComponentPixels:
    """Pixels that components share and have, in each `group` (int64[n], 0 to G - 1; None: all together).

    No components: no columns.
    """
    groups = 1 if group is None else int(group.max(initial=-1)) + 1
    shape = (groups, len(agreement.components))
    row = np.zeros(len(confusion.n_pixels), np.int64) if group is None else group
    annotated = _places(confusion.annotated, [classes for classes, _ in agreement.components])
    predicted = _places(confusion.predicted, [classes for _, classes in agreement.components])
    beside = has_counterpart(confusion, agreement)

    def total(place: Array, which: Array) -> Array:
        pixels, there = np.zeros(shape, np.int64), which & (place >= 0)
        np.add.at(pixels, (row[there], place[there]), confusion.n_pixels[there])
        return pixels

    every = np.ones(len(beside), bool)
    return ComponentPixels(
        total(annotated, annotated == predicted),
        total(annotated, every),
        total(predicted, every),
        total(predicted, beside),
    )
