"""Tests of `tasks.memory`."""

import pyarrow as pa

from tasks.memory import give_back, use_one_heap


def test_freed_memory_goes_back() -> None:
    """Nothing in use is touched, and calling it twice does no harm."""
    kept = pa.array(range(1000))
    give_back()
    give_back()
    assert kept.to_pylist() == list(range(1000))


def test_arrow_and_numpy_share_a_heap() -> None:
    """Arrow allocates from the C library, and what it holds stays readable."""
    before = pa.default_memory_pool()
    kept = pa.array(range(1000))
    try:
        use_one_heap()
        assert pa.default_memory_pool().backend_name == "system"
        assert pa.array(range(1000)) == kept
    finally:
        pa.set_memory_pool(before)
