"""Digests of large input files, made in the background while something else is done first.

Imports nothing of Arrow: a command begins them before it imports what it needs.
"""

import hashlib
import os
import time
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock, Semaphore, Thread
from typing import NamedTuple

from tasks.cores import usable_cores

_CHUNK_BYTES = 16 << 20
"""Between two chunks a thread asks for the interpreter's lock, which one that imports gives away every 5 ms."""
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
_TURNS = Semaphore(max(1, usable_cores() - 1))
"""Files wait for each other, so that whoever goes on meanwhile has a core left."""


def begin_digests(words: Iterable[str]) -> None:
    """Begin those of the large files among the words of a command; `--option=file` names one, too."""
    for path in (word.split("=", 1)[-1] if word.startswith("--") else word for word in words):
        with suppress(OSError, ValueError):  # it cannot be read: whoever needs it says so
            if os.path.isfile(path):
                descriptor = os.open(path, os.O_RDONLY)
                begin_digest(descriptor)
                os.close(descriptor)


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
        with _TURNS:
            future.set_result(_digest(descriptor, file))
    except OSError as error:
        future.set_exception(error)
    finally:
        os.close(descriptor)


def _digest(descriptor: int, file: Identity) -> str:
    digest, chunk, position = hashlib.sha256(), memoryview(bytearray(_CHUNK_BYTES)), 0
    while count := os.preadv(descriptor, [chunk], position):
        digest.update(chunk[:count])
        position += count
    if _identity(descriptor) != file:
        raise OSError("the file changed while it was read")
    return digest.hexdigest()
