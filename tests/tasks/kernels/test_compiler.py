"""How numba is told to compile."""

import math
from types import FunctionType
from typing import Any, cast

import numpy as np
import pytest

from tasks.kernels.compiler import machine_code
from tasks.kernels.machine_code import callable_of
from tests.tasks.kernels.called import added, divided


def _compiled(kernel: Any, *arguments: Any) -> Any:
    """What a kernel gives that was compiled just now."""
    function = cast(FunctionType, kernel.__wrapped__)
    return callable_of(machine_code(function, arguments), function)(*arguments)


@pytest.mark.parametrize(("value", "result"), [(1.0, math.inf), (-1.0, -math.inf), (0.0, math.nan)])
def test_division_by_zero_is_that_of_ieee_754(value: float, result: float) -> None:
    """No error, and no number."""
    assert np.array_equal(_compiled(divided, value, 0.0), result, equal_nan=True)


def test_sums_are_added_in_their_order() -> None:
    """Other programs add them up so, and theirs are to be met to the bit: eight at a time would be another sum."""
    values = np.random.default_rng(3).uniform(-1, 1, 10_001) * 10.0 ** (np.arange(10_001) % 17)
    total = 0.0
    for value in values.tolist():
        total += value
    assert _compiled(added, values) == total
