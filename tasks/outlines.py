"""Outlines as geometries: built from vertices, repaired where they cross themselves, compared by exact IoU."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from schemas.judging import Array, Pairs
from tasks.kernels.oks import all_pairs
from tasks.kernels.pairs import keep_above

Geometries = npt.NDArray[Any]
"""object[n] of shapely geometries."""


def multipolygons(points: Array, rings: Array, polygons: Array, rows: Array) -> Geometries:
    """A geometry for each of n rows of polygons with holes; coordinates in px.

    `points` is float64[P, 2]; offsets tell where rings begin in the points, polygons in the rings (the shell first) and
    rows in the polygons. What is not simple, as shells that overlap or cross themselves and holes that leave their
    shell, is repaired: each ring by itself, then holes are taken from their shell, and polygons united.
    """
    offsets = tuple(where.astype(np.int64) for where in (rings, polygons, rows))
    made: Geometries = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, offsets)
    for row in np.flatnonzero(~shapely.is_valid(made)).tolist():
        made[row] = shapely.union_all([_simple(polygon) for polygon in shapely.get_parts(made[row])])
    return made


def _simple(polygon: shapely.Polygon) -> shapely.Geometry:
    """A polygon of its rings, each repaired by itself."""
    shell, *holes = (
        shapely.make_valid(shapely.polygons(ring), method="structure", keep_collapsed=False)
        for ring in shapely.get_rings(polygon)
    )
    return shapely.difference(shell, shapely.union_all(holes)) if holes else shell


def _most_px2(found: Geometries, labelled: Geometries, row: Array, column: Array) -> Array:
    """float64[N]: what the hulls of pairs share, at most the smaller area; nothing where one is empty."""
    left, top, right, bottom = (shapely.bounds(found).T[k][row] for k in range(4))
    x, y, x_end, y_end = (shapely.bounds(labelled).T[k][column] for k in range(4))
    across = np.fmax(0.0, np.minimum(right, x_end) - np.maximum(left, x))
    down = np.fmax(0.0, np.minimum(bottom, y_end) - np.maximum(top, y))
    return np.minimum(across * down, np.minimum(shapely.area(found)[row], shapely.area(labelled)[column]))


def outline_pairs(
    found: Geometries, dt_indptr: Array, labelled: Geometries, gt_indptr: Array, crowd: Array, floor: float
) -> Pairs:
    """Pairs of the same unit with IoU >= floor, in class and out of class.

    Geometries are sorted by unit, indptr int64[U+1]; over a crowd (bool[G]) the intersection is divided by the
    detection's area. Equal geometries give exactly 1, those without area 0. Pairs that cannot reach `floor`, going by
    their hulls and areas, are not cut. With floor <= 0 every pair of a unit is there. No detections, or no annotations:
    no pairs.
    """
    indptr, column = all_pairs(dt_indptr, gt_indptr)
    row = np.repeat(np.arange(len(found)), np.diff(indptr))
    area, gt_area, over_crowd = shapely.area(found)[row], shapely.area(labelled)[column], crowd[column]

    def ratio(shared: Array, which: Array) -> Array:
        whole = np.where(over_crowd[which], area[which], area[which] + gt_area[which] - shared)
        return np.divide(shared, whole, out=np.zeros(len(shared)), where=shared > 0)

    iou = ratio(_most_px2(found, labelled, row, column), np.arange(len(row)))
    near = np.flatnonzero((iou >= floor) & (iou > 0))
    one, other = found[row[near]], labelled[column[near]]
    shared = np.where(shapely.equals_exact(one, other), area[near], shapely.area(shapely.intersection(one, other)))
    iou[near] = np.minimum(1.0, ratio(shared, near))
    return Pairs(*keep_above(indptr, column, iou, floor))
