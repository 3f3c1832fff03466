"""Thrift's compact protocol, byte by byte as its specification has it."""

from tasks.storage.thrift import binary, flag, i32, i64, nested, numbers, struct, structs, texts, varint


def test_whole_numbers_are_zigzags_in_groups_of_seven_bits() -> None:
    """Small ones of either sign take one byte."""
    assert varint(300) == bytes([0xAC, 2])
    assert [i32(1, value).content for value in (0, -1, 1, -64, 64)] == [b"\0", b"\1", b"\2", b"\x7f", b"\x80\1"]
    assert i64(1, -(2**40)).content == varint(2**41 - 1)


def test_a_struct_has_steps_between_its_fields_and_an_end() -> None:
    """A truth value is in its type; what is None is left out."""
    assert struct(i32(1, 5), None, flag(3, True), flag(4, False)) == bytes([0x15, 10, 0x21, 0x12, 0])
    assert struct(nested(2, struct()), binary(3, "ab")) == bytes([0x2C, 0, 0x18, 2]) + b"ab" + b"\0"


def test_lists_begin_with_their_length_and_type() -> None:
    """In one byte up to fourteen items, behind it from fifteen on."""
    assert numbers(1, [1, -1]).content == bytes([0x25, 2, 1])
    assert texts(1, ["a", ""]).content == bytes([0x28, 1]) + b"a" + b"\0"
    assert structs(1, [struct()] * 15).content == bytes([0xFC, 15]) + bytes(15)
