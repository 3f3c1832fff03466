"""Candidates of all kinds in one form, and those that stay."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.label_errors.evidence import NONE


class Candidates(NamedTuple):
    """Labels that look wrong, n; NONE stands for the key of nothing, NaN for a number that is not there."""

    kind: Array
    """int64[n]: place among the kinds"""
    score: Array
    """float64[n], 0 to 1"""
    unit: Array
    annotation: Array
    other_annotation: Array
    prediction: Array
    annotated: Array
    """int64[n]: category_key"""
    predicted: Array
    """int64[n]: category_key"""
    overlap: Array
    expected: Array
    """float64[n, 4]: hull, relative"""
    agree: Array
    """bool[n, S]: sets that speak for it"""

    def rows(self, chosen: Array) -> "Candidates":
        """Some of them, by position."""
        return Candidates(*(column[chosen] for column in self))


_KEYS = ("annotation", "other_annotation", "prediction", "annotated", "predicted")


def candidates(score: Array, unit: Array, agree: Array, **given: Any) -> Candidates:
    """Candidates of one kind; what is not given is nothing."""
    n = len(score)
    columns = {name: given.get(name, np.full(n, NONE)) for name in _KEYS}
    overlap, expected = given.get("overlap", np.full(n, np.nan)), given.get("expected", np.full((n, 4), np.nan))
    return Candidates(np.zeros(n, int), score, unit, **columns, overlap=overlap, expected=expected, agree=agree)


def ranked(parts: Iterable[Candidates], least: float, most: int) -> Candidates:
    """By falling score; of each kind at most so many, none below `least`. Of equal scores by kind, unit and keys."""
    every = Candidates(*map(np.concatenate, zip(*parts, strict=True)))
    every = every.rows(np.flatnonzero(every.score >= least))
    order = np.lexsort((every.prediction, every.annotation, every.unit, every.kind, -every.score))
    every = every.rows(order)
    return every.rows(np.flatnonzero(_place_in_kind(every.kind) < most))


def _place_in_kind(kind: Array) -> Array:
    """int64[n]: how many of the same kind stand before."""
    by_kind = np.argsort(kind, kind="stable")
    sorted_kind = kind[by_kind]
    place = np.empty(len(kind), int)
    place[by_kind] = np.arange(len(kind)) - np.searchsorted(sorted_kind, sorted_kind)
    return place


def groups(unit: Array, category: Array) -> Array:
    """int64[C + 1]: where groups of equal unit and class begin in rows sorted by them; the last is the end."""
    new = np.flatnonzero((np.diff(unit) != 0) | (np.diff(category) != 0)) + 1
    return np.concatenate([[0], new, [len(unit)]]).astype(np.int64)
