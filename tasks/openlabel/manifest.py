"""The manifest beside OpenLABEL files: scenes, the streams of each with their sizes, and frames with their timestamps.

`{scene: {tag, gt, pred, streams: {name: {width, height}}, frames: [{frame_id, timestamp, images: {stream: file}}]}}`.
A data unit is one stream's image in one frame. Kognic's files carry neither image sizes nor file names; this does.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Source
from schemas.tables import UNIT_RECORDS
from tasks.columns import completed
from tasks.json_files import read_json
from tasks.openlabel.places import Place, timestamp_of

_LONGEST_SIDE_PX = 65_536
_HINT = (
    'as {"scene uuid": {"streams": {"CAM": {"width": 1920, "height": 1080}}, "frames": [{"frame_id", "timestamp"}]}}'
)


class Image(NamedTuple):
    """A stream's image in a frame of a scene."""

    place: Place
    title: str | None
    width: int
    height: int


class Manifest(NamedTuple):
    """What a manifest says."""

    images: list[Image]
    """Stream by stream, by the order of frames."""
    names: dict[str, str]
    """Scene by whatever a file may call it: its uuid, its tag, the names of its files."""


def is_manifest(content: Any) -> bool:
    """Whether a JSON value looks like a manifest: scenes with streams and frames."""
    return (
        isinstance(content, dict)
        and bool(content)
        and all(isinstance(scene, dict) and {"streams", "frames"} <= set(scene) for scene in content.values())
    )


def read_manifest(source: Source) -> Manifest:
    """The scenes of a manifest. InputError, naming scene and field, where it is none or contradicts itself."""
    content = read_json(source, "a manifest")
    if not is_manifest(content):
        raise InputError("no manifest of scenes with streams and frames", where=source.name, hint=_HINT)
    images = [image for scene, said in content.items() for image in _images(scene, said, f"{source.name}, {scene}")]
    places = Counter(image.place for image in images)
    twice = next((place for place, count in places.items() if count > 1), None)
    if twice is not None:
        raise InputError(f"two frames are {twice.word()}", where=source.name)
    return Manifest(images, _names(content))


def _names(content: Mapping[str, Any]) -> dict[str, str]:
    """Scene by uuid, tag and file names, each only where it is one scene's."""
    words = [(word, scene) for scene, said in content.items() for word in _words(said)]
    counts = Counter(word for word, _ in words)
    names = {word: scene for word, scene in words if counts[word] == 1}
    return {**names, **{scene: scene for scene in content}}


def _words(scene: Mapping[str, Any]) -> set[str]:
    return {word for name in ("tag", "gt", "pred") if isinstance(word := scene.get(name), str) and word}


def _images(scene: str, said: Mapping[str, Any], where: str) -> Iterator[Image]:
    if "/" in scene:
        raise InputError("a scene's uuid cannot hold a slash", where=where)
    sizes = {name: _size(size, f"{where}, streams.{name}") for name, size in _object(said, "streams", where).items()}
    frames = said["frames"]
    if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames):
        raise InputError("frames must be a list of objects", where=where, hint=_HINT)
    for stream, (width, height) in sizes.items():
        for k, frame in enumerate(frames):
            titles = _object(frame, "images", f"{where}, frames[{k}]") if "images" in frame else {stream: None}
            if stream in titles:
                place = _place(scene, stream, frame, f"{where}, frames[{k}]")
                yield Image(place, _title(titles[stream], f"{where}, frames[{k}].images"), width, height)


def _place(scene: str, stream: str, frame: Mapping[str, Any], where: str) -> Place:
    frame_id, time = frame.get("frame_id"), timestamp_of(frame.get("timestamp"))
    if frame_id is not None and (not isinstance(frame_id, str | int) or isinstance(frame_id, bool)):
        raise InputError("frame_id must be text or a whole number", where=where)
    if time is None and (frame_id is None or frame.get("timestamp") is not None):
        raise InputError("timestamp must be a whole number, in ms", where=where)
    if "/" in str(frame_id):
        raise InputError("frame_id cannot hold a slash", where=where)
    return Place(scene, stream, None if frame_id is None else str(frame_id), time)


def _object(said: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    value = said[name]
    if not isinstance(value, dict):
        raise InputError(f"{name} must be an object", where=where, hint=_HINT)
    return value


def _size(value: Any, where: str) -> tuple[int, int]:
    sides: list[Any] = [value.get(side) for side in ("width", "height")] if isinstance(value, dict) else [None]
    if not all(type(side) is int and 1 <= side <= _LONGEST_SIDE_PX for side in sides):
        raise InputError(f"width and height must be whole numbers of 1 to {_LONGEST_SIDE_PX}, in px", where=where)
    return sides[0], sides[1]


def _title(value: Any, where: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise InputError("an image must be a file name", where=where)
    return value or None


def manifest_units(manifest: Manifest) -> pa.Table:
    """UNIT_RECORDS: the images of a stream are a group, in the order of frames; found by their file names as well.

    `source_id` says scene, stream, frame and timestamp: by it the files' frames are found.
    """
    images = manifest.images
    ids = [image.place.word() for image in images]
    often = Counter(image.title for image in images)
    streams = Counter(image.place.sequence for image in images)
    index: Counter[str] = Counter()
    frames = []
    for image in images:
        frames.append(index[image.place.sequence])
        index[image.place.sequence] += 1
    columns = {
        "source_id": ids,
        "data_hash": [
            i.title if i.title and often[i.title] == 1 else name for i, name in zip(images, ids, strict=True)
        ],
        "frame": frames,
        "title": [image.title for image in images],
        "kind": ["group image" if streams[image.place.sequence] > 1 else "image" for image in images],
        "sequence_hash": [image.place.sequence for image in images],
        "width": [image.width for image in images],
        "height": [image.height for image in images],
        "source_order": list(range(len(images))),
    }
    return completed(columns, UNIT_RECORDS.schema, len(images))
