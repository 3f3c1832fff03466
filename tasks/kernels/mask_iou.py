"""IoU of masks, unit by unit: a mask is unpacked once, and two are walked only where both have columns."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Pairs, grow
from tasks.kernels.rle import write_box
from tasks.kernels.rle_codec import decode_differences, differences_to_ends, frozen, longest_row


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
    """f64[n, 4]"""


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
    labelled, iou = _room_for_units(annotations)
    ends, area_px2, box_px = np.empty(longest_row(detections.offsets), np.int64), np.empty(1), np.empty((1, 4))
    indptr = np.zeros(len(detections.offsets), np.int64)
    annotation, similarity = np.empty(len(indptr) + 1024, np.int32), np.empty(len(indptr) + 1024)
    n = 0
    for u in range(len(detections.indptr) - 1):
        first, n_gt = annotations.indptr[u], annotations.indptr[u + 1] - annotations.indptr[u]
        _unpack_unit(annotations, first, n_gt, labelled)
        crowd = gt_crowd[first : first + n_gt]
        for d in range(detections.indptr[u], detections.indptr[u + 1]):
            if n + n_gt > len(annotation):
                annotation, similarity = grow(annotation, n, n + n_gt), grow(similarity, n, n + n_gt)
            if n_gt > 0:
                characters = detections.data[detections.offsets[d] : detections.offsets[d + 1]]
                found = ends[: _unpack(characters, detections.height[d], ends, area_px2, box_px, 0)]
                _similarities(found, area_px2[0], box_px[0], detections.height[d], labelled, crowd, floor, iou)
            for g in range(n_gt):
                annotation[n], similarity[n] = first + g, iou[g]
                n += iou[g] >= floor
            indptr[d + 1] = n
    return Pairs(indptr, annotation[:n], similarity[:n])


@kernel
def _room_for_units(masks: Masks) -> tuple[_Unpacked, Float64]:
    """Scratch for all masks of any unit, a run taking at least a character; and a number for each of them."""
    n_runs, n_masks = 0, 0
    for u in range(len(masks.indptr) - 1):
        start, stop = masks.indptr[u], masks.indptr[u + 1]
        n_masks, n_runs = max(n_masks, stop - start), max(n_runs, masks.offsets[stop] - masks.offsets[start])
    ends, first = np.empty(n_runs, np.int64), np.zeros(n_masks + 1, np.int64)
    return _Unpacked(ends, first, np.empty(n_masks), np.empty((n_masks, 4))), np.empty(n_masks)


@kernel
def _unpack_unit(masks: Masks, first: int, n_masks: int, unpacked: _Unpacked) -> None:
    stop = 0
    for place in range(n_masks):
        mask = first + place
        characters, ends = masks.data[masks.offsets[mask] : masks.offsets[mask + 1]], unpacked.ends[stop:]
        stop += _unpack(characters, masks.height[mask], ends, unpacked.area_px2, unpacked.box_px, place)
        unpacked.first[place + 1] = stop


@kernel
def _unpack(characters: UInt8, height: int, ends: Int64, area_px2: Float64, box_px: Float64, place: int) -> int:
    """Write the ends of the runs of one mask, its area and its box; return how many runs it has.

    Plain arrays: handing over named tuples of them takes a tenth of the time of comparing masks.
    """
    n_runs, _ = decode_differences(characters, ends)
    _, area_px2[place], _ = differences_to_ends(ends[:n_runs])
    box_px[place] = 0
    write_box(ends[:n_runs], height, box_px[place])
    return n_runs


@kernel
def _similarities(
    found: Int64,
    area_px2: float,
    box_px: Float64,
    height: int,
    labelled: _Unpacked,
    crowd: Bool,
    floor: float,
    iou: Float64,
) -> None:
    """Write the IoU of a mask, given by the ends of its runs, with each in `labelled`; 0 where it cannot be `floor`."""
    left, top = box_px[0], box_px[1]
    right, bottom = left + box_px[2], top + box_px[3]
    for g in range(len(crowd)):
        x, y = labelled.box_px[g, 0], labelled.box_px[g, 1]
        columns = max(0.0, min(right, x + labelled.box_px[g, 2]) - max(left, x))
        rows = max(0.0, min(bottom, y + labelled.box_px[g, 3]) - max(top, y))
        # No intersection exceeds either mask, or what their boxes share.
        most = min(columns * rows, area_px2, labelled.area_px2[g])
        iou[g] = _ratio(most, area_px2, labelled.area_px2[g], crowd[g])
    for g in range(len(crowd)):
        if iou[g] < floor or iou[g] == 0:
            iou[g] = 0.0
            continue
        start = int(max(left, labelled.box_px[g, 0])) * height
        other = labelled.ends[labelled.first[g] : labelled.first[g + 1]]
        iou[g] = _ratio(float(_intersection_px2(found, other, start)), area_px2, labelled.area_px2[g], crowd[g])


@kernel
def _ratio(shared_px2: float, area_px2: float, other_area_px2: float, crowd: bool) -> float:
    if shared_px2 == 0:
        return 0.0
    return shared_px2 / (area_px2 if crowd else area_px2 + other_area_px2 - shared_px2)


@kernel
def _intersection_px2(a: Int64, b: Int64, start: int) -> int:
    """Pixels in the foreground of both masks, given by the ends of their runs; none lie before `start`.

    Mostly both masks have one run a column and move on in turns, so branching beats arithmetic two to one.
    """
    i, j = _first_foreground_after(a, start), _first_foreground_after(b, start)
    shared = 0
    if i >= len(a) or j >= len(b):
        return shared
    a_start, a_end, b_start, b_end = a[i - 1], a[i], b[j - 1], b[j]
    while True:
        shared += max(0, min(a_end, b_end) - max(a_start, b_start))
        if a_end <= b_end:
            i += 2
            if i >= len(a):
                return shared
            a_start, a_end = a[i - 1], a[i]
        else:
            j += 2
            if j >= len(b):
                return shared
            b_start, b_end = b[j - 1], b[j]


@kernel
def _first_foreground_after(ends: Int64, start: int) -> int:
    """Index of the first run of foreground that ends after `start`; not below their number if none."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) >> 1
        if ends[middle] <= start:
            low = middle + 1
        else:
            high = middle
    return low + 1 - (low & 1)
