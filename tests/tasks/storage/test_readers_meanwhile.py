"""Readers without our package, while another process replaces what they read."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from tasks.storage import Project, Store
from tests.tasks.storage.samples import publish_set
from tests.tasks.storage.test_crashes import ROOT


def with_duckdb(table: Path) -> list[float]:
    """The marks that DuckDB finds."""
    rows = duckdb.sql(f"select score from read_parquet('{table}/**/*.parquet')").fetchall()
    return [mark for (mark,) in rows]


def with_polars(table: Path) -> list[float]:
    """The marks that Polars finds."""
    return pl.scan_parquet(str(table / "**/*.parquet")).select("score").collect().to_series().to_list()


def with_pyarrow(table: Path) -> list[float]:
    """The marks that pyarrow finds in a folder."""
    return pq.read_table(table, columns=["score"])["score"].to_pylist()


def publisher(folder: Path, first: int, last: int) -> subprocess.Popen[bytes]:
    """A process that replaces the set by mark after mark."""
    command = [sys.executable, "-m", "tests.tasks.storage.crashes", "publish", str(folder), str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


@pytest.fixture
def replacing(project: Project) -> Iterator[Callable[[], bool]]:
    """Whether another process is still replacing the set; it has begun to."""
    publish_set(project, 1)
    with publisher(project.folder.parents[1], 1, 20) as process:
        while project.state().last < 2 and process.poll() is None:
            time.sleep(0.02)
        yield lambda: process.poll() is None
        assert process.wait() == 0


@pytest.mark.parametrize("read", [with_duckdb, with_polars, with_pyarrow])
def test_a_reader_sees_one_publication_or_none(
    project: Project, replacing: Callable[[], bool], read: Callable[[Path], list[float]]
) -> None:
    """Mark m has 2 (m + 1) rows: never some of them, never those of two marks; a reader may fail to find a file."""
    outcomes: Counter[str] = Counter()
    while replacing():
        try:
            marks = read(project.folder / "predictions")
        except Exception as error:  # each reader has errors of its own; none may be about damaged files
            outcomes[f"{type(error).__name__}: {error}"[:200]] += 1
            continue
        outcomes["read"] += 1
        assert len(set(marks)) <= 1
        assert all(len(marks) == 2 * (mark + 1) for mark in marks)
    assert outcomes["read"] > 0
    assert project.verify().sound


def test_two_processes_replace_the_same_set_and_publish_others(tmp_path: Path) -> None:
    """All get through: each replacement is one commit, and the last one is live."""
    project = Store(tmp_path / "store").create("street")
    publish_set(project, 1)
    processes = [publisher(tmp_path, first, first + 15) for first in (2, 20)]
    for mark in range(5):
        publish_set(project, mark, f"other{mark}")
    assert [process.wait() for process in processes] == [0, 0]
    assert project.state().set_names() == ["model", *(f"other{mark}" for mark in range(5))]
    assert project.state().last == 1 + 2 * 15 + 5
    assert project.verify().sound
