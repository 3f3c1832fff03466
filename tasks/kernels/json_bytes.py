"""Reading text in memory one, eight or thirty-two bytes at a time, through plain pointers.

An array as an argument of a helper costs its whole description in registers and its reference count in atomic
operations, four times the time of reading a record; a pointer is one register. Pointers check nothing: every reader
stops at the NUL bytes (`PADDING` of them) that follow a block, because NUL stands nowhere in JSON text.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.kernels.compile import late

Text = npt.NDArray[np.uint8]
"""To the type checker; compiled, a pointer to bytes that are followed by NUL."""

PADDING = 64
"""NUL bytes that must follow a block: no load reaches further beyond its end."""

Operation = Callable[..., Any]

as_array: Operation = late("intrinsics", "as_array")
"""(pointer, int64) -> array of so many items."""
pointer: Operation = late("intrinsics", "pointer")
"""Contiguous array -> pointer to its first item; the array must outlive it."""
byte: Operation = late("intrinsics", "byte")
"""(text, int64) -> int64: the byte at `position`."""
word: Operation = late("intrinsics", "word")
"""(text, int64) -> uint64: eight bytes from `position`, the first in the lowest bits."""
string_stops: Operation = late("intrinsics", "string_stops")
"""(text, int64) -> uint64: a bit for each of 32 bytes that is a quote, a backslash or a control character."""
structure_stops: Operation = late("intrinsics", "structure_stops")
"""(text, int64) -> uint64: a bit for each of 32 bytes that is a quote, a bracket, a brace or NUL."""
structure_masks: Operation = late("intrinsics", "structure_masks")
"""(text, int64) -> four uint64: which of 64 bytes are quotes, backslashes, opening and closing brackets."""
set_bits: Operation = late("intrinsics", "set_bits")
"""uint64 -> int64: how many bits are set."""
copy_bytes: Operation = late("intrinsics", "copy_bytes")
"""(text, int64, pointer to uint8, int64, int64): copy `count` bytes, 0 or more, to where `source` is not."""
trailing_zeros: Operation = late("intrinsics", "trailing_zeros")
"""uint64 -> int64: zero bits below the lowest set one; 64 for 0."""
leading_zeros: Operation = late("intrinsics", "leading_zeros")
"""uint64 -> int64: zero bits above the highest set one; 64 for 0."""
high_product: Operation = late("intrinsics", "high_product")
"""(uint64, uint64) -> uint64: the upper half of the 128-bit product."""
as_float: Operation = late("intrinsics", "as_float")
"""uint64 -> float64 of the same bits (IEEE 754)."""


def padded(text: bytes) -> npt.NDArray[np.uint8]:
    """`text` followed by `PADDING` NUL bytes, as the kernels want it; copied without the interpreter lock."""
    size = len(text)
    copied = np.empty(size + PADDING, np.uint8)
    copied[:size] = np.frombuffer(text, np.uint8)
    copied[size:] = 0
    copied.flags.writeable = False
    return copied
