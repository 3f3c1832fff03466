"""Pixels that annotations and detections of a unit share, and those only one side has, from run lengths alone.

All toggles of a unit's masks are put in order and walked once: between two of them nothing changes.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Int32, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.mask_iou import Masks
from tasks.kernels.order import counting_sort
from tasks.kernels.pairs import grow
from tasks.kernels.rle import runs_to_ends
from tasks.kernels.rle_codec import decode_mask, frozen
from tasks.kernels.sorting import sort_ascending

_MASK_BITS = 31
"""A toggle is one number: its position, and below it the mask's place among those of its unit."""
_PER_GROUP_BITS = 2
"""Toggles are dealt into groups of about four by position, and each group is sorted by itself."""


class Overlaps(NamedTuple):
    """N pairs that share pixels, by unit, annotation, detection; -1 stands for none."""

    unit: Int32
    annotation: Int32
    detection: Int32
    n_pixels: Int64


class _Stretches(NamedTuple):
    """Stretches of a unit's pixels in which neither side changes."""

    annotation: Int32
    """Place among the unit's annotations, from 1; 0: none."""
    detection: Int32
    n_pixels: Int64


def overlaps(annotations: Masks, detections: Masks, n_pixels: Int64) -> Overlaps:
    """Pixels of each pair of an annotation and a detection in U units of n_pixels (i64[U]); they add up to n_pixels.

    Masks are sound, and of their unit's size. A pixel that several masks of one side hold counts for the first of
    them. Units without masks on either side are not there.
    """
    annotated, detected = (masks._replace(data=frozen(masks.data)) for masks in (annotations, detections))
    return _overlaps(annotated, detected, n_pixels)


@kernel
def _overlaps(annotations: Masks, detections: Masks, n_pixels: Int64) -> Overlaps:
    unit, annotation = np.empty(256, np.int32), np.empty(256, np.int32)
    detection, shared = np.empty(256, np.int32), np.empty(256, np.int64)
    n = 0
    for u in range(len(n_pixels)):
        first_a, first_d = annotations.indptr[u], detections.indptr[u]
        n_a, n_d = annotations.indptr[u + 1] - first_a, detections.indptr[u + 1] - first_d
        if n_a + n_d == 0:
            continue
        stretches = _stretches(_ordered(_unit_toggles(annotations, detections, u), n_pixels[u]), n_a, n_d, n_pixels[u])
        cells = _added_up(stretches, n_a, n_d)
        needed = n + len(cells.n_pixels)
        if needed > len(unit):
            unit, annotation = grow(unit, n, needed), grow(annotation, n, needed)
            detection, shared = grow(detection, n, needed), grow(shared, n, needed)
        for k in range(len(cells.n_pixels)):
            a, d = cells.annotation[k] - 1, cells.detection[k] - 1
            unit[n], shared[n] = u, cells.n_pixels[k]
            annotation[n] = a + first_a if a >= 0 else -1
            detection[n] = d + first_d if d >= 0 else -1
            n += 1
    return Overlaps(unit[:n], annotation[:n], detection[:n], shared[:n])


@kernel
def _unit_toggles(annotations: Masks, detections: Masks, u: int) -> Int64:
    """Toggles of all masks of a unit, mask by mask; annotations come first."""
    n_characters = annotations.offsets[annotations.indptr[u + 1]] - annotations.offsets[annotations.indptr[u]]
    n_characters += detections.offsets[detections.indptr[u + 1]] - detections.offsets[detections.indptr[u]]
    toggles = np.empty(n_characters, np.int64)
    n = _add_toggles(annotations, u, 0, toggles, 0)
    n_annotations = annotations.indptr[u + 1] - annotations.indptr[u]
    return toggles[: _add_toggles(detections, u, n_annotations, toggles, n)]


@kernel
def _add_toggles(masks: Masks, u: int, place: int, toggles: Int64, n: int) -> int:
    for mask in range(masks.indptr[u], masks.indptr[u + 1]):
        characters = masks.data[masks.offsets[mask] : masks.offsets[mask + 1]]
        ends = toggles[n : n + decode_mask(characters, toggles[n:])]
        runs_to_ends(ends)
        n_toggles = len(ends) // 2 * 2  # a last run of background ends with the image
        for k in range(n_toggles):
            toggles[n + k] = (ends[k] << _MASK_BITS) + place
        n += n_toggles
        place += 1
    return n


@kernel
def _ordered(toggles: Int64, n_pixels: int) -> Int64:
    """The toggles by position, then mask: dealt into groups by position, each sorted by itself."""
    shift = _MASK_BITS
    while n_pixels >> (shift - _MASK_BITS) > len(toggles) >> _PER_GROUP_BITS:
        shift += 1
    first = np.zeros((n_pixels >> (shift - _MASK_BITS)) + 3, np.int64)
    for toggle in toggles:
        first[(toggle >> shift) + 2] += 1
    for group in range(2, len(first)):
        first[group] += first[group - 1]
    ordered = np.empty(len(toggles), np.int64)
    for toggle in toggles:
        group = (toggle >> shift) + 1
        ordered[first[group]] = toggle
        first[group] += 1
    for group in range(len(first) - 1):
        sort_ascending(ordered, first[group], first[group + 1])
    return ordered


@kernel
def _stretches(toggles: Int64, n_annotations: int, n_detections: int, n_pixels: int) -> _Stretches:
    """Walk a unit's toggles in order, and tell which mask of each side counts between two of them."""
    room = len(toggles) + 1
    annotation, detection = np.zeros(room, np.int32), np.zeros(room, np.int32)
    length, inside = np.empty(room, np.int64), np.zeros(n_annotations + n_detections, np.bool_)
    annotated, detected = inside[:n_annotations], inside[n_annotations:]
    n, position, a, d, n_inside = 0, 0, 0, 0, np.zeros(2, np.int64)
    for toggle in toggles:
        here, mask = toggle >> _MASK_BITS, toggle & ((1 << _MASK_BITS) - 1)
        if here > position:
            annotation[n], detection[n], length[n] = a, d, here - position
            n, position = n + 1, here
        if mask < n_annotations:
            a = _switched(annotated, mask, a, n_inside[:1])
        else:
            d = _switched(detected, mask - n_annotations, d, n_inside[1:])
    if n_pixels > position:
        annotation[n], detection[n], length[n] = a, d, n_pixels - position
        n += 1
    return _Stretches(annotation[:n], detection[:n], length[:n])


@kernel
def _switched(inside: Bool, mask: int, before: int, n_inside: Int64) -> int:
    """Turn one mask of a side on or off; return which counts then: its place from 1, or 0 for none."""
    inside[mask] = not inside[mask]
    if inside[mask]:
        n_inside[0] += 1
        return mask + 1 if before == 0 else min(before, mask + 1)
    n_inside[0] -= 1
    if before != mask + 1 or n_inside[0] == 0:
        return before if n_inside[0] else 0
    other = mask + 1
    while not inside[other]:
        other += 1
    return other + 1


@kernel
def _added_up(stretches: _Stretches, n_annotations: int, n_detections: int) -> _Stretches:
    """One stretch per pair, by annotation and detection."""
    rows = np.arange(len(stretches.n_pixels)).astype(np.int32)
    order, first = counting_sort(rows, stretches.annotation, n_annotations + 1)
    shared, seen = np.zeros(n_detections + 1, np.int64), np.empty(n_detections + 2, np.int64)
    pairs = _Stretches(np.empty_like(rows), np.empty_like(rows), np.empty(len(rows), np.int64))
    n = 0
    for a in range(n_annotations + 1):
        n_seen = 0
        for stretch in order[first[a] : first[a + 1]]:
            d = stretches.detection[stretch]
            seen[n_seen] = d
            n_seen += shared[d] == 0
            shared[d] += stretches.n_pixels[stretch]
        sort_ascending(seen, 0, n_seen)
        for d in seen[:n_seen]:
            pairs.annotation[n], pairs.detection[n], pairs.n_pixels[n] = a, d, shared[d]
            shared[d] = 0
            n += 1
    return _Stretches(pairs.annotation[:n], pairs.detection[:n], pairs.n_pixels[:n])
