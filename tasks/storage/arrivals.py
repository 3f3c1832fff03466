"""What has come into a folder: files, and folders of files, that somebody else writes."""

import os
import stat
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from schemas.errors import InputError

_HALF_WRITTEN = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", ".swx", "~")
"""Endings under which programs write what they will rename when it is whole."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry of the folder: a file, or a folder with all its files."""

    path: Path
    files: tuple[tuple[str, int, int], ...]
    """(path below the entry, bytes, nanoseconds of the last change) of each file, by path."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return bool(self.files) and self.files[0][0] != ""

    def being_written(self, now_s: float, settle_s: float) -> str | None:
        """Why it may not be whole yet, or None: a name of the half-written, or a change in the last seconds.

        A change later than now (a clock that is ahead) counts as one long ago.
        """
        for name in (self.path.name, *(name for name, _, _ in self.files)):
            if name.endswith(_HALF_WRITTEN) or _is_hidden(name):
                return f"{name} is the name of a file that is being written"
        if not self.files:
            return "the folder is empty"
        age_s = now_s - max(changed for _, _, changed in self.files) / 1e9
        return f"it was written to {age_s:.0f} s ago" if 0 <= age_s < settle_s else None


def _is_hidden(name: str) -> bool:
    return name.rpartition("/")[2].startswith(".")


def arrivals(folder: Path, pattern: str = "*") -> list[Arrival]:
    """Files and folders in `folder` whose names fit the glob, by name. Hidden ones and links are passed over.

    InputError where there is no such folder, or it may not be read.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        meant = [entry for entry in entries if fnmatchcase(entry.name, pattern) and not _is_hidden(entry.name)]
        found = [look_at(Path(entry.path)) for entry in meant if not entry.is_symlink()]
    except OSError as error:
        where = str(error.filename or folder)
        raise InputError(f"cannot be read: {error.strerror}", where=where, hint="name a folder as inbox") from error
    return [arrival for arrival in found if arrival is not None]


def look_at(path: Path) -> Arrival | None:
    """The entry as it is now; None where it is neither file nor folder, or gone."""
    try:
        told = path.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISREG(told.st_mode):
        return Arrival(path, (("", told.st_size, told.st_mtime_ns),))
    return Arrival(path, tuple(sorted(_files_below(path)))) if stat.S_ISDIR(told.st_mode) else None


def _files_below(folder: Path) -> list[tuple[str, int, int]]:
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            try:
                told = os.lstat(path)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(told.st_mode):
                found.append((os.path.relpath(path, folder), told.st_size, told.st_mtime_ns))
    return found
