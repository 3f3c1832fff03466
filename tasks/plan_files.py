"""Plans and what became of them as JSON files: a flow hands the next one a folder."""

from dataclasses import replace
from pathlib import Path

import msgspec

from tasks.engine import Files, Matched, Plan
from tasks.storage import read_bytes, write_bytes

_PLAN, _MATCHED, _MEASURED = "plan.json", "matched.json", "measured.json"


def put_plan(folder: Path, plan: Plan) -> None:
    """Write the plan."""
    write_bytes(folder / _PLAN, msgspec.json.encode(plan))


def get_plan(folder: Path) -> Plan:
    """The plan; StoreError where there is none."""
    return msgspec.json.decode(read_bytes(folder / _PLAN), type=Plan)


def finished_notes(folder: Path) -> Path:
    """Where the buckets that are matched are noted, one by one."""
    return folder / "finished"


def put_matched(folder: Path, matched: Matched) -> None:
    """Write what the match stage came to."""
    write_bytes(folder / _MATCHED, msgspec.json.encode(replace(matched, kept=())))


def get_matched(folder: Path) -> Matched:
    """What the match stage came to; StoreError where it has not run."""
    return msgspec.json.decode(read_bytes(folder / _MATCHED), type=Matched)


def put_measured(folder: Path, files: Files) -> None:
    """Write which files the metrics stage wrote."""
    write_bytes(folder / _MEASURED, msgspec.json.encode(files))


def get_measured(folder: Path) -> Files:
    """Which files the metrics stage wrote; StoreError where it has not run."""
    return msgspec.json.decode(read_bytes(folder / _MEASURED), type=Files)
