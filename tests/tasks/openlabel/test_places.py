"""Words of places, timestamps, and what finds which unit."""

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tasks.openlabel.places import Frame, Place, place_of, places_of, timestamp_of

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1)


@given(NAMES, st.text(min_size=1), st.none() | NAMES, st.none() | st.integers(-(2**63), 2**63 - 1))
def test_a_place_is_read_back_from_its_word(scene: str, stream: str, frame_id: str | None, time: int | None) -> None:
    """Whatever stands in a stream's name."""
    place = Place(scene, stream, frame_id, time)
    assert place_of(place.word()) == place


def test_other_words_are_no_places() -> None:
    """Ids of other formats are none."""
    assert [place_of(word) for word in ("", "a", "a/b", "a/b/c", "a/b/c@x", "a@1")] == [None] * 6


def test_timestamps_are_whole_numbers() -> None:
    """Numbers and their text; nothing else."""
    assert [timestamp_of(value) for value in (0, 50, -1, 50.0, "50", "-7")] == [0, 50, -1, 50, 50, -7]
    others: list[Any] = [None, True, 0.5, "x", "", "1.5", float("inf"), float("nan"), []]
    assert {timestamp_of(value) for value in others} == {None}


def table(*words: str, retired: bool = False) -> pa.Table:
    """Data units with these ids."""
    count = len(words)
    return pa.table({"source_id": words, "width": [8] * count, "height": [4] * count, "retired": [retired] * count})


def test_retired_units_are_no_places() -> None:
    """What the ground truth no longer holds is not found by its timestamp."""
    assert places_of(table("s/CAM/0@5"), {}).unit("s", "CAM", Frame("9", 5)).size == (8, 4)
    assert places_of(table("s/CAM/0@5", retired=True), {}).unit("s", "CAM", Frame("9", 5)).size is None


def test_a_frame_is_found_by_id_only_without_a_timestamp() -> None:
    """A timestamp that no unit has is not mended by the frame's id."""
    places = places_of(table("s/CAM/0@5", "77"), {"yard": "s"})
    assert places.unit("s", "CAM", Frame("0", None)).word == "s/CAM/0@5"
    assert places.unit("s", "CAM", Frame("0", 6)).size is None
    assert (places.scene(["no", "yard"]), places.scene(["s"]), places.scene(["no"])) == ("s", "s", None)
