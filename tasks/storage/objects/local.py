"""Local copies of published parts: Arrow reads files, and what was read or written once is not fetched again.

A part on an object store has its sha256 in its name, so a copy is known by it wherever it came from, and can never be
stale. BOXSCORE_CACHE names the folder, BOXSCORE_CACHE_GB how large it may grow.
"""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from schemas.errors import StoreError
from schemas.names import place_text
from tasks.storage import disk
from tasks.storage.objects import bucket

_SHA256 = re.compile(r"-(?P<digest>[0-9a-f]{64})\.parquet$")
_DEFAULT_GB = 20.0
_IN_USE_S = 600.0
"""A copy that somebody asked for less than this ago may be about to be opened, and stays."""
_FORGOTTEN_S = 86_400.0
"""A file that was begun this long ago and is none yet belongs to a process that died."""


def local_copy(path: Path) -> Path:
    """A file with the bytes of a part; fetched where it is not here. StoreError where it is gone or damaged."""
    name = _SHA256.search(path.name)
    if name is None:
        raise StoreError("this is no part of a store on S3", where=place_text(path))
    copy = _folder() / name["digest"]
    try:
        os.utime(copy)
    except FileNotFoundError:
        _fetch(path, copy, name["digest"])
    return copy


def begin_file() -> Path:
    """The path of a new file that `keep_copy` can take in."""
    folder = _folder()
    disk.make_folder(folder)
    return folder / f"{secrets.token_hex(8)}.new"


def keep_copy(file: Path, digest: str) -> None:
    """Take a file with this sha256 in as a copy, and let go of the oldest where there are too many bytes."""
    with disk.guarded("keep a copy", file):
        os.replace(file, _folder() / digest)
        file.unlink(missing_ok=True)  # a second name of the copy itself stays where it was
    _shrink()


def _folder() -> Path:
    given = os.environ.get("BOXSCORE_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(given) if given else Path(home) / "boxscore" / "parts"


def _limit_bytes() -> float:
    return float(os.environ.get("BOXSCORE_CACHE_GB") or _DEFAULT_GB) * 1e9


def _fetch(path: Path, copy: Path, expected: str) -> None:
    new, digest = begin_file(), hashlib.sha256()
    try:
        with disk.guarded("keep a copy", new), open(new, "xb") as file:
            for piece in bucket.pieces(path):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != expected:
            hint = "boxscore verify tells more"
            text = "the object is damaged: its sha256 is not the recorded one"
            raise StoreError(text, where=place_text(path), hint=hint)
        keep_copy(new, expected)
    finally:
        new.unlink(missing_ok=True)


def files_in(folder: Path) -> Iterator[tuple[float, int, str]]:
    """When each was used last, its bytes, its path; without those that another process takes away meanwhile."""
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):
            state = entry.stat()
            yield state.st_mtime, state.st_size, entry.path


def _shrink() -> None:
    now = time.time()
    with disk.guarded("list the copies", _folder()):
        found = sorted(files_in(_folder()))
    total = sum(size for _, size, _ in found)
    for used, size, path in found:
        kept_for = _FORGOTTEN_S if path.endswith(".new") else _IN_USE_S
        if now - used < kept_for:
            continue
        if total > _limit_bytes() or path.endswith(".new"):
            with suppress(OSError):
                os.unlink(path)
            total -= size
