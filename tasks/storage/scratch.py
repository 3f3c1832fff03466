"""Rows that lie between two stages: Arrow files in a transaction's scratch folder, swept with it.

The folder of a store on S3 lies there too: any machine may work on the next stage.
"""

import os
from pathlib import Path

import pyarrow as pa

from schemas.names import is_object_store
from tasks.storage import disk


def write_scratch(path: Path, rows: pa.Table) -> None:
    """Write rows with the columns they have; StoreError where the disk refuses. An empty table keeps its columns."""
    if is_object_store(path):
        with pa.BufferOutputStream() as buffer:
            _write(buffer, rows)
            write_bytes(path, memoryview(buffer.getvalue()).cast("B"))  # Arrow's are signed, which obstore refuses
        return
    disk.make_folder(path.parent)
    with disk.guarded("write", path), pa.OSFile(str(path), "wb") as file:
        _write(file, rows)


def _write(file: pa.NativeFile, rows: pa.Table) -> None:
    with pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows.unify_dictionaries())  # a file holds one dictionary per column


def read_scratch(path: Path) -> pa.Table:
    """The rows of a file; StoreError where it is gone."""
    if is_object_store(path):
        return pa.ipc.open_file(pa.py_buffer(read_bytes(path))).read_all()
    with disk.guarded("read", path), pa.OSFile(str(path), "rb") as file:
        return pa.ipc.open_file(file).read_all()


def has_scratch(path: Path) -> bool:
    """Whether the file is there."""
    if is_object_store(path):
        from tasks.storage.objects import bucket

        return bucket.exists(path)
    with disk.guarded("look for", path):
        return path.is_file()


def scratch_files(folder: Path, suffix: str) -> list[Path]:
    """The files of a folder whose names end so, by name; none where there is no folder."""
    if is_object_store(folder):
        from tasks.storage.objects import bucket

        return [item.path for item in bucket.listed(folder) if item.path.name.endswith(suffix)]
    with disk.guarded("list", folder):
        return sorted(path for path in folder.iterdir() if path.name.endswith(suffix)) if folder.is_dir() else []


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write a small file, in place of one that is there; whoever is killed leaves it whole or not at all."""
    if is_object_store(path):
        from tasks.storage.objects import bucket

        bucket.put(path, content)
        return
    disk.make_folder(path.parent)
    hidden = path.with_name(f".{path.name}")
    with disk.guarded("write", path):
        hidden.write_bytes(content)
        os.replace(hidden, path)


def read_bytes(path: Path) -> bytes:
    """A small file's content; StoreError where it is gone."""
    if is_object_store(path):
        from tasks.storage.objects import bucket

        return bucket.get(path)
    with disk.guarded("read", path):
        return path.read_bytes()


def clear(folder: Path) -> None:
    """Remove a folder that an interrupted run may have left, with all it holds."""
    if is_object_store(folder):
        from tasks.storage.objects import bucket

        bucket.delete([item.path for item in bucket.listed(folder)])
        return
    disk.remove_tree(folder)
