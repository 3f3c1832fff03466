"""Objects that lie where others of an earlier frame lay: which pairs of a video or an image group overlap.

Boxes are compared by their sides, rotatable ones by their outlines, masks and polygons by their pixels; two kinds, and
what has neither, by their hulls.
"""

import numpy as np

from schemas.judging import Pairs
from tasks.columns import list_parts, struct_matrix
from tasks.kernels.box_iou import box_pairs
from tasks.kernels.mask_iou import Masks, mask_pairs
from tasks.kernels.rotated_iou import rotated_pairs
from tasks.quality.bucket import Array, Bucket

_FARTHEST = 2
"""Frames that can be looked back; sequences stand that far apart, so that none looks into another."""
_CORNERS = 4


def earlier_objects(bucket: Bucket, steps: int, floor: float) -> Pairs:
    """Pairs of an object and one `steps` frames before it (1 or 2), by IoU >= floor > 0, in class and out of class.

    Both are places in `bucket.objects`. Where the images of a group differ in size, positions relative to them are
    compared, by hulls alone. No sequences: no pairs.
    """
    assert steps <= _FARTHEST
    now = _places_in_time(bucket)
    before = np.concatenate([np.zeros(steps, np.int64), now[:-steps]])
    pairs = _of_boxes(bucket, now, before, floor)
    if bucket.is_shape("rotatable_bounding_box").any():
        pairs = _instead(pairs, *_of_corners(bucket, now, before, floor), np.ones(len(bucket.objects.key), bool))
    if len(bucket.masks.data):
        pairs = _instead(pairs, *_of_masks(bucket, now, before, floor), ~_uneven(bucket))
    return pairs


def most_alike(pairs: Pairs, allowed: Array) -> tuple[Array, Array]:
    """(int64[N], float64[N]): the most alike partner of each object by the pairs allowed (bool), the first of equals.

    -1 and 0 where there is none.
    """
    row = _rows(pairs)[allowed]
    partner, similarity = pairs.annotation[allowed], pairs.similarity[allowed]
    highest = np.zeros(len(pairs.indptr) - 1)
    np.maximum.at(highest, row, similarity)
    best = np.full(len(highest), -1, np.int64)
    first = np.flatnonzero(similarity == highest[row])[::-1]
    best[row[first]] = partner[first]  # of several the last written stays, which is the first
    return best, highest


def same(values: Array, pairs: Pairs) -> Array:
    """bool[P]: whether both of each pair have the same value (of N)."""
    return values[_rows(pairs)] == values[pairs.annotation]


def _rows(pairs: Pairs) -> Array:
    return np.repeat(np.arange(len(pairs.indptr) - 1), np.diff(pairs.indptr))


def _places_in_time(bucket: Bucket) -> Array:
    """int64[places + 1]: where the objects of each place begin: units in their order, sequences apart by empty ones."""
    place = np.arange(len(bucket.units.key)) + _FARTHEST * (bucket.sequence + 1)
    counts = np.zeros(int(place.max(initial=0)) + 1, np.int64)
    counts[place] = np.diff(bucket.objects.indptr)
    return np.concatenate([[0], np.cumsum(counts)])


def _scale(bucket: Bucket) -> Array:
    """float64[N, 2]: what x and y are multiplied by, to lie as they would in the first image of the sequence."""
    units = bucket.units
    first = units.sequence_indptr[:-1][bucket.sequence]
    sizes = np.stack([units.width_px, units.height_px], axis=1)
    return (sizes[first] / sizes)[bucket.objects.unit]


def _uneven(bucket: Bucket) -> Array:
    """bool[N]: objects of sequences whose images differ in size."""
    uneven = np.zeros(len(bucket.units.sequence_indptr) - 1, bool)
    sequence = bucket.sequence[bucket.objects.unit]
    np.logical_or.at(uneven, sequence, (_scale(bucket) != 1).any(axis=1))
    return uneven[sequence]


def _of_boxes(bucket: Bucket, now: Array, before: Array, floor: float) -> Pairs:
    boxes = bucket.box_px * np.tile(_scale(bucket), 2)
    return Pairs(*box_pairs(boxes, now, boxes, np.zeros(len(boxes), bool), before, floor))


def _of_corners(bucket: Bucket, now: Array, before: Array, floor: float) -> tuple[Array, Pairs]:
    """(rows that are boxes, their pairs by outline)."""
    turned = bucket.is_shape("rotatable_bounding_box")
    rows = np.flatnonzero(turned | bucket.is_shape("bounding_box"))
    x, y, w, h = bucket.box_px.T
    corners = np.stack(
        [np.stack(corner, axis=1) for corner in ((x, y), (x + w, y), (x + w, y + h), (x, y + h))], axis=1
    )
    points, _ = list_parts(bucket.column("keypoints_px").filter(turned))
    corners[turned] = struct_matrix(points, ("x", "y")).reshape(-1, _CORNERS, 2)
    corners = (corners * _scale(bucket)[:, None])[rows]
    counted = _counted(rows, len(turned))
    crowd = np.zeros(len(rows), bool)
    return rows, Pairs(*rotated_pairs(corners, counted[now], corners, crowd, counted[before], floor))


def _of_masks(bucket: Bucket, now: Array, before: Array, floor: float) -> tuple[Array, Pairs]:
    """(rows with a mask, their pairs by pixels)."""
    masks = bucket.masks
    rows = np.flatnonzero(np.diff(masks.offsets))
    counted = _counted(rows, len(bucket.objects.key))
    offsets = np.append(masks.offsets[rows], masks.offsets[-1])  # rows in between have no bytes
    sides = [Masks(masks.data, offsets, masks.height_px[rows], counted[indptr]) for indptr in (now, before)]
    return rows, Pairs(*mask_pairs(sides[0], sides[1], np.zeros(len(rows), bool), floor))


def _counted(rows: Array, n: int) -> Array:
    """int64[n + 1]: how many of `rows`, ascending, come before each place."""
    return np.searchsorted(rows, np.arange(n + 1)).astype(np.int64)


def _instead(pairs: Pairs, rows: Array, better: Pairs, where: Array) -> Pairs:
    """The pairs; those of two of `rows` where bool[N] `where` is set as `better`, which counts in `rows`, has them."""
    among = np.zeros(len(where), bool)
    among[rows] = where[rows]
    row, other = _rows(pairs), rows[_rows(better)]
    kept, taken = ~(among[row] & among[pairs.annotation]), among[other]
    row = np.concatenate([row[kept], other[taken]])
    partner = np.concatenate([pairs.annotation[kept], rows[better.annotation][taken]])
    similarity = np.concatenate([pairs.similarity[kept], better.similarity[taken]])
    order = np.lexsort((partner, row))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(among)))])
    return Pairs(indptr, partner[order], similarity[order])
