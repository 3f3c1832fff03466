"""An evaluation as a plan of paths and small parameters: any process can match its shards and measure the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.records import MeasureContext, Rules, Run
from schemas.tables import CURVES, GROUND_TRUTH_MATCHES, MATCHES, METRICS, UNIT_SCORES
from tasks.match import MatchCounts, MatchShard, match_bucket
from tasks.measure import MeasureShard, measure
from tasks.memory import give_back
from tasks.protocols import BY_NAME as PROTOCOLS
from tasks.shapes import BY_NAME as SHAPES
from tasks.storage import FileEntry, PartWriter, read_parts

RESULTS = {table.name: table for table in (METRICS, CURVES, UNIT_SCORES)}
"""Tables that the metrics stage writes, each in one part."""
EVALUATION_TABLES = (MATCHES, GROUND_TRUTH_MATCHES, *RESULTS.values())

Files = dict[str, list[FileEntry]]
"""Written part files by table."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One set under one protocol's rules."""

    protocol: str
    rules: Rules
    labels: dict[str, str]
    """prediction_set, protocol and rules of the rows."""
    data_units: tuple[str, ...]
    categories: tuple[str, ...]
    shards: tuple[MatchShard, ...]
    folders: dict[str, str]
    """Staged folder of each table."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What the match stage wrote, and how much it judged."""

    counts: MatchCounts
    files: Files


def match_plan(plan: Plan, run: Run) -> Matched:
    """Match every shard of the plan and write its rows."""
    totals, files = [MatchCounts(0, 0, 0, 0)], Files({MATCHES.name: [], GROUND_TRUTH_MATCHES.name: []})
    for counts, match_files, truth_files in run(match_bucket, plan.shards, label=f"match {plan.labels['protocol']}"):
        totals.append(counts)
        files[MATCHES.name] += match_files
        files[GROUND_TRUTH_MATCHES.name] += truth_files
    give_back()
    return Matched(MatchCounts(*(sum(column) for column in zip(*totals, strict=True))), files)


def measure_plan(plan: Plan, matched: Matched, run: Run) -> Files:
    """Measure what was matched and write the tables of numbers."""
    protocol = PROTOCOLS[plan.protocol]
    labels = {**plan.labels, "similarity": SHAPES[protocol.shape].similarity}
    context = MeasureContext(protocol, plan.rules, read_parts(plan.data_units), read_parts(plan.categories), labels)
    rows = measure(_measure_shards(plan, matched), context, run)
    files: Files = {}
    for name, table in RESULTS.items():
        with PartWriter(Path(plan.folders[name]), 0, table) as writer:
            for piece in rows[name]:
                writer.write(piece)
            files[name] = writer.close()
    return files


def _measure_shards(plan: Plan, matched: Matched) -> list[MeasureShard]:
    matches = _by_bucket(plan.folders[MATCHES.name], matched.files[MATCHES.name])
    truth = _by_bucket(plan.folders[GROUND_TRUTH_MATCHES.name], matched.files[GROUND_TRUTH_MATCHES.name])
    return [MeasureShard(matches[bucket], truth[bucket]) for bucket in sorted(matches)]


def _by_bucket(folder: str, files: Sequence[FileEntry]) -> dict[str, tuple[str, ...]]:
    """Part files by their bucket's folder."""
    buckets: dict[str, list[str]] = {}
    for file in sorted(files, key=lambda file: file.path):
        buckets.setdefault(file.path.partition("/")[0], []).append(str(Path(folder) / file.path))
    return {bucket: tuple(paths) for bucket, paths in buckets.items()}
