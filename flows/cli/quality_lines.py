"""What is said of quality that was measured."""

from collections.abc import Sequence
from typing import Any

from flows.cli.console import OUT, number_text, print_table
from tasks.quality.measured import Measured


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


def say_quality(project: str, done: Sequence[Measured]) -> None:
    """A table a subject: how many rows have a value of each metric, and from where to where they go."""
    for item in done:
        whose = f"{item.subject} of {item.prediction_set or project}"
        rows = ", ".join(f"{count:,} {of}s" for of, count in item.rows.items())
        for code, faulty in item.faults.items():
            OUT.print(f"{faulty.n:,} image(s) without numbers of their pixels: {code} (the first: {faulty.first})")
        if item.status == "unchanged":
            OUT.print(f"quality of the {whose} is up to date, nothing was done ({rows})")
            continue
        columns = ["values", "lowest", "highest"]
        lines = [
            [name, f"{span.n:,}", number_text(span.least), number_text(span.greatest)]
            for name, span in item.columns.items()
            if not name.endswith("_partner")
        ]
        print_table(f"quality of the {whose} ({rows})", ["metric", *columns], lines, right=columns)
