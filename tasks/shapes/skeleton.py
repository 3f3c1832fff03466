"""Skeletons: named points with a visibility; compared by object keypoint similarity (OKS)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from schemas.rejects import Reason
from tasks.columns import list_parts, matrix_struct, numbers, one_chunk, struct_matrix
from tasks.kernels.oks import all_pairs, oks_pairs
from tasks.kernels.pairs import Candidates
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
    return Normalized(
        columns,
        lambda: hulls(points, offsets),
        lambda: hulls(points, offsets)[:, 2:].prod(axis=1),
        _faults(points, offsets),
    )


def _faults(points: Array, offsets: Array) -> Faults:
    """Rows without points, or with one that is not finite."""
    empty = np.flatnonzero(np.diff(offsets) == 0)
    codes, texts = [str(Reason.INVALID_KEYPOINTS)] * len(empty), ["no points"] * len(empty)
    bad_points = np.flatnonzero(~np.isfinite(points).all(axis=1))
    rows = np.unique(np.searchsorted(offsets, bad_points, side="right") - 1)
    codes += [str(Reason.NOT_FINITE)] * len(rows)
    texts += ["a point that is not finite"] * len(rows)
    return Faults(np.concatenate([empty, rows]), codes, texts)


def is_point(table: pa.Table) -> Array:
    """bool[n]: rows of shape point, whose keypoints are one point and no skeleton."""
    return numbers(pc.equal(one_chunk(table["shape"]).cast(pa.string()), "point"), missing=False)


def given(table: pa.Table) -> Array:
    """Rows with keypoints that are no single point."""
    return np.asarray(one_chunk(table["keypoints"]).is_valid()) & ~is_point(table)


def _sizes(table: pa.Table) -> Array:
    """int64[n]: points of each row."""
    return np.diff(list_parts(one_chunk(table["keypoints_px"]))[1])


def _refuse_others(table: pa.Table, count: int, whose: str) -> None:
    """InputError where a row has not `count` points."""
    sizes = _sizes(table)
    other = np.flatnonzero(sizes != count)
    if len(other):
        first = sizes[other[0]]
        raise InputError(
            f"{len(other)} {whose} have other than {count} keypoints, as many as sigmas (the first has {first})",
            where="--keypoint-sigma",
            hint="repeat --keypoint-sigma for every point, or leave keypoints out with --protocol coco-bbox",
        )


def _points(table: pa.Table, count: int) -> Array:
    """float64[n, count, 2] in px; zeros in rows that have another number of points."""
    values, offsets = list_parts(one_chunk(table["keypoints_px"]))
    mine = np.diff(offsets) == count
    points = np.zeros((len(mine), count, 2))
    points[mine] = struct_matrix(values, ("x", "y"))[np.repeat(mine, np.diff(offsets))].reshape(-1, count, 2)
    return points


def _visible(table: pa.Table, count: int) -> Array:
    """bool[n, count]: labelled points; none in rows that have another number of points."""
    values, offsets = list_parts(one_chunk(table["keypoints"]))
    mine = np.diff(offsets) == count
    visible = np.zeros((len(mine), count), bool)
    labelled = numbers(values.field("visibility"), missing=0) > 0
    visible[mine] = labelled[np.repeat(mine, np.diff(offsets))].reshape(-1, count)
    return visible


def _oks(near: Candidates, detections: Side, annotations: Side, sigmas: Array, floor: float) -> Pairs:
    """OKS of candidates that all have as many points as there are sigmas."""
    truth = annotations.table
    found, labelled = _points(detections.table, len(sigmas)), _points(truth, len(sigmas))
    boxes, area = struct_matrix(truth["bbox_px"], CORNER), numbers(truth["area"])
    return Pairs(*oks_pairs(*near, found, labelled, _visible(truth, len(sigmas)), boxes, area, sigmas, floor))


def pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """OKS with the sigmas of the protocol's options; InputError where a row has not as many points."""
    sigmas = np.array(options["sigmas"])
    _refuse_others(detections.table, len(sigmas), "predictions")
    _refuse_others(annotations.table, len(sigmas), "annotations")
    return _oks(all_pairs(detections.indptr, annotations.indptr), detections, annotations, sigmas, floor)


def uniform_pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """OKS with one sigma for every point, of skeletons of any number of points.

    Two with different numbers of points are no pair, whatever the floor.
    """
    (sigma,) = options["sigma"]
    every = all_pairs(detections.indptr, annotations.indptr)
    row = np.repeat(np.arange(len(detections.crowd)), np.diff(every.indptr))
    sizes, truth_sizes = _sizes(detections.table), _sizes(annotations.table)
    alike = sizes[row] == truth_sizes[every.annotation]
    found = []
    for count in np.unique(truth_sizes):
        which = alike & (sizes[row] == count)
        near = Candidates(_indptr(row[which], len(sizes)), every.annotation[which])
        found.append(_oks(near, detections, annotations, np.full(count, sigma), floor))
    return _together(found, len(sizes))


def _indptr(rows: Array, count: int) -> Array:
    """int64[count + 1] of ascending rows."""
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))]).astype(np.int64)


def _together(parts: Sequence[Pairs], count: int) -> Pairs:
    """Pairs of `count` detections, each of which has entries in one of the parts."""
    rows = [np.repeat(np.arange(count), np.diff(part.indptr)) for part in parts]
    row = np.concatenate([np.empty(0, np.int64), *rows])
    order = np.argsort(row, kind="stable")
    annotation = np.concatenate([np.empty(0, np.int32), *(part.annotation for part in parts)])
    similarity = np.concatenate([np.empty(0), *(part.similarity for part in parts)])
    return Pairs(_indptr(row, count), annotation[order], similarity[order])


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
