"""Parquet's encodings of whole numbers and of bytes, as its specification has them (github.com/apache/parquet-format).

Bytes come out exactly as long as they are; equal input gives equal bytes.
"""

import numpy as np

from tasks.kernels.arrays import Bool, Int32, Int64, UInt8, UInt64
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import Text, copy_bytes, leading_zeros, pointer, word

_GROUP = 8
"""Values that are packed together; as many equal ones are worth a run of their own."""
_STRETCH = 64
"""Values whose bits fill whole words, however wide they are."""
_BLOCK, _MINIBLOCKS, _MINIBLOCK = 128, 4, 32
"""Differences of a block, and how many of them share a bit width."""
_HEADER_BYTES = 32
_MOST = int(np.iinfo(np.int64).max)
_LOW_WORD = np.uint64(0xFFFFFFFF)
_CONTINUES = np.uint64(0x80)
_SEVEN, _ONE = np.uint64(7), np.uint64(1)
_BYTES = np.uint64(0x0101010101010101)
"""Times a byte, it stands in each of eight."""
_PAIRS, _FOURS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
"""The first byte of each two, and the first two of each four."""


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
def _put_bytes(out: UInt8, at: int, words: UInt64, count: int) -> int:
    """The lowest `count` bytes of words, lowest first."""
    copy_bytes(pointer(words), 0, pointer(out), at, count)
    return at + count


@kernel
def _pack(values: Int32 | Int64, start: int, stop: int, least: int, width: int, words: UInt64) -> None:
    """How far values start:stop lie above `least`, in `width` bits each, 1 to 64; pointers.

    Every step writes the word it fills, full or not, and there is room for one more than the bits take.
    """
    held, filled, n = np.uint64(0), 0, 0
    for i in range(start, stop):
        value = np.uint64(values[i] - least)
        held |= value << np.uint64(filled)
        words[n] = held
        filled += width
        rest = (value >> _ONE) >> np.uint64((width - filled + 63) & 63)  # in two steps: none of 64 bits is defined
        full = filled >= 64
        held = rest if full else held
        n += full
        filled &= 63
    words[n] = held


@kernel
def _groups(count: int) -> int:
    """Groups that so many values are packed in."""
    return (count + _GROUP - 1) // _GROUP


@kernel
def _put_literals(out: UInt8, at: int, values: Int32, start: int, stop: int, width: int) -> int:
    if start == stop:
        return at
    at = _put_varint(out, at, np.uint64(_groups(stop - start) << 1 | 1))
    words = np.empty(width + 1, np.uint64)
    for first in range(start, stop, _STRETCH):
        end = min(first + _STRETCH, stop)
        if end - first < _STRETCH:
            words[:] = 0  # the last group is filled up with zeros
        _pack(pointer(values), first, end, 0, width, pointer(words))
        at = _put_bytes(out, at, words, _groups(end - first) * width)
    return at


@kernel
def _put_run(out: UInt8, at: int, value: int, count: int, width: int) -> int:
    at = _put_varint(out, at, np.uint64(count << 1))
    for shift in range(0, width, 8):
        out[at] = np.uint8((value >> shift) & 0xFF)
        at += 1
    return at


@kernel
def _alike(values: Int32, group: int) -> int:
    """How many of a group of eight values, from its first, are the same; through a pointer."""
    i = group + 1
    while i < group + _GROUP and values[i] == values[group]:
        i += 1
    return i - group


@kernel
def hybrid(values: Int32, width: int) -> UInt8:
    """RLE and bit packing in turn, of i32[N] of `width` bits, 1 to 31. No values: no bytes.

    A run begins where a group does: a group of which not all are alike is packed, whatever goes on behind it.
    """
    count, given = len(values), pointer(values)
    out = np.empty(count * (width + 1) // 8 + count // _GROUP + _HEADER_BYTES, np.uint8)
    at, start, group = 0, 0, 0
    while group + _GROUP <= count:
        if _alike(given, group) < _GROUP:
            group += _GROUP
            continue
        stop = group + _GROUP
        while stop < count and given[stop] == given[group]:
            stop += 1
        at = _put_literals(out, at, values, start, group, width)
        at = _put_run(out, at, given[group], stop - group, width)
        start = group = stop
    return out[: _put_literals(out, at, values, start, count, width)]


@kernel
def _packed(eight: np.uint64, width: int) -> np.uint64:
    """The lowest `width` bits, 1 to 8, of each of eight bytes side by side: twos move together, then fours."""
    bits = np.uint64(width)
    pairs = eight & _PAIRS | (eight >> np.uint64(8) & _PAIRS) << bits
    fours = pairs & _FOURS | (pairs >> np.uint64(16) & _FOURS) << (bits << _ONE)
    return fours & _LOW_WORD | (fours >> np.uint64(32)) << (bits << np.uint64(2))


@kernel
def _put_groups(out: UInt8, at: int, text: Text, start: int, stop: int, width: int) -> int:
    """As `_put_literals`, of values that are bytes."""
    if start == stop:
        return at
    at, to = _put_varint(out, at, np.uint64(_groups(stop - start) << 1 | 1)), pointer(out)
    for group in range(start, stop, _GROUP):
        eight = word(text, group)
        if group + _GROUP > stop:
            eight &= (_ONE << np.uint64((stop - group) << 3)) - _ONE
        held = _packed(eight, width)
        for k in range(width):
            to[at + k] = np.uint8((held >> np.uint64(k << 3)) & np.uint64(0xFF))
        at += width
    return at


@kernel
def _narrow_runs(out: UInt8, readable: UInt8, count: int, width: int) -> int:
    """Where the bytes of `narrow_hybrid` end in `out`; eight bytes are `readable` from each of the `count` values."""
    text, at, start, group = pointer(readable), 0, 0, 0
    while group + _GROUP <= count:
        eight = word(text, group)
        same = (eight & np.uint64(0xFF)) * _BYTES
        if eight != same:
            group += _GROUP
            continue
        stop = group + _GROUP
        while stop + _GROUP <= count and word(text, stop) == same:
            stop += _GROUP
        while stop < count and readable[stop] == readable[group]:
            stop += 1
        at = _put_groups(out, at, text, start, group, width)
        at = _put_run(out, at, int(readable[group]), stop - group, width)
        start = group = stop
    return _put_groups(out, at, text, start, count, width)


@kernel
def narrow_hybrid(values: UInt8, width: int) -> UInt8:
    """The bytes of `hybrid`, of u8[N] of `width` bits, 1 to 8; eight values are looked at at once."""
    count = len(values)
    out = np.empty(count * (width + 1) // 8 + count // _GROUP + _HEADER_BYTES, np.uint8)
    readable = np.empty(count + _GROUP, np.uint8)
    readable[:count] = values
    return out[: _narrow_runs(out, readable, count, width)]


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
def renumbered(codes: Int32, numbers: Int32 | UInt8, out: Int32 | UInt8) -> None:
    """Write the number of each of the i32[N] codes."""
    for i in range(len(codes)):
        out[i] = numbers[codes[i]]


@kernel
def _take_differences(values: Int64, start: int, count: int, narrow: bool, block: Int64) -> int:
    """Set `block` to `count` differences; the least. They wrap as numbers of 32 or 64 bits do."""
    least = _MOST
    if narrow:
        for i in range(count):
            block[i] = np.int64(np.int32(values[start + i] - values[start + i - 1]))
            least = min(least, block[i])
    else:
        for i in range(count):
            block[i] = values[start + i] - values[start + i - 1]
            least = min(least, block[i])
    return least


@kernel
def _put_block(
    out: UInt8, at: int, values: Int64, start: int, count: int, narrow: bool, block: Int64, words: UInt64
) -> int:
    """128 differences: the least, how wide those of each miniblock are above it, and they; zeros beyond the last."""
    least = _take_differences(pointer(values), start, count, narrow, pointer(block))
    for i in range(count, _BLOCK):
        block[i] = least
    at = _put_varint(out, at, _zigzag(least))
    widths = at
    at += _MINIBLOCKS
    for first in range(0, _BLOCK, _MINIBLOCK):
        bits = np.uint64(0)
        for i in range(first, first + _MINIBLOCK):
            bits |= np.uint64(block[i] - least)
        width = 64 - leading_zeros(bits)
        out[widths + first // _MINIBLOCK] = np.uint8(width)
        if width > 0:
            _pack(pointer(block), first, first + _MINIBLOCK, least, width, pointer(words))
            at = _put_bytes(out, at, words, width * _MINIBLOCK // 8)
    return at


@kernel
def differences(values: Int64, narrow: bool) -> UInt8:
    """DELTA_BINARY_PACKED of i64[N]; `narrow` for a column of 32 bits. No values: a header that says so."""
    blocks = len(values) // _BLOCK + 1
    out = np.empty(blocks * (_BLOCK * 8 + _MINIBLOCKS + 10) + _HEADER_BYTES, np.uint8)
    block, words = np.empty(_BLOCK, np.int64), np.empty(_MINIBLOCK + 1, np.uint64)
    at = _put_varint(out, 0, np.uint64(_BLOCK))
    at = _put_varint(out, at, np.uint64(_MINIBLOCKS))
    at = _put_varint(out, at, np.uint64(len(values)))
    at = _put_varint(out, at, _zigzag(values[0]) if len(values) else np.uint64(0))
    for start in range(1, len(values), _BLOCK):
        at = _put_block(out, at, values, start, min(_BLOCK, len(values) - start), narrow, block, words)
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
