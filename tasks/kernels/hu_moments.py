"""Hu's seven moments: what a shape looks like, wherever it lies, however large it is and however it is turned.

Source: M.-K. Hu, Visual pattern recognition by moment invariants, 1962; in the order and with the signs of OpenCV.
"""

import numpy as np

from tasks.kernels.arrays import Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.rle import runs_to_ends
from tasks.kernels.rle_codec import decode_mask, frozen, longest_row

MOMENTS = 7
_ORDERS = 10
"""Moments of order 0 to 3: m00, m10, m01, m20, m11, m02, m30, m21, m12, m03."""


def mask_hu_moments(data: UInt8, offsets: Int64, height: Int64) -> Float64:
    """f64[N, 7] of N sound masks of COCO's packed runs; NaN where a mask has no pixel. `height` is i64[N], in px.

    A pixel counts 1 at its middle, as in OpenCV's moments of a binary image. No masks: no rows.
    """
    return _mask_hu_moments(frozen(data), offsets, height)


@kernel
def _mask_hu_moments(data: UInt8, offsets: Int64, height: Int64) -> Float64:
    hu = np.full((len(offsets) - 1, MOMENTS), np.nan)
    scratch, sums = np.empty(longest_row(offsets), np.int64), np.empty(_ORDERS)
    for mask in range(len(hu)):
        ends = scratch[: decode_mask(data[offsets[mask] : offsets[mask + 1]], scratch)]
        runs_to_ends(ends)
        sums[:] = 0
        _add_up(ends, height[mask], 0.0, 0.0, sums)
        if sums[0] > 0:
            x, y = sums[1] / sums[0], sums[2] / sums[0]
            sums[:] = 0
            _add_up(ends, height[mask], x, y, sums)
            _invariants(sums, hu[mask])
    return hu


@kernel
def _add_up(ends: Int64, height: int, x: float, y: float, sums: Float64) -> None:
    """Add the moments of a mask about (x, y) px to `sums`: column by column, a run being cut where a column ends."""
    for run in range(1, len(ends), 2):
        start, end = ends[run - 1], ends[run]
        while start < end:
            column = start // height
            stop = min(end, (column + 1) * height)
            _add_column(column - x, start - column * height - y, stop - start, sums)
            start = stop


@kernel
def _add_column(x: float, top: float, n: int, sums: Float64) -> None:
    """Add n pixels of a column at x, of which the first is at `top`: sums of powers about their middle are known."""
    middle, square = top + (n - 1) / 2, n * (n * n - 1.0) / 12
    one, two, three = n * middle, n * middle**2 + square, n * middle**3 + 3 * middle * square
    sums[0] += n
    sums[1] += n * x
    sums[2] += one
    sums[3] += n * x**2
    sums[4] += one * x
    sums[5] += two
    sums[6] += n * x**3
    sums[7] += one * x**2
    sums[8] += two * x
    sums[9] += three


@kernel
def _invariants(central: Float64, hu: Float64) -> None:
    """Write Hu's moments, of central moments in the order of `sums`."""
    second, third = central[0] ** 2, central[0] ** 2.5
    n20, n11, n02 = central[3] / second, central[4] / second, central[5] / second
    n30, n21, n12, n03 = central[6] / third, central[7] / third, central[8] / third, central[9] / third
    across, down, difference = n30 + n12, n21 + n03, n20 - n02
    skew_x, skew_y = n30 - 3 * n12, 3 * n21 - n03
    tall, wide = across**2 - 3 * down**2, 3 * across**2 - down**2
    hu[0] = n20 + n02
    hu[1] = difference**2 + 4 * n11**2
    hu[2] = skew_x**2 + skew_y**2
    hu[3] = across**2 + down**2
    hu[4] = skew_x * across * tall + skew_y * down * wide
    hu[5] = difference * (across**2 - down**2) + 4 * n11 * across * down
    hu[6] = skew_y * across * tall - skew_x * down * wide


def rectangle_hu_moments(width: Float64, height: Float64) -> Float64:
    """f64[N, 7] of N rectangles, whole and not in pixels, whichever way they are turned; NaN where one has no area."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n20, n02 = width / height / 12, height / width / 12
        hu = np.zeros((len(width), MOMENTS))
        hu[:, 0], hu[:, 1] = n20 + n02, (n20 - n02) ** 2
    hu[~((width > 0) & (height > 0))] = np.nan
    return hu


@kernel
def track_similarity(moments: Float64, track_indptr: Int64, decay: float) -> Float64:
    """f64[N]: how alike each object's moments are to a mean of its track so far, which forgets; 1 for the first.

    The cosine of the two vectors. The mean is `decay` times itself and 1 - `decay` times the object's. Objects come
    track by track, each in the order of time; i64[T + 1]. NaN where the moments are, which the mean passes over, and
    where a vector has no length. No objects: none.
    """
    similarity = np.full(len(moments), np.nan)
    mean = np.empty(moments.shape[1])
    for track in range(len(track_indptr) - 1):
        begun = False
        for row in range(track_indptr[track], track_indptr[track + 1]):
            if np.isnan(moments[row, 0]):
                continue
            similarity[row] = _cosine(mean, moments[row]) if begun else 1.0
            for k in range(len(mean)):
                mean[k] = decay * mean[k] + (1 - decay) * moments[row, k] if begun else moments[row, k]
            begun = True
    return similarity


@kernel
def _cosine(a: Float64, b: Float64) -> float:
    together, a2, b2 = 0.0, 0.0, 0.0
    for k in range(len(a)):
        together += a[k] * b[k]
        a2 += a[k] ** 2
        b2 += b[k] ** 2
    return together / (np.sqrt(a2) * np.sqrt(b2))
