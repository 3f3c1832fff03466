"""What machine code depends on of the arguments of a kernel: their types, not their values."""

from typing import Any

import numpy as np

_NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating, type(None))
_C, _F, _ALIGNED, _WRITEABLE = 0x1, 0x2, 0x100, 0x400
"""Bits of an array's flags, of `numpy/ndarraytypes.h`."""
_WORD = range(-(2**63), 2**63)


def kinds_of(arguments: tuple[Any, ...]) -> tuple[object, ...]:
    """One kind for each argument; those of equal kind go through the same machine code."""
    return tuple(map(_kind, arguments))


def _kind(value: Any) -> object:
    if type(value) is np.ndarray:
        flags = value.flags.num
        return value.dtype, value.ndim, flags & (_ALIGNED | _WRITEABLE) | (flags & _C or flags & _F)
    if isinstance(value, tuple):
        return type(value), kinds_of(value)
    return type(value)


def checked(value: Any) -> str:
    """The kind of an argument in words that last beyond the process.

    Raises:
        TypeError: It is neither a number, an array of numbers or times, None, nor a tuple of these.
        OverflowError: A number of Python's that does not fit into 64 bits.
    """
    if isinstance(value, tuple):
        return f"{_name(type(value))}({', '.join(map(checked, value))})"
    kind = _kind(value)
    if isinstance(kind, tuple) and value.dtype.kind in "biufmM":
        return f"{value.dtype.str}{kind[1:]}"
    if not isinstance(value, _NUMBERS):
        raise TypeError(f"kernels take numbers, arrays of them and tuples, not {type(value).__name__}")
    if isinstance(value, int) and value not in _WORD:
        raise OverflowError(f"kernels take integers of 64 bits, not {value}")
    return _name(type(value))


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
