"""File names of labels: which unit and frame they mean."""

from typing import Any

import pyarrow as pa
import pytest

from schemas.tables import DATA_UNITS
from tasks.columns import completed
from tasks.file_names import FileNames


def units(*things: tuple[str, str, str | None, str, int]) -> pa.Table:
    """`data_units` of (hash, hash of the row, title, kind, frames)."""
    rows = [(*thing[:4], frame) for thing in things for frame in range(thing[4])]
    columns: dict[str, Any] = {
        "unit_key": range(len(rows)),
        "source_id": [row[0] for row in rows],
        "data_hash": [row[0] for row in rows],
        "sequence_hash": [row[1] for row in rows],
        "title": [row[2] for row in rows],
        "kind": [row[3] for row in rows],
        "frame": [row[4] for row in rows],
        "width": [10] * len(rows),
        "height": [10] * len(rows),
        "source_order": range(len(rows)),
    }
    return completed(columns, DATA_UNITS.schema, len(rows))


UNITS = units(
    ("h1", "h1", "clip.mp4", "video frame", 3),
    ("h2", "r2", "cherry_001.png", "image", 1),
    ("h3", "h3", "take__2.png", "image", 1),
    ("h4", "h4", "clip.mp4__7", "image", 1),
    ("h5", "h5", "sub/000123.png", "image", 1),
    ("h6", "h6", None, "image", 1),
)


@pytest.mark.parametrize(
    ("name", "unit", "frame"),
    [
        ("cherry_001.png.txt", "cherry_001.png", None),
        ("a/b/cherry_001.png.CSV", "cherry_001.png", None),
        ("cherry_001.txt", "cherry_001", None),
        ("clip.mp4__103.txt", "clip.mp4", 103),
        ("clip__103.txt", "clip", 103),
        ("h1__2.txt", "h1", 2),
        ("r2.txt", "r2", None),
        ("000123.txt", "000123", None),
        ("sub/000123.png.txt", "sub/000123.png", None),
    ],
)
def test_a_name_is_a_unit_and_perhaps_a_frame(name: str, unit: str, frame: int | None) -> None:
    """By title, file name, stem or hash, in whatever folder."""
    assert FileNames(UNITS, hash_first=False)(name) == (unit, frame)


def test_titles_decide_what_two_underscores_mean() -> None:
    """A title that holds them goes before a title and a frame."""
    names = FileNames(UNITS, hash_first=False)
    assert names("take__2.png.txt") == ("take__2.png", None)
    assert names("take__2.png__5.txt") == ("take__2.png", 5)
    assert names("clip.mp4__7.txt") == ("clip.mp4__7", None)
    assert names("clip.mp4__8.txt") == ("clip.mp4", 8)


def test_a_name_nobody_has_is_taken_apart_by_its_form() -> None:
    """So that resolve says of its records that the unit is unknown."""
    names = FileNames(UNITS, hash_first=False)
    assert names("other.mp4__12.txt") == ("other.mp4", 12)
    assert names("other__x.txt") == ("other__x", None)
    assert names("other__9999999999.txt") == ("other__9999999999", None)


def test_without_units_the_form_alone_decides() -> None:
    """A stage that runs by itself knows none."""
    names = FileNames(None, hash_first=False)
    assert names("sub/clip.mp4__103.txt") == ("clip.mp4", 103)
    assert names("000123.txt") == ("000123", None)


def test_after_a_hash_anything_may_stand_and_a_number_is_a_frame_of_videos_alone() -> None:
    """As in Encord Active up to 0.1.65."""
    names = FileNames(UNITS, hash_first=True)
    assert names("labels/h1__2.txt") == ("h1", 2)
    assert names("labels/h2__2.txt") == ("h2", None)
    assert names("labels/h2__x__3.txt") == ("h2", None)
    assert names("labels/unknown__x.txt") == ("unknown", None)
