"""Finished buckets are noted: a run that takes up the work of a dead one does not match them again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from tasks.engine import Done, Files, Plan, Shard
from tasks.storage import bucket_folder, check_files, clear, has_scratch, read_bytes, write_bytes
from tasks.versions import digest, versions


class _Note(msgspec.Struct, frozen=True):
    """What `Done` says of a bucket, without what was in memory."""

    counts: dict[str, int]
    files: Files


def work_of(plan: Plan) -> str:
    """A digest of all that decides what a plan comes to: inputs, rules and versions, not where it is staged."""
    shards = tuple(replace(shard, folders={}) for shard in plan.shards)
    return digest([msgspec.to_builtins(replace(plan, folders={}, shards=shards)), versions()])


def matched_once(shard: Shard, match: Callable[[Shard], Done], notes: Path) -> Done:
    """Match a bucket, unless it is noted in the folder `notes` and its files are there; then note it.

    What an interrupted run left of the bucket is removed first.
    """
    note = notes / f"{shard.bucket:05d}.json"
    noted = _read(note)
    if noted is not None and _is_there(shard, noted.files):
        return Done(noted.counts, noted.files, resumed=True)
    for folder in shard.folders.values():
        clear(Path(folder) / bucket_folder(shard.bucket))
    done = match(shard)
    write_bytes(note, msgspec.json.encode(_Note(done.counts, done.files)))
    return done


def _read(note: Path) -> _Note | None:
    return msgspec.json.decode(read_bytes(note), type=_Note) if has_scratch(note) else None


def _is_there(shard: Shard, files: Files) -> bool:
    """Whether the files have the bytes and rows that were noted: a power cut may have taken some."""
    places = ((name, Path(shard.folders[name]), entries) for name, entries in files.items())
    return not any(check_files(folder, entries, name) for name, folder, entries in places)
