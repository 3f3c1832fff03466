"""The decimal kernel against Python's own `float`."""

import random
import struct
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from tasks.kernels.compile import kernel
from tasks.kernels.decimal import UNDECIDED, number
from tasks.kernels.json_bytes import padded, pointer


@kernel
def _numbers(block: np.ndarray, starts: np.ndarray, values: np.ndarray, ends: np.ndarray) -> None:
    text = pointer(block)
    for k in range(len(starts)):
        values[k], ends[k] = number(text, starts[k])


def read(tokens: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(values, characters read or UNDECIDED) of each token in a list of them."""
    lengths = np.array([len(token) + 1 for token in tokens])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    values, ends = np.empty(len(tokens)), np.empty(len(tokens), np.int64)
    _numbers(padded(",".join(tokens).encode()), starts, values, ends)
    return values, np.where(ends == UNDECIDED, UNDECIDED, ends - starts)


def assert_as_python(tokens: list[str], least_decided: float) -> None:
    """Every decided value has the bits Python's has, and enough are decided."""
    values, read_characters = read(tokens)
    decided = read_characters != UNDECIDED
    assert decided.mean() >= least_decided
    expected = np.array([float(token) for token in tokens])
    wrong = decided & (values.view(np.int64) != expected.view(np.int64))
    assert not wrong.any(), [tokens[k] for k in np.flatnonzero(wrong)[:5]]
    assert (read_characters[decided] == np.array([len(token) for token in tokens])[decided]).all()


def _float32_text(chance: random.Random) -> str:
    """A single-precision number as torch's `tolist` gives it to `json`: up to 17 digits."""
    return repr(struct.unpack("f", struct.pack("f", chance.random() * 640))[0])


def _any_float64(chance: random.Random) -> str:
    """A normal number of any size."""
    exponent, rest = chance.randint(1, 2046), chance.getrandbits(52)
    return repr(struct.unpack("d", struct.pack("Q", chance.getrandbits(1) << 63 | exponent << 52 | rest))[0])


def _digits(chance: random.Random) -> str:
    """1 to 19 digits with a point and an exponent anywhere."""
    text = str(chance.randint(1, 9)) + "".join(chance.choices("0123456789", k=chance.randint(0, 18)))
    point = chance.randint(1, len(text))
    text = text if point == len(text) else f"{text[:point]}.{text[point:]}"
    return text if chance.random() < 0.3 else f"{text}e{chance.randint(-280, 280)}"


def _halfway(chance: random.Random) -> str:
    """A number exactly between two neighbours."""
    exact = Fraction(2 * (chance.getrandbits(52) | 1 << 52) + 1) * Fraction(2) ** chance.randint(-4, 6)
    places = len(str(exact.denominator)) + 2
    whole = str(int(exact * 10**places))
    return f"{whole[:-places]}.{whole[-places:]}".rstrip("0").rstrip(".")


@pytest.mark.parametrize(
    ("make", "count", "least_decided"),
    [
        (lambda chance: repr(round(chance.random() * 640, 3)), 300_000, 1),
        (lambda chance: repr(chance.random()), 200_000, 1),
        (_float32_text, 200_000, 1),
        (_any_float64, 200_000, 1),
        (_digits, 200_000, 0.99),
        (_halfway, 50_000, 0.5),
    ],
    ids=["3 decimals", "scores", "float32", "any float64", "19 digits", "halfway"],
)
def test_a_decided_number_has_the_bits_of_pythons_float(
    make: Callable[[random.Random], str], count: int, least_decided: float
) -> None:
    """1.15 million seeded decimals equal `float` to the bit."""
    chance = random.Random(7)
    assert_as_python([make(chance) for _ in range(count)], least_decided)


def test_numbers_at_the_edges_of_float64_are_right_or_left_to_python() -> None:
    """Signed zeros, the largest and smallest numbers, and neighbours of powers of two have Python's bits."""
    tokens = [
        "0", "-0", "0.0", "-0.0", "0e5", "-0.0e-999", "1", "-1", "1e5", "1E+5", "1e-5", "100.50", "1e22", "1e23",
        "9007199254740992", "9007199254740993", "9007199254740993.0", "9007199254740995", "1.7976931348623157e308",
        "1.7976931348623159e308", "2.2250738585072014e-308", "2.2250738585072011e-308", "5e-324", "2e-324", "1e-400",
        "1e400", "1e308", "18446744073709551615", "18446744073709551616", "0.00000000000000000000012345678901234567",
        "1234567.12345678", "12345678.1234567", "0.30000000000000004", "6.02214076e23", "1e0005", "1e00005",
        "123456789012345678901234567890", "0.1234567890123456789012345", "3" * 400,
    ]  # fmt: skip
    assert_as_python(tokens, 0.6)


@pytest.mark.parametrize("token", ["", "-", "+1", ".5", "1.", "-.5", "01", "00", "-01", "1.e5", "1e", "1e+", "e5", "N"])
def test_what_json_does_not_call_a_number_is_undecided(token: str) -> None:
    """Python's `float` takes some of these; JSON takes none."""
    assert read([token])[1].tolist() == [UNDECIDED]


@pytest.mark.parametrize("token", ["1e400", "-1e309", "5e-324", "1e-310", "1234567890123456789012"])
def test_overflow_subnormal_and_overlong_numbers_are_undecided(token: str) -> None:
    """What the two algorithms do not prove exact is left to Python."""
    assert read([token])[1].tolist() == [UNDECIDED]
