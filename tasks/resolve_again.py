"""Resolve again: a stored set under other data units or classes than those it was imported on; no file is read.

Rows whose words stand for what they stood for stay as they are, with their keys; the others, and what was refused for
its unit or class, are looked up anew. Sizes of units are not read again: geometry stays as it was normalized.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.parameters import Reading
from schemas.records import Array, Run
from schemas.tables import CLASSIFICATIONS_PREDICTIONS, PREDICTIONS, REJECTS, Table
from tasks.catalog import Catalog, Entry, catalog
from tasks.columns import constant, dictionary, numbers
from tasks.imports import reject_writer
from tasks.intake import given_of
from tasks.naming import Names, names_of
from tasks.rejects import SCHEMA
from tasks.resolve import SET_SHIFT
from tasks.resolved_bucket import Looked, StoredBucket, Words, look
from tasks.revival import is_resolved_later, revive
from tasks.runs import RunLog
from tasks.set_versions import names_digest, set_version
from tasks.storage import Partition, Project, StagedPartition, Transaction, bucket_folder, reuse_parts, tagged
from tasks.stored_columns import check_readable, import_stages

_SHARE = 4
"""Buckets that together hold as much as one may, as in `tasks.bucket_writers`."""


class _Kind(NamedTuple):
    """Predictions, or answers."""

    table: Table
    key: str
    revived: pa.Table


class _Work(NamedTuple):
    """A set that is resolved again."""

    known: Catalog
    held: Entry
    names: Names
    words: Words


class _Found(NamedTuple):
    """What became of one table of the set."""

    rows: int
    rejects: list[pa.Table]
    given: Counter[str]


def is_out_of_date(known: Catalog, held: Entry) -> bool:
    """Whether a set was resolved on other data units or classes than the project's."""
    truth = known.require_ground_truth()
    if "names" in held.record:
        return bool(held.record["names"] != names_digest(truth))
    return bool(held.record["ground_truth"] != truth.digest)  # a set of an older version


def resolve_again(project: Project, name: str, run: Run) -> bool:
    """Bring a stored set to the project's data units and classes; False where it is there already.

    Its numbers stay, and are stale. StoreError where the set or the ground truth was replaced meanwhile.
    """
    known = catalog(project)
    held = known.set_named(name)
    if not is_out_of_date(known, held):
        return False
    check_readable(known, name)
    log = RunLog("resolve again", {"project": project.name, "name": name}, prediction_set=name)
    with project.begin(None, f"resolve {name} again") as transaction, log.stage("resolve"):
        _publish(_work_of(known, held), transaction, log, run)
    return True


def _work_of(known: Catalog, held: Entry) -> _Work:
    tables = known.require_ground_truth().partitions
    units, categories = tables["data_units"].read(), tables["categories"].read()
    reading = Reading.model_validate(held.record.get("reading", {}))
    columns = ("category_key", "feature_hash", "attribute_hash", "option_hash")
    words = {key: (a, b, c) for key, a, b, c in zip(*(categories[name].to_pylist() for name in columns), strict=True)}
    return _Work(known, held, names_of(units, categories, predictions=True, reading=reading), words)


def _publish(work: _Work, transaction: Transaction, log: RunLog, run: Run) -> None:
    held, truth = work.held, work.known.require_ground_truth()
    version = set_version(held.record["inputs"], held.record["format"], held.record["group"], truth, work.names.reading)
    rejects = _rejects_of(held)
    later = is_resolved_later(rejects)
    found = revive(rejects.filter(pa.array(later)), work.names)
    kinds = (
        _Kind(PREDICTIONS, "prediction_key", found.rows),
        _Kind(CLASSIFICATIONS_PREDICTIONS, "answer_key", found.answers),
    )
    done = [_resolved(kind, work, transaction, tagged(held.name, version), run) for kind in kinds]
    writer = reject_writer(transaction, held.name)
    for table in (rejects.filter(pa.array(~later)), found.rejects, *(part for each in done for part in each.rejects)):
        writer.write(table)
    writer.close()
    record = _record(work, version, done, writer.reasons)
    log.inputs = held.record["inputs"]
    log.rows_in, log.rows_accepted, log.rows_rejected = (record[name] for name in ("rows", "accepted", "rejected"))
    log.details["rejects"] = record["reasons"]
    log.stage_row(transaction)
    required = [truth.partitions[name] for name in ("data_units", "categories")]
    transaction.commit(record, replaces=held.data, requires=required)


def _rejects_of(held: Entry) -> pa.Table:
    """What was refused of the set, as far as it is still there."""
    if REJECTS.name not in held.partitions:
        return SCHEMA.empty_table()
    return held.partitions[REJECTS.name].read(SCHEMA.names).cast(SCHEMA)


def _record(work: _Work, version: str, done: Sequence[_Found], reasons: Counter[str]) -> dict[str, Any]:
    """What the commit says: as the import said it, with today's counts."""
    before, truth = work.held.record, work.known.require_ground_truth()
    accepted = sum(each.rows for each in done)
    given = Counter(before["given"])
    for each in done:
        given.update(each.given)
    given[before["format"]] = accepted
    if "class_mapping" in before["given"]:
        given["class_mapping"] = accepted
    counts = {"rows": before["rows"], "accepted": accepted, "rejected": before["rows"] - accepted}
    return {
        **before,
        **counts,
        "digest": version,
        "reasons": dict(reasons),
        "given": dict(given),
        "ground_truth": truth.digest,
        "names": names_digest(truth),
        "stages": import_stages(predictions=True),
    }


def _resolved(kind: _Kind, work: _Work, transaction: Transaction, tag: str, run: Run) -> _Found:
    """Write a table of the set anew; nothing where it has none and gets none."""
    stored = work.held.partitions.get(kind.table.name)
    if stored is None and not len(kind.revived):
        return _Found(0, [], Counter())
    main = work.held.partitions[PREDICTIONS.name]
    count = len((stored or main).buckets)
    buckets = [StoredBucket(stored, bucket, count) for bucket in range(count)] if stored is not None else []
    looks = [*run(partial(look, names=work.names, words=work.words), buckets, label="resolve")]
    incoming = _incoming(kind, stored, looks, work)
    staged = transaction.partition(kind.table, tag)
    bucket_of = work.names.units.bucket(count)[numbers(incoming["unit_position"]).astype(np.int64)]
    rows = 0
    for bucket in range(count):
        came, old = incoming.filter(pa.array(bucket_of == bucket)), buckets[bucket] if buckets else None
        stays = looks[bucket].stays if looks else np.zeros(0, bool)
        rows += _write(old, came, stays, kind, staged, bucket, max(1, count // _SHARE))
    return _Found(rows, [each.again.rejects for each in looks], _given_change(kind, looks, incoming, work.names))


def _incoming(kind: _Kind, stored: Partition | None, looks: Sequence[Looked], work: _Work) -> pa.Table:
    """Rows that are taken now, with keys and the set's name, by key."""
    moved = [each.again.table for each in looks]
    rows = pa.concat_tables([*moved, _keyed(kind, stored, work.held)], promote_options="permissive")
    if "prediction_set" in rows.column_names:
        rows = rows.drop_columns(["prediction_set"])
    rows = rows.append_column("prediction_set", constant(work.held.name, len(rows)).cast(pa.string()))
    return rows.take(pa.array(np.argsort(numbers(rows[kind.key]), kind="stable")))


def _keyed(kind: _Kind, stored: Partition | None, held: Entry) -> pa.Table:
    """Revived rows with keys: those that they had, or have by their place in their file; behind all others else."""
    rows, low = kind.revived, int(held.record["set_number"]) << SET_SHIFT
    had = rows[kind.key] if kind.key in rows.column_names else pa.nulls(len(rows), pa.int64())
    taken = np.empty(0, np.int64) if stored is None else numbers(stored.read([kind.key])[kind.key])
    keys = numbers(had, missing=-1).astype(np.int64)
    if kind.table is PREDICTIONS and stored is not None:
        keys = np.where(keys < 0, _by_place(rows, stored, low), keys)
    first = np.zeros(len(keys), bool)
    first[np.unique(keys, return_index=True)[1]] = True
    bad = (keys < 0) | ~first | np.isin(keys, taken)
    free = max(int(taken.max(initial=low - 1)), int(keys.max(initial=low - 1))) + 1
    keys[bad] = free + np.arange(int(bad.sum()))
    bare = rows.drop_columns([kind.key]) if kind.key in rows.column_names else rows
    return bare.append_column(kind.key, pa.array(keys))


def _by_place(rows: pa.Table, stored: Partition, low: int) -> Array:
    """int64[n]: keys by file and row, as the import counted them; -1 where nothing of a file was taken then."""
    known = stored.read(["source_file", "source_row", "prediction_key"])
    begins = numbers(known["prediction_key"]) - numbers(known["source_row"])
    files = dictionary(known["source_file"])
    words, first = files.dictionary.to_pylist(), np.full(len(files.dictionary), np.iinfo(np.int64).max)
    np.minimum.at(first, numbers(files.indices), begins)
    begin_of = dict(zip(words, first.tolist(), strict=True))
    alone = {*words, *rows["source_file"].to_pylist()}
    if not words and len(alone) == 1:
        begin_of = dict.fromkeys(alone, low)
    places = zip(rows["source_file"].to_pylist(), rows["source_row"].to_pylist(), strict=True)
    return np.array([begin_of[file] + row if file in begin_of else -1 for file, row in places], np.int64)


def _given_change(kind: _Kind, looks: Sequence[Looked], incoming: pa.Table, names: Names) -> Counter[str]:
    """By how much the rows that the sources gave, per shape and task, are more or fewer."""
    change = Counter[str]()
    if kind.table is not PREDICTIONS:
        change["answers"] = len(incoming) - sum(len(each.left) for each in looks)
        return change
    place = np.zeros(int(names.units.unit_key.max(initial=0)) + 1, np.int64)
    place[names.units.unit_key] = np.arange(len(names.units.unit_key))
    change.update(given_of(incoming, names.units.single))
    for each in looks:
        left = each.left.append_column("unit_position", pa.array(place[numbers(each.left["unit_key"])]))
        change.subtract(given_of(left, names.units.single))
    return change


def _write(
    stored: StoredBucket | None, came: pa.Table, stays: Array, kind: _Kind, staged: StagedPartition, bucket: int,
    share: int,
) -> int:  # fmt: skip
    """Write a bucket, the files themselves where nothing came or went; how many rows it has."""
    if stored is not None and stays.all() and not len(came):
        entries = [file for file in stored.partition.files if file.path.startswith(f"{bucket_folder(bucket)}/")]
        paths = [str(stored.partition.folder / file.path) for file in entries]
        staged.accept(reuse_parts(paths, entries, staged.folder, bucket))
        return len(stays)
    names = [name for name in came.column_names if name in kind.table.fields]
    parts = [_cast(came.select(names), kind.table)]
    if stored is not None:
        parts.insert(0, _cast(stored.partition.read(None, bucket).filter(pa.array(stays)), kind.table))
    rows = pa.concat_tables(parts, promote_options="permissive")
    writer = staged.writer(bucket, share)
    writer.write(rows.take(pa.array(np.argsort(numbers(rows[kind.key]), kind="stable"))))
    return len(rows)


def _cast(rows: pa.Table, table: Table) -> pa.Table:
    """The rows in the types of their table."""
    return pa.table({name: rows[name].cast(table.schema.field(name).type) for name in rows.column_names})
