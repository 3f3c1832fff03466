"""Which file of a folder is a data unit's image: by hash, title or file name; of a frame also by its number."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.errors import InputError
from tasks.images.faults import ImageFault
from tasks.storage import input_files
from tasks.versions import digest

_NUMBERED = re.compile(r"(.+?)_{1,2}([0-9]{1,9})")
"""`<video>_17`, `<video>__17`."""
_FROM_ONE = "img1"
"""MOTChallenge's folder of a sequence's frames, of which the first is 1."""
_SUFFIXES = frozenset({"jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"})


class Place(NamedTuple):
    """Where a unit's image is, or why there is none."""

    path: str | None
    fault: ImageFault | None


class _Found(dict[Any, str | None]):
    """File by word; None where several are called so."""

    def enter(self, word: Any, path: str) -> None:
        """One more file that is called so."""
        self[word] = None if word in self else path


def image_files(folder: Path) -> list[tuple[str, str]]:
    """(path, name below the folder) of the images of a folder, by name; links are not followed.

    InputError where there is no such folder, or it holds no file.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder", where=str(folder), hint="check the path of the images")
    named = ((str(path), name) for path, name in input_files(folder))
    return [(path, name) for path, name in named if name.rpartition(".")[2].lower() in _SUFFIXES]


def listing_digest(files: Iterable[tuple[str, str]]) -> str:
    """Changes when a file of the folder comes, goes, or is written."""
    stats = [(name, os.stat(path)) for path, name in files]
    return digest([[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats])


def places(files: Iterable[tuple[str, str]], units: pa.Table) -> Iterator[Place]:
    """The image of each unit (columns data_hash, frame, title, kind, source_id), in their order.

    Of several words the first that names a file counts: the hash, the title as a path, as a file name, without its
    suffix, the id in the source. No words in common: nothing is found.
    """
    whole, frames = _Found(), _Found()
    for path, name in files:
        _enter(path, name.replace("\\", "/"), whole, frames)
    rows = zip(*(units[name].to_pylist() for name in ("data_hash", "title", "source_id", "frame", "kind")), strict=True)
    for *words, frame, kind in rows:
        called = _spelled(words)
        if kind == "video frame":
            yield _place([(word, frame) for word in called], frames)
        else:
            yield _place(called, whole)


def _enter(path: str, name: str, whole: _Found, frames: _Found) -> None:
    folders, _, file_name = name.rpartition("/")
    stem = file_name.rpartition(".")[0]
    for word in dict.fromkeys((name, file_name, stem)):
        whole.enter(word, path)
    numbered = _NUMBERED.fullmatch(stem)
    if numbered:
        frames.enter((numbered[1], int(numbered[2])), path)
    elif folders and stem.isascii() and stem.isdigit():
        above = folders.split("/")
        from_one = above[-1] == _FROM_ONE and len(above) > 1
        frames.enter((above[-2] if from_one else above[-1], int(stem) - from_one), path)


def _spelled(words: Sequence[str | None]) -> list[str]:
    """What a unit may be called by its hash, title and id, surest first."""
    data_hash, title, source_id = words
    found = [data_hash]
    if title:
        file_name = title.rpartition("/")[2]
        found += [title, file_name, file_name.rpartition(".")[0] or file_name]
    return [word for word in dict.fromkeys([*found, source_id]) if word]


def _place(words: Sequence[Any], found: _Found) -> Place:
    paths = [found[word] for word in words if word in found]
    sure = next((path for path in paths if path is not None), None)
    if sure is not None:
        return Place(sure, None)
    return Place(None, ImageFault.SEVERAL_FILES if paths else ImageFault.NO_FILE)
