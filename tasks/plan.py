"""An evaluation as a plan of paths and small parameters: any process can match its shards and measure the result."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from schemas.records import Run
from schemas.tables import Table
from tasks.carrying import match_shard
from tasks.engine import Done, Engine, Files, Matched, Plan, Shard
from tasks.engines import ENGINES
from tasks.finished import matched_once
from tasks.memory import give_back
from tasks.protocols import PROTOCOLS
from tasks.running import local_run
from tasks.slices.members import read_slices
from tasks.storage import FileEntry, PartWriter, clear, forget_whole
from tasks.together import Together

KEPT_ROWS = 5_000_000
"""Largest set whose matches stay in memory between matching and measuring: some 30 bytes a row."""


def _engine(plan: Plan) -> Engine:
    return ENGINES[PROTOCOLS[plan.protocol].engine]


def match_plans(plans: Sequence[Plan], run: Run, notes: Sequence[Path], keep: bool = False) -> list[Matched]:
    """Match every shard of some plans of one set over as many buckets, in one pass, and write their rows.

    Shards that the folders `notes` (one a plan) hold are finished already. `keep` hands what metrics need over in
    memory as well, where the sets are small enough: for whoever measures next, in this process. The numbers are those
    that the files give.
    """
    matched = [_Pass(plan) for plan in plans]
    keep = keep and sum(plan.rows for plan in plans) <= KEPT_ROWS
    buckets = [list(same) for same in zip(*(_shards(plan, keep) for plan in plans), strict=True)]
    label = ", ".join(plan.labels["protocol"] for plan in plans)
    for done in run(partial(_match_bucket, notes=tuple(notes)), buckets, label=f"match {label}"):
        for under_way, each in zip(matched, done, strict=True):
            under_way.add(each)
    forget_whole()
    if not keep:  # a small set's metrics take up what matching leaves free: pages that are given back are dear to get
        give_back()
    return [under_way.matched() for under_way in matched]


def _shards(plan: Plan, keep: bool) -> list[Shard]:
    """The plan's shards; with the slices, read once, where what metrics need is handed over."""
    slices = read_slices(plan.slices) if keep else ()
    return [replace(shard, keep=keep, slices=slices) for shard in plan.shards]


def _match_bucket(shards: Sequence[Shard], notes: Sequence[Path]) -> list[Done]:
    """Match a bucket under each plan; what several need of it is read and compared once."""
    together = None
    if len(shards) > 1:
        together = Together([ENGINES[PROTOCOLS[shard.protocol].engine].columns(shard) for shard in shards])
    each = zip(shards, notes, strict=True)
    return [matched_once(replace(shard, together=together), match=match_shard, notes=at) for shard, at in each]


class _Pass:
    """What comes of a plan, bucket by bucket."""

    def __init__(self, plan: Plan) -> None:
        self._totals, self._resumed = Counter[str](), 0
        self._files: Files = {table.name: [] for table in _engine(plan).held}
        self._kept: list[Any] = []

    def add(self, done: Done) -> None:
        self._totals.update(done.counts)
        self._resumed += done.resumed
        self._kept.append(done.kept)
        for name, entries in done.files.items():
            self._files[name] += entries

    def matched(self) -> Matched:
        kept = tuple(self._kept) if all(each is not None for each in self._kept) else ()
        return Matched(dict(self._totals), self._files, kept, self._resumed)


def measure_plan(plan: Plan, matched: Matched, run: Run) -> Files:
    """Measure what was matched and write the tables of numbers, side by side."""
    engine = _engine(plan)
    rows = engine.measure(plan, matched, run)

    def write(table: Table) -> list[FileEntry]:
        clear(Path(plan.folders[table.name]))  # a run that died while it measured may have left a part
        with PartWriter(Path(plan.folders[table.name]), 0, table) as writer:
            writer.write_all(rows.get(table.name, ()), local_run())
        return writer.close()

    files = local_run()(write, engine.measured, label="write")
    return {table.name: entries for table, entries in zip(engine.measured, files, strict=True)}
