"""IoU of masks, unit by unit: a mask is unpacked once, and two are walked only where both have columns."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Pairs, grow
from tasks.kernels.rle import foreground_px2, runs_to_ends, write_box
from tasks.kernels.rle_codec import decode_mask, frozen


class Masks(NamedTuple):
    """N sound masks (see `rle.measure`), packed, sorted by unit."""

    data: UInt8
    offsets: Int64
    """i64[N + 1], into `data`"""
    height: Int64
    """i64[N], of the unit in px"""
    indptr: Int64
    """i64[U + 1]: the masks of unit u are indptr[u]:indptr[u + 1]"""


class _Unpacked(NamedTuple):
    """The masks of one unit."""

    ends: Int64
    """Position after each run; runs of foreground have odd indices."""
    first: Int64
    """i64[n + 1], into `ends`"""
    area_px2: Float64
    box_px: Float64


def mask_pairs(detections: Masks, annotations: Masks, gt_crowd: Bool, floor: float) -> Pairs:
    """Pairs of the same unit with IoU >= floor, in class and out of class, each to the bit as `pycocotools.mask.iou`.

    Masks of the same unit have the same size. Over a crowd (`gt_crowd`, bool[G]) the intersection is divided by the
    detection's area. Pairs that cannot reach `floor`, going by their areas and boxes, are not walked. With floor <= 0
    every pair of a unit is there. No detections, or no annotations: no pairs.
    """
    found, labelled = (masks._replace(data=frozen(masks.data)) for masks in (detections, annotations))
    return _mask_pairs(found, labelled, gt_crowd, floor)


@kernel
def _mask_pairs(detections: Masks, annotations: Masks, gt_crowd: Bool, floor: float) -> Pairs:
    found, labelled = _room_for(detections, 1), _room_for(annotations, 0)
    indptr = np.zeros(len(detections.offsets), np.int64)
    annotation, similarity = np.empty(len(indptr) + 1024, np.int32), np.empty(len(indptr) + 1024)
    iou = np.empty(len(labelled.area_px2))
    n = 0
    for u in range(len(detections.indptr) - 1):
        first, n_gt = annotations.indptr[u], annotations.indptr[u + 1] - annotations.indptr[u]
        for g in range(n_gt):
            _unpack(annotations, first + g, labelled, g)
        for d in range(detections.indptr[u], detections.indptr[u + 1]):
            if n_gt > 0:
                _unpack(detections, d, found, 0)
            if n + n_gt > len(annotation):
                annotation, similarity = grow(annotation, n, n + n_gt), grow(similarity, n, n + n_gt)
            _similarities(found, labelled, detections.height[d], gt_crowd[first : first + n_gt], floor, iou)
            for g in range(n_gt):
                annotation[n], similarity[n] = first + g, iou[g]
                n += iou[g] >= floor
            indptr[d + 1] = n
    return Pairs(indptr, annotation[:n], similarity[:n])


@kernel
def _room_for(masks: Masks, at_once: int) -> _Unpacked:
    """Scratch for `at_once` masks, or for all of any unit if that is 0: a run takes at least a character."""
    n_runs, n_masks = 0, at_once
    step = at_once
    for u in range(len(masks.indptr) - 1):
        start, stop = masks.indptr[u], masks.indptr[u + 1]
        if at_once == 0:
            n_masks, step = max(n_masks, stop - start), max(stop - start, 1)
        for mask in range(start, stop, step):
            n_runs = max(n_runs, masks.offsets[mask + step] - masks.offsets[mask])
    ends, first = np.empty(n_runs, np.int64), np.zeros(n_masks + 1, np.int64)
    return _Unpacked(ends, first, np.empty(n_masks), np.zeros((n_masks, 4)))


@kernel
def _unpack(masks: Masks, mask: int, unpacked: _Unpacked, place: int) -> None:
    start = unpacked.first[place]
    n_runs = decode_mask(masks.data[masks.offsets[mask] : masks.offsets[mask + 1]], unpacked.ends[start:])
    runs = unpacked.ends[start : start + n_runs]
    unpacked.first[place + 1] = start + n_runs
    unpacked.area_px2[place] = foreground_px2(runs)
    runs_to_ends(runs)
    unpacked.box_px[place] = 0
    write_box(runs, masks.height[mask], unpacked.box_px[place])


@kernel
def _similarities(found: _Unpacked, labelled: _Unpacked, height: int, crowd: Bool, floor: float, iou: Float64) -> None:
    """Write the IoU of the mask in `found` with each mask in `labelled`; 0 where that cannot reach `floor`."""
    area, n_runs = found.area_px2[0], found.first[1]
    left, top = found.box_px[0, 0], found.box_px[0, 1]
    right, bottom = left + found.box_px[0, 2], top + found.box_px[0, 3]
    for g in range(len(crowd)):
        x, y = labelled.box_px[g, 0], labelled.box_px[g, 1]
        columns = max(0.0, min(right, x + labelled.box_px[g, 2]) - max(left, x))
        rows = max(0.0, min(bottom, y + labelled.box_px[g, 3]) - max(top, y))
        # No intersection exceeds either mask, or what their boxes share.
        most = min(columns * rows, area, labelled.area_px2[g])
        iou[g] = _ratio(most, area, labelled.area_px2[g], crowd[g])
    for g in range(len(crowd)):
        if iou[g] < floor or iou[g] == 0:
            iou[g] = 0.0
            continue
        start = int(max(left, labelled.box_px[g, 0])) * height
        shared = _intersection_px2(
            found.ends, 0, n_runs, labelled.ends, labelled.first[g], labelled.first[g + 1], start
        )
        iou[g] = _ratio(float(shared), area, labelled.area_px2[g], crowd[g])


@kernel
def _ratio(shared_px2: float, area_px2: float, other_area_px2: float, crowd: bool) -> float:
    if shared_px2 == 0:
        return 0.0
    return shared_px2 / (area_px2 if crowd else area_px2 + other_area_px2 - shared_px2)


@kernel
def _intersection_px2(a: Int64, i: int, a_stop: int, b: Int64, j: int, b_stop: int, start: int) -> int:
    """Pixels in the foreground of both a[i:a_stop] and b[j:b_stop], ends of runs; none lie before `start`.

    Mostly both masks have one run a column and move on in turns, so branching beats arithmetic two to one.
    """
    i, j = _first_foreground_after(a, i, a_stop, start), _first_foreground_after(b, j, b_stop, start)
    shared = 0
    if i >= a_stop or j >= b_stop:
        return shared
    a_start, a_end, b_start, b_end = a[i - 1], a[i], b[j - 1], b[j]
    while True:
        shared += max(0, min(a_end, b_end) - max(a_start, b_start))
        if a_end <= b_end:
            i += 2
            if i >= a_stop:
                return shared
            a_start, a_end = a[i - 1], a[i]
        else:
            j += 2
            if j >= b_stop:
                return shared
            b_start, b_end = b[j - 1], b[j]


@kernel
def _first_foreground_after(ends: Int64, first: int, stop: int, start: int) -> int:
    """Index of the first run of foreground in ends[first:stop] that ends after `start`; not below `stop` if none."""
    low, high = first, stop
    while low < high:
        middle = (low + high) >> 1
        if ends[middle] <= start:
            low = middle + 1
        else:
            high = middle
    return low + 1 - ((low - first) & 1)
