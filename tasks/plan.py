"""An evaluation as a plan of paths and small parameters: any process can match its shards and measure the result."""

from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

from schemas.records import Run
from tasks.carrying import match_shard
from tasks.engine import Engine, Files, Matched, Plan
from tasks.engines import BY_NAME as ENGINES
from tasks.finished import matched_once
from tasks.memory import give_back
from tasks.protocols import BY_NAME as PROTOCOLS
from tasks.storage import PartWriter, clear, forget_whole

KEPT_ROWS = 5_000_000
"""Largest set whose matches stay in memory between matching and measuring: some 30 bytes a row."""


def _engine(plan: Plan) -> Engine:
    return ENGINES[PROTOCOLS[plan.protocol].engine]


def match_plan(plan: Plan, run: Run, notes: Path, keep: bool = False) -> Matched:
    """Match every shard of the plan and write its rows; those that the folder `notes` holds are finished already.

    `keep` hands what metrics need over in memory as well, where the set is small enough: for whoever measures next, in
    this process. The numbers are those that the files give.
    """
    engine, totals, resumed = _engine(plan), Counter[str](), 0
    files: Files = {table.name: [] for table in engine.held}
    keep = keep and plan.rows <= KEPT_ROWS
    kept = []
    shards = [replace(shard, keep=keep) for shard in plan.shards]
    once = partial(matched_once, match=match_shard, notes=notes)
    for done in run(once, shards, label=f"match {plan.labels['protocol']}"):
        totals.update(done.counts)
        resumed += done.resumed
        kept.append(done.kept)
        for name, entries in done.files.items():
            files[name] += entries
    forget_whole()
    give_back()
    return Matched(dict(totals), files, tuple(kept) if all(each is not None for each in kept) else (), resumed)


def measure_plan(plan: Plan, matched: Matched, run: Run) -> Files:
    """Measure what was matched and write the tables of numbers."""
    engine = _engine(plan)
    rows, files = engine.measure(plan, matched, run), Files()
    for table in engine.measured:
        clear(Path(plan.folders[table.name]))  # a run that died while it measured may have left a part
        with PartWriter(Path(plan.folders[table.name]), 0, table) as writer:
            for piece in rows.get(table.name, ()):
                writer.write(piece)
            files[table.name] = writer.close()
    return files
