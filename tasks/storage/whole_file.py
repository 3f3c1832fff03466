"""A file outside the store that is there whole or not at all."""

import io
import os
import secrets
from contextlib import suppress
from pathlib import Path

from tasks.storage import disk


class WholeFile(io.RawIOBase):
    """A new file that gets its name when it is kept; a crash before leaves none, and what was there before stays.

    Until then it has no name at all, where the file system allows that, else a hidden one. StoreError where the disk
    refuses.
    """

    def __init__(self, path: Path) -> None:
        """Begin a file that will be called `path`."""
        self._path = path
        self._hidden = path.parent / f".{path.name}.{secrets.token_hex(4)}"
        with disk.guarded("write", path):
            self._file, self._named = self._begin()

    def _begin(self) -> tuple[io.FileIO, bool]:
        with suppress(OSError, AttributeError):
            return io.FileIO(os.open(self._path.parent, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o666), "wb"), False
        return io.FileIO(self._hidden, "xb"), True

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # Arrow gives any buffer
        """Append all of `data`."""
        with disk.guarded("write", self._path):
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        return len(data)

    def keep(self) -> None:
        """Wait until the disk has the file, and give it its name, in place of one that was there."""
        with disk.guarded("write", self._path):
            os.fsync(self._file.fileno())
            if not self._named:
                handle = self._file.fileno()  # given as a folder as well, or Python links the link itself
                os.link(f"/proc/self/fd/{handle}", self._hidden, src_dir_fd=handle, follow_symlinks=True)
            os.replace(self._hidden, self._path)
            disk.sync_folder(self._path.parent)
        self._file.close()

    def abandon(self) -> None:
        """Let go of it: nothing is left."""
        with suppress(OSError):
            self._file.close()
            if self._named:
                self._hidden.unlink(missing_ok=True)
