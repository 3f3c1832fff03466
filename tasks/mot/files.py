"""What the files of a directory are, and which sequence each is about."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Source

INFO = "seqinfo.ini"
_OTHERS = ("det", "img1")
"""Folders of a sequence that hold neither ground truth nor tracks: detections to start from, and images."""


class Layout(NamedTuple):
    """The files of a call, by what they are."""

    tracks: list[Source]
    infos: list[Source]
    others: list[Source]
    """None of these: each is refused."""


def _path(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def layout(sources: Sequence[Source], ground_truth: bool) -> Layout:
    """Sort the files. Where ground truth has files `gt.txt`, it is those alone; MOTChallenge's own images and
    detections are passed over.
    """
    kept = [source for source in sources if not set(_OTHERS).intersection(_path(source.name)[:-1])]
    infos = [source for source in kept if _path(source.name)[-1] == INFO]
    tracks = [source for source in kept if source.name.lower().endswith(".txt")]
    named = [source for source in tracks if _path(source.name)[-1] == "gt.txt"]
    if ground_truth and named:
        tracks = named
    return Layout(tracks, infos, [source for source in kept if source not in (*tracks, *infos)])


def folder_of(name: str) -> str:
    """The name of the folder that a file lies in; empty where it is not known."""
    return (["", *_path(name)])[-2]


def sequence_of(name: str, known: set[str]) -> str:
    """The sequence of a track file: by its name, or a folder above it, the nearest first; its own where none is known.

    `MOT17-02/gt/gt.txt`, `MOT17-02/tracker.txt` and `MOT17-02.txt` are about MOT17-02.
    """
    path = _path(name.rpartition(".")[0] or name)
    return next((word for word in reversed(path) if word in known), path[-1])


def known_sequences(units: pa.Table | None) -> set[str]:
    """Ids and titles of videos among UNIT_RECORDS or `data_units`; none where there is no table."""
    if units is None:
        return set()
    videos = units.filter(pc.fill_null(pc.equal(units["kind"], "video frame"), False))
    return {word for name in ("source_id", "title") for word in pc.unique(videos[name]).to_pylist() if word}
