"""An evaluation as a plan of paths and small parameters: any process can match its shards and measure the result."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from schemas.records import Run
from tasks.engine import Engine, Files, Matched, Plan
from tasks.engines import BY_NAME as ENGINES
from tasks.memory import give_back
from tasks.protocols import BY_NAME as PROTOCOLS
from tasks.storage import PartWriter

KEPT_ROWS = 1_000_000
"""Largest set whose matches stay in memory between matching and measuring: some 60 bytes a row."""


def _engine(plan: Plan) -> Engine:
    return ENGINES[PROTOCOLS[plan.protocol].engine]


def match_plan(plan: Plan, run: Run, keep: bool = False) -> Matched:
    """Match every shard of the plan and write its rows.

    `keep` hands what metrics need over in memory as well, where the set is small enough: for whoever measures next, in
    this process. The numbers are those that the files give.
    """
    engine, totals = _engine(plan), Counter[str]()
    files: Files = {table.name: [] for table in engine.matched}
    keep = keep and plan.rows <= KEPT_ROWS
    kept = []
    shards = [replace(shard, keep=keep) for shard in plan.shards]
    for done in run(engine.match, shards, label=f"match {plan.labels['protocol']}"):
        totals.update(done.counts)
        kept.append(done.kept)
        for name, entries in done.files.items():
            files[name] += entries
    give_back()
    return Matched(dict(totals), files, tuple(kept) if all(each is not None for each in kept) else ())


def measure_plan(plan: Plan, matched: Matched, run: Run) -> Files:
    """Measure what was matched and write the tables of numbers."""
    engine = _engine(plan)
    rows, files = engine.measure(plan, matched, run), Files()
    for table in engine.measured:
        with PartWriter(Path(plan.folders[table.name]), 0, table) as writer:
            for piece in rows.get(table.name, ()):
                writer.write(piece)
            files[table.name] = writer.close()
    return files
