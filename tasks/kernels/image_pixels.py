"""What the pixels of an image add up to: their values, their Laplacian, and how many are red, green and blue.

Everything is a whole number, so that the sums are exact, and small enough to be worked on many at a time: blocks keep
sums in 32 bits, and numba, which widens every sum to 64, is told each time that it need not.
"""

import numpy as np

from tasks.kernels.arrays import Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.rle_codec import frozen

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
    """i64[SUMS] of u8[H, W, 3], RGB, contiguous, with at least one pixel.

    The Laplacian is that of OpenCV (up + down + left + right - 4 x the pixel, in each channel), which beyond an edge
    takes the pixel one further in. Hues are those of OpenCV's 8-bit HSV, to the pixel.
    """
    return _image_sums(frozen(pixels))


@kernel
def _image_sums(pixels: UInt8) -> Int64:
    height, width = pixels.shape[0], pixels.shape[1]
    sums, rows = np.zeros(SUMS, np.int64), pixels.reshape(height, width * _CHANNELS)
    for y in range(height):
        above, below = (
            rows[y - 1 if y > 0 else min(1, height - 1)],
            rows[y + 1 if y + 1 < height else max(height - 2, 0)],
        )
        _add_values(rows[y], sums)
        _add_edges(rows[y], above, below, sums)
        if width > 2:
            _add_middle(rows[y, 3:-3], rows[y, :-6], rows[y, 6:], above[3:-3], below[3:-3], sums)
        _add_colours(pixels[y], sums)
    return sums


@kernel
def _add_values(row: UInt8, sums: Int64) -> None:
    for start in range(0, len(row), _BLOCK):
        total, squares = np.int32(0), np.int32(0)
        for i in range(start, min(start + _BLOCK, len(row))):
            value = np.int32(row[i])
            total, squares = np.int32(total + value), np.int32(squares + value * value)
        sums[VALUES] += total
        sums[SQUARES] += squares


@kernel
def _add_edges(row: UInt8, above: UInt8, below: UInt8, sums: Int64) -> None:
    """The Laplacian of the first and the last pixel of a row."""
    width = len(row) // _CHANNELS
    for x in range(0, width, max(1, width - 1)):
        left, right = (x - 1 if x > 0 else min(1, width - 1)), (x + 1 if x + 1 < width else max(width - 2, 0))
        for channel in range(_CHANNELS):
            at = x * _CHANNELS + channel
            around = np.int64(row[left * _CHANNELS + channel]) + np.int64(row[right * _CHANNELS + channel])
            value = around + np.int64(above[at]) + np.int64(below[at]) - 4 * np.int64(row[at])
            sums[LAPLACIAN] += value
            sums[LAPLACIAN_SQUARES] += value * value


@kernel
def _add_middle(row: UInt8, left: UInt8, right: UInt8, above: UInt8, below: UInt8, sums: Int64) -> None:
    """The Laplacian of all other pixels. The neighbours are views, for an index below 0 would have to be looked at."""
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
def _add_colours(row: UInt8, sums: Int64) -> None:
    """Count the red, green and blue pixels of a row u8[W, 3]; OpenCV's hue is followed in its own fractions."""
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
