"""Pages are compressed where it makes them enough smaller, and never otherwise."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.storage import thrift
from tasks.storage.pages import UNCOMPRESSED, ZSTD, Draft, pages_of

_SIZE = 100_000
_HEAD = thrift.nested(5, thrift.struct())


def _random(size: int) -> bytes:
    return np.random.default_rng(0).bytes(size)


def test_what_repeats_is_compressed_and_reads_back() -> None:
    """All parts of a page are one stretch of zstd."""
    parts = [b"levels", b"abcdefgh" * _SIZE, b"end"]
    codec, (page,) = pages_of([Draft(0, list(parts), _HEAD)], repeating=True)
    whole = b"".join(parts)
    assert codec == ZSTD
    assert len(page.body) == 1
    assert pa.Codec("zstd").decompress(page.body[0], len(whole)).to_pybytes() == whole
    assert page.uncompressed == len(whole)
    assert page.compressed == memoryview(page.body[0]).nbytes < len(whole) // 100


@pytest.mark.parametrize(
    ("part", "repeating"),
    [
        pytest.param(_random(_SIZE), True, id="nothing repeats"),
        pytest.param(b"".join(b"%c" % each + b"\0" for each in _random(_SIZE)), True, id="not enough repeats"),
        pytest.param(b"ab" * 100, True, id="too few bytes for a look"),
        pytest.param(b"", True, id="no bytes"),
        pytest.param(bytes(_SIZE), False, id="said not to repeat"),
    ],
)
def test_what_would_gain_little_stays_as_it_is(part: bytes, repeating: bool) -> None:
    """The buffers themselves are what is written."""
    draft = Draft(0, [part], _HEAD)
    codec, (page,) = pages_of([draft], repeating)
    assert codec == UNCOMPRESSED
    assert page.body is draft.body
    assert page.compressed == page.uncompressed == len(part)


def test_all_pages_of_a_chunk_are_compressed_or_none() -> None:
    """What is most of a chunk decides for a dictionary before it, too."""
    for most, expected in ((bytes(_SIZE), ZSTD), (_random(_SIZE), UNCOMPRESSED)):
        codec, pages = pages_of([Draft(2, [b"words"], _HEAD), Draft(0, [most], _HEAD)], repeating=True)
        assert codec == expected
        assert (pages[0].body == [b"words"]) == (expected == UNCOMPRESSED)


@given(cuts=st.lists(st.integers(0, 80_000), max_size=20), repeats=st.integers(0, 40_000))
def test_where_parts_end_does_not_matter(cuts: list[int], repeats: int) -> None:
    """Rows come in batches of any size, which must not show in a file."""
    whole = _random(40_000 - repeats) + bytes(2 * repeats) + _random(40_000 - repeats)
    ends = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    parts: list[bytes | memoryview] = [whole[start:stop] for start, stop in pairwise(ends)]
    cut, uncut = (pages_of([Draft(0, body, _HEAD)], repeating=True) for body in (parts, [whole]))
    assert cut[0] == uncut[0]
    assert b"".join(cut[1][0].body) == b"".join(uncut[1][0].body)


def test_no_drafts_are_no_pages() -> None:
    """Nothing is nothing."""
    assert pages_of([], repeating=True) == (UNCOMPRESSED, [])
