"""Evaluation: a set's stored predictions are matched and measured under a protocol, and the rows published together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from schemas.parameters import ProtocolSettings
from schemas.records import MeasureContext, Protocol, Rules, Run
from schemas.tables import CURVES, GROUND_TRUTH_MATCHES, MATCHES, METRICS, UNIT_SCORES
from tasks.catalog import EVALUATION as KIND
from tasks.catalog import Catalog, Entry, catalog, evaluation_stages
from tasks.imports import write_whole
from tasks.match import MatchCounts, MatchShard, match_bucket
from tasks.measure import MeasureShard, measure
from tasks.rules import chosen_protocols, rules_digest, rules_of
from tasks.runs import RunLog
from tasks.shapes import BY_NAME as SHAPES
from tasks.storage import FileEntry, Partition, Project, StagedPartition, Transaction, tagged

_RESULTS = {table.name: table for table in (METRICS, CURVES, UNIT_SCORES)}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What became of one protocol on one set."""

    prediction_set: str
    name: str
    """The protocol, or the name its numbers were asked to stand under."""
    status: str


@dataclass(frozen=True, slots=True)
class _Job:
    """One set under one protocol's rules."""

    project: Project
    truth: Entry
    held: Entry
    protocol: Protocol
    rules: Rules
    name: str
    before: Entry | None
    log: RunLog

    @property
    def version(self) -> str:
        return tagged(self.held.name, self.held.digest)

    @property
    def tag(self) -> str:
        return tagged(self.name, rules_digest(self.protocol, self.rules))

    @property
    def labels(self) -> dict[str, str]:
        return {"prediction_set": self.held.name, "protocol": self.name, "rules": self.tag}


def evaluate_set(
    project: Project, name: str, protocols: Sequence[str], settings: ProtocolSettings, run: Run, force: bool = False
) -> list[Evaluated]:
    """Match and measure a stored set under protocols (none: those it has, else the defaults of its shapes).

    Where inputs, rules and code are those of the stored numbers, nothing is done, unless forced. InputError for an
    unknown set or protocol, or one that does not fit.
    """
    known = catalog(project)
    truth, held = known.require_ground_truth(), known.set_named(name)
    chosen = chosen_protocols(protocols, held.record["given"], truth.record["given"])
    return [_evaluate(project, known, held, protocol, settings, run, force) for protocol in chosen]


def _evaluate(
    project: Project, known: Catalog, held: Entry, protocol: Protocol, settings: ProtocolSettings, run: Run, force: bool
) -> Evaluated:
    truth, rules = known.require_ground_truth(), rules_of(protocol, settings)
    name = settings.stand_as or protocol.name
    before = known.evaluations.get((held.name, name))
    log = RunLog(f"evaluate {name}", settings.model_dump(mode="json"), prediction_set=held.name)
    job = _Job(project, truth, held, protocol, rules, name, before, log)
    if before is not None and before.record["rules"] == job.tag and known.stale(before) is None and not force:
        return Evaluated(held.name, name, "unchanged")
    with project.begin(None, f"evaluate {held.name} {name}") as transaction:
        _publish(job, transaction, run)
    return Evaluated(held.name, name, "completed")


def _publish(job: _Job, transaction: Transaction, run: Run) -> None:
    stage = partial(transaction.partition, version=job.version, rules=job.tag)
    matches, found = stage(MATCHES), stage(GROUND_TRUTH_MATCHES)
    with job.log.stage("match"):
        shards = list(match_shards(job, matches, found))
        counts = _matched(shards, matches, found, run)
    with job.log.stage("metrics"):
        rows = measure(list(_measure_shards(matches, found)), _context(job), run)
        for name, table in _RESULTS.items():
            write_whole(stage(table), table, rows[name])
    job.log.rows_in = job.log.rows_accepted = counts.predictions
    job.log.details.update(counts._asdict(), matched_units="all")
    job.log.stage_row(transaction)
    old = job.before.data if job.before else []
    required = [job.held.partitions["predictions"], job.truth.partitions["ground_truth"]]
    transaction.commit(_record(job, counts), replaces=old, requires=required)


def _record(job: _Job, counts: MatchCounts) -> dict[str, Any]:
    return {
        "kind": KIND,
        "name": job.name,
        "protocol": job.protocol.name,
        "digest": job.tag,
        "rules": job.tag,
        "prediction_set": job.held.name,
        "set_digest": job.held.digest,
        "ground_truth": job.truth.digest,
        "stages": evaluation_stages(),
        "settings": job.log.parameters,
        **counts._asdict(),
    }


def match_shards(job: _Job, matches: StagedPartition, found: StagedPartition) -> Iterator[MatchShard]:
    """One shard per bucket of the predictions."""
    tables = {**job.truth.partitions, **job.held.partitions}
    parts = tables["predictions"].buckets
    every = job.protocol.shape == "bounding_box" and not job.held.record["given"].get("bounding_box")
    for bucket in parts:
        yield MatchShard(
            protocol=job.protocol.name,
            rules=job.rules,
            bucket=bucket,
            buckets=len(parts),
            predictions=tuple(map(str, parts[bucket])),
            ground_truth=_overlapping(tables["ground_truth"], bucket, len(parts)),
            data_units=tuple(map(str, tables["data_units"].paths)),
            categories=tuple(map(str, tables["categories"].paths)),
            every=every,
            labels=job.labels,
            matches=str(matches.folder),
            ground_truth_matches=str(found.folder),
        )


def _overlapping(truth: Partition, bucket: int, buckets: int) -> tuple[str, ...]:
    """Part files of the ground truth's buckets that share units with a bucket; both counts are powers of two."""
    parts = truth.buckets
    smaller = min(buckets, len(parts))
    return tuple(str(path) for number, paths in parts.items() if number % smaller == bucket % smaller for path in paths)


def _matched(shards: list[MatchShard], matches: StagedPartition, found: StagedPartition, run: Run) -> MatchCounts:
    totals = [MatchCounts(0, 0, 0, 0)]
    for counts, match_files, truth_files in run(match_bucket, shards, label="match"):
        totals.append(counts)
        matches.accept(match_files)
        found.accept(truth_files)
    return MatchCounts(*(sum(column) for column in zip(*totals, strict=True)))


def _measure_shards(matches: StagedPartition, found: StagedPartition) -> Iterator[MeasureShard]:
    by_bucket = [_paths(staged) for staged in (matches, found)]
    for bucket in by_bucket[0]:
        yield MeasureShard(by_bucket[0][bucket], by_bucket[1][bucket])


def _paths(staged: StagedPartition) -> dict[str, tuple[str, ...]]:
    """Part files by their bucket's folder."""
    files: dict[str, list[FileEntry]] = {}
    for file in staged.finish():
        files.setdefault(file.path.partition("/")[0], []).append(file)
    return {folder: tuple(str(staged.folder / f.path) for f in group) for folder, group in files.items()}


def _context(job: _Job) -> MeasureContext:
    units, categories = (job.truth.partitions[name].read() for name in ("data_units", "categories"))
    similarity = SHAPES[job.protocol.shape].similarity
    labels: Mapping[str, str] = {**job.labels, "similarity": similarity}
    return MeasureContext(job.protocol, job.rules, units, categories, labels)

