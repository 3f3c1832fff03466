"""Evaluation: a set's stored predictions are matched and measured under a protocol, and the rows published together."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from schemas.parameters import ProtocolSettings
from schemas.records import Protocol, Rules, Run
from tasks.catalog import EVALUATION as KIND
from tasks.catalog import Entry, catalog, evaluation_stages
from tasks.earlier import carried, reading_facts
from tasks.engine import Engine, Files, Matched, Plan, Shard
from tasks.engines import ENGINES
from tasks.finished import work_of
from tasks.matchable import classes_of
from tasks.plan import match_plans, measure_plan
from tasks.plan_files import finished_notes
from tasks.rules import (
    chosen_protocols,
    refuse_missing_class,
    refuse_other_keypoints,
    refuse_shared_name,
    refuse_unknown_classes,
    rules_digest,
    rules_of,
    unasked_protocols,
)
from tasks.runs import RunLog
from tasks.slices.build import built_slices
from tasks.storage import Partition, Project, StagedPartition, Transaction, tagged
from tasks.stored_columns import check_readable
from tasks.units import keypoint_counts
from tasks.versions import digest


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What became of one protocol on one set."""

    prediction_set: str
    name: str
    """The protocol, or the name its numbers were asked to stand under."""
    status: str


@dataclass(slots=True)
class Evaluation:
    """An evaluation under way: opened, its plan is matched and measured, then it is published."""

    plan: Plan
    log: RunLog
    transaction: Transaction
    staged: dict[str, StagedPartition]
    record: dict[str, Any]
    replaced: Sequence[Partition]
    required: Sequence[Partition]


def evaluate_set(
    project: Project, name: str, protocols: Sequence[str], settings: ProtocolSettings, run: Run, force: bool = False
) -> list[Evaluated]:
    """Match and measure a stored set under protocols (none: the defaults of its shapes).

    Where inputs, rules and code are those of the stored numbers, nothing is done, unless forced. Protocols share one
    pass over the buckets; each is published when it is measured. InputError for an unknown set or protocol, or one
    that does not fit.
    """
    with ExitStack() as open_ones:
        jobs = []
        for protocol in protocols_for(project, name, protocols, settings):
            job = open_evaluation(project, name, protocol, settings, force)
            if isinstance(job, Evaluation):
                open_ones.enter_context(job.transaction)
            jobs.append(job)
        return _work(jobs, run)


def passes(jobs: Sequence[Evaluation | Evaluated]) -> list[list[Evaluation]]:
    """The evaluations of a set that are still to be worked on, those together that one pass over the buckets serves."""
    by_buckets: dict[int, list[Evaluation]] = {}
    for job in jobs:
        if isinstance(job, Evaluation):
            by_buckets.setdefault(len(job.plan.shards), []).append(job)
    return list(by_buckets.values())


def _work(jobs: Sequence[Evaluation | Evaluated], run: Run) -> list[Evaluated]:
    """Match and measure what is open; what is done already stays as it is."""
    done: dict[str, Evaluated] = {}
    for together in passes(jobs):
        plans, notes = [job.plan for job in together], [finished_notes(job.transaction.scratch) for job in together]
        with ExitStack() as stages:
            for job in together:
                stages.enter_context(job.log.stage("match"))
            every = match_plans(plans, run, notes, keep=True)
        for job, matched in zip(together, every, strict=True):
            done[job.record["name"]] = _measured(job, matched, run)
    return [done[job.record["name"]] if isinstance(job, Evaluation) else job for job in jobs]


def _measured(job: Evaluation, matched: Matched, run: Run) -> Evaluated:
    job.log.details["resumed_buckets"] = matched.resumed
    with job.log.stage("metrics"):
        files = measure_plan(job.plan, matched, run)
    return publish(job, matched.counts, {**matched.files, **files})


def asked_again(
    project: Project, name: str, protocols: Sequence[str], settings: ProtocolSettings
) -> list[tuple[Sequence[str], ProtocolSettings]]:
    """(protocols, settings) to run a stored set under again.

    As asked; where nothing was asked, every evaluation the set has, as it was; the defaults where it has none.
    """
    known = catalog(project)
    stored = known.evaluations_of(known.set_named(name).name)
    if protocols or settings != ProtocolSettings() or not stored:
        return [(protocols, settings)]
    as_it_was = ((entry.record["protocol"], entry.record["settings"]) for entry in stored)
    return [([protocol], ProtocolSettings.model_validate(given)) for protocol, given in as_it_was]


def protocols_for(project: Project, name: str, protocols: Sequence[str], settings: ProtocolSettings) -> list[Protocol]:
    """The protocols that will run; all, and the settings for each, are checked before anything is computed."""
    known = catalog(project)
    check_readable(known, name)
    truth, held = known.require_ground_truth(), known.set_named(name)
    chosen = chosen_protocols(protocols, held.record["given"], truth.record["given"])
    refuse_shared_name(settings.stand_as, chosen)
    classes = truth.partitions["categories"].read()
    names = set(filter(None, classes["name"].to_pylist()))
    for protocol in chosen:
        refuse_unknown_classes(rules_of(protocol, settings), names)
    points, measured = keypoint_counts(classes), classes_of(classes).names
    if not protocols or list(protocols) == ["all"]:
        chosen = unasked_protocols(chosen, settings, points, measured)
    for protocol in chosen:
        refuse_missing_class(protocol, measured)
        refuse_other_keypoints(rules_of(protocol, settings), points)
        built_slices(truth, settings, protocol)
    return chosen


def open_evaluation(
    project: Project, name: str, protocol: Protocol, settings: ProtocolSettings, force: bool = False
) -> Evaluation | Evaluated:
    """Stage the tables and plan the shards; `Evaluated` where the stored numbers are those that would come out."""
    known = catalog(project)
    truth, held, rules = known.require_ground_truth(), known.set_named(name), rules_of(protocol, settings)
    stands_as = settings.stand_as or protocol.name
    tag = tagged(stands_as, rules_digest(protocol, rules))
    before, slices = known.evaluations.get((held.name, stands_as)), built_slices(truth, settings, protocol)
    same = before is not None and (before.record["rules"], before.record.get("slices", {})) == (tag, slices.record)
    if same and before is not None and known.stale(before) is None and not force:
        return Evaluated(held.name, stands_as, "unchanged")
    log = RunLog(f"evaluate {stands_as}", settings.model_dump(mode="json"), prediction_set=held.name)
    transaction = project.begin(None, f"evaluate {held.name} {stands_as}")
    version = tagged(held.name, digest([held.digest, truth.digest, evaluation_stages(), *slices.record.values()]))
    engine = ENGINES[protocol.engine]
    staged = {table.name: transaction.partition(table, version, tag) for table in engine.tables}
    labels = {"prediction_set": held.name, "protocol": stands_as, "rules": tag}
    plan = _plan(protocol, rules, truth, held, labels, {name: str(place.folder) for name, place in staged.items()})
    inputs, classes = _inputs(engine, truth, held), truth.partitions["categories"]
    facts = reading_facts(plan, inputs, classes)
    plan = carried(plan, facts, None if force else before)
    transaction.take_up(digest([work_of(plan), slices.record]))
    return Evaluation(
        plan=replace(plan, slices=slices.write(transaction.scratch)),
        log=log,
        transaction=transaction,
        staged=staged,
        record=_record(protocol, held, truth, labels, log)
        | facts
        | ({"slices": slices.record} if slices.slices else {}),
        replaced=before.data if before is not None else [],
        required=list(inputs.values()),
    )


def publish(job: Evaluation, counts: Mapping[str, int], files: Files) -> Evaluated:
    """Make the rows live together; StoreError where the set or the ground truth was replaced meanwhile."""
    for name, staged in job.staged.items():
        staged.accept(files[name])
    log = job.log
    log.rows_in = log.rows_accepted = counts["predictions"]
    log.details.update(counts)
    log.stage_row(job.transaction)
    job.transaction.commit({**job.record, **counts}, replaces=job.replaced, requires=job.required)
    return Evaluated(job.record["prediction_set"], job.record["name"], "completed")


def _record(protocol: Protocol, held: Entry, truth: Entry, labels: dict[str, str], log: RunLog) -> dict[str, Any]:
    return {
        "kind": KIND,
        "name": labels["protocol"],
        "protocol": protocol.name,
        "digest": labels["rules"],
        "rules": labels["rules"],
        "prediction_set": held.name,
        "set_digest": held.digest,
        "ground_truth": truth.digest,
        "stages": evaluation_stages(),
        "settings": dict(log.parameters),
    }


def _inputs(engine: Engine, truth: Entry, held: Entry) -> dict[str, Partition]:
    """What a bucket's work reads, of the tables that were ever written."""
    tables = {**truth.partitions, **held.partitions}
    return {name: tables[name] for name in engine.reads if name in tables}


def _plan(
    protocol: Protocol, rules: Rules, truth: Entry, held: Entry, labels: dict[str, str], folders: dict[str, str]
) -> Plan:
    inputs = _inputs(ENGINES[protocol.engine], truth, held)
    names = {name: tuple(map(str, truth.partitions[name].paths)) for name in ("data_units", "categories")}
    buckets = max((len(inputs[name].buckets) for name in inputs if name in held.partitions), default=1)
    nothing = dict.fromkeys(ENGINES[protocol.engine].reads, ())
    shards = [
        Shard(
            protocol=protocol.name,
            rules=rules,
            bucket=bucket,
            buckets=buckets,
            inputs={**names, **nothing, **{name: _shared(part, bucket, buckets) for name, part in inputs.items()}},
            given=held.record["given"],
            truth_given=truth.record["given"],
            labels=labels,
            folders=folders,
        )
        for bucket in range(buckets)
    ]
    rows = sum(table.rows for name, table in inputs.items() if name in held.partitions)
    return Plan(protocol.name, rules, labels, names["data_units"], names["categories"], tuple(shards), folders, rows)


def _shared(table: Partition, bucket: int, buckets: int) -> tuple[str, ...]:
    """Part files of a table's buckets that share units with a bucket; both counts are powers of two."""
    parts = table.buckets
    smaller = min(buckets, len(parts))
    return tuple(str(path) for number, paths in parts.items() if number % smaller == bucket % smaller for path in paths)
