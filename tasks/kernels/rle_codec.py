"""One run-length mask at a time: between COCO's printable characters and runs.

Runs go column by column, background first. A number is written little end first in groups of 5 bits, as character
48 + group, + 32 when another group follows; bit 4 of the last group is the sign. From the fourth run on, a run is
written as the difference to the run two before. Source: pycocotools 2.0.11, `rleToString`.
"""

from typing import Any, TypeVar

import numpy as np

from tasks.kernels.arrays import Int64, UInt8
from tasks.kernels.compile import kernel

A = TypeVar("A", bound=np.ndarray[Any, Any])

FIRST_CHARACTER, LAST_CHARACTER = 48, 111
FIRST_CONTINUING = 80
"""From this character on, another group follows."""
FIRST_NOT_LAST_POSITIVE = 64
"""Below this character, a group is the last of a number and leaves it positive."""
GROUP_BITS = 5
HALF_GROUP = 16
FIRST_DELTA_RUN = 3
"""Index of the first run that is written as a difference."""
MAX_GROUPS = 7
LONG_SHIFT = GROUP_BITS * (MAX_GROUPS - 1)
_GROUPS = np.array([(c - FIRST_CHARACTER) & 31 for c in range(256)]) - np.array(
    [2 * HALF_GROUP * (FIRST_NOT_LAST_POSITIVE <= c < FIRST_CONTINUING) for c in range(256)]
)
"""i64[256], what a character adds to a number: the last group brings its sign."""


def frozen(data: A) -> A:
    """The same bytes, not to be written to, as Arrow gives them: so a kernel is compiled for one kind of array only."""
    view: A = data.view()
    view.flags.writeable = False
    return view


@kernel
def count_runs(data: UInt8, offsets: Int64) -> Int64:
    """Run offsets i64[N + 1] of N masks: each number has one character that no other follows."""
    run_offsets = np.zeros(len(offsets), np.int64)
    for mask in range(len(offsets) - 1):
        n_runs = 0
        for position in range(offsets[mask], offsets[mask + 1]):
            n_runs += data[position] < FIRST_CONTINUING
        run_offsets[mask + 1] = run_offsets[mask] + n_runs
    return run_offsets


@kernel
def decode_differences(characters: UInt8, numbers: Int64) -> tuple[int, int]:
    """Unpack the numbers of one mask into `numbers`, which has room for one a character.

    Return how many there are, and all shifts of groups, or-ed: below `LONG_SHIFT` no number has as many as
    `MAX_GROUPS` groups. Without branches on what a character says, which cannot be foreseen.
    """
    value, shift, shifts, n_numbers = 0, 0, 0, 0
    for character in characters:
        value += _GROUPS[character] << (shift & 63)
        numbers[n_numbers] = value
        last = int(character < FIRST_CONTINUING)
        n_numbers += last
        shifts |= shift
        value &= last - 1
        shift = (shift + GROUP_BITS) & (last - 1)
    return n_numbers, shifts


@kernel
def decode_mask(characters: UInt8, runs: Int64) -> int:
    """Unpack one mask into `runs`, which has room for a run a character; return how many it has."""
    n_runs, _ = decode_differences(characters, runs)
    if n_runs > FIRST_DELTA_RUN:
        two_before, before = runs[1], runs[2]
        for run in range(FIRST_DELTA_RUN, n_runs):
            two_before, before = before, runs[run] + two_before
            runs[run] = before
    return n_runs


@kernel
def differences_to_ends(numbers: Int64) -> tuple[int, int, int]:
    """Turn the numbers of one mask into the position after each run, in place.

    Return the last position, the foreground's pixels, and the first run and all others less one, or-ed: that is below
    2**32 if none of them is negative, or, after the first, empty, or above 2**32.
    """
    if len(numbers) == 0:
        return 0, 0, 0
    seen = end = numbers[0]
    background, foreground, area_px2 = 0, 0, 0
    for run in range(1, len(numbers) - 1, 2):
        foreground += numbers[run]
        start_of_next = end + foreground
        numbers[run] = start_of_next
        background += numbers[run + 1]
        end = start_of_next + background
        numbers[run + 1] = end
        area_px2 += foreground
        seen |= (foreground - 1) | (background - 1)
    if len(numbers) % 2 == 0:
        foreground += numbers[-1]
        end += foreground
        numbers[-1] = end
        area_px2 += foreground
        seen |= foreground - 1
    return end, area_px2, seen


@kernel
def incomplete_numbers(characters: UInt8) -> bool:
    """Whether a number has no last group, more than 7, or a 7th with a sign.

    pycocotools shifts 32-bit numbers, so to it a 7th group with a sign stands for something else.
    """
    n_long = 0
    for i in range(len(characters) - MAX_GROUPS + 1):
        six_continue = characters[i] >= FIRST_CONTINUING
        for group in range(1, MAX_GROUPS - 1):
            six_continue &= characters[i + group] >= FIRST_CONTINUING
        n_long += six_continue & (characters[i + MAX_GROUPS - 1] >= FIRST_NOT_LAST_POSITIVE)
    return n_long > 0 or (len(characters) > 0 and characters[-1] >= FIRST_CONTINUING)


@kernel
def packed_value(runs: Int64, run: int) -> int:
    """Return the number that is written for one run of a mask: the run, or its difference to the one two before."""
    if run < FIRST_DELTA_RUN:
        return runs[run]
    return runs[run] - runs[run - 2]


@kernel
def encoded_size(runs: Int64) -> int:
    """Characters that one mask takes."""
    size = len(runs)
    for run in range(len(runs)):
        value = packed_value(runs, run)
        while not -HALF_GROUP <= value < HALF_GROUP:
            value >>= GROUP_BITS
            size += 1
    return size


@kernel
def encode_mask(runs: Int64, data: UInt8, position: int) -> int:
    """Write the characters of one mask at `position` of `data`, which has room for them; return the next position."""
    for run in range(len(runs)):
        value = packed_value(runs, run)
        while not -HALF_GROUP <= value < HALF_GROUP:
            data[position] = FIRST_CONTINUING + (value & 31)
            value >>= GROUP_BITS
            position += 1
        data[position] = FIRST_CHARACTER + (value & 31)
        position += 1
    return position


@kernel
def longest_row(offsets: Int64) -> int:
    """Length of the longest of N rows; 0 for none."""
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return longest
