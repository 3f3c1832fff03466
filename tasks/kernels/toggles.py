"""Masks as toggles: the ascending column-major positions where a mask changes between outside and inside.

Toggles come in pairs, the start of a foreground run and the position after it, and no position occurs twice.
"""

from tasks.kernels.arrays import Int64
from tasks.kernels.compile import kernel


@kernel
def push_toggle(toggles: Int64, n_toggles: int, position: int) -> int:
    """Add a position not before the last one, and return how many there are now: two at the same place cancel out."""
    if n_toggles > 0 and toggles[n_toggles - 1] == position:
        return n_toggles - 1
    toggles[n_toggles] = position
    return n_toggles + 1


@kernel
def toggles_to_runs(toggles: Int64, n_pixels: int, runs: Int64) -> int:
    """Write the runs of a mask of `n_pixels`, background first; return how many. No toggles: one run of background."""
    before = 0
    for i in range(len(toggles)):
        runs[i] = toggles[i] - before
        before = toggles[i]
    if before == n_pixels:
        return len(toggles)
    runs[len(toggles)] = n_pixels - before
    return len(toggles) + 1


@kernel
def merge_rings(toggles: Int64, spare: Int64, bounds: Int64, n_masks: int) -> Int64:
    """Toggles of the union of masks, mask r being toggles[bounds[r]:bounds[r + 1]]; neighbours are joined two by two.

    `toggles`, `spare` and `bounds` are overwritten, but bounds[0] is 0 before and after. No masks: no toggles.
    """
    while n_masks > 1:
        n_toggles = 0
        for mask in range(0, n_masks, 2):
            middle, stop = bounds[mask + 1], bounds[min(mask + 2, n_masks)]
            start, bounds[mask // 2] = bounds[mask], n_toggles
            n_toggles += _unite(toggles[start:middle], toggles[middle:stop], spare[n_toggles:])
        n_masks = (n_masks + 1) // 2
        bounds[n_masks] = n_toggles
        toggles, spare = spare, toggles
    return toggles[: bounds[n_masks]]


@kernel
def _unite(a: Int64, b: Int64, union: Int64) -> int:
    """Write the toggles of the union of two masks; return how many. A mask is inside after an odd number of toggles."""
    i, j, n_toggles = 0, 0, 0
    while i < len(a) or j < len(b):
        inside = (i | j) & 1
        position = a[i] if j == len(b) or (i < len(a) and a[i] <= b[j]) else b[j]
        i += i < len(a) and a[i] == position
        j += j < len(b) and b[j] == position
        if (i | j) & 1 != inside:
            union[n_toggles] = position
            n_toggles += 1
    return n_toggles
