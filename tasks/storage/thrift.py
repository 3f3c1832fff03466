"""Thrift's compact protocol, as far as Parquet's footers and page headers need it (writing only)."""

from collections.abc import Sequence
from typing import NamedTuple

_TRUE, _FALSE, _I32, _I64, _BINARY, _LIST, _STRUCT = 1, 2, 5, 6, 8, 9, 12
_SHORT_LIST = 15


class Member(NamedTuple):
    """A field of a struct: its number, its type and its bytes."""

    number: int
    kind: int
    content: bytes


_ONE_BYTE = tuple(bytes([value]) for value in range(0x80))


def varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; `value` is not negative."""
    if value < 0x80:
        return _ONE_BYTE[value]
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _zigzag(value: int) -> bytes:
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _sized(content: bytes) -> bytes:
    return varint(len(content)) + content


def i32(number: int, value: int) -> Member:
    """A whole number of 32 bits, or a member of an enumeration."""
    return Member(number, _I32, _zigzag(value))


def i64(number: int, value: int) -> Member:
    """A whole number of 64 bits."""
    return Member(number, _I64, _zigzag(value))


def flag(number: int, value: bool) -> Member:
    """A truth value."""
    return Member(number, _TRUE if value else _FALSE, b"")


def binary(number: int, value: bytes | str) -> Member:
    """Bytes, or text in UTF-8."""
    return Member(number, _BINARY, _sized(value.encode() if isinstance(value, str) else value))


def nested(number: int, content: bytes) -> Member:
    """A struct within a struct."""
    return Member(number, _STRUCT, content)


def _list(number: int, kind: int, items: Sequence[bytes]) -> Member:
    short = len(items) < _SHORT_LIST
    head = bytes([len(items) << 4 | kind]) if short else bytes([0xF0 | kind]) + varint(len(items))
    return Member(number, _LIST, head + b"".join(items))


def structs(number: int, items: Sequence[bytes]) -> Member:
    """A list of structs."""
    return _list(number, _STRUCT, items)


def texts(number: int, items: Sequence[str]) -> Member:
    """A list of texts."""
    return _list(number, _BINARY, [_sized(item.encode()) for item in items])


def numbers(number: int, items: Sequence[int]) -> Member:
    """A list of whole numbers of 32 bits."""
    return _list(number, _I32, [_zigzag(item) for item in items])


def struct(*members: Member | None) -> bytes:
    """A struct of its fields, by ascending number; those that are None are left out."""
    out, before = [], 0
    for member in members:
        if member is not None:
            step = member.number - before
            assert 0 < step <= 15, "a longer header is never needed here"
            out += [bytes([step << 4 | member.kind]), member.content]
            before = member.number
    return b"".join([*out, b"\0"])
