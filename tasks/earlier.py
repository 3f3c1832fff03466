"""What an earlier evaluation left that a new one may carry over, decided before any row is read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from tasks.buckets import parts_sharing
from tasks.carrying import OF_SET
from tasks.catalog import Entry
from tasks.engine import Before, Engine, Files, Given, Plan, Shard
from tasks.engines import ENGINES
from tasks.protocols import PROTOCOLS
from tasks.storage import FileEntry, Partition
from tasks.versions import STAGE_VERSIONS, digest

_Read = Mapping[str, Sequence[str]]
"""Digests of the part files that each bucket reads, by table."""


def carried(plan: Plan, facts: Mapping[str, Any], before: Entry | None) -> Plan:
    """The plan, with what `before` left for its buckets where it was matched under the same rules and classes.

    `facts` are those of the plan.
    """
    if before is None or before.record.get("matching") != facts["matching"]:
        return plan
    tables = [table.name for table in _engine(plan).held]
    if not before.partitions.keys() >= set(tables):
        return plan
    partitions = {name: before.partitions[name] for name in tables}
    then, now = before.record["read"], facts["read"]
    shards = (replace(shard, before=_before(shard, partitions, then, now)) for shard in plan.shards)
    return replace(plan, shards=tuple(shards))


def reading_facts(plan: Plan, inputs: Mapping[str, Partition], classes: Partition) -> dict[str, Any]:
    """What a later evaluation must know of this one, for its record.

    `matching` is a digest of all that decides who matches whom beside the rows of a unit, `read` of the rows by bucket.
    """
    first = plan.shards[0]
    rules = asdict(plan.rules)
    stage = STAGE_VERSIONS["match"]
    names = [file.sha256 for file in classes.files]
    given = [_words(first.given), _words(first.truth_given)]
    columns = {name: list(found) for name, found in _engine(plan).columns(first).items()}
    read = {name: [_digest(table, shard.inputs[name]) for shard in plan.shards] for name, table in inputs.items()}
    return {"matching": digest([plan.protocol, rules, plan.labels, stage, names, given, columns]), "read": read}


def _engine(plan: Plan) -> Engine:
    return ENGINES[PROTOCOLS[plan.protocol].engine]


def _words(given: Given) -> list[str]:
    """What the sources gave at all: how much of it decides nothing."""
    return sorted(word for word, rows in given.items() if rows)


def _digest(table: Partition, paths: Sequence[str]) -> str:
    digests = {str(table.folder / file.path): file.sha256 for file in table.files}
    return digest([digests[path] for path in paths])


def _before(shard: Shard, partitions: Mapping[str, Partition], then: _Read, now: _Read) -> Before:
    whole = all(len(table.buckets) == shard.buckets for table in partitions.values())
    files = {name: parts_sharing(table, shard.bucket, shard.buckets) for name, table in partitions.items()}
    entries: Files = {name: _entries(table, files[name]) for name, table in partitions.items()} if whole else {}
    same = [_same(shard, then, now, of_set) for of_set in (True, False)]
    return Before(files, entries, *same)


def _entries(table: Partition, paths: Sequence[str]) -> list[FileEntry]:
    committed = {str(table.folder / file.path): file for file in table.files}
    return [committed[path] for path in paths]


def _same(shard: Shard, then: _Read, now: _Read, of_set: bool) -> bool:
    """Whether the tables of a side are for this bucket what they were, byte for byte."""
    sides = [{name: read for name, read in each.items() if (name in OF_SET) is of_set} for each in (then, now)]
    return sides[0].keys() == sides[1].keys() and all(
        len(was) == shard.buckets and was[shard.bucket] == sides[1][name][shard.bucket]
        for name, was in sides[0].items()
    )
