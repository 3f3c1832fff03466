"""The records of an OpenLABEL file, in file order, and those of its pieces that cannot be taken."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.rejects import Reason
from tasks.openlabel.bitmaps import class_masks
from tasks.openlabel.classes import BITMAP, Classes, class_of, grey_levels
from tasks.openlabel.document import Document
from tasks.openlabel.pieces import Piece, Unfit, pieces
from tasks.openlabel.places import Frame, Places, Unit, frame_of
from tasks.refusals import Refused, check_fit, found
from tasks.rejects import capped

Row = dict[str, Any]
"""Columns of RECORDS."""


class Refusal(NamedTuple):
    """A record that cannot be taken, as the table of rejects has it."""

    code: Reason
    text: str
    record: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A file together with what its records are looked up in."""

    document: Document
    scene: str
    places: Places
    classes: Classes
    predictions: bool

    def unit(self, piece: Piece, frame: Frame) -> Unit:
        """The data unit of a piece; without a stream the scene's only one is meant."""
        stream, streams = piece.stream, self.places.streams[self.scene]
        if stream is None and len(streams) > 1:
            text = f"the attribute stream is missing, and the scene has {', '.join(streams)}"
            raise Refused(Reason.MISSING_FIELD, text)
        return self.places.unit(self.scene, stream if stream is not None else streams[0], frame)


@dataclass(slots=True)
class _Seen:
    """How often a name stands on a unit."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def id(self, unit: Unit, name: str) -> str:
        """An id of its own for every piece of an object on one image."""
        self.counts[unit.word, name] += 1
        count = self.counts[unit.word, name]
        return name if count == 1 else f"{name}/{count}"

    def check_bitmap(self, unit: Unit) -> None:
        """Refused where the unit has a bitmap already: a pixel has one class."""
        self.counts[unit.word, BITMAP] += 1
        if self.counts[unit.word, BITMAP] > 1:
            raise Refused(Reason.DUPLICATE_ID, f"{unit.word!r} has a bitmap already, allowed is one")


def scene_of(document: Document, places: Places, classes: Classes, predictions: bool) -> Scene:
    """The scene that a file belongs to. Refused where the project has none of its names."""
    scene = places.scene(document.scene_words)
    if scene is None:
        shown = ", ".join(map(repr, document.scene_words[:4]))
        raise Refused(Reason.UNKNOWN_UNIT, f"the project has no scene that is called {shown}")
    return Scene(document, scene, places, classes, predictions)


def rows_of(scene: Scene) -> Iterator[Row | Refusal]:
    """Every record of a file as columns of RECORDS, or why it is not taken."""
    seen = _Seen()
    for frame_id, stated in scene.document.frames.items():
        for uid, piece in _pieces(stated):
            try:
                if isinstance(piece, Unfit):
                    raise piece.why
                assert uid is not None, "only what is unfit has no object"
                frame = frame_of(frame_id, stated.get("frame_properties"))
                yield from _rows(scene, scene.unit(piece, frame), uid, piece, seen)
            except Refused as why:
                record = {"frame": frame_id, "object": uid, "object_data": piece.record}
                yield Refusal(why.code, why.text, capped(json.dumps(record)))


def _pieces(stated: Any) -> Iterator[tuple[str | None, Piece | Unfit]]:
    """The pieces of a frame, each with its object's uid."""
    objects = stated.get("objects") if isinstance(stated, dict) else stated
    if objects is None and isinstance(stated, dict):
        return
    if not isinstance(objects, dict):
        text = f"the frame's objects are {found(objects)}, allowed is an object"
        yield None, Unfit(Refused(Reason.NOT_AN_OBJECT, text), objects)
        return
    for uid, said in objects.items():
        for piece in pieces(said.get("object_data", {}) if isinstance(said, dict) else said):
            yield uid, piece


def _rows(scene: Scene, unit: Unit, uid: str, piece: Piece, seen: _Seen) -> list[Row]:
    """The rows of a piece: one, or of a bitmap one per class."""
    check_fit(uid)
    if unit.size is None:
        check_fit(unit.word)  # nobody's word: frame and stream as the file has them
    name = class_of(scene.document, uid)
    common: Row = {"source_unit": unit.word, "score": piece.confidence if scene.predictions else None}
    if piece.kind == BITMAP:
        seen.check_bitmap(unit)
        return _bitmap(scene, unit, uid, piece, common)
    row = {**common, "source_category": scene.classes.word(name), "track_id": uid, **piece.columns}
    return [row if scene.predictions else {**row, "source_id": seen.id(unit, f"{uid}/{piece.kind}")}]


def _bitmap(scene: Scene, unit: Unit, uid: str, piece: Piece, common: Row) -> list[Row]:
    if unit.size is None:
        raise Refused(Reason.UNKNOWN_UNIT, f"no data unit of the project is {unit.word!r}")
    levels = grey_levels(scene.document, uid)
    masks = class_masks(piece.record[BITMAP][0], levels, scene.classes, unit.size)
    rows = [
        {**common, "source_category": one.name, "task": "segmentation", "shape": "bitmask", "mask": one.mask}
        for one in masks
    ]
    if scene.predictions:
        return rows
    return [{**row, "source_id": f"{BITMAP}/{row['source_category']}"} for row in rows]
