"""Rotatable boxes: an unrotated box and an angle about its centre; compared by the exact IoU of their outlines.

The rotation happens in pixels: in relative coordinates, of which one unit is as wide as the image across and as high
as the image down, it would shear the box.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from schemas.rejects import Reason
from tasks.columns import list_parts, matrix_struct, numbers, one_chunk, struct_matrix
from tasks.kernels.rotated_iou import rotated_pairs
from tasks.shapes.bounding_box import CORNER, hulls, relative_boxes

PARTS = (*CORNER, "theta")
_TURN = ((-1, -1), (1, -1), (1, 1), (-1, 1))
"""Which way the corners lie from the centre, clockwise on screen from the top left of the unrotated box."""


def _cosine_and_sine(theta_deg: Array) -> tuple[Array, Array]:
    """Of angles in degrees, exact at multiples of 90, so that a box turned by them keeps its very corners."""
    turned = np.fmod(theta_deg, 360.0)
    quarters = np.rint(turned / 90)
    rest = np.radians(turned - 90 * quarters)
    cosine, sine, quarter = np.cos(rest), np.sin(rest), quarters.astype(int) % 4
    return np.choose(quarter, [cosine, -sine, -cosine, sine]), np.choose(quarter, [sine, cosine, -sine, -cosine])


def corners_px(boxes_px: Array) -> Array:
    """float64[n, 4, 2]: corners, clockwise on screen, of float64[n, 5]: x, y, w, h in px, theta in degrees.

    Measured from the top left of the unrotated box, not from the centre: x + w is then x + w where nothing is turned.
    """
    x, y, w, h, theta_deg = boxes_px.T
    cosine, sine = _cosine_and_sine(theta_deg)
    corners = np.empty((len(boxes_px), 4, 2))
    for k, (across, down) in enumerate(_TURN):
        corners[:, k, 0] = x + w / 2 * (1 + across * cosine) - down * h / 2 * sine
        corners[:, k, 1] = y + h / 2 * (1 + down * cosine) + across * w / 2 * sine
    return corners


def corner_lists(corners: Array, which: Array | None = None) -> pa.Array:
    """The column `keypoints_px` of corners float64[n, 4, 2]; null where `which` bool[n] says no."""
    offsets = pa.array(np.arange(len(corners) + 1, dtype=np.int32) * len(_TURN))
    mask = None if which is None else pa.array(~which)
    return pa.ListArray.from_arrays(offsets, matrix_struct(corners.reshape(-1, 2), ("x", "y")), mask=mask)


def _faults(boxes_px: Array, corners: Array) -> Faults:
    finite = np.isfinite(np.hstack([boxes_px, corners.reshape(-1, 8)])).all(axis=1)
    negative = boxes_px[:, 2:4].min(axis=1, initial=0.0) < 0
    rows = np.flatnonzero(~finite | negative)
    codes = [str(Reason.INVALID_BOX if finite[row] else Reason.NOT_FINITE) for row in rows]
    texts = [", ".join(f"{part} {value:g}" for part, value in zip(PARTS, boxes_px[row], strict=True)) for row in rows]
    return Faults(rows, codes, texts)


def normalize(values: pa.Array, extent: Extent) -> Normalized:
    """The unrotated box relative, its angle as it is; beside it the corners in px, which similarities are taken of.

    The area is w h. Boxes that are not finite, or of negative size, are faults.
    """
    boxes_px = struct_matrix(values, PARTS)
    with np.errstate(invalid="ignore", over="ignore"):
        corners = corners_px(np.where(np.isfinite(boxes_px), boxes_px, 0.0))
        relative = np.hstack([relative_boxes(boxes_px[:, :4], extent), boxes_px[:, 4:]])
    columns = {"rotated_bbox": matrix_struct(relative, PARTS), "keypoints_px": corner_lists(corners)}
    offsets = np.arange(len(values) + 1) * len(_TURN)
    return Normalized(
        columns,
        lambda: hulls(corners.reshape(-1, 2), offsets),
        lambda: boxes_px[:, 2] * boxes_px[:, 3],
        _faults(boxes_px, corners),
    )


def given(table: pa.Table) -> Array:
    """Rows with a rotatable box."""
    return numbers(one_chunk(table["rotated_bbox"]).is_valid())


def _corners(table: pa.Table) -> Array:
    points, _ = list_parts(one_chunk(table["keypoints_px"]))
    return struct_matrix(points, ("x", "y")).reshape(-1, len(_TURN), 2)


def pairs(detections: Side, annotations: Side, floor: float, _options: Mapping[str, Any]) -> Pairs:
    """IoU of the outlines in px; over crowds, intersection over the detection's area."""
    return Pairs(
        *rotated_pairs(
            _corners(detections.table),
            detections.indptr,
            _corners(annotations.table),
            annotations.crowd,
            annotations.indptr,
            floor,
        )
    )


SHAPE = Shape(
    name="rotatable_bounding_box",
    column="rotated_bbox",
    similarity="rotated_iou",
    normalize=normalize,
    needs=("rotated_bbox", "keypoints_px"),
    given=given,
    outlines=True,
    pairs=pairs,
)
