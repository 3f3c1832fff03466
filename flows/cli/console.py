"""What the command line says, and where: tables and progress for a person, one JSON document for a program."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from schemas.records import Run

A = TypeVar("A")
B = TypeVar("B")

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(document: Any) -> None:
    """Exactly one JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> None:
    """A table for a person; `right` names the columns of numbers."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    OUT.print(table)


def number_text(value: float | None) -> str:
    """Four decimals, as metrics are quoted; a dash where there is no number."""
    return "-" if value is None else f"{value:.4f}"


@contextmanager
def progress(run: Run, quiet: bool = False) -> Iterator[Run]:
    """`run` with a line of progress per label on standard error; nothing is drawn when it is not a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    if quiet or not ERR.is_terminal:
        yield run
        return
    with Progress(*columns, console=ERR, transient=True) as bars:
        yield _watched(run, bars)


def _watched(run: Run, bars: Progress) -> Run:
    def watched(work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
        known = len(shards) if isinstance(shards, Sequence) else None
        bar = bars.add_task(label or "working", total=known)
        for result in run(work, shards, label=label):
            bars.advance(bar)
            yield result
        bars.update(bar, total=bars.tasks[bar].completed)

    return watched
