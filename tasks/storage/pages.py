"""Pages of a column chunk, with zstd where it makes them enough smaller.

https://github.com/apache/parquet-format, pages of version 1: all pages of a chunk are compressed, or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from tasks.storage import thrift
from tasks.storage.level_runs import Buffers

UNCOMPRESSED, ZSTD = 0, 6
_CODEC = pa.Codec("zstd", compression_level=-1)
"""A quarter less time than level 1, for 0.3 % more in all."""
_LOOK = pa.Codec("lz4_raw")
"""It finds most of what zstd finds, and begins in a tenth of the time."""
_LOOK_BYTES = 16 * 1024
_WORTH_A_LOOK = 1024
_ENOUGH = 0.5
"""Compressing takes two to five times as long as digesting and writing, so a little smaller is not worth it."""


class Draft(NamedTuple):
    """A page before it is known whether it is compressed."""

    kind: int
    """Parquet's PageType."""
    body: Buffers
    head: thrift.Member
    """What the header says of this kind."""


@dataclass(slots=True)
class Page:
    """A page under its header."""

    header: bytes
    body: Buffers
    uncompressed: int
    """Bytes of the body before it was compressed."""
    compressed: int

    @property
    def sizes(self) -> tuple[int, int]:
        """Bytes with the header, (uncompressed, as written)."""
        return len(self.header) + self.uncompressed, len(self.header) + self.compressed


def pages_of(drafts: Sequence[Draft], repeating: bool) -> tuple[int, list[Page]]:
    """(codec of the chunk, its pages); only what is `repeating` may be compressed. No drafts: no pages."""
    codec = ZSTD if repeating and _pays([part for draft in drafts for part in draft.body]) else UNCOMPRESSED
    return codec, [_page(draft, codec) for draft in drafts]


def _pays(parts: Buffers) -> bool:
    """Whether the middle of all parts is half as long compressed; never of a few bytes."""
    look = _middle([memoryview(part).cast("B") for part in parts if len(part)])
    return len(look) >= _WORTH_A_LOOK and memoryview(_LOOK.compress(look)).nbytes <= _ENOUGH * len(look)


def _middle(parts: Sequence[memoryview]) -> bytes | memoryview:
    """Up to 16 KB about the middle of all parts together: where one ends and the next begins must not matter."""
    start = max(0, (sum(map(len, parts)) - _LOOK_BYTES) // 2)
    pieces, before = [], 0
    for part in parts:
        pieces.append(part[max(0, start - before) : max(0, start + _LOOK_BYTES - before)])
        before += len(part)
    held = [piece for piece in pieces if piece]
    return held[0] if len(held) == 1 else b"".join(held)


def _page(draft: Draft, codec: int) -> Page:
    size = sum(memoryview(part).nbytes for part in draft.body)
    body = draft.body
    if codec == ZSTD:
        body = [memoryview(_CODEC.compress(body[0] if len(body) == 1 else b"".join(body)))]
    written = sum(memoryview(part).nbytes for part in body)
    header = thrift.struct(thrift.i32(1, draft.kind), thrift.i32(2, size), thrift.i32(3, written), draft.head)
    return Page(header, body, size, written)
