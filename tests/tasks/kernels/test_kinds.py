"""What machine code depends on of the arguments of a kernel."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from tasks.columns import only_read
from tasks.kernels.kinds import checked, kinds_of


class _Pair(NamedTuple):
    first: Any
    second: Any


_SQUARE = np.zeros((2, 2))
ARGUMENTS = {
    "int": 1,
    "bool": True,
    "float": 1.0,
    "float32": np.float32(1),
    "none": None,
    "bytes": np.zeros(2, np.uint8),
    "signed bytes": np.zeros(2, np.int8),
    "times": np.zeros(2, "M8[us]"),
    "days": np.zeros(2, "M8[D]"),
    "row": np.zeros(4),
    "square": _SQUARE,
    "turned": np.zeros((2, 3)).T,
    "every other": np.zeros((4, 4))[::2, ::2],
    "read": only_read(np.zeros(4)),
    "unaligned": np.frombuffer(bytes(17), np.uint8)[1:].view(np.float64),
    "swapped": np.zeros(2, ">f8"),
    "tuple": (1, 2),
    "shorter tuple": (1,),
    "empty tuple": (),
    "nested": ((1,), 2),
    "named": _Pair(1, 2),
    "named of arrays": _Pair(_SQUARE, 2),
}


def test_each_of_these_runs_code_of_its_own() -> None:
    """Types, dimensions, layout, alignment, what may be written to, classes of tuples: numba distinguishes all."""
    assert len({kinds_of((each,)) for each in ARGUMENTS.values()}) == len(ARGUMENTS)
    assert len({checked(each) for each in ARGUMENTS.values()}) == len(ARGUMENTS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, -(2**63)),
        (np.zeros(3), np.ones(0)),
        (np.zeros((1, 3)), np.zeros((2, 3))),
        (np.zeros(2, "q"), np.zeros(2, "l")),
        (_Pair(1, np.zeros(1)), _Pair(2, np.zeros(9))),
    ],
)
def test_values_and_lengths_make_no_difference(one: Any, other: Any) -> None:
    """A single row lies by columns too, and yet runs the same code as two."""
    assert kinds_of((one,)) == kinds_of((other,))
    assert checked(one) == checked(other)


@pytest.mark.parametrize("value", ["text", [1, 2], {1: 2}, np.array(["a"]), np.zeros(1, "i4,i4"), np.ma.zeros(1)])
def test_what_no_kernel_takes_is_refused(value: Any) -> None:
    """Lists of integers and of texts would be of one kind, and run one machine code."""
    with pytest.raises(TypeError, match="kernels take numbers, arrays of them and tuples, not "):
        checked((1, value))


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_integers_of_more_than_64_bits_are_refused(value: int) -> None:
    """Compiled for one as if unsigned, the code would be run for all."""
    with pytest.raises(OverflowError, match="kernels take integers of 64 bits"):
        checked(value)
