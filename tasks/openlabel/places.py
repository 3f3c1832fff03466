"""Where an OpenLABEL record belongs: the image of a stream in a frame of a scene, found by timestamp or frame id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.rejects import Reason
from tasks.columns import numbers
from tasks.refusals import Refused, found


class Place(NamedTuple):
    """A stream's image in a frame."""

    scene: str
    stream: str
    frame_id: str | None
    timestamp: int | None
    """ms"""

    @property
    def sequence(self) -> str:
        """What the images of a scene's stream have in common."""
        return f"{self.scene}/{self.stream}"

    def word(self) -> str:
        """`scene/stream/frame@timestamp`, with nothing for what is not said: `source_id` of the data unit."""
        time = "" if self.timestamp is None else self.timestamp
        return f"{self.sequence}/{self.frame_id or ''}@{time}"


def place_of(word: str) -> Place | None:
    """The place that `word` spells; None where it is not of `Place.word`'s form."""
    scene, _, rest = word.partition("/")
    stream, slash, tail = rest.rpartition("/")
    frame_id, at, time = tail.rpartition("@")
    if not slash or not at or not (time == "" or time.removeprefix("-").isdecimal()):
        return None
    return Place(scene, stream, frame_id or None, int(time) if time else None)


def timestamp_of(value: Any) -> int | None:
    """Milliseconds, given as a whole number or as its text; None for anything else."""
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and value.isascii() and len(value) < 20:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) >= 1 << 63:
        return None
    return int(value) if value == int(value) else None


class Frame(NamedTuple):
    """What a file says of one of its frames."""

    id: str
    timestamp: int | None


def frame_of(frame_id: str, properties: Any) -> Frame:
    """A frame's id and timestamp. Refused where the timestamp is no whole number."""
    said = properties.get("timestamp") if isinstance(properties, dict) else None
    time = timestamp_of(said)
    if said is not None and time is None:
        text = f"frame {frame_id!r}: timestamp is {found(said)}, allowed is a whole number, ms"
        raise Refused(Reason.WRONG_TYPE, text)
    return Frame(frame_id, time)


class Unit(NamedTuple):
    """The data unit of a record: the word that resolve looks up, and its size in px where it is known."""

    word: str
    size: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Places:
    """The data units of a project as scenes, streams and frames."""

    names: Mapping[str, str]
    """Scene by what a file may call it."""
    streams: Mapping[str, Sequence[str]]
    """Streams with images, by scene."""
    by_time: Mapping[tuple[str, str, int], Unit]
    """Unit by scene, stream and timestamp."""
    by_frame: Mapping[tuple[str, str, str], Unit]
    """Unit by scene, stream and frame id."""

    def scene(self, words: Iterable[str]) -> str | None:
        """The scene that the first word that is one's name stands for."""
        return next((self.names[word] for word in words if word in self.names), None)

    def unit(self, scene: str, stream: str, frame: Frame) -> Unit:
        """The image of a stream in a frame: by timestamp, where the frame has one, else by its id.

        What is not there gets a word that no unit has, so that resolve says what was looked for.
        """
        if frame.timestamp is not None:
            unit = self.by_time.get((scene, stream, frame.timestamp))
        else:
            unit = self.by_frame.get((scene, stream, frame.id))
        return unit or Unit(Place(scene, stream, frame.id, frame.timestamp).word(), None)


def places_of(units: pa.Table, names: Mapping[str, str]) -> Places:
    """The places among `units` (UNIT_RECORDS or `data_units`); further names of scenes where a manifest gives them."""
    by_time: dict[tuple[str, str, int], Unit] = {}
    by_frame: dict[tuple[str, str, str], Unit] = {}
    streams: dict[str, dict[str, None]] = {}
    if "retired" in units.column_names:
        units = units.filter(pa.array(~numbers(units["retired"], missing=False)))
    for word, width, height in zip(
        *(units[name].to_pylist() for name in ("source_id", "width", "height")), strict=True
    ):
        place = place_of(word) if word else None
        if place is None:
            continue
        unit = Unit(word, (width, height))
        streams.setdefault(place.scene, {})[place.stream] = None
        if place.timestamp is not None:
            by_time[place.scene, place.stream, place.timestamp] = unit
        if place.frame_id is not None:
            by_frame[place.scene, place.stream, place.frame_id] = unit
    scenes = {scene: scene for scene in streams}
    return Places({**names, **scenes}, {scene: list(said) for scene, said in streams.items()}, by_time, by_frame)
