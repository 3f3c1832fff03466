"""Writers of the server's SQLite wait for each other."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from deployments.prefect_cli import immediate

Engines = Callable[[], Engine]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database that is opened as Prefect does: transactions are deferred, by a statement of its own."""
    made = create_engine(f"sqlite:///{tmp_path}/runs.db", poolclass=NullPool)

    @event.listens_for(made, "connect")
    def _(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA busy_timeout = 60000")

    @event.listens_for(made, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN DEFERRED")

    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE turns (n INTEGER)")
    yield made
    made.dispose()


def reads_then_writes(engine: Engine) -> int:
    """Let two transactions read, wait for each other if they can, and write; the rows there are."""
    both_have_read = Barrier(2)

    def turn() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM turns").all()
            with suppress(BrokenBarrierError):  # when the other waits to begin
                both_have_read.wait(0.5)
            connection.exec_driver_sql("INSERT INTO turns VALUES (1)")

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(turn) for _ in range(2)]:
            done.result()
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM turns").scalar_one())


def test_of_two_that_have_read_sqlite_refuses_one(engine: Engine) -> None:
    """However long it may wait: that is what the server answered with 503."""
    with pytest.raises(OperationalError, match="database is locked"):
        reads_then_writes(engine)


def test_an_immediate_beginning_lets_both_write(engine: Engine) -> None:
    """The second begins when the first has ended, though neither was told of the other."""
    event.listen(engine, "before_cursor_execute", immediate, retval=True)
    assert reads_then_writes(engine) == 2
