"""How numba is told to compile."""

import errno
import math
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import numpy as np
import pytest
from numba.core.caching import IndexDataCacheFile

from tasks.kernels.compiler import dispatcher_of, machine_code
from tasks.kernels.machine_code import callable_of
from tests.tasks.kernels.called import added, divided

Compiled = Callable[..., Any]


@pytest.fixture
def compiled(tmp_path: Path) -> Compiled:
    """What a kernel gives that was compiled just now."""

    def called(kernel: Any, *arguments: Any) -> Any:
        function = cast(FunctionType, kernel.__wrapped__)
        return callable_of(machine_code(dispatcher_of(function, tmp_path), arguments), function)(*arguments)

    return called


@pytest.mark.parametrize(("value", "result"), [(1.0, math.inf), (-1.0, -math.inf), (0.0, math.nan)])
def test_division_by_zero_is_that_of_ieee_754(compiled: Compiled, value: float, result: float) -> None:
    """No error, and no number."""
    assert np.array_equal(compiled(divided, value, 0.0), result, equal_nan=True)


def test_sums_are_added_in_their_order(compiled: Compiled) -> None:
    """Other programs add them up so, and theirs are to be met to the bit: eight at a time would be another sum."""
    values = np.random.default_rng(3).uniform(-1, 1, 10_001) * 10.0 ** (np.arange(10_001) % 17)
    total = 0.0
    for value in values.tolist():
        total += value
    assert compiled(added, values) == total


def test_what_was_compiled_within_another_is_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """numba keeps it; in a later process its machine code is taken from there."""
    function = cast(FunctionType, cast(Any, divided).__wrapped__)
    first = machine_code(dispatcher_of(function, tmp_path), (1.0, 2.0))
    later = dispatcher_of(function, tmp_path)
    monkeypatch.setattr(later, "_compiler", None)
    again = machine_code(later, (1.0, 2.0))
    assert (again.code, again.entry) == (first.code, first.entry)


def test_a_disk_that_is_full_stops_no_compiler(compiled: Compiled, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is run all the same."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(IndexDataCacheFile, "save", full)
    assert compiled(divided, 3.0, 2.0) == 1.5
