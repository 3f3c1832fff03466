"""Input files: opened, read and digested here and nowhere else."""

import hashlib
import os
import stat
import weakref
from pathlib import Path

from schemas.errors import InputError

_DIGEST_BYTES = 1 << 20


class FileSource:
    """A file on disk; implements `schemas.records.Source`. Safe to read from several threads at once."""

    def __init__(self, path: Path) -> None:
        """Open `path`. InputError where it is missing, no regular file, or may not be read."""
        self._path = path
        self._descriptor = _opened(path)
        self._closed = weakref.finalize(self, os.close, self._descriptor)
        self._size = os.fstat(self._descriptor).st_size
        self._digest: str | None = None

    @property
    def name(self) -> str:
        """File name without its folders."""
        return self._path.name

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

    def sha256(self) -> str:
        """Digest of the whole file, in hexadecimal; computed once."""
        if self._digest is None:
            digest = hashlib.sha256()
            for start in range(0, self._size, _DIGEST_BYTES):
                digest.update(self.read(start, start + _DIGEST_BYTES))
            self._digest = digest.hexdigest()
        return self._digest

    def close(self) -> None:
        """Give the file back; done anyhow when the source is forgotten."""
        self._closed()

    def _read_some(self, start: int, count: int) -> bytes:
        try:
            part = os.pread(self._descriptor, count, start)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(self._path)) from error
        if not part:
            raise InputError(
                f"the file shrank to {start} bytes while it was read",
                where=str(self._path),
                hint="wait until whatever writes it has finished",
            )
        return part


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
