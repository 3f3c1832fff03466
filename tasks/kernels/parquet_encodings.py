"""Parquet's encodings of whole numbers and of bytes, as its specification has them (github.com/apache/parquet-format).

Bytes come out exactly as long as they are; equal input gives equal bytes.
"""

import numpy as np

from tasks.kernels.arrays import Bool, Int32, Int64, UInt8, UInt64
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import leading_zeros

_GROUP = 8
"""Values that are packed together; as many equal ones are worth a run of their own."""
_GROUP_WORDS = 4
"""Words that a group of the widest values fills."""
_BLOCK, _MINIBLOCKS, _MINIBLOCK = 128, 4, 32
"""Differences of a block, and how many of them share a bit width."""
_HEADER_BYTES = 32
_LOW_WORD = np.uint64(0xFFFFFFFF)
_CONTINUES = np.uint64(0x80)
_SEVEN, _ONE = np.uint64(7), np.uint64(1)


@kernel
def _put_varint(out: UInt8, at: int, value: np.uint64) -> int:
    """Seven bits a byte, lowest first."""
    while value >= _CONTINUES:
        out[at] = np.uint8((value & np.uint64(0x7F)) | _CONTINUES)
        value >>= _SEVEN
        at += 1
    out[at] = np.uint8(value)
    return at + 1


@kernel
def _zigzag(value: int) -> np.uint64:
    return np.uint64((value << 1) ^ (value >> 63))


@kernel
def _add_bits(words: UInt64, bit: int, value: np.uint64, width: int) -> int:
    """The next position: put the `width` bits of `value`, 1 to 64, at `bit` of words that are zero from there on."""
    word, shift = bit >> 6, bit & 63
    words[word] |= value << np.uint64(shift)
    if shift + width > 64:
        words[word + 1] |= value >> np.uint64(64 - shift)
    return bit + width


@kernel
def _put_bytes(out: UInt8, at: int, words: UInt64, count: int) -> int:
    """The lowest `count` bytes of words, lowest first."""
    for k in range(count):
        out[at + k] = np.uint8((words[k >> 3] >> np.uint64((k & 7) << 3)) & np.uint64(0xFF))
    return at + count


@kernel
def _put_group(out: UInt8, at: int, values: Int32 | UInt8, start: int, stop: int, width: int, words: UInt64) -> int:
    """Values start:stop, eight at most, bit by bit, filled up with zeros to a whole group; `words` is room for it."""
    words[: (width >> 3) + 1] = 0
    bit = 0
    for i in range(start, stop):
        bit = _add_bits(words, bit, np.uint64(values[i]), width)
    return _put_bytes(out, at, words, width)


@kernel
def _put_narrow_group(out: UInt8, at: int, values: Int32 | UInt8, start: int, width: int) -> int:
    """Eight values of eight bits at most: all of them fit into a register."""
    held = np.uint64(0)
    for k in range(_GROUP):
        held |= np.uint64(values[start + k]) << np.uint64(k * width)
    for k in range(width):
        out[at + k] = np.uint8((held >> np.uint64(k << 3)) & np.uint64(0xFF))
    return at + width


@kernel
def _put_literals(out: UInt8, at: int, values: Int32 | UInt8, start: int, stop: int, width: int) -> int:
    if start == stop:
        return at
    groups = (stop - start + _GROUP - 1) // _GROUP
    at = _put_varint(out, at, np.uint64(groups << 1 | 1))
    if width <= _GROUP:
        while start + _GROUP <= stop:
            at = _put_narrow_group(out, at, values, start, width)
            start += _GROUP
    words = np.empty(_GROUP_WORDS, np.uint64)
    for first in range(start, stop, _GROUP):
        at = _put_group(out, at, values, first, min(first + _GROUP, stop), width, words)
    return at


@kernel
def _put_run(out: UInt8, at: int, value: int, count: int, width: int) -> int:
    at = _put_varint(out, at, np.uint64(count << 1))
    for shift in range(0, width, 8):
        out[at] = np.uint8((value >> shift) & 0xFF)
        at += 1
    return at


@kernel
def hybrid(values: Int32 | UInt8, width: int) -> UInt8:
    """RLE and bit packing in turn, of i32[N] or u8[N] of `width` bits, 1 to 31. No values: no bytes."""
    out = np.empty(len(values) * (width + 1) // 8 + len(values) // _GROUP + _HEADER_BYTES, np.uint8)
    at, start, i = 0, 0, 0
    while i < len(values):
        stop = i + 1
        while stop < len(values) and values[stop] == values[i]:
            stop += 1
        missing = -(i - start) % _GROUP
        if missing:  # a group that has begun takes what it lacks from this run
            i += min(missing, stop - i)
        if (i - start) % _GROUP == 0 and stop - i >= _GROUP:
            at = _put_literals(out, at, values, start, i, width)
            at = _put_run(out, at, values[i], stop - i, width)
            start = stop
        i = stop
    return out[: _put_literals(out, at, values, start, len(values), width)]


@kernel
def seen(codes: Int32, words: int) -> Bool:
    """bool[words]: which of the codes 0 to `words` - 1 are among i32[N]; no further than all have been seen."""
    found, missing = np.zeros(words, np.bool_), words
    for code in codes:
        if not found[code]:
            found[code] = True
            missing -= 1
            if missing == 0:
                break
    return found


@kernel
def _take_differences(values: Int64, start: int, narrow: bool, block: Int64) -> tuple[int, int]:
    """(how many of the block's differences there are, the least); they wrap as numbers of 32 or 64 bits do."""
    count = min(_BLOCK, len(values) - start)
    least = np.iinfo(np.int64).max
    for i in range(count):
        difference = values[start + i] - values[start + i - 1]
        if narrow:
            difference = np.int64(np.int32(difference))
        block[i] = difference
        least = min(least, difference)
    return count, least


@kernel
def _put_miniblock(out: UInt8, at: int, offsets: UInt64, first: int, width: int, words: UInt64) -> int:
    """32 numbers of `width` bits; `words` is room for them."""
    words[:] = 0
    bit = 0
    for i in range(first, first + _MINIBLOCK):
        bit = _add_bits(words, bit, offsets[i], width)
    return _put_bytes(out, at, words, width * _MINIBLOCK // 8)


@kernel
def _put_block(
    out: UInt8, at: int, values: Int64, start: int, narrow: bool, block: Int64, offsets: UInt64, words: UInt64
) -> int:
    """128 differences: the least, how wide those of each miniblock are above it, and they; zeros beyond the last."""
    count, least = _take_differences(values, start, narrow, block)
    at = _put_varint(out, at, _zigzag(least))
    widths = at
    at += _MINIBLOCKS
    for miniblock in range(_MINIBLOCKS):
        first = miniblock * _MINIBLOCK
        bits = np.uint64(0)
        for i in range(first, first + _MINIBLOCK):
            offset = np.uint64(block[i] - least) if i < count else np.uint64(0)
            offsets[i] = offset & _LOW_WORD if narrow else offset
            bits |= offsets[i]
        width = 64 - leading_zeros(bits)
        out[widths + miniblock] = np.uint8(width)
        if width > 0:
            at = _put_miniblock(out, at, offsets, first, width, words)
    return at


@kernel
def differences(values: Int64, narrow: bool) -> UInt8:
    """DELTA_BINARY_PACKED of i64[N]; `narrow` for a column of 32 bits. No values: a header that says so."""
    blocks = len(values) // _BLOCK + 1
    out = np.empty(blocks * (_BLOCK * 8 + _MINIBLOCKS + 10) + _HEADER_BYTES, np.uint8)
    block, offsets, words = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.uint64), np.empty(_MINIBLOCK, np.uint64)
    at = _put_varint(out, 0, np.uint64(_BLOCK))
    at = _put_varint(out, at, np.uint64(_MINIBLOCKS))
    at = _put_varint(out, at, np.uint64(len(values)))
    at = _put_varint(out, at, _zigzag(values[0]) if len(values) else np.uint64(0))
    for start in range(1, len(values), _BLOCK):
        at = _put_block(out, at, values, start, narrow, block, offsets, words)
    return out[:at]


@kernel
def length_prefixed(data: UInt8, offsets: Int64) -> UInt8:
    """PLAIN byte arrays: each of the N rows data[offsets[i]:offsets[i + 1]] after its length in four bytes."""
    out = np.empty(offsets[-1] - offsets[0] + 4 * (len(offsets) - 1), np.uint8)
    at = 0
    for row in range(len(offsets) - 1):
        length = offsets[row + 1] - offsets[row]
        for shift in range(0, 32, 8):
            out[at] = np.uint8((length >> shift) & 0xFF)
            at += 1
        out[at : at + length] = data[offsets[row] : offsets[row + 1]]
        at += length
    return out
