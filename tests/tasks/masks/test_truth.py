"""Units and classes of mask files."""

import numpy as np
import pytest

from schemas.errors import InputError
from schemas.records import Inputs
from schemas.tables import CATEGORY_RECORDS, UNIT_RECORDS
from tasks.masks import truth as module
from tasks.masks.files import layout
from tasks.masks.truth import categories_of, size_of, units_of
from tasks.running import serial
from tests.coco_text import Text
from tests.tasks.masks.png_files import bomb, grey_png


def file(name: str, width: int, height: int) -> Text:
    """A mask of nothing."""
    return Text(grey_png(np.zeros((height, width))), name)


def test_units_are_what_the_files_are_about() -> None:
    """By name; a video has every frame up to the highest, and the size of its first file."""
    sources = [file("v__2.png", 3, 4), file("b.png", 5, 6), file("a.jpg.png", 7, 8), file("v__0.png", 9, 9)]
    units = units_of(layout(Inputs(sources), None, None), serial)
    assert units.schema.equals(UNIT_RECORDS.schema)
    columns = ("title", "frame", "kind", "width", "height", "source_order")
    assert list(zip(*(units[name].to_pylist() for name in columns), strict=True)) == [
        ("a.jpg", 0, "image", 7, 8, 0),
        ("b", 0, "image", 5, 6, 1),
        ("v", 0, "video frame", 3, 4, 2),
        ("v", 1, "video frame", 3, 4, 3),
        ("v", 2, "video frame", 3, 4, 4),
    ]
    for name in ("source_id", "data_hash", "sequence_hash"):
        assert units[name].to_pylist() == units["title"].to_pylist()


def test_a_file_that_is_no_mask_makes_no_unit() -> None:
    """Reading it will say why."""
    sources = [Text(b"II*\0", "a.png"), Text(bomb(9460), "b.png")]
    assert units_of(layout(Inputs(sources), None, None), serial).num_rows == 0


def test_a_name_cannot_ask_for_endless_frames() -> None:
    """Any number fits in a name; the error says which unit it was."""
    source = file(f"v__{module.MOST_FRAMES}.png", 1, 1)
    with pytest.raises(InputError, match="5000001 of them of 'v'"):
        units_of(layout(Inputs([source]), None, None), serial)


def test_only_the_head_of_a_file_is_read_for_its_size() -> None:
    """However long the rest is."""

    class Head(Text):
        def read(self, start: int = 0, stop: int | None = None) -> bytes:
            assert stop is not None
            assert stop - start < 64
            return super().read(start, stop)

    assert size_of(Head(grey_png(np.zeros((2, 3))))) == (3, 2)


def test_classes_are_objects_shown_by_bitmasks() -> None:
    """In the order given; their word is both hash and name."""
    categories = categories_of(["h2", "h1"])
    assert categories.schema.equals(CATEGORY_RECORDS.schema)
    rows = categories.select(["feature_hash", "name", "kind", "shape"]).to_pylist()
    assert rows == [{"feature_hash": word, "name": word, "kind": "object", "shape": "bitmask"} for word in ("h2", "h1")]
