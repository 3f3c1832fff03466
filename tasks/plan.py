"""An evaluation as a plan of paths and small parameters: any process can match its shards and measure the result."""

from collections import Counter
from pathlib import Path

from schemas.records import Run
from tasks.engine import Engine, Files, Matched, Plan
from tasks.engines import BY_NAME as ENGINES
from tasks.memory import give_back
from tasks.protocols import BY_NAME as PROTOCOLS
from tasks.storage import PartWriter


def _engine(plan: Plan) -> Engine:
    return ENGINES[PROTOCOLS[plan.protocol].engine]


def match_plan(plan: Plan, run: Run) -> Matched:
    """Match every shard of the plan and write its rows."""
    engine, totals = _engine(plan), Counter[str]()
    files: Files = {table.name: [] for table in engine.matched}
    for counts, written in run(engine.match, plan.shards, label=f"match {plan.labels['protocol']}"):
        totals.update(counts)
        for name, entries in written.items():
            files[name] += entries
    give_back()
    return Matched(dict(totals), files)


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
