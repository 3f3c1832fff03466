"""What imports share: inputs and their digests, how many buckets, the books that must balance, and publishing."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from schemas.errors import InputError, RejectLimitError
from schemas.parameters import Reading
from schemas.records import Block, Run, Source
from schemas.tables import REJECTS, Table
from tasks.catalog import Entry
from tasks.intake import Intake, RejectWriter
from tasks.naming import Names
from tasks.runs import RunLog
from tasks.storage import FileSource, Partition, StagedPartition, Transaction, tagged
from tasks.stored_columns import import_stages
from tasks.versions import digest

_BUCKET_BYTES = 64 * 2**20
_MOST_BUCKETS = 64
_MOST_ENTRIES = 32
"""Inputs that a commit lists one by one."""
_DIGESTED_AT_ONCE = 256
"""Of many files, those that a thread digests before it takes further ones: handing them over singly costs more."""

Inventory = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to; `unchanged` where the project already held just this."""

    what: str
    status: str
    format: str
    rows: int
    accepted: int
    rejected: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Rejected records per reason code."""
    boxes_leaving_image: int = 0
    """Accepted boxes that leave their image, or did until they were clipped."""


@dataclass(frozen=True, slots=True)
class NamePaths:
    """Part files of the units and categories that names are looked up in."""

    data_units: tuple[str, ...]
    categories: tuple[str, ...]
    predictions: bool
    reading: Reading = field(default_factory=Reading)


@dataclass(slots=True)
class Import:
    """An import under way: opened, it is driven through the stages by `take_in` or by flows, then published."""

    what: str
    transaction: Transaction
    log: RunLog
    record: dict[str, Any]
    """What the commit will say beside the counts."""
    names: Names
    name_paths: NamePaths
    blocks: Iterable[Block]
    intake: Intake
    data: Sequence[StagedPartition]
    """What is published beside rejects and run, unless too much was rejected."""
    replaced: Sequence[Partition]
    reject_limit: float


def held(job: Import | Imported, open_ones: ExitStack) -> Import | Imported:
    """The job itself, whose transaction is closed with `open_ones`; what is there already has none."""
    if isinstance(job, Import):
        open_ones.enter_context(job.transaction)
    return job


def buckets_for(sources: Sequence[Source]) -> int:
    """Shares to work on side by side: a power of two, one per 64 MB of input, 64 at most."""
    total = sum(source.size for source in sources)
    wanted = min(max(1, -(-total // _BUCKET_BYTES)), _MOST_BUCKETS)
    return 1 << (wanted - 1).bit_length()


def _entries(files: Sequence[FileSource]) -> Inventory:
    return [{"file": file.name, "bytes": file.size, "sha256": file.sha256()} for file in files]


def describe(path: Path, sources: Sequence[FileSource], aside: Mapping[str, FileSource], run: Run) -> Inventory:
    """Name, bytes and sha256 of each input; many files below one path are one entry, digested by names and contents."""
    files = [*sources, *aside.values()]
    step = 1 if len(files) <= _MOST_ENTRIES else _DIGESTED_AT_ONCE
    shards = (files[start : start + step] for start in range(0, len(files), step))
    entries = [entry for shard in run(_entries, shards, label="digest") for entry in shard]
    if len(sources) <= _MOST_ENTRIES:
        return entries
    together = hashlib.sha256(orjson.dumps([[entry["file"], entry["sha256"]] for entry in entries[: len(sources)]]))
    size = sum(source.size for source in sources)
    name = f"{path.name} ({len(sources):,} files)"
    return [{"file": name, "bytes": size, "sha256": together.hexdigest()}, *entries[len(sources) :]]


def input_digests(inputs: Iterable[Mapping[str, Any]]) -> list[str]:
    """The sha256 of described inputs."""
    return [item["sha256"] for item in inputs]


def refuse_other(before: Entry | None, log: RunLog, path: Path, holder: str, option: str) -> None:
    """InputError where `holder` already stands for other files than the run's; `option` gives it another name."""
    if before is None or input_digests(before.record["inputs"]) == input_digests(log.inputs):
        return
    held = ", ".join(item["file"] for item in before.record["inputs"])
    raise InputError(
        f"{holder} already holds others (of {held})",
        where=str(path),
        hint=f"--replace puts these in their place; {option} gives them a name of their own",
    )


def write_whole(staged: StagedPartition, table: Table, rows: pa.Table) -> None:
    """Write a table that is not split by units."""
    with staged.writer() as writer:
        writer.write(rows.select([name for name in rows.column_names if name in table.fields]))


def part_paths(staged: StagedPartition) -> tuple[str, ...]:
    """The finished part files of a staged partition."""
    return tuple(str(staged.folder / file.path) for file in staged.finish())


def reject_writer(transaction: Transaction, prediction_set: str | None) -> RejectWriter:
    """Stage the rejects of an import; its run tells them apart from all others."""
    staged = transaction.partition(REJECTS, tagged(transaction.run_id, digest(transaction.run_id)))
    return RejectWriter(staged, transaction.run_id, prediction_set)


def holds(before: Entry, version: str, replace: bool) -> bool:
    """Whether the project has just this already; who asks to replace it is told so only where no file is damaged."""
    return before.digest == version and (not replace or before.is_whole())


def unchanged(what: str, record: Mapping[str, Any]) -> Imported:
    """What is said of an import whose bytes are already there."""
    return _imported(what, "unchanged", record)


def _imported(what: str, status: str, record: Mapping[str, Any]) -> Imported:
    rows, accepted, rejected = (record[name] for name in ("rows", "accepted", "rejected"))
    leaving = record.get("boxes_leaving_image", 0)  # older commits do not say
    return Imported(what, status, record["format"], rows, accepted, rejected, record["reasons"], leaving)


def _refuse(job: Import, share: float) -> None:
    """Publish rejects and run alone, and fail."""
    counts = job.intake.counts
    message = (
        f"{counts.rejected} of {counts.rows} records were rejected ({share:.1%}); allowed are {job.reject_limit:.1%}"
    )
    answers = job.intake.answers.staged
    for staged in [*job.data, *([] if answers is None else [answers])]:
        job.transaction.discard(staged)
    job.log.stage_row(job.transaction, "failed", message)
    job.transaction.commit({"kind": "failed"})
    raise RejectLimitError(message, hint="nothing was imported; the reasons are in the table rejects")


def publish(job: Import) -> Imported:
    """Balance the books and make the import live; RejectLimitError where too much was rejected."""
    counts, log, rejects = job.intake.counts, job.log, job.intake.rejects
    job.intake.close()
    log.rows_in, log.rows_accepted, log.rows_rejected = counts.rows, counts.accepted, counts.rejected
    reasons = dict(rejects.reasons)
    log.details |= {"rejects": reasons, "boxes_leaving_image": counts.leaving}
    share = counts.rejected / counts.rows if counts.rows else 0.0
    if share > job.reject_limit:
        _refuse(job, share)
    log.stage_row(job.transaction)
    books = {"rows": counts.rows, "accepted": counts.accepted, "rejected": counts.rejected, "reasons": reasons}
    given = {**counts.given, job.record["format"]: counts.accepted}
    if log.parameters.get("class_mapping"):
        given["class_mapping"] = counts.accepted
    books |= {"boxes_leaving_image": counts.leaving, "given": given}
    record = {**job.record, **books, "inputs": log.inputs, "stages": import_stages(job.name_paths.predictions)}
    job.transaction.commit(record, replaces=job.replaced)
    return _imported(job.what, "completed", record)
