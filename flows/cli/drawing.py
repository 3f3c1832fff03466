"""What is drawn for a person: text, tables and progress; imported once there is something to draw."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, TypeVar

from rich.console import Console, ConsoleOptions
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from schemas.records import Run

A = TypeVar("A")
B = TypeVar("B")

_UNFOLDED = 100_000
"""Characters a line may have where nobody looks: what is piped or filed is never folded."""


class _Console(Console):
    """A console that takes names as they are (brackets are no markup) and leaves a closed pipe to `main`."""

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def options(self) -> ConsoleOptions:
        options = super().options
        return options if self.is_terminal else options.update_width(_UNFOLDED)

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


OUT = _Console()
ERR = _Console(stderr=True)


def draw_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str]) -> None:
    """A table under its title; `right` names the columns of numbers. Cells fold on a terminal only."""
    table = Table()
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    OUT.print(Text(title, style="bold"))
    OUT.print(table)


def _count(bar: Task) -> str:
    return f"{bar.completed:,.0f}" if bar.total is None else f"{bar.completed:,.0f}/{bar.total:,.0f}"


class _CountColumn(TextColumn):
    """Shards done, of how many where that is known."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(_count(task), style="progress.download")


@contextmanager
def with_bars(run: Run) -> Iterator[Run]:
    """`run` with a line of progress per label on standard error; nothing is drawn when it is not a terminal."""
    if not ERR.is_terminal:
        yield run
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), _CountColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERR, transient=True, refresh_per_second=4) as bars:
        yield watched(run, bars)


def watched(run: Run, bars: Progress) -> Run:
    """`run` with a bar for each label while it is under way; what is done disappears."""

    def with_bar(work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
        known = len(shards) if isinstance(shards, Sequence) else None
        bar = bars.add_task(label or "working", total=known)
        try:
            for result in run(work, shards, label=label):
                bars.advance(bar)
                yield result
        finally:
            bars.remove_task(bar)

    return with_bar
