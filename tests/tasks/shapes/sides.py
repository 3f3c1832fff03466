"""Sides of a comparison for tests of shapes."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import FIELDS
from schemas.records import Extent, Pairs, Side

WIDTH_PX, HEIGHT_PX = 300.0, 400.0
"""Size of every unit; 500 px across."""


def side(columns: dict[str, list[Any]], counts: list[int], crowd: list[bool] | None = None) -> Side:
    """Rows in group order, `counts` of them on each unit."""
    rows = sum(counts)
    table = pa.table({name: pa.array(values, FIELDS[name].type) for name, values in columns.items()})
    flags = np.array(crowd if crowd is not None else [False] * rows, bool)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Side(indptr, table, flags, np.full(len(counts), WIDTH_PX), np.full(len(counts), HEIGHT_PX))


def as_matrix(pairs: Pairs, annotations: int) -> np.ndarray:
    """Similarities D x G; 0 where there is no pair."""
    matrix = np.zeros((len(pairs.indptr) - 1, annotations))
    rows = np.repeat(np.arange(len(matrix)), np.diff(pairs.indptr))
    matrix[rows, pairs.annotation] = pairs.similarity
    return matrix


def extent(width_px: float, height_px: float, rows: int) -> Extent:
    """The same size for all rows."""
    return Extent(np.full(rows, width_px), np.full(rows, height_px))
