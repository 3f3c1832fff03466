"""The two sides of a bucket as arrays: what is compared, how alike it is, and who matched whom."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy.typing as npt
import pyarrow as pa

Array = npt.NDArray[Any]


class Pairs(NamedTuple):
    """Similarities of detections and annotations of the same unit, at or above a floor, in CSR form.

    Detection d (in group order) has entries indptr[d]:indptr[d+1], by ascending annotation index.
    """

    indptr: Array
    """int64[D+1]"""
    annotation: Array
    """int32[N]"""
    similarity: Array
    """float64[N]"""


class Side(NamedTuple):
    """Detections, or annotations, of a bucket, in group order: unit by unit."""

    indptr: Array
    """int64[U+1]: rows of unit u are indptr[u]:indptr[u+1]."""
    table: pa.Table
    """Rows in group order, with the columns the shape and the protocol ask for."""
    crowd: Array
    """bool[n]: overlap is measured by the detection's area, and any number may match it; all False for detections."""
    width_px: Array
    """float64[U]: of each unit."""
    height_px: Array
    """float64[U]"""


class Detections(NamedTuple):
    """Predictions of a bucket that a protocol judges, in group order: by unit, class, score descending."""

    side: Side
    category: Array
    """int32[D]: positions among the live classes."""
    score: Array
    """float64[D]"""
    rank: Array
    """int32[D]: position by score within unit and class, from 0."""
    outside: Array
    """uint64[D]: bit a is set where the detection lies outside range a: matching nothing, it is ignored there."""
    outside_protocol: int
    """Predictions of the bucket whose source gave no such shape, or whose unit or class is retired."""
    names: Sequence[str] = ()
    """Names of the live classes."""


class Annotations(NamedTuple):
    """Annotations of a bucket that a protocol judges, in group order: by unit, in the order by which ties fall."""

    side: Side
    category: Array
    """int32[G]: positions among the live classes."""
    ignored: Array
    """uint64[G]: bit a is set where the annotation does not count in range a."""
    outside_protocol: int


class Judged(NamedTuple):
    """Rows of one side, in group order, as the hooks of a protocol see them."""

    table: pa.Table
    """With the columns of the shape's `needs`, `area`, and those the protocol names for the side."""
    category: Array
    """int32[n]: positions in `names`."""
    names: Sequence[str]
    """Names of the live classes."""
    shapes: Sequence[str | None] = ()
    """The shape the ontology gives each of them; None where it says nothing."""


class Matching(NamedTuple):
    """What a matcher decides; axes A area ranges, T thresholds. Detections, annotations are given by group place."""

    rows: Array
    """int32[N], ascending: detections that matched in some range at some threshold; all others match nowhere."""
    matched: Array
    """int32[N, A, T]: the annotation of each, or -1."""
    true_positive: Array
    """bool[N, A, T]"""
    counted: Array
    """bool[N, A, T]: TP or FP, not ignored. Where nothing matched: whether the detection lies inside the range."""
    gt_matched: Array
    """int32[G, A, T]: the detection that found the annotation, or -1."""
