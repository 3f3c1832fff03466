"""Single points: keypoints of one; compared by their distance."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.records import Array, Pairs, Shape, Side
from tasks.columns import list_parts, one_chunk, struct_matrix
from tasks.kernels.point_distance import point_pairs
from tasks.shapes.skeleton import is_point, normalize


def given(table: pa.Table) -> Array:
    """Rows of shape point, whose `keypoints` hold it alone."""
    return np.asarray(one_chunk(table["keypoints_px"]).is_valid()) & is_point(table)


def _points(table: pa.Table) -> Array:
    points, offsets = list_parts(one_chunk(table["keypoints_px"]))
    return struct_matrix(points, ("x", "y"))[offsets[:-1]]


def pairs_at(detections: Side, annotations: Side, scale_px: Array, limits: Array, floor: float) -> Pairs:
    """Similarities of distances divided by `scale_px` float64[U]; see `tasks.kernels.distances`."""
    found, labelled = _points(detections.table), _points(annotations.table)
    return Pairs(*point_pairs(found, detections.indptr, labelled, annotations.indptr, scale_px, limits, floor))


def pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """1 - distance / (2 x the largest of the option `limits`), distances and limits in px; 0 beyond."""
    limits = np.array(options["limits"])
    return pairs_at(detections, annotations, np.ones(len(detections.indptr) - 1), limits, floor)


SHAPE = Shape(
    name="point",
    column="keypoints",
    similarity="point_distance",
    normalize=normalize,
    needs=("shape", "keypoints_px"),
    given=given,
    outlines=False,
    pairs=pairs,
)
