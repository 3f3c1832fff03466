"""Skeletons: named points with a visibility; compared by object keypoint similarity (OKS)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from schemas.rejects import Reason
from tasks.columns import list_parts, matrix_struct, numbers, one_chunk, struct_matrix
from tasks.kernels.oks import all_pairs, oks_pairs
from tasks.shapes.bounding_box import CORNER, hulls


def normalize(values: pa.Array, extent: Extent) -> Normalized:
    """Relative points beside the exact ones, which OKS needs to the last place.

    The hull is over all points, labelled or not, as pycocotools' loadRes.
    """
    keypoints, offsets = list_parts(values)
    points = struct_matrix(keypoints, ("x", "y"))
    counts = np.diff(offsets)
    sizes = np.stack([np.repeat(extent.width_px, counts), np.repeat(extent.height_px, counts)], axis=1)
    relative = points / sizes
    parts = [pa.array(relative[:, 0].copy()), pa.array(relative[:, 1].copy())]
    parts += [keypoints.field("visibility"), keypoints.field("name")]
    where = pa.array(offsets.astype(np.int32))
    columns = {
        "keypoints": pa.ListArray.from_arrays(
            where, pa.StructArray.from_arrays(parts, names=["x", "y", "visibility", "name"])
        ),
        "keypoints_px": pa.ListArray.from_arrays(where, matrix_struct(points, ("x", "y"))),
    }
    empty = np.flatnonzero(counts == 0)
    faults = Faults(empty, [str(Reason.INVALID_KEYPOINTS)] * len(empty), ["no points"] * len(empty))
    return Normalized(columns, lambda: hulls(points, offsets), lambda: hulls(points, offsets)[:, 2:].prod(1), faults)


def is_point(table: pa.Table) -> Array:
    """bool[n]: rows of shape point, whose keypoints are one point and no skeleton."""
    return numbers(pc.equal(one_chunk(table["shape"]).cast(pa.string()), "point"), missing=False)


def given(table: pa.Table) -> Array:
    """Rows with keypoints that are no single point."""
    return np.asarray(one_chunk(table["keypoints"]).is_valid()) & ~is_point(table)


def _points(table: pa.Table, count: int, whose: str) -> Array:
    """float64[n, count, 2] of rows that all have `count` points; InputError where one has not."""
    values, offsets = list_parts(one_chunk(table["keypoints_px"]))
    other = np.flatnonzero(np.diff(offsets) != count)
    if len(other):
        found = int(np.diff(offsets)[other[0]])
        raise InputError(
            f"{len(other)} {whose} have other than {count} keypoints, as many as sigmas (the first has {found})",
            where="--keypoint-sigma",
            hint="repeat --keypoint-sigma for every point, or leave keypoints out with --protocol coco-bbox",
        )
    return struct_matrix(values, ("x", "y")).reshape(-1, count, 2)


def pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """OKS with the sigmas of the protocol's options; InputError where a row has not as many points."""
    sigmas = np.array(options["sigmas"])
    points = _points(detections.table, len(sigmas), "predictions")
    truth = _points(annotations.table, len(sigmas), "annotations")
    labelled, _ = list_parts(one_chunk(annotations.table["keypoints"]))
    visible = numbers(labelled.field("visibility"), missing=0).reshape(-1, len(sigmas)) > 0
    near = all_pairs(detections.indptr, annotations.indptr)
    return Pairs(
        *oks_pairs(
            *near,
            points,
            truth,
            visible,
            struct_matrix(annotations.table["bbox_px"], CORNER),
            numbers(annotations.table["area"]),
            sigmas,
            floor,
        )
    )


SHAPE = Shape(
    name="skeleton",
    column="keypoints",
    similarity="oks",
    normalize=normalize,
    needs=("shape", "keypoints", "keypoints_px", "bbox_px", "area"),
    given=given,
    outlines=False,
    pairs=pairs,
)
