"""Label rows damaged at random: everything is taken, rejected or refused, and nothing crashes."""

import copy
import json
import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import InputError
from schemas.records import Inputs
from tasks.encord.truth import read_truth
from tasks.running import serial
from tasks.units import keyed_categories, keyed_units
from tests.coco_text import Text
from tests.encord_rows import GEOMETRY, answered, group, image, numbered, question, read_file, sides, thing, video

RED = question("colour", "red")
PARTS = {
    "classification_answers": {"c": answered(RED), "d": {"classifications": [RED]}},
    "object_answers": {"obj00001": {"classifications": [RED]}},
    "object_actions": {"obj00001": {"actions": [{**RED, "range": [[0, 0]]}]}},
}
THINGS = [thing(shape) for shape in GEOMETRY]
ROWS = [image(*THINGS, **PARTS), group(THINGS, THINGS[:2], **PARTS), video({"0": THINGS, "9": THINGS}, **PARTS)]
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, math.nan, math.inf, "", "x", "\ud800", "a\0", "²", "9" * 30, [], {}, [1], [[1]],
    {"a": 1}, {"0": {"x": 1, "y": 2}}, [[[0, 0, 1, 1]]], [[0, 0]], [["a", "b"]], [[0, 10**12]], 1e308,
)  # fmt: skip
Path = tuple[str | int, ...]


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where everything in a value stands."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from paths(item, (*path, key))


PATHS = [list(paths(row)) for row in ROWS]


@st.composite
def damaged_rows(draw: st.DrawFn) -> bytes:
    """A file of one row in which something is replaced, taken out or called otherwise; some have a byte wrong, too."""
    which = draw(st.integers(0, len(ROWS) - 1))
    row = copy.deepcopy(ROWS[which])
    *above, last = draw(st.sampled_from(PATHS[which]))
    parent: Any = row
    for key in above:
        parent = parent[key]
    change = draw(st.sampled_from(["replace", "replace", "remove", "rename"]))
    if change == "replace":
        parent[last] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    else:
        item = parent.pop(last)
        if change == "rename" and isinstance(parent, dict):
            parent[draw(st.sampled_from(["x", "\ud800", "-1", "1", "²", "00"]))] = item
    content = bytearray(json.dumps([row]).encode())
    for position in draw(st.lists(st.integers(0, len(content) - 1), max_size=1)):
        content[position] = draw(st.sampled_from(b'"\\{}[]:,\x00\xff0e-9 '))
    return bytes(content)


@settings(max_examples=300)
@given(damaged_rows())
def test_predictions_are_taken_or_rejected_or_refused(content: bytes) -> None:
    """The books of every block balance, and rows are numbered without a gap."""
    with suppress(InputError):
        assert numbered(*read_file(Text(content)))


@settings(max_examples=300)
@given(damaged_rows())
def test_ground_truth_is_taken_or_rejected_or_refused(content: bytes) -> None:
    """Units and classes that come out can be keyed."""
    with suppress(InputError):
        read = read_truth(Inputs([Text(content)]), serial)
        assert len(keyed_units(None, read.units)) == len(read.units)
        assert len(keyed_categories(None, read.categories)) == len(read.categories)
        assert numbered(*sides(read.blocks))
