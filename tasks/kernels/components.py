"""Label images as masks: one for each value, or for each 8-connected component of a value, straight from runs."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Int32, Int64, UInt8
from tasks.kernels.column_runs import MOST_RUNS, Runs, column_runs
from tasks.kernels.compile import kernel
from tasks.kernels.order import counting_sort
from tasks.kernels.pairs import grow
from tasks.kernels.rle_codec import encode_mask, encoded_size, frozen
from tasks.kernels.toggles import push_toggle, toggles_to_runs


class Regions(NamedTuple):
    """N masks of one image; those too small have no characters."""

    value: Int32
    area_px2: Int64
    data: UInt8
    """COCO's packed run lengths, flat; byte for byte as pycocotools packs them."""
    offsets: Int64
    """i64[N + 1], into `data`"""


def values(pixels: UInt8, background: int = 0) -> Regions:
    """A mask for each value of an image u8[height, width, bytes of a pixel], ascending; none for `background`.

    With background -1 every value has a mask. ValueError beyond MOST_RUNS runs. Nothing but background: no masks.
    """
    return _checked(_regions(frozen(pixels), background, False, 1))


def components(pixels: UInt8, smallest_px: int = 1) -> Regions:
    """A mask for each 8-connected component of one value, by the first pixel down the columns; 0 is background.

    Holes stay holes. Components of fewer than `smallest_px` pixels are told with their area, but have no characters.
    ValueError beyond MOST_RUNS runs. Nothing but background: no components.
    """
    return _checked(_regions(frozen(pixels), 0, True, smallest_px))


def _checked(regions: Regions) -> Regions:
    if len(regions.offsets) == 0:
        raise ValueError(f"the image has more than {MOST_RUNS} stretches of one value")
    return regions


@kernel
def _regions(pixels: UInt8, background: int, connected: bool, smallest_px: int) -> Regions:
    height, width, _ = pixels.shape
    runs = column_runs(pixels, background)
    if len(runs.start) > MOST_RUNS:
        return Regions(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.uint8), np.empty(0, np.int64))
    region = _connected(runs, height) if connected else _by_value(runs.value)
    return _packed(runs, region, height * width, smallest_px)


@kernel
def _by_value(value: Int32) -> Int32:
    """Region of each run: the place of its value among all, ascending."""
    if len(value) == 0:
        return np.empty(0, np.int32)
    ascending = np.sort(value)
    n = 1
    for run in range(1, len(ascending)):
        if ascending[run] != ascending[n - 1]:
            ascending[n] = ascending[run]
            n += 1
    return np.searchsorted(ascending[:n], value).astype(np.int32)


@kernel
def _connected(runs: Runs, height: int) -> Int32:
    """Region of each run, numbered by their first runs: runs of one value that touch, if only by corners, are one."""
    parent = np.arange(len(runs.start), dtype=np.int32)
    for x in range(1, len(runs.first) - 1):
        _join_columns(runs, x, height, parent)
    n_regions = 0
    for run in range(len(parent)):
        root = parent[run]
        if root == run:
            parent[run] = n_regions
            n_regions += 1
        else:  # a parent comes before its children, so it has its number already
            parent[run] = parent[root]
    return parent


@kernel
def _join_columns(runs: Runs, x: int, height: int, parent: Int32) -> None:
    """Join the runs of column x with those that they touch in the column before."""
    left, left_stop, right_stop = runs.first[x - 1], runs.first[x], runs.first[x + 1]
    right = left_stop
    while left < left_stop and right < right_stop:
        left_end, right_end = runs.stop[left] + height, runs.stop[right]
        if runs.start[left] + height <= right_end and runs.start[right] <= left_end:
            _join(runs, left, right, parent)
        if left_end == right_end and left + 1 < left_stop and runs.start[left + 1] + height == right_end:
            _join(runs, left + 1, right, parent)  # by corners: the two go on side by side, and the next look misses it
        if left_end < right_end:
            left += 1
        else:
            right += 1


@kernel
def _join(runs: Runs, a: int, b: int, parent: Int32) -> None:
    """Make two runs of one value one component: the later root hangs under the earlier one."""
    if runs.value[a] != runs.value[b]:
        return
    a, b = _root(parent, a), _root(parent, b)
    parent[max(a, b)] = min(a, b)


@kernel
def _root(parent: Int32, run: int) -> int:
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


@kernel
def _packed(runs: Runs, region: Int32, n_pixels: int, smallest_px: int) -> Regions:
    n_regions = region.max() + 1 if len(region) > 0 else 0
    order, first = counting_sort(np.arange(len(region)).astype(np.int32), region, n_regions)
    area_px2 = _areas(runs, region, n_regions)
    value, offsets = np.empty(n_regions, np.int32), np.zeros(n_regions + 1, np.int64)
    data, longest = np.empty(4096, np.uint8), 0
    for r in range(n_regions):
        longest = max(longest, first[r + 1] - first[r])
    toggles, lengths = np.empty(2 * longest, np.int64), np.empty(2 * longest + 1, np.int64)
    for r in range(n_regions):
        value[r], end = runs.value[order[first[r]]], offsets[r]
        if area_px2[r] >= smallest_px:
            counts = lengths[: _lengths(runs, order[first[r] : first[r + 1]], n_pixels, toggles, lengths)]
            needed = end + encoded_size(counts)
            if needed > len(data):
                data = grow(data, end, needed)
            end = encode_mask(counts, data, end)
        offsets[r + 1] = end
    return Regions(value, area_px2, data[: offsets[-1]], offsets)


@kernel
def _areas(runs: Runs, region: Int32, n_regions: int) -> Int64:
    area_px2 = np.zeros(n_regions, np.int64)
    for run in range(len(region)):
        area_px2[region[run]] += runs.stop[run] - runs.start[run]
    return area_px2


@kernel
def _lengths(runs: Runs, members: Int32, n_pixels: int, toggles: Int64, lengths: Int64) -> int:
    """Write the run lengths of one region's mask; return how many. Runs that meet at a column's end are one."""
    n_toggles = 0
    for run in members:
        n_toggles = push_toggle(toggles, n_toggles, runs.start[run])
        n_toggles = push_toggle(toggles, n_toggles, runs.stop[run])
    return toggles_to_runs(toggles[:n_toggles], n_pixels, lengths)
