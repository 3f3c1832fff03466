"""The files of a call: sorted, taken apart, sized."""

from typing import Any

import pyarrow as pa

from schemas.parameters import MaskKind, Reading
from schemas.records import Inputs
from schemas.rejects import Reason
from schemas.tables import UNIT_RECORDS
from tasks.columns import completed
from tasks.masks.files import Layout, apart, layout, with_sizes
from tasks.masks.mapping import MAPPING
from tasks.refusals import Refused
from tasks.units import keyed_units
from tests.coco_text import Text


def units(*rows: tuple[str, int, int, int]) -> pa.Table:
    """`data_units` of (title, frames, width, height); 0 frames: an image."""
    each = [(title, frame, n, w, h) for title, n, w, h in rows for frame in range(max(n, 1))]
    titles = [title for title, *_ in each]
    columns: dict[str, Any] = {
        "frame": [frame for _, frame, *_ in each],
        "kind": ["video frame" if n else "image" for _, _, n, *_ in each],
        "width": [w for *_, w, _ in each],
        "height": [h for *_, h in each],
        "source_order": range(len(each)),
    }
    columns |= dict.fromkeys(("source_id", "data_hash", "title", "sequence_hash"), titles)
    return keyed_units(None, completed(columns, UNIT_RECORDS.schema, len(each)))


def found(*names: str, kind: MaskKind = MaskKind.INSTANCES, words: dict[str, str] | None = None) -> Layout:
    """The layout of files of these names."""
    return layout(Inputs([Text(b"", name) for name in names], reading=Reading(masks=kind)), None, words)


def test_files_are_sorted_by_what_they_are() -> None:
    """Masks by their ending; the mapping that counts is neither a mask nor refused."""
    parts = found("a.png", MAPPING, f"sub/{MAPPING}", "notes.txt", "sub/b.PNG")
    assert [source.name for source in parts.masks] == ["a.png", "sub/b.PNG"]
    assert [source.name for source in parts.others] == [f"sub/{MAPPING}", "notes.txt"]


def test_a_class_in_a_name_is_looked_up() -> None:
    """In the mapping where there is one; one that it lacks refuses the file."""
    names = ("a__car.png", "a__h1.png", "a__bus.png")
    kind = MaskKind.ONE_PER_FILE
    *known, bus = found(*names, kind=kind, words={"car": "h1", "h1": "h1"}).said
    assert known == [("a", None, "h1")] * 2
    assert isinstance(bus, Refused)
    assert bus.code == Reason.UNMAPPED_CLASS
    assert [said[2] for said in found(*names, kind=kind).said] == ["car", "h1", "bus"]


def test_files_of_one_name_in_several_folders_are_about_several_units() -> None:
    """Where nobody says what the units are called: the folder then is part of the name."""
    parts = apart(found("train/a.png", "val/a.png", "val/b.png", "c/v__1.png", "d/v__2.png"))
    assert [tuple(said[:2]) for said in parts.said] == [
        ("train/a", None), ("val/a", None), ("b", None), ("v", 1), ("v", 2)
    ]  # fmt: skip


def test_objects_of_one_unit_may_lie_in_several_folders() -> None:
    """Files of one object each are several of a unit anyhow."""
    parts = apart(found("cars/a__car.png", "buses/a__bus.png", kind=MaskKind.ONE_PER_FILE))
    assert [said[0] for said in parts.said] == ["a", "a"]


def test_sizes_are_those_of_the_units() -> None:
    """By title, stem and frame; None where no unit, or no such frame, is known."""
    known = units(("a.jpg", 0, 640, 480), ("v.mp4", 3, 1920, 1080))
    names = ("a.jpg.png", "a.png", "v.mp4__2.png", "v.mp4__3.png", "v.mp4.png", "else.png")
    sizes = [file.size for file in with_sizes(found(*names), known)]
    assert sizes == [(640, 480), (640, 480), (1920, 1080), None, None, None]
    assert [file.size for file in with_sizes(found(*names), None)] == [None] * 6
