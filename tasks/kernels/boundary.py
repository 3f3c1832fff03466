"""Boundaries of masks: the pixels near the outside, also near what lies beyond the image's edge."""

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Pairs, grow
from tasks.kernels.rle import runs_to_ends, write_box
from tasks.kernels.rle_codec import decode_mask, encode_mask, encoded_size, frozen, longest_row
from tasks.kernels.toggles import push_toggle, toggles_to_runs

_NONE = -2
"""A column before every gap."""


def boundaries(
    data: UInt8, offsets: Int64, height: Int64, width: Int64, reach_px: Int64, wanted: Bool
) -> tuple[UInt8, Int64]:
    """Packed masks of the boundaries of N sound masks (see `rle.measure`), and their offsets i64[N + 1].

    A pixel of the mask belongs to its boundary if any of the (2 r + 1)² pixels about it lies outside the mask or the
    image: it is what r erosions by 3 x 3 take away. `height`, `width` and `reach_px` (r >= 1) are i64[N]; masks that
    are not `wanted` (bool[N]) stay whole. No masks: no characters. Source: Cheng et al., Boundary IoU, CVPR 2021.
    """
    return _boundaries(frozen(data), offsets, height, width, reach_px, wanted)


@kernel
def _boundaries(
    data: UInt8, offsets: Int64, height: Int64, width: Int64, reach_px: Int64, wanted: Bool
) -> tuple[UInt8, Int64]:
    ends, toggles, box = np.empty(longest_row(offsets), np.int64), np.empty(1024, np.int64), np.zeros(4)
    made, made_offsets = np.empty(2 * len(data) + 1024, np.uint8), np.zeros(len(offsets), np.int64)
    gap = np.empty(height.max() if len(height) > 0 else 0, np.int64)
    for mask in range(len(offsets) - 1):
        characters, start = data[offsets[mask] : offsets[mask + 1]], made_offsets[mask]
        runs = ends[: decode_mask(characters, ends)]
        runs_to_ends(runs)
        box[:] = 0.0
        write_box(runs, height[mask], box)
        if not wanted[mask] or min(box[2], box[3]) <= 2 * reach_px[mask]:
            if start + len(characters) > len(made):
                made = grow(made, start, start + len(characters))
            made[start : start + len(characters)] = characters
            made_offsets[mask + 1] = start + len(characters)
            continue
        needed = len(runs) + int(box[2]) * (int(box[3]) + 2)
        if needed > len(toggles):
            toggles = np.empty(needed, np.int64)
        n_toggles = _rim(runs, height[mask], box, reach_px[mask], gap, toggles)
        rim = np.empty(n_toggles + 1, np.int64)
        rim = rim[: toggles_to_runs(toggles[:n_toggles], height[mask] * width[mask], rim)]
        size = encoded_size(rim)
        if start + size > len(made):
            made = grow(made, start, start + size)
        made_offsets[mask + 1] = encode_mask(rim, made, start)
    return made[: made_offsets[-1]], made_offsets


@kernel
def _rim(ends: Int64, height: int, box: Float64, reach: int, gap: Int64, toggles: Int64) -> int:
    """Write the toggles of a mask's boundary; return how many.

    Column by column, `reach` behind the column read last: gap[y] is the last column that is not inside from `reach`
    above row y to `reach` below, so that row y of column x is off the boundary where none of the columns x - reach to
    x + reach is one.
    """
    left, right = int(box[0]), int(box[0] + box[2])
    top, bottom = int(box[1]), int(box[1] + box[3])
    gap[top:bottom] = left - 1
    read, written, n = 1, 1, 0
    for x in range(left, right + reach):
        if x < right:
            read = _mark_gaps(ends, read, x, height, top, bottom, reach, gap)
        if x - reach >= left:
            oldest = x - 2 * reach if x < right else _NONE
            written, n = _push_column(ends, written, x - reach, height, reach, oldest, gap, toggles, n)
    return n


@kernel
def _mark_gaps(ends: Int64, run: int, x: int, height: int, top: int, bottom: int, reach: int, gap: Int64) -> int:
    """Write x to `gap` for the rows that are not inside as far as `reach`; return the first run that goes on beyond."""
    start, free = x * height, top
    while run < len(ends) and ends[run - 1] < start + height:
        first = max(ends[run - 1] - start, 0) + reach
        stop = min(ends[run] - start, height) - reach
        if first < stop:
            gap[free:first] = x
            free = stop
        if ends[run] > start + height:
            break
        run += 2
    gap[free:bottom] = x
    return run


@kernel
def _push_column(
    ends: Int64, run: int, x: int, height: int, reach: int, oldest: int, gap: Int64, toggles: Int64, n: int
) -> tuple[int, int]:
    """Add the toggles of column x, but for rows whose gap lies before `oldest`; (first run that goes on, how many)."""
    start = x * height
    while run < len(ends) and ends[run - 1] < start + height:
        first, stop = max(ends[run - 1], start), min(ends[run], start + height)
        n = push_toggle(toggles, n, first)
        inside = True
        for position in range(first + reach, stop - reach):
            if (gap[position - start] < oldest) == inside:
                n = push_toggle(toggles, n, position)
                inside = not inside
        if not inside:
            n = push_toggle(toggles, n, stop - reach)
        n = push_toggle(toggles, n, stop)
        if ends[run] > start + height:
            break
        run += 2
    return run, n


@kernel
def least_of(pairs: Pairs, others: Pairs, as_they_are: Bool) -> Pairs:
    """The pairs that are in both, with the smaller of their similarities; where `as_they_are` bool[G], the first's.

    Both have the same detections; annotations ascend within each. Without pairs: none.
    """
    indptr = np.zeros(len(pairs.indptr), np.int64)
    annotation, similarity = np.empty_like(pairs.annotation), np.empty_like(pairs.similarity)
    n = 0
    for d in range(len(indptr) - 1):
        other, stop = others.indptr[d], others.indptr[d + 1]
        for pair in range(pairs.indptr[d], pairs.indptr[d + 1]):
            g, value = pairs.annotation[pair], pairs.similarity[pair]
            while other < stop and others.annotation[other] < g:
                other += 1
            both = other < stop and others.annotation[other] == g
            if both and not as_they_are[g]:
                value = min(value, others.similarity[other])
            annotation[n], similarity[n] = g, value
            n += both or as_they_are[g]
        indptr[d + 1] = n
    return Pairs(indptr, annotation[:n], similarity[:n])
