"""What the pixels of an image add up to: their values, their Laplacian, and how many are red, green and blue.

Everything is a whole number, so that the sums are exact, and small enough to be worked on many at a time: blocks keep
sums in 32 bits, and numba, which widens every sum to 64, is told each time that it need not. No kernel here calls
another: what it calls is no longer vectorised when the machine code comes from the cache.
"""

import numpy as np

from tasks.kernels.arrays import Int64, UInt8
from tasks.kernels.compile import kernel

VALUES, SQUARES, LAPLACIAN, LAPLACIAN_SQUARES, RED, GREEN, BLUE = range(7)
SUMS = 7
_BLOCK = 1024
"""Values added in 32 bits: squares of the Laplacian, which is at most 4 x 255, stay below 2^31."""
_CHANNELS = 3

_LEAST_VALUE = 40
"""Of OpenCV's HSV; the least saturation is 50, which is to say 170 x (highest - lowest) >= 33 x highest channel."""
_HUE_STEPS = 180 << 12
"""Of 6 sextants. OpenCV's hue is a whole number below 180, which it rounds from 4096ths."""
_HALF = 1 << 11
_RED_BELOW = (11 << 12) - _HALF
_RED_FROM = (-10 << 12) - _HALF
_GREEN_FROM, _GREEN_BELOW = (35 << 12) - _HALF, (76 << 12) - _HALF
_BLUE_FROM, _BLUE_BELOW = (90 << 12) - _HALF, (131 << 12) - _HALF
"""Hues 0 to 10 and 170 to 179 are red, 35 to 75 green, 90 to 130 blue, in 4096ths before rounding."""


def image_sums(pixels: UInt8) -> Int64:
    """i64[SUMS] of u8[H, W, 3], RGB, with at least one pixel.

    The Laplacian is that of OpenCV (up + down + left + right - 4 x the pixel, in each channel), which beyond an edge
    takes the pixel one further in. Hues are those of OpenCV's 8-bit HSV, to the pixel.
    """
    pixels = np.require(pixels, requirements=("C", "W"))  # for what is only read, numba makes four times as slow code
    sums, rows = np.zeros(SUMS, np.int64), pixels.reshape(len(pixels), -1)
    _add_values(rows, sums)
    _add_middle(rows, sums)
    _add_edges(rows, sums)
    _add_colours(pixels, sums)
    return sums


@kernel
def _add_values(rows: UInt8, sums: Int64) -> None:
    for y in range(len(rows)):
        row = rows[y]
        for start in range(0, len(row), _BLOCK):
            total, squares = np.int32(0), np.int32(0)
            for i in range(start, min(start + _BLOCK, len(row))):
                value = np.int32(row[i])
                total, squares = np.int32(total + value), np.int32(squares + np.int32(value * value))
            sums[VALUES] += total
            sums[SQUARES] += squares


@kernel
def _add_middle(rows: UInt8, sums: Int64) -> None:
    """The Laplacian of all but the first and last pixels of rows; no such: nothing.

    The neighbours are views, for an index below 0 would have to be looked at.
    """
    height = len(rows)
    for y in range(height):
        row, left, right = rows[y, 3:-3], rows[y, :-6], rows[y, 6:]
        above = rows[y - 1 if y > 0 else min(1, height - 1), 3:-3]
        below = rows[y + 1 if y + 1 < height else max(height - 2, 0), 3:-3]
        for start in range(0, len(row), _BLOCK):
            total, squares = np.int32(0), np.int32(0)
            for i in range(start, min(start + _BLOCK, len(row))):
                beside = np.int32(np.int32(left[i]) + np.int32(right[i]))
                over = np.int32(np.int32(above[i]) + np.int32(below[i]))
                value = np.int32(np.int32(beside + over) - np.int32(4 * np.int32(row[i])))
                total, squares = np.int32(total + value), np.int32(squares + np.int32(value * value))
            sums[LAPLACIAN] += total
            sums[LAPLACIAN_SQUARES] += squares


@kernel
def _add_edges(rows: UInt8, sums: Int64) -> None:
    """The Laplacian of the first and the last pixel of each row."""
    height, width = len(rows), rows.shape[1] // _CHANNELS
    for y in range(height):
        above, below = (y - 1 if y > 0 else min(1, height - 1)), (y + 1 if y + 1 < height else max(height - 2, 0))
        for x in range(0, width, max(1, width - 1)):
            left, right = (x - 1 if x > 0 else min(1, width - 1)), (x + 1 if x + 1 < width else max(width - 2, 0))
            for channel in range(_CHANNELS):
                at = x * _CHANNELS + channel
                beside = np.int64(rows[y, left * _CHANNELS + channel]) + np.int64(rows[y, right * _CHANNELS + channel])
                value = beside + np.int64(rows[above, at]) + np.int64(rows[below, at]) - 4 * np.int64(rows[y, at])
                sums[LAPLACIAN] += value
                sums[LAPLACIAN_SQUARES] += value * value


@kernel
def _add_colours(pixels: UInt8, sums: Int64) -> None:
    """Count the red, green and blue pixels; OpenCV's hue is followed in its own fractions."""
    for y in range(len(pixels)):
        row = pixels[y]
        for start in range(0, len(row), _BLOCK):
            reds, greens, blues = np.int32(0), np.int32(0), np.int32(0)
            for x in range(start, min(start + _BLOCK, len(row))):
                red, green, blue = np.int32(row[x, 0]), np.int32(row[x, 1]), np.int32(row[x, 2])
                highest, lowest = max(red, max(green, blue)), min(red, min(green, blue))
                spread = np.int32(highest - lowest)
                strong = (highest >= _LEAST_VALUE) & (np.int32(170 * spread) >= np.int32(33 * highest))
                # Sixths of the circle, in shares of the spread, which follow red, green and blue as the highest.
                turn = np.int32(np.int32(red - green) + np.int32(4 * spread))
                turn = np.int32(np.int32(blue - red) + np.int32(2 * spread)) if highest == green else turn
                turn = np.int32(green - blue) if highest == red else turn
                step = np.int32(np.float32(_HUE_STEPS / 6) / np.float32(max(spread, np.int32(1))) + np.float32(0.5))
                hue = np.int32(turn * step)
                reds = np.int32(reds + (strong & (hue >= _RED_FROM) & (hue < _RED_BELOW)))
                greens = np.int32(greens + (strong & (hue >= _GREEN_FROM) & (hue < _GREEN_BELOW)))
                blues = np.int32(blues + (strong & (hue >= _BLUE_FROM) & (hue < _BLUE_BELOW)))
            sums[RED] += reds
            sums[GREEN] += greens
            sums[BLUE] += blues
