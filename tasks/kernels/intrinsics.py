"""Operations of the machine that Python has no word for, as numba emits them; who uses them finds them in `json_bytes`.

Nothing but the compilation of a kernel imports this: numba takes a quarter of a second.
"""

from collections.abc import Callable
from typing import Any, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_BYTE = ir.IntType(8)
_WORD = ir.IntType(64)
_LANES = 32
_VECTOR = ir.VectorType(_BYTE, _LANES)


def _intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    return cast(Callable[..., Any], intrinsic(function))


as_array = cast(Callable[..., Any], numba.carray)  # type: ignore[attr-defined]
"""(pointer, int64) -> array of so many items."""


def _address(builder: Any, pointer: Any, position: Any) -> Any:
    return builder.gep(pointer, [position], source_etype=_BYTE)


def _load(builder: Any, arguments: Any, kind: ir.Type) -> Any:
    """`kind` read from byte `arguments[1]` on from `arguments[0]`, aligned or not."""
    address = builder.bitcast(_address(builder, *arguments), kind.as_pointer())
    return builder.load(address, align=1, typ=kind)


def _lanes_equal(builder: Any, vector: Any, character: str) -> Any:
    return builder.icmp_unsigned("==", vector, ir.Constant(_VECTOR, [ord(character)] * _LANES))


def _as_mask(builder: Any, lanes: Any) -> Any:
    return builder.zext(builder.bitcast(lanes, ir.IntType(_LANES)), _WORD)


@_intrinsic
def pointer(typing: Any, array: Any) -> Any:
    """Contiguous array -> pointer to its first item; the array must outlive it."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    kind: Any = types.CPointer
    return kind(array.dtype)(array), emit


@_intrinsic
def byte(typing: Any, text: Any, position: Any) -> Any:
    """(text, int64) -> int64: the byte at `position`."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.zext(_load(builder, arguments, _BYTE), _WORD)

    return types.int64(text, types.int64), emit


@_intrinsic
def word(typing: Any, text: Any, position: Any) -> Any:
    """(text, int64) -> uint64: eight bytes from `position`, the first in the lowest bits."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _load(builder, arguments, _WORD)

    return types.uint64(text, types.int64), emit


@_intrinsic
def string_stops(typing: Any, text: Any, position: Any) -> Any:
    """(text, int64) -> uint64: a bit for each of 32 bytes that is a quote, a backslash or a control character."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = _load(builder, arguments, _VECTOR)
        control = builder.icmp_unsigned("<", vector, ir.Constant(_VECTOR, [0x20] * _LANES))
        special = builder.or_(_lanes_equal(builder, vector, '"'), _lanes_equal(builder, vector, "\\"))
        return _as_mask(builder, builder.or_(control, special))

    return types.uint64(text, types.int64), emit


@_intrinsic
def structure_stops(typing: Any, text: Any, position: Any) -> Any:
    """(text, int64) -> uint64: a bit for each of 32 bytes that is a quote, a bracket, a brace or NUL."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = _load(builder, arguments, _VECTOR)
        # setting bit 5 turns [ into { and ] into }, and leaves nothing else there
        folded = builder.or_(vector, ir.Constant(_VECTOR, [0x20] * _LANES))
        brackets = builder.or_(_lanes_equal(builder, folded, "{"), _lanes_equal(builder, folded, "}"))
        ends = builder.or_(_lanes_equal(builder, vector, '"'), _lanes_equal(builder, vector, "\0"))
        return _as_mask(builder, builder.or_(brackets, ends))

    return types.uint64(text, types.int64), emit


@_intrinsic
def structure_masks(typing: Any, text: Any, position: Any) -> Any:
    """(text, int64) -> four uint64: which of 64 bytes are quotes, backslashes, opening and closing brackets."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.VectorType(_BYTE, 64)
        vector = _load(builder, arguments, wide)
        # setting bit 5 turns [ into { and ] into }, and leaves nothing else there
        folded = builder.or_(vector, ir.Constant(wide, [0x20] * 64))
        found = ((vector, '"'), (vector, "\\"), (folded, "{"), (folded, "}"))
        equal = [builder.icmp_unsigned("==", lanes, ir.Constant(wide, [ord(sign)] * 64)) for lanes, sign in found]
        return context.make_tuple(builder, signature.return_type, [builder.bitcast(lanes, _WORD) for lanes in equal])

    kind: Any = types.UniTuple
    return kind(types.uint64, 4)(text, types.int64), emit


@_intrinsic
def set_bits(typing: Any, value: Any) -> Any:
    """uint64 -> int64: how many bits are set."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), emit


@_intrinsic
def copy_bytes(typing: Any, source: Any, start: Any, target: Any, at: Any, count: Any) -> Any:
    """(text, int64, pointer to uint8, int64, int64): copy `count` bytes, 0 or more, to where `source` is not."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        read, write = _address(builder, *arguments[:2]), _address(builder, *arguments[2:4])
        copy: Any = cgutils.raw_memcpy
        copy(builder, write, read, arguments[4], 1)
        return context.get_dummy_value()

    return types.void(source, types.int64, target, types.int64, types.int64), emit


@_intrinsic
def trailing_zeros(typing: Any, value: Any) -> Any:
    """uint64 -> int64: zero bits below the lowest set one; 64 for 0."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), emit


@_intrinsic
def leading_zeros(typing: Any, value: Any) -> Any:
    """uint64 -> int64: zero bits above the highest set one; 64 for 0."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), emit


@_intrinsic
def high_product(typing: Any, left: Any, right: Any) -> Any:
    """(uint64, uint64) -> uint64: the upper half of the 128-bit product."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), _WORD)

    return types.uint64(types.uint64, types.uint64), emit


@_intrinsic
def as_float(typing: Any, bits: Any) -> Any:
    """uint64 -> float64 of the same bits (IEEE 754)."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), emit
