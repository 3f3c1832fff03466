"""Digests of large input files, made in the background while something else is done first."""

import hashlib
import os
import time
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock, Thread
from typing import NamedTuple

_CHUNK_BYTES = 4 << 20
_WORTH_A_THREAD = 8 << 20
_SETTLED_NS = 2 * 10**9
"""A file changed less than this before now may change again without showing another time."""


class Identity(NamedTuple):
    """A file and its state: whatever writes to the file changes it."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


_BEGUN: dict[Identity, Future[str]] = {}
_LOCK = Lock()


def begin_digest(descriptor: int) -> None:
    """Have the digest of an open file made, if it is large, settled, and not under way already."""
    file = _identity(descriptor)
    settled = time.time_ns() - max(file.modified_ns, file.changed_ns) > _SETTLED_NS
    with _LOCK:
        if file in _BEGUN or not settled or file.size < _WORTH_A_THREAD:
            return
        future = _BEGUN[file] = Future()
    # A daemon: a command that fails early must not wait for a digest that nobody asks for.
    Thread(target=_work, args=(os.dup(descriptor), file, future), name="digest", daemon=True).start()


def begun_digest(descriptor: int) -> str | None:
    """The digest of an open file, waited for; None where none was begun of it as it is now, or it came to nothing."""
    file = _identity(descriptor)
    with _LOCK:
        future = _BEGUN.pop(file, None)
    if future is not None:
        with suppress(OSError):
            return future.result()
    return None


def _identity(descriptor: int) -> Identity:
    found = os.fstat(descriptor)
    return Identity(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _work(descriptor: int, file: Identity, future: Future[str]) -> None:
    try:
        digest, chunk, position = hashlib.sha256(), memoryview(bytearray(_CHUNK_BYTES)), 0
        while count := os.preadv(descriptor, [chunk], position):
            digest.update(chunk[:count])
            position += count
        if _identity(descriptor) != file:
            raise OSError("the file changed while it was read")
        future.set_result(digest.hexdigest())
    except OSError as error:
        future.set_exception(error)
    finally:
        os.close(descriptor)
