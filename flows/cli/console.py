"""What the command line says, and where: text and tables for a person, one JSON document for a program.

What draws is imported once something is drawn: a program that asks for JSON does not wait for it.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from schemas.records import Run


def leave_pipe() -> None:
    """Let what is still buffered for a closed pipe go nowhere, so that Python does not complain when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(document: Any) -> None:
    """Exactly one JSON document on standard output, in ASCII where the output cannot hold more."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2, allow_nan=False)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say(text: str, style: str | None = None) -> None:
    """Text for a person, as it is: brackets are no markup."""
    from flows.cli.drawing import OUT

    OUT.print(text, style=style)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> None:
    """A table for a person; `right` names the columns of numbers. Cells fold on a terminal only."""
    from flows.cli.drawing import draw_table

    draw_table(title, columns, rows, right)


@contextmanager
def progress(run: Run, quiet: bool = False) -> Iterator[Run]:
    """`run` with a line of progress per label on standard error, where that is a terminal; as it is when `quiet`."""
    if quiet:
        yield run
        return
    from flows.cli.drawing import with_bars

    with with_bars(run) as watched:
        yield watched


def print_pairs(rows: Sequence[tuple[str, str]]) -> None:
    """Two columns without a frame: long lists, quick to print and to cut."""
    width = max((len(first) for first, _ in rows), default=0)
    sys.stdout.writelines(f"{first:<{width}}  {second}\n" for first, second in rows)


def number_text(value: float | int | None) -> str:
    """Four decimals, as metrics are quoted, counts as they are; a dash where there is no number."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
