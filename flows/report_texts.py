"""What a person reads of a run: keys of artifacts, lines of the log, rows and pages; nothing of Prefect."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from schemas.names import is_object_store
from tasks.curve_picture import Line, data_url, precision_recall_svg
from tasks.imports import Imported
from tasks.report import Numbers, shown

_PLAIN = re.compile(r"[a-z0-9]+")
_KEY_LENGTH = 80
_QUOTED = 3
"""Numbers that a line of the log quotes."""


def artifact_key(kind: str, *names: str) -> str:
    """A key that stays the same from run to run, so that Prefect shows an artifact's history.

    Keys hold lower-case letters, digits and hyphens only: where names hold others, a digest tells apart what would
    look the same.
    """
    words = [re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in names]
    key = "-".join([kind, *filter(None, words)])[:_KEY_LENGTH]
    if all(map(_PLAIN.fullmatch, names[:-1])) and words[-1:] == list(names[-1:]) and len(key) < _KEY_LENGTH:
        return key
    return f"{key}-{hashlib.sha256('/'.join(names).encode()).hexdigest()[:6]}"


def import_line(taken: Imported, of: str, seconds: Mapping[str, float]) -> str:
    """What was taken and what was not, and how long each stage took."""
    if taken.status == "unchanged":
        return f"{of}: the store has these files already ({taken.accepted:,} records)"
    refused = "none rejected"
    if taken.rejected:
        reasons = ", ".join(f"{code} {count:,}" for code, count in sorted(taken.reasons.items()))
        refused = f"{taken.rejected:,} rejected ({reasons})"
    stages = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in seconds.items())
    return f"{of}: {taken.accepted:,} records taken from {taken.format}, {refused}; {stages}"


def reject_rows(taken: Imported) -> list[dict[str, Any]]:
    """A row a reason, the most frequent first; one row that says so where nothing was rejected."""
    ranked = sorted(taken.reasons.items(), key=lambda item: (-item[1], item[0]))
    rows = [{"reason": code, "records": n, "share": round(n / taken.rows, 4)} for code, n in ranked]
    return rows or [{"reason": "nothing was rejected", "records": 0, "share": 0.0}]


def evaluation_line(name: str, status: str, numbers: Numbers, before: Numbers | None) -> str:
    """The first numbers of a protocol, and how they changed."""
    quoted = [_quoted(metric, value, before) for metric, value in list(numbers.items())[:_QUOTED]]
    stored = " (as stored: nothing has changed)" if status == "unchanged" else ""
    return f"{name}: {', '.join(quoted)}{stored}"


def _quoted(metric: str, value: float | int | None, before: Numbers | None) -> str:
    earlier = None if before is None else before.get(metric)
    if value is None or earlier is None or shown(value) == shown(earlier):
        return f"{metric} {_text(value)}"
    return f"{metric} {_text(value)} (was {_text(earlier)})"


def _text(value: float | int | None) -> str:
    if value is None:
        return "undefined"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def classes_line(name: str, rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The best and the worst class; None where there are not two to compare."""
    if len(rows) < 2:
        return None
    metric = list(rows[0])[1]
    best, worst = rows[0], rows[-1]
    return f"{name}: best class {best['class']} ({best[metric]}), worst {worst['class']} ({worst[metric]})"


class Place(NamedTuple):
    """Where the rows of a table lie, and how many they are."""

    folder: str
    rows: int


def _linked(table: str, folder: str) -> str:
    """A table's name, linked to its folder where a browser can open it."""
    return table if is_object_store(folder) else f"[{table}](file://{folder})"


def report_page(title: str, line: str, curves: Sequence[Line], project: str, places: Mapping[str, Place]) -> str:
    """A page about an evaluation in Markdown: what it came to, its curves, and where its rows are.

    `project` is the project's folder, below which a glob reads a table.
    """
    picture = f"![precision and recall]({data_url(precision_recall_svg(title, curves))})\n\n" if curves else ""
    rows = "\n".join(f"| {_linked(table, at.folder)} | {at.rows:,} |" for table, at in sorted(places.items()))
    glob = f'`polars.read_parquet("{project}/metrics/**/*.parquet")` reads the numbers of every set.'
    if is_object_store(project):
        glob = "`boxscore files TABLE` lists what to read."
    tables = f"### Tables\n\nIn `{project}`; {glob}\n\n| table | rows |\n|---|---|\n{rows}\n"
    return f"## {title}\n\n{line}\n\n{picture}{tables}"
