"""What touches the disk: every rename, link, lock and removal of the store, with errors a person can act on.

An object store has no rename; a second implementation of these few functions is where it would come in.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.errors import PassingError, StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_PASSING = {
    errno.EAGAIN, errno.EBUSY, errno.EDEADLK, errno.ENOLCK, errno.ESTALE, errno.ETIMEDOUT, errno.ECONNRESET,
    errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH, errno.EREMOTEIO,
}  # fmt: skip
"""What a busy disk or a network file system that is away for a moment says."""


def store_error(error: OSError, doing: str, path: Path) -> StoreError:
    """What went wrong, at which path, and what a person can do about it."""
    if error.errno in _FULL:
        hint = "the disk (or quota, or file size limit) is full: free space, or choose another store with --store"
    elif error.errno in _REFUSED:
        hint = "choose a folder that may be written with --store or BOXSCORE_STORE"
    elif error.errno in {errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY}:
        hint = "something else lies where the store wants a folder"
    else:
        hint = None
    kind = PassingError if error.errno in _PASSING else StoreError
    return kind(f"cannot {doing}: {error.strerror or error}", where=str(path), hint=hint)


@contextmanager
def guarded(doing: str, path: Path) -> Iterator[None]:
    """Turn an OSError of the block into a StoreError that says what was being done."""
    try:
        yield
    except OSError as error:
        raise store_error(error, doing, path) from error


def refuse_links(root: Path, path: Path) -> None:
    """StoreError where a folder below `root` down to `path` is a symbolic link: it may lead out of the store."""
    current = root
    for part in path.relative_to(root).parts:
        current = current / part
        if current.is_symlink():
            raise StoreError("a symbolic link inside the store is not followed", where=str(current))


def make_folder(path: Path) -> None:
    """Make a folder and its parents; nothing happens where it is there."""
    with guarded("make a folder", path):
        path.mkdir(parents=True, exist_ok=True)


def write_new(path: Path, content: bytes) -> None:
    """Write a small file that is not there yet, and wait until the disk has it."""
    with guarded("write", path), open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def link_new(source: Path, target: Path) -> bool:
    """Give `source` a second name, durably; False where that name is taken: of several processes one wins.

    Where StoreError is raised, `is_linked` says whether it has the name all the same.
    """
    with guarded("record the commit", target):
        try:
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            if not is_linked(source):  # a network file system may answer so to the second sending of a link it made
                return False
        sync_folder(target.parent)
        return True


def is_linked(path: Path) -> bool:
    """Whether a file has a second name; False where it is not there."""
    with guarded("look at", path):
        try:
            return path.stat(follow_symlinks=False).st_nlink > 1
        except FileNotFoundError:
            return False


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def move(source: Path, target: Path) -> None:
    """Rename a folder to a place whose parents need not be there; StoreError where something lies at the target."""
    make_folder(target.parent)
    with guarded("move a folder into place", target):
        os.rename(source, target)


def touch(path: Path) -> None:
    """Make an empty file."""
    with guarded("write", path):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666))


def unlink(path: Path) -> None:
    """Remove a file that may be gone already."""
    with guarded("remove", path), suppress(FileNotFoundError):
        path.unlink()


def remove_tree(folder: Path) -> None:
    """Remove a folder with all it holds (links themselves, never what they point to); it may be gone already."""
    with guarded("remove", folder), suppress(FileNotFoundError):
        shutil.rmtree(folder)


def drop_empty(folder: Path, top: Path) -> None:
    """Remove `folder` and its parents below `top` as long as they are empty."""
    while folder != top:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = folder.parent


def claim(path: Path) -> int | None:
    """Take the lock of a run's folder without waiting; the handle to close, or None where its run is alive."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that other threads and processes wait for; the system drops it when a process dies."""
    with guarded("lock the project", path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with guarded("lock the project", path):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
