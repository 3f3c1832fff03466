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
    """Pixels of C components, int64[C] each."""

    shared: Array
    annotated: Array
    predicted: Array
    predicted_beside: Array
    """Those of `predicted` whose annotated class has a counterpart."""

    @property
    def iou(self) -> Array:
        """float64[C]: shared of all; NaN where neither side has a pixel."""
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


def component_pixels(confusion: Confusion, agreement: Agreement) -> ComponentPixels:
    """Pixels that components share and have. No components: empty arrays."""
    count = len(agreement.components)
    annotated = _places(confusion.annotated, [classes for classes, _ in agreement.components])
    predicted = _places(confusion.predicted, [classes for _, classes in agreement.components])
    beside = has_counterpart(confusion, agreement)

    def total(place: Array, which: Array) -> Array:
        pixels = np.zeros(count, np.int64)
        np.add.at(pixels, place[which & (place >= 0)], confusion.n_pixels[which & (place >= 0)])
        return pixels

    every = np.ones(len(beside), bool)
    return ComponentPixels(
        total(annotated, annotated == predicted),
        total(annotated, every),
        total(predicted, every),
        total(predicted, beside),
    )
