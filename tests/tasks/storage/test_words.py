"""Dictionaries of text columns: words in order, whatever batches the rows came in."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.storage.words import codes_of, width_of
from tests.tasks.kernels.test_parquet_encodings import read_hybrid


def _coded(words: list[str | None], codes: list[int]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(words, pa.string()))


def _texts(values: list[pa.Array]) -> list[str]:
    return [text for part in values for text in part.to_pylist()]


def _read(values: list[pa.Array]) -> list[str]:
    words, codes = codes_of(values)
    numbers = read_hybrid(bytes(codes), width_of(words))
    return [words[number].as_py() for number in numbers[: sum(map(len, values))]]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([_coded(["b", "a"], [0, 1, 1, 0])], id="one batch"),
        pytest.param([_coded(["b", "a"], [0, 1]), _coded(["a", "c"], [1, 0])], id="batches with words of their own"),
        pytest.param([_coded(["b", "unsaid", "a"], [0, 2, 2])], id="a word that no row says"),
        pytest.param([_coded([None, "a"], [1, 1])], id="a null that no row says"),
        pytest.param([_coded(["a", "a", "b"], [0, 1, 2])], id="a word that is there twice"),
        pytest.param([_coded(["z"], [0] * 9), _coded(["z"], [0] * 9)], id="one word throughout"),
        pytest.param([_coded(["z"], [0] * 9), _coded(["y"], [])], id="a batch without rows"),
        pytest.param([pa.array(["x", "ü", "x", ""])], id="plain text"),
        pytest.param([_coded(list(map(str, range(300))), list(range(300)) * 2)], id="more than a byte of words"),
        pytest.param([_coded(["c", "b", "a"], [0, 1, 2]).slice(1)], id="a slice"),
    ],
)
def test_codes_read_back_as_the_texts(values: list[pa.Array]) -> None:
    """The dictionary has each word that is said, once, in the order of their bytes."""
    texts = _texts(values)
    assert _read(values) == texts
    assert codes_of(values)[0].to_pylist() == sorted(set(texts), key=str.encode)


def test_batches_show_nowhere() -> None:
    """Cut anywhere, and encoded against any dictionary, the same rows give the same bytes."""
    rng = np.random.default_rng(0)
    texts = [str(word) for word in rng.integers(0, 400, 3000)]
    whole = codes_of([pa.array(texts)])
    parts = [pa.array(texts[start : start + 700]).dictionary_encode() for start in range(0, 3000, 700)]
    words, codes = codes_of(parts)
    assert words.equals(whole[0])
    assert bytes(codes) == bytes(whole[1])


def test_no_rows_are_no_words() -> None:
    """Neither words nor codes."""
    words, codes = codes_of([])
    assert (len(words), bytes(codes)) == (0, b"")
