"""Parquet's encodings, read back by the letter of its specification."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.kernels.parquet_encodings import differences, hybrid, length_prefixed, narrow_hybrid


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def _unpacked(data: bytes, width: int, count: int) -> list[int]:
    bits = int.from_bytes(data, "little")
    return [bits >> (k * width) & ((1 << width) - 1) for k in range(count)]


def read_hybrid(data: bytes, width: int) -> list[int]:
    """All values, with those that fill up the last group."""
    values: list[int] = []
    at = 0
    while at < len(data):
        header, at = _varint(data, at)
        if header & 1:
            size = (header >> 1) * width
            values += _unpacked(data[at : at + size], width, (header >> 1) * 8)
        else:
            size = (width + 7) // 8
            values += [int.from_bytes(data[at : at + size], "little")] * (header >> 1)
        at += size
    return values


def read_differences(data: bytes, bits: int) -> list[int]:
    """Numbers of `bits` bits, with sign."""
    block, at = _varint(data, 0)
    miniblocks, at = _varint(data, at)
    count, at = _varint(data, at)
    first, at = _varint(data, at)
    values = [first >> 1 ^ -(first & 1)]
    while len(values) < count:
        least, at = _varint(data, at)
        least = least >> 1 ^ -(least & 1)
        widths, at = data[at : at + miniblocks], at + miniblocks
        for width in widths:
            if len(values) < count:
                size = block // miniblocks * width // 8
                for offset in _unpacked(data[at : at + size], width, block // miniblocks):
                    values.append(values[-1] + least + offset)
                at += size
    assert at == len(data)
    half = 1 << (bits - 1)
    return [(value + half) % (2 * half) - half for value in values[:count]]


runs = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 40)), max_size=30)


@given(stretches=runs, width=st.sampled_from([3, 8, 9, 17, 31]))
def test_runs_and_groups_read_back_as_they_were(stretches: list[tuple[int, int]], width: int) -> None:
    """Stretches of equal values of any length, at any place of a group of eight."""
    values = [value for value, count in stretches for _ in range(count)]
    if width > 8:
        values = [value * ((1 << width) - 1) // 6 for value in values]
    read = read_hybrid(hybrid(np.array(values, np.int32), width).tobytes(), width)
    assert read[: len(values)] == values
    assert not any(read[len(values) :])
    assert len(read) < len(values) + 8


@given(stretches=runs, width=st.integers(3, 8))
def test_narrow_values_give_the_same_bytes(stretches: list[tuple[int, int]], width: int) -> None:
    """Eight at once or one by one, and whatever lies behind them."""
    values = np.array([value * ((1 << width) - 1) // 6 for value, count in stretches for _ in range(count)], np.int32)
    assert narrow_hybrid(values.astype(np.uint8), width).tobytes() == hybrid(values, width).tobytes()


@pytest.mark.parametrize("width", [1, 2])
def test_levels_give_the_same_bytes_too(width: int) -> None:
    """Bits and pairs of bits, often alike."""
    rng = np.random.default_rng(width)
    for count in range(200):
        values = np.repeat(rng.integers(0, 1 << width, count), rng.choice([1, 2, 8, 13], count)).astype(np.int32)
        assert narrow_hybrid(values.astype(np.uint8), width).tobytes() == hybrid(values, width).tobytes()


def test_one_value_throughout_is_one_run() -> None:
    """However many rows: a count and a byte."""
    assert hybrid(np.full(1 << 20, 2, np.int32), 2).tobytes() == bytes([0x80, 0x80, 0x80, 1, 2])


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("count", [1, 2, 33, 128, 129, 130, 1000])
def test_differences_read_back_as_they_were(bits: int, count: int) -> None:
    """Ascending, random and extreme numbers, which wrap around."""
    rng = np.random.default_rng(count)
    least, most = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    for values in (
        np.arange(count) * 3 - 7,
        rng.integers(least, most, count, endpoint=True),
        rng.choice([least, -1, 0, most], count),
        np.zeros(count, np.int64),
    ):
        assert read_differences(differences(values, bits == 32).tobytes(), bits) == values.tolist()


@pytest.mark.parametrize("width", range(65))
def test_differences_of_any_width_read_back_as_they_were(width: int) -> None:
    """A miniblock's bits end within a word, at its end, and within a value that goes on in the next."""
    rng = np.random.default_rng(width)
    steps = rng.integers(0, (1 << width) - 1, 300, np.uint64, endpoint=True)
    values = np.cumsum(steps, dtype=np.uint64).view(np.int64)
    assert read_differences(differences(values, False).tobytes(), 64) == values.tolist()


def test_no_numbers_are_a_header_that_says_so() -> None:
    """128 differences a block, 4 miniblocks, no values, the first of them 0."""
    assert differences(np.empty(0, np.int64), False).tobytes() == bytes([0x80, 1, 4, 0, 0])


def test_bytes_stand_after_their_lengths() -> None:
    """Four bytes, lowest first; a text without characters is a length."""
    data, offsets = np.frombuffer(b"xabcd", np.uint8), np.array([1, 3, 3, 5])
    assert length_prefixed(data, offsets).tobytes() == b"\2\0\0\0ab" + b"\0\0\0\0" + b"\2\0\0\0cd"
