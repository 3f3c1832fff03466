"""Input files: opened, read and digested here and nowhere else."""

import glob
import hashlib
import os
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import InputError
from tasks.begun_digests import begin_digest, begun_digest

_DIGEST_BYTES = 1 << 20


class FileSource:
    """A file on disk; implements `schemas.records.Source`. Safe to read from several threads at once."""

    def __init__(self, path: Path, name: str | None = None, hold: bool = True) -> None:
        """Open `path`, called `name` in the tables; one of very many is not held open between two reads.

        InputError where it is missing, no regular file, or may not be read.
        """
        self._path = path
        self._name = _text(name or path.name)
        descriptor = _opened(path)
        self._size = os.fstat(descriptor).st_size
        self._descriptor = descriptor if hold else None
        self._closed = weakref.finalize(self, os.close, descriptor)
        if not hold:
            self._closed()
        self._digest: str | None = None

    @property
    def name(self) -> str:
        """File name; of a directory's files the path below it."""
        return self._name

    @property
    def size(self) -> int:
        """Bytes, when the file was opened."""
        return self._size

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes `start` to `stop` (to the end when None); fewer past the end. InputError where the file shrank."""
        stop = self._size if stop is None else min(stop, self._size)
        parts: list[bytes] = []
        while start < stop:
            part = self._read_some(start, stop - start)
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, buffer: memoryview, start: int) -> None:
        """Fill a buffer with the bytes from `start` on. InputError where the file has not so many any more."""
        while buffer:
            with self._reading() as descriptor:
                count = os.preadv(descriptor, [buffer], start)
            self._check_some(count, start)
            buffer, start = buffer[count:], start + count

    def sha256(self) -> str:
        """Digest of the whole file, in hexadecimal; computed once."""
        if self._digest is None:
            begun = None if self._descriptor is None else begun_digest(self._descriptor)
            self._digest = begun or self._computed_digest()
        return self._digest

    def begin_digest(self) -> None:
        """Let `sha256` find its work done, or begun: a large file is digested in the background from now on."""
        if self._descriptor is not None:
            begin_digest(self._descriptor)

    def _computed_digest(self) -> str:
        digest = hashlib.sha256()
        for start in range(0, self._size, _DIGEST_BYTES):
            digest.update(self.read(start, start + _DIGEST_BYTES))
        return digest.hexdigest()

    def close(self) -> None:
        """Give the file back; done anyhow when the source is forgotten."""
        self._closed()

    def _read_some(self, start: int, count: int) -> bytes:
        with self._reading() as descriptor:
            part = os.pread(descriptor, count, start)
        self._check_some(len(part), start)
        return part

    @contextmanager
    def _reading(self) -> Iterator[int]:
        """The file's descriptor, for as long as the block takes; what the block cannot read is an InputError."""
        descriptor = _opened(self._path) if self._descriptor is None else self._descriptor
        try:
            yield descriptor
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(self._path)) from error
        finally:
            if self._descriptor is None:
                os.close(descriptor)

    def _check_some(self, count: int, start: int) -> None:
        if not count:
            raise InputError(
                f"the file shrank to {start} bytes while it was read",
                where=str(self._path),
                hint="wait until whatever writes it has finished",
            )


def _text(name: str) -> str:
    r"""A file name as tables can hold it: bytes that are no UTF-8 are written as \xff."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def input_files(path: Path) -> list[tuple[Path, str]]:
    """(file, name) of the files that `path` names: one, all below a directory, or all that a glob fits; by name.

    Links are not followed out of a directory. InputError where there is none.
    """
    if path.is_dir():
        return _below(path)
    if path.exists() or not set("*?[") & set(str(path)):
        return [(path, path.name)]
    found = sorted(glob.glob(str(path), recursive=True))
    files = [Path(name) for name in found if os.path.isfile(name)]
    if not files:
        raise InputError("no file fits the pattern", where=str(path), hint="quote it, and check the folder")
    root = os.path.commonpath([str(file.parent) for file in files])
    return [(file, os.path.relpath(file, root)) for file in files]


def _below(folder: Path) -> list[tuple[Path, str]]:
    places = [(Path(place), names) for place, _, names in os.walk(folder, onerror=_refuse_folder)]
    below = [(place, place.relative_to(folder), names) for place, names in places]
    files = [
        (place / name, str(relative / name))
        for place, relative, names in below
        for name in names
        if _is_regular(os.path.join(place, name))
    ]
    if not files:
        raise InputError("the directory holds no files", where=str(folder))
    return sorted(files, key=lambda item: item[1])


def _is_regular(path: str) -> bool:
    """Whether a file is there, and not by way of a link."""
    return stat.S_ISREG(os.lstat(path).st_mode)


def _refuse_folder(error: OSError) -> None:
    raise InputError(f"cannot be read: {error.strerror}", where=str(error.filename)) from error


def _opened(path: Path) -> int:
    """A descriptor of a regular file."""
    try:
        # without O_NONBLOCK a pipe would keep waiting for someone to write
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=str(path), hint="check the path") from error
    except OSError as error:
        raise InputError(f"cannot be opened: {error.strerror}", where=str(path)) from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    found = "a directory" if stat.S_ISDIR(mode) else "no regular file"
    raise InputError(f"is {found}", where=str(path), hint="name a file")
