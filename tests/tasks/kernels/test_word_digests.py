"""Digests of words and of byte strings."""

import numpy as np

from tasks.kernels.word_digests import digest_strings, fold_words
from tests.tasks.kernels.flat import flat_bytes


def test_strings_that_differ_have_different_digests() -> None:
    """In a byte, in NUL bytes at their end, or in the order of their words; around every multiple of eight bytes."""
    strings = [bytes([1]) * size for size in range(34)]
    strings += [bytes(size) for size in range(1, 34)]
    strings += [b"".join(b"\x02" if at == changed else b"\x01" for at in range(17)) for changed in range(17)]
    strings += [b"12345678abcdefgh", b"abcdefgh12345678"]
    assert len(set(digest_strings(*flat_bytes(strings)).tolist())) == len(set(strings)) == len(strings)


def test_what_one_word_changes_the_next_does_not_take_back() -> None:
    """Changes in the highest byte of a word, and in the bytes of the next that a multiplication moves them to."""
    strings = np.zeros((64, 16, 16, 24), np.uint8)
    strings[..., 15] = np.arange(1, 256, 4)[:, None, None]
    strings[..., 19] = np.arange(0, 256, 16)[:, None]
    strings[..., 23] = np.arange(16)
    data = strings.ravel()
    assert len(np.unique(digest_strings(data, np.arange(0, len(data) + 1, 24)))) == 64 * 16 * 16


def test_a_digest_is_that_of_the_bytes_wherever_they_lie() -> None:
    """What stands before and after a string makes no difference, nor where in memory it begins."""
    rng = np.random.default_rng(5)
    strings = [rng.bytes(int(size)) for size in rng.integers(0, 40, 200)]
    alone = [int(digest_strings(*flat_bytes([each]))[0]) for each in strings]
    assert digest_strings(*flat_bytes(strings)).tolist() == alone
    assert len(digest_strings(*flat_bytes([]))) == 0


def test_rows_are_folded_into_their_place_in_order() -> None:
    """The order of the rows of a place counts, that of places does not; no rows change nothing."""

    def folded(rows: list[tuple[int, int]], place: list[int]) -> list[int]:
        state = np.arange(2, dtype=np.uint64)
        fold_words(state, np.array(rows, np.uint64).reshape(-1, 2).T.copy(), np.array(place, np.int64))
        return [int(each) for each in state]

    one, other = (3, 4), (3, 5)
    assert folded([], []) == [0, 1]
    assert folded([one, other, one], [0, 1, 0]) == folded([one, one, other], [0, 0, 1])
    assert folded([one, other], [0, 0]) != folded([other, one], [0, 0])
    assert len({*folded([one, one], [0, 1]), *folded([other, other], [0, 1])}) == 4
