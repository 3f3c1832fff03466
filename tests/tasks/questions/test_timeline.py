"""Ranges of frames on the units of a bucket: images, groups, videos and sound."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.tables import UNIT_RECORDS
from tasks.columns import completed, only_read
from tasks.kernels.answer_codes import RADIO
from tasks.kernels.answer_rows import Asked, Frames, Stored, place_answers
from tasks.matchable import bucket_of
from tasks.questions.timeline import Timeline, timeline
from tasks.units import keyed_units, unit_index


def times(*rows: tuple[str, str, str, int]) -> Timeline:
    """Of units (kind, sequence, unit, frame), with keys from 1."""
    columns: dict[str, Any] = dict(
        zip(("kind", "sequence_hash", "data_hash", "frame"), zip(*rows, strict=True), strict=True)
    )
    columns |= {name: [10] * len(rows) for name in ("width", "height")}
    columns |= {"source_id": columns["data_hash"], "source_order": range(len(rows))}
    columns = {name: pa.array(list(column)) for name, column in columns.items()}
    units = keyed_units(None, completed(columns, UNIT_RECORDS.schema, len(rows)))
    index = unit_index(units)
    return timeline(units, index, bucket_of(index, 0, 1, "file"))


def spans(found: Timeline, *said: tuple[int, int, int]) -> list[tuple[int, int]]:
    """First and last frame of answers (place, first, last) to the only question."""
    place, first, last = np.array(said, np.int64).T
    numbers = (np.zeros(len(place), np.int32), first.astype(np.int32), last.astype(np.int32))
    stored = Stored(*map(only_read, (place, *numbers, np.full(len(place), -1))))
    local = np.arange(len(found.frame), dtype=np.int32)
    frames = Frames(local, found.sequence, found.frame, found.timed, found.end)
    placed, _ = place_answers(stored, Asked(np.array([RADIO]), np.array([0, -1]), np.array([0, -1])), frames)
    return list(zip(placed.first.tolist(), placed.last.tolist(), strict=True))


VIDEO = [("video frame", "v", "v", frame) for frame in range(5)]


def test_ranges_begin_with_their_unit_and_end_with_the_video() -> None:
    """Frames that are not said are the unit's own."""
    assert spans(times(*VIDEO), (1, 1, 3), (4, 4, 99), (2, -1, -1), (3, 3, 2)) == [(1, 3), (4, 4), (2, 2), (3, 3)]


def test_images_of_a_group_are_its_frames() -> None:
    """Whatever frame a file says of one; an image by itself has its own."""
    found = times(("group image", "g", "a", 0), ("group image", "g", "b", 1), ("image", "i", "i", 0))
    assert spans(found, (1, 1, 1), (1, 0, 0), (0, 0, 1), (2, 0, 0)) == [(1, 1), (1, 1), (0, 1), (0, 0)]
    assert found.sequence[0] == found.sequence[1] != found.sequence[2]


def test_sound_is_counted_in_milliseconds() -> None:
    """It has no frames, and no end that is known."""
    found = times(("audio", "s", "s", 0), *VIDEO)
    assert spans(found, (0, 1500, 2500)) == [(1500, 2500)]
    assert found.keys_at(found.sequence[[0]], np.array([1500])).tolist() == [1]


def test_a_frame_leads_to_its_unit() -> None:
    """In any order of the units."""
    found = times(("image", "i", "i", 0), *VIDEO[::-1])
    sequence = found.sequence[[0, 1, 1]]
    assert found.keys_at(sequence, np.array([0, 0, 4])).tolist() == [1, 6, 2]
    assert found.keys_at(sequence[:0], np.array([], np.int64)).tolist() == []
