"""Polylines: open chains of vertices; compared by how far apart they run."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from schemas.rejects import Reason
from tasks.columns import list_parts, matrix_struct, numbers, one_chunk, struct_matrix
from tasks.kernels.polyline_distance import polyline_pairs, resample
from tasks.shapes.bounding_box import hulls

SAMPLES = 100
"""Points at equal steps along each polyline, from which distances are taken."""

QUARTER_SEGMENTS = 16
"""Straight pieces that stand for a quarter of a circle about an end or a corner."""


def _faults(points: Array, offsets: Array) -> Faults:
    bad_points = np.concatenate([[0], np.cumsum(~np.isfinite(points).all(axis=1))])
    not_finite, empty = np.diff(bad_points[offsets]) > 0, np.diff(offsets) == 0
    rows = np.flatnonzero(not_finite | empty)
    codes = [str(Reason.NO_GEOMETRY if empty[row] else Reason.NOT_FINITE) for row in rows]
    texts = ["a polyline without vertices" if empty[row] else "a vertex that is not finite" for row in rows]
    return Faults(rows, codes, texts)


def normalize(values: pa.Array, extent: Extent) -> Normalized:
    """Relative vertices beside the exact ones. A polyline covers nothing: its area is that of its hull, as keypoints'.

    One without vertices, or with one that is not finite, is a fault.
    """
    vertices, offsets = list_parts(values)
    points, counts = struct_matrix(vertices, ("x", "y")), np.diff(offsets)
    sizes = np.stack([np.repeat(extent.width_px, counts), np.repeat(extent.height_px, counts)], axis=1)
    where = pa.array(offsets.astype(np.int32))
    columns = {
        "polyline": pa.ListArray.from_arrays(where, matrix_struct(points / sizes, ("x", "y"))),
        "keypoints_px": pa.ListArray.from_arrays(where, matrix_struct(points, ("x", "y"))),
    }
    return Normalized(
        columns,
        lambda: hulls(points, offsets),
        lambda: hulls(points, offsets)[:, 2:].prod(axis=1),
        _faults(points, offsets),
    )


def given(table: pa.Table) -> Array:
    """Rows with a polyline."""
    return numbers(one_chunk(table["polyline"]).is_valid())


def vertices_px(table: pa.Table) -> tuple[Array, Array]:
    """(float64[P, 2] vertices of all rows, int64[n+1] where each row's begin)."""
    points, offsets = list_parts(one_chunk(table["keypoints_px"]))
    return struct_matrix(points, ("x", "y")), offsets


def _pairs(detections: Side, annotations: Side, frechet: bool, floor: float, options: Mapping[str, Any]) -> Pairs:
    found, labelled = (resample(*vertices_px(side.table), SAMPLES) for side in (detections, annotations))
    limits = np.array(options["limits"])
    return Pairs(*polyline_pairs(found, detections.indptr, labelled, annotations.indptr, frechet, limits, floor))


def chamfer_pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """By symmetric Chamfer distance: 1 - distance / (2 x the largest of the option `limits`), in px; 0 beyond.

    The mean distance of a polyline's samples to the nearest of the other's, averaged over both. Blind to direction.
    """
    return _pairs(detections, annotations, False, floor, options)


def frechet_pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """By discrete Frechet distance of the samples, likewise; a polyline that runs the other way is far."""
    return _pairs(detections, annotations, True, floor, options)


def buffered_pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """IoU of what lies within the option `buffer` (px) of each polyline, round at ends and corners."""
    from tasks.outlines import outline_pairs  # shapely, which nothing else here needs

    (buffer_px,) = options["buffer"]
    found, labelled = (_buffered(*vertices_px(side.table), buffer_px) for side in (detections, annotations))
    return outline_pairs(found, detections.indptr, labelled, annotations.indptr, annotations.crowd, floor)


def _buffered(points: Array, offsets: Array, buffer_px: float) -> Array:
    """A polygon about each polyline, as geometries; about a single vertex, a disc."""
    import shapely

    alone = np.diff(offsets) == 1
    twice = np.repeat(points, np.repeat(1 + alone, np.diff(offsets)), axis=0)
    starts = offsets + np.concatenate([[0], np.cumsum(alone)])
    lines = shapely.linestrings(twice, indices=np.repeat(np.arange(len(alone)), np.diff(starts)))
    return np.asarray(shapely.buffer(lines, buffer_px, quad_segs=QUARTER_SEGMENTS))


SHAPE = Shape(
    name="polyline",
    column="polyline",
    similarity="chamfer_distance",
    normalize=normalize,
    needs=("polyline", "keypoints_px"),
    given=given,
    outlines=False,
    pairs=chamfer_pairs,
)
