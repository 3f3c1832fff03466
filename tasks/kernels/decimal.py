"""Decimal text to float64, always the value Python's `float` gives, or undecided.

Up to 15 digits: one exact multiplication or division (Clinger 1990). Up to 19 digits and any exponent: the product
with a 128-bit power of five decides (Lemire, "Number parsing at a gigabyte per second", 2021). What is left, longer
numbers, subnormal ones and overflow, is undecided and left to Python.
"""

import numpy as np

from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import Text, as_float, byte, high_product, leading_zeros, trailing_zeros, word

UNDECIDED = -1
"""In place of the next position: not a number, or none that is decided here."""

_MINUS, _PLUS, _POINT, _ZERO, _NINE = 45, 43, 46, 48, 57
_LOWEST, _HIGHEST = -342, 308
_EXACT_POWERS = 10.0 ** np.arange(23)  # 10^22 is the last power of ten that float64 holds exactly
_WHOLE_POWERS = np.array([10**k for k in range(9)], dtype=np.uint64)
_EXACT_MANTISSA = np.uint64(1 << 53)
_ASCII_ZEROS = np.uint64(0x3030303030303030)
_ABOVE_NINE = np.uint64(0x7676767676767676)
_TOP_BITS = np.uint64(0x8080808080808080)
_ONE = np.uint64(1)


def _power_of_five(exponent: int) -> int:
    """5^exponent scaled into 2^127 to 2^128: truncated; a reciprocal is one step above its truncation."""
    power = 5 ** abs(exponent)
    if exponent >= 0:
        shift = 128 - power.bit_length()
        return power << shift if shift >= 0 else power >> -shift
    return (1 << (127 + (power - 1).bit_length())) // power + 1


def _halves(values: list[int]) -> np.ndarray:
    return np.array([(value >> 64, value & (1 << 64) - 1) for value in values], dtype=np.uint64)


_POWERS_OF_FIVE = _halves([_power_of_five(exponent) for exponent in range(_LOWEST, _HIGHEST + 1)])


@kernel
def _digit_count(folded: np.uint64) -> int:
    """How many of eight bytes, xor "0", are digits before the first that is none."""
    # a byte of 10 to 127 reaches its top bit by the sum, one of 128 and more has it; a carry can only reach
    # bytes after the first that is no digit
    return trailing_zeros(((folded + _ABOVE_NINE) | folded) & _TOP_BITS) >> 3


@kernel
def _eight_digits(digits: np.uint64) -> np.uint64:
    """The number that eight bytes of 0 to 9 spell, the first digit in the lowest byte."""
    pairs = (digits * np.uint64(10) + (digits >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    fours = (pairs * np.uint64(100) + (pairs >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    return (fours * np.uint64(10000) + (fours >> np.uint64(32))) & np.uint64(0xFFFFFFFF)


@kernel
def _digits(text: Text, position: int, mantissa: np.uint64) -> tuple[np.uint64, int]:
    """(`mantissa` continued with the digits from `position`, modulo 2^64; where they end)."""
    while True:
        folded = word(text, position) ^ _ASCII_ZEROS
        count = _digit_count(folded)
        if count == 0:
            return mantissa, position
        value = _eight_digits(folded << np.uint64(64 - 8 * count))
        mantissa = mantissa * _WHOLE_POWERS[count] + value
        position += count
        if count < 8:
            return mantissa, position


@kernel
def _exponent(text: Text, position: int) -> tuple[int, int]:
    """(value, next) of what follows an "e"; exponents beyond four digits are undecided."""
    sign = byte(text, position)
    start = position + 1 if sign in (_MINUS, _PLUS) else position
    value, end = _digits(text, start, np.uint64(0))
    if end == start or end - start > 4:
        return 0, UNDECIDED
    exponent = int(np.int64(value))
    return -exponent if sign == _MINUS else exponent, end


@kernel
def scaled(mantissa: np.uint64, exponent: int) -> tuple[float, bool]:
    """(mantissa x 10^exponent rounded to nearest even, True), or (0, False) where undecided."""
    if mantissa == 0:
        return 0.0, True
    if mantissa <= _EXACT_MANTISSA and -22 <= exponent <= 22:
        if exponent < 0:
            return np.float64(mantissa) / _EXACT_POWERS[-exponent], True
        return np.float64(mantissa) * _EXACT_POWERS[exponent], True
    if exponent < _LOWEST or exponent > _HIGHEST:
        return 0.0, False
    zeros = leading_zeros(mantissa)
    factor = mantissa << np.uint64(zeros)
    index = exponent - _LOWEST
    low = factor * _POWERS_OF_FIVE[index, 0]
    high = high_product(factor, _POWERS_OF_FIVE[index, 0])
    if high & np.uint64(0x1FF) == np.uint64(0x1FF):  # the bits below the rounding bit could still carry
        more = high_product(factor, _POWERS_OF_FIVE[index, 1])
        low += more
        if low < more:
            high += _ONE
        if low == np.uint64(0xFFFFFFFFFFFFFFFF) and (exponent < -27 or exponent > 55):
            return 0.0, False
    return _rounded(low, high, exponent, zeros)


@kernel
def _rounded(low: np.uint64, high: np.uint64, exponent: int, zeros: int) -> tuple[float, bool]:
    """The float64 of a 128-bit product whose mantissa was shifted by `zeros`; undecided unless it is normal."""
    top = high >> np.uint64(63)
    shift = top + np.uint64(9)
    mantissa = high >> shift  # 54 bits: one too many, to round by
    # 217706 / 2^16 is log2(10) closely enough to give the binary exponent over this range
    binary = ((217706 * exponent) >> 16) + 63 + np.int64(top) - zeros + 1023
    halfway = low <= _ONE and -4 <= exponent <= 23 and mantissa & np.uint64(3) == _ONE
    if halfway and mantissa << shift == high:
        mantissa &= ~_ONE  # exactly between two values: to the even one
    mantissa = (mantissa + (mantissa & _ONE)) >> _ONE
    if mantissa == _EXACT_MANTISSA:
        mantissa >>= _ONE
        binary += 1
    if binary <= 0 or binary >= 2047:
        return 0.0, False
    fraction = mantissa & np.uint64((1 << 52) - 1)
    return as_float(fraction | (np.uint64(binary) << np.uint64(52))), True


@kernel
def _long_number(text: Text, start: int) -> tuple[float, int]:
    """`number` for an unsigned number of any length, with or without exponent."""
    mantissa, position = _digits(text, start, np.uint64(0))
    digits, exponent = position - start, 0
    if digits == 0 or (byte(text, start) == _ZERO and digits > 1):
        return 0.0, UNDECIDED
    if byte(text, position) == _POINT:
        point = position
        mantissa, position = _digits(text, point + 1, mantissa)
        exponent = point + 1 - position
        digits -= exponent
        if exponent == 0:
            return 0.0, UNDECIDED
    first = start
    while digits > 19 and (byte(text, first) == _ZERO or byte(text, first) == _POINT):
        digits -= 1 if byte(text, first) == _ZERO else 0  # leading zeros carry no digit
        first += 1
    if digits > 19:
        return 0.0, UNDECIDED  # more than 64 bits hold
    if byte(text, position) | 32 == 101:
        more, position = _exponent(text, position + 1)
        exponent += more
    value, decided = scaled(mantissa, exponent)
    return value, position if decided else UNDECIDED


@kernel
def number(text: Text, position: int) -> tuple[float, int]:
    """(value, next position) of the JSON number at `position` of a padded text, or (anything, UNDECIDED)."""
    negative = byte(text, position) == _MINUS
    start = position + 1 if negative else position
    folded = word(text, start) ^ _ASCII_ZEROS
    count = _digit_count(folded)
    if count == 0 or (count > 1 and byte(text, start) == _ZERO):
        return 0.0, UNDECIDED
    end = start + count
    mantissa = _eight_digits(folded << np.uint64(64 - 8 * count))
    places = 0
    if byte(text, end) == _POINT:
        folded = word(text, end + 1) ^ _ASCII_ZEROS
        places = _digit_count(folded)
        if places == 0:
            return 0.0, UNDECIDED
        mantissa = mantissa * _WHOLE_POWERS[places] + _eight_digits(folded << np.uint64(64 - 8 * places))
        end += 1 + places
    if count == 8 or places == 8 or byte(text, end) | 32 == 101:
        value, end = _long_number(text, start)
    else:
        value = np.float64(mantissa) / _EXACT_POWERS[places]  # 14 digits at most: both exact, one rounding
    return -value if negative else value, end
