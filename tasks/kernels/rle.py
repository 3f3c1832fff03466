"""Run-length masks in columns: whether they can be trusted, what they cover, and their runs.

Masks come as Arrow's variable-length layout with int64 offsets: mask i is flat[offsets[i]:offsets[i + 1]]. Arrow's
`binary` has int32 offsets: the caller widens them. pycocotools' C code reads and writes outside its memory on masks
that the checks here refuse, so nothing else looks at a mask before them.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.rle_codec import (
    FIRST_CHARACTER,
    FIRST_CONTINUING,
    LAST_CHARACTER,
    LONG_SHIFT,
    count_runs,
    decode_differences,
    decode_mask,
    differences_to_ends,
    encode_mask,
    encoded_size,
    frozen,
    incomplete_numbers,
    longest_row,
)

MAX_SIDE_PX = 65_536
MAX_PIXELS = 2**28
MAX_RUN_BITS = 32

SOUND, SIZE, EMPTY, CHARACTER, NUMBER, RUN, SUM, EMPTY_RUN = range(8)
FAULTS = (
    "sound",
    "the size is not 1..65536 by 1..65536 and at most 2**28 pixels",
    "there are no counts",
    "a character is outside '0'..'o' (48..111)",
    "a number in the counts is cut off or longer than 7 characters",
    "a count is outside 0..2**32-1",
    "the counts do not add up to height x width",
    "a count after the first is 0",
)
"""What a code of `measure` or `check_runs` means; of several faults the first in this order is told."""


class Measured(NamedTuple):
    """What N masks cover."""

    codes: UInt8
    """u8[N], see FAULTS; a mask with a fault has no area and no box."""
    area_px2: Float64
    """f64[N], as `pycocotools.mask.area`; 0 for a mask without foreground."""
    box_px: Float64
    """f64[N, 4]: x, y, width, height, as `pycocotools.mask.toBbox`; all 0 for a mask without foreground."""


def measure(data: UInt8, offsets: Int64, height: Int64, width: Int64) -> Measured:
    """Check N packed masks and measure them, in one pass and without keeping their runs.

    `height` and `width` are i64[N], in px. A mask found sound means the same to pycocotools. No masks: empty arrays.
    """
    return _measure(frozen(data), offsets, height, width)


@kernel
def _measure(data: UInt8, offsets: Int64, height: Int64, width: Int64) -> Measured:
    n_masks = len(offsets) - 1
    codes, area_px2, box_px = np.zeros(n_masks, np.uint8), np.zeros(n_masks), np.zeros((n_masks, 4))
    scratch = np.empty(longest_row(offsets), np.int64)
    for mask in range(n_masks):
        characters = data[offsets[mask] : offsets[mask + 1]]
        codes[mask] = _characters_fault(characters, height[mask], width[mask])
        if codes[mask] != SOUND:
            continue
        n_runs, shifts = decode_differences(characters, scratch)
        if (shifts >= LONG_SHIFT or characters[-1] >= FIRST_CONTINUING) and incomplete_numbers(characters):
            codes[mask] = NUMBER
            continue
        ends, n_pixels = scratch[:n_runs], height[mask] * width[mask]
        end, foreground, seen = differences_to_ends(ends)
        if end != n_pixels or seen >> MAX_RUN_BITS != 0:
            codes[mask] = _runs_fault(scratch[: decode_mask(characters, scratch)], n_pixels)
            continue
        area_px2[mask] = foreground
        write_box(ends, height[mask], box_px[mask])
    return Measured(codes, area_px2, box_px)


def check_counts(data: UInt8, offsets: Int64, height: Int64, width: Int64) -> UInt8:
    """Codes u8[N] (see FAULTS) of N packed masks; who wants their areas or boxes too calls `measure` instead."""
    return measure(data, offsets, height, width).codes


@kernel
def check_runs(values: Int64, offsets: Int64, height: Int64, width: Int64) -> UInt8:
    """Codes u8[N] (see FAULTS) of N masks that were given as lists of counts, flat in `values`.

    `height` and `width` are i64[N], in px. Counts that are no whole numbers are the caller's to refuse.
    No masks: no codes.
    """
    codes = np.zeros(len(offsets) - 1, np.uint8)
    for mask in range(len(codes)):
        codes[mask] = size_fault(height[mask], width[mask])
        if codes[mask] == SOUND:
            codes[mask] = _runs_fault(values[offsets[mask] : offsets[mask + 1]], height[mask] * width[mask])
    return codes


@kernel
def size_fault(height: int, width: int) -> int:
    """SIZE unless an image of these sides (px) can have a mask, else SOUND."""
    if not (1 <= height <= MAX_SIDE_PX and 1 <= width <= MAX_SIDE_PX):
        return SIZE
    return SIZE if height * width > MAX_PIXELS else SOUND


@kernel
def _characters_fault(characters: UInt8, height: int, width: int) -> int:
    fault = size_fault(height, width)
    if fault != SOUND:
        return fault
    if len(characters) == 0:
        return EMPTY
    outside = 0
    for character in characters:
        outside += (character < FIRST_CHARACTER) | (character > LAST_CHARACTER)
    return CHARACTER if outside > 0 else SOUND


@kernel
def _runs_fault(runs: Int64, n_pixels: int) -> int:
    if len(runs) == 0:
        return EMPTY
    bits, total, n_empty = 0, 0, 0
    for run in runs:
        bits |= run
        total += run
        n_empty += run == 0
    if bits >> MAX_RUN_BITS != 0:
        return RUN
    if total != n_pixels:
        return SUM
    return EMPTY_RUN if n_empty > (runs[0] == 0) else SOUND


def decode_runs(data: UInt8, offsets: Int64) -> tuple[Int64, Int64]:
    """Runs i64 of N packed masks, flat, and their offsets i64[N + 1]; only for masks found sound. No masks: no runs."""
    return _decode_runs(frozen(data), offsets)


@kernel
def _decode_runs(data: UInt8, offsets: Int64) -> tuple[Int64, Int64]:
    run_offsets = count_runs(data, offsets)
    runs = np.empty(run_offsets[-1], np.int64)
    scratch = np.empty(longest_row(offsets), np.int64)
    for mask in range(len(offsets) - 1):
        n_runs = decode_mask(data[offsets[mask] : offsets[mask + 1]], scratch)
        runs[run_offsets[mask] : run_offsets[mask + 1]] = scratch[:n_runs]
    return runs, run_offsets


@kernel
def encode_runs(runs: Int64, run_offsets: Int64) -> tuple[UInt8, Int64]:
    """Packed characters u8 of N masks, flat, and their offsets i64[N + 1], byte for byte as pycocotools packs them."""
    offsets = np.zeros(len(run_offsets), np.int64)
    for mask in range(len(run_offsets) - 1):
        offsets[mask + 1] = offsets[mask] + encoded_size(runs[run_offsets[mask] : run_offsets[mask + 1]])
    data = np.empty(offsets[-1], np.uint8)
    for mask in range(len(run_offsets) - 1):
        encode_mask(runs[run_offsets[mask] : run_offsets[mask + 1]], data, offsets[mask])
    return data, offsets


@kernel
def runs_to_ends(runs: Int64) -> None:
    """Turn the runs of one mask into the position after each, in place."""
    for run in range(1, len(runs)):
        runs[run] += runs[run - 1]


@kernel
def write_box(ends: Int64, height: int, box_px: Float64) -> None:
    """Write the box of one mask, given by the ends of its runs.

    Rows are followed run by run; columns only need the first and the last foreground pixel. A run that goes on into
    another column covers all rows between. The column is found without a division: of positions below 2**28 and a
    half, the product with the rounded 1 / height always has the right whole part, its error being below 2**-24.
    """
    if len(ends) < 2:
        return
    a_column = 1.0 / height
    top, bottom = height, 0
    for run in range(1, len(ends), 2):
        start, end = ends[run - 1], ends[run]
        column_start = int((start + 0.5) * a_column) * height
        top = min(top, start - column_start)
        bottom = max(bottom, end - column_start)
    if bottom > height:
        top, bottom = 0, height
    first, last = ends[0], ends[len(ends) // 2 * 2 - 1] - 1
    box_px[0], box_px[1] = first // height, top
    box_px[2], box_px[3] = last // height - first // height + 1, bottom - top
