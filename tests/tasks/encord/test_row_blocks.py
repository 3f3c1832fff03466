"""Files of label rows in blocks: bounded, in order, numbered through."""

from collections.abc import Iterator
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.parameters import ClassBy
from schemas.records import Block
from tasks.encord import taken
from tasks.encord.label_row import Terms
from tasks.encord.row_blocks import each_row, groups, read_blocks, sound_files
from tasks.encord.row_texts import RowText
from tasks.running import serial, threaded
from tests.coco_text import Text
from tests.encord_rows import answered, image, question, sides, source, thing

TERMS = Terms(True, ClassBy.HASH, {})


def rows(count: int) -> list[dict[str, Any]]:
    """Rows of a record, a reject and an answer each."""
    answers = {"c": answered(question("colour", "red"))}
    return [image(thing(), thing("hexagon"), classification_answers=answers) for _ in range(count)]


def test_rows_are_grouped_by_their_bytes() -> None:
    """A large one ends its group; none is left over."""
    texts = [RowText(k, b"x" * size) for k, size in enumerate((3, 3, 9, 1, 2))]
    assert [[len(row.text) for row in group] for group in groups(texts, 6)] == [[3, 3], [9], [1, 2]]
    assert list(groups([], 6)) == []


def test_blocks_are_numbered_through_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is read at once, in whatever number of threads; records, rejects and answers share their numbers."""
    expected = sides(read_blocks(source(*rows(20)), TERMS, serial))
    assert [row["source_row"] for row in expected[0]] == list(range(0, 60, 3))
    assert [row["source_row"] for row in expected[1]] == list(range(2, 60, 3))
    assert [row["source_row"] for row in expected[2]] == list(range(1, 60, 3))
    monkeypatch.setattr(groups, "__defaults__", (1500,))
    monkeypatch.setattr(taken, "LARGEST_BLOCK", 4)
    assert sides(read_blocks(source(*rows(20)), TERMS, threaded(3))) == expected


def test_blocks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In rows, and in bytes of masks."""

    def sizes(*given: Any) -> list[int]:
        return [block.rows for block in read_blocks(source(*given), TERMS, serial)]

    assert sizes(*rows(4)) == [12]
    assert sizes() == sizes(image()) == []
    monkeypatch.setattr(taken, "LARGEST_BLOCK", 5)
    assert sizes(*rows(4)) == [5, 5, 2]
    monkeypatch.setattr(taken, "LARGEST_BLOCK_BYTES", 10)
    assert sizes(image(*[thing("bitmask")] * 5)) == [2, 2, 1]


def test_what_stands_before_the_damage_is_given() -> None:
    """Then comes the error."""
    good = source(*rows(2)).content
    blocks: Iterator[Block] = read_blocks(Text(good[:-1] + b', {"a": }]'), TERMS, serial)
    with pytest.raises(InputError, match=r"byte \d+: not JSON"):
        list(blocks)


def test_rows_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """From any number of threads."""
    monkeypatch.setattr(groups, "__defaults__", (1,))
    many = source(*({"k": k} for k in range(50)))
    assert list(each_row(many, lambda row: row.value["k"], threaded(4))) == list(range(50))


def test_of_several_files_the_sound_ones_are_taken() -> None:
    """A file alone is not looked at; it is refused when it is read."""
    good, cut, twice = source(*rows(1), name="good"), Text("[{", "cut"), Text('[{"a": {"b": 1, "b": 2}}]', "twice")
    sound, rejects = sound_files([cut, good, twice], serial)
    assert sound == [good]
    assert [(reject["source_file"], reject["source_row"]) for reject in rejects.to_pylist()] == [
        ("cut", None), ("twice", None),
    ]  # fmt: skip
    sound, rejects = sound_files([cut], serial)
    assert (sound, len(rejects)) == ([cut], 0)
