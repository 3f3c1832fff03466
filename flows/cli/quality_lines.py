"""What is said of quality that was measured."""

from collections.abc import Sequence
from typing import Any

from flows.cli.console import number_text, print_table, say
from tasks.catalog import Catalog
from tasks.quality.measured import Measured

_PARTNER = "_partner"
"""How columns end that hold keys and no numbers."""


def quality_facts(done: Sequence[Measured]) -> list[dict[str, Any]]:
    """What became of each subject, as a document."""
    return [
        {
            "of": item.subject,
            "prediction_set": item.prediction_set,
            "status": item.status,
            "rows": item.rows,
            "columns": {name: span._asdict() for name, span in item.columns.items()},
            "faults": {code: faulty._asdict() for code, faulty in item.faults.items()},
        }
        for item in done
    ]


def stored_quality(known: Catalog, name: str | None) -> list[dict[str, Any]]:
    """What is stored of a set's quality, or without a set of the annotations' and the images', as a document."""
    entries = [entry for (of, _), entry in sorted(known.quality.items(), key=str) if of == name]
    if not entries:
        return []
    from tasks.quality.stage import stale_quality  # which loads all metrics

    return [
        {
            "of": entry.name,
            "metrics": sum(not column.endswith(_PARTNER) for column in entry.record["columns"]),
            "rows": entry.record["rows"],
            "stale": stale_quality(known, entry),
        }
        for entry in entries
    ]


def quality_text(stored: Sequence[dict[str, Any]]) -> str:
    """How many metrics there are of what, in a few words; nothing where nothing was measured."""
    words = [f"{facts['metrics']} of {facts['of']}{' (stale)' if facts['stale'] else ''}" for facts in stored]
    return ", ".join(words)


def quality_count(stored: Sequence[dict[str, Any]]) -> str:
    """How many metrics there are of a set; nothing where none was measured."""
    return ", ".join(f"{facts['metrics']}{' (stale)' if facts['stale'] else ''}" for facts in stored)


def say_stale_quality(known: Catalog, name: str | None, stored: Sequence[dict[str, Any]]) -> None:
    """A line for each subject whose quality is not today's, with the command that measures it again."""
    option = "--ground-truth" if name is None else name
    for facts in stored:
        if facts["stale"]:
            whose = facts["of"] if name is None else f"{facts['of']} of {name}"
            again = f"boxscore quality {option} --project {known.project}"
            say(f"quality of the {whose}: {facts['stale']} ({again})")


def say_quality(project: str, done: Sequence[Measured]) -> None:
    """A table a subject: how many rows have a value of each metric, and from where to where they go."""
    for item in done:
        whose = f"{item.subject} of {item.prediction_set or project}"
        rows = ", ".join(f"{count:,} {of}{'' if count == 1 else 's'}" for of, count in item.rows.items())
        if item.status == "unchanged":
            say(f"quality of the {whose} is up to date, nothing was done ({rows})")
        else:
            _print_spans(f"quality of the {whose} ({rows})", item)
        for code, faulty in item.faults.items():
            images = f"{faulty.n:,} image{'' if faulty.n == 1 else 's'}"
            say(f"{images} without numbers of the pixels: {code} (the first: {faulty.first})")


def _print_spans(title: str, item: Measured) -> None:
    columns = ["values", "lowest", "highest"]
    lines = [
        [name, f"{span.n:,}", number_text(span.least), number_text(span.greatest)]
        for name, span in item.columns.items()
        if not name.endswith(_PARTNER)
    ]
    print_table(title, ["metric", *columns], lines, right=columns)
