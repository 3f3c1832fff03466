"""Progress: a bar for each piece of work under way, on terminals only."""

import io
from collections.abc import Iterator

from rich.console import Console
from rich.progress import Progress

from flows.cli.drawing import _CountColumn, watched, with_bars
from tasks.running import serial


def countdown(start: int) -> Iterator[int]:
    """Shards of which nobody knows how many there are."""
    yield from range(start, 0, -1)


def test_results_pass_through_and_bars_go_away() -> None:
    """Watched work gives the same results in order; its bar is there while it lasts and gone afterwards."""
    with Progress(_CountColumn(), console=Console(file=io.StringIO())) as bars:
        results = watched(serial, bars)(str, [1, 2, 3], label="counting")
        assert next(results) == "1"
        assert [(bar.description, bar.total) for bar in bars.tasks] == [("counting", 3)]
        assert list(results) == ["2", "3"]
        assert bars.tasks == []


def test_a_bar_goes_away_where_work_ends_early() -> None:
    """Closing the results half-way removes the bar too."""
    with Progress(_CountColumn(), console=Console(file=io.StringIO())) as bars:
        results = watched(serial, bars)(str, countdown(5))
        next(results)
        assert str(_CountColumn().render(bars.tasks[0])) == "1"
        assert next(results) == "4"
        assert str(_CountColumn().render(bars.tasks[0])) == "2"
        results.close()  # type: ignore[attr-defined]
        assert bars.tasks == []


def test_counts_say_of_how_many() -> None:
    """Done and known in total are written with separators."""
    with Progress(console=Console(file=io.StringIO())) as bars:
        bars.add_task("x", total=12_000, completed=1_500)
        assert str(_CountColumn().render(bars.tasks[0])) == "1,500/12,000"


def test_nothing_is_drawn_where_nobody_looks() -> None:
    """Without a terminal the run is handed on as it is."""
    with with_bars(serial) as run:
        assert run is serial
