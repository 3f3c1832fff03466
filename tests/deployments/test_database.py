"""Which database the server keeps what it knows in, and that its password is nowhere to be read."""

import pytest

from deployments.database import database, without_database
from schemas.errors import InputError

ADDRESS = "postgresql://keeper:s3cret%2F@db.example:6543/runs?ssl=require"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """No database is named by whoever runs the tests."""
    for name in ("BOXSCORE_DATABASE", "PREFECT_SERVER_DATABASE_CONNECTION_URL"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_word_it_is_sqlite() -> None:
    """The server is told nothing, and nothing is secret."""
    found = database()
    assert (found.shown, dict(found.environment), found.secrets) == ("SQLite in its home", {}, ())


@pytest.mark.parametrize("variable", ["BOXSCORE_DATABASE", "PREFECT_SERVER_DATABASE_CONNECTION_URL"])
def test_one_variable_names_a_postgresql(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The driver is ours to know; what is shown says where, and neither user nor password."""
    monkeypatch.setenv(variable, ADDRESS)
    found = database()
    given = found.environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"]
    assert given == "postgresql+asyncpg://keeper:s3cret%2F@db.example:6543/runs?ssl=require"
    assert found.shown == "PostgreSQL runs at db.example:6543"
    assert "s3cret" not in repr(found)
    assert {"s3cret/", ADDRESS, given} <= set(found.secrets)


def test_our_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect's own counts where ours is not set."""
    monkeypatch.setenv("BOXSCORE_DATABASE", "sqlite:////var/lib/runs.db")
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", ADDRESS)
    assert database().shown == "SQLite /var/lib/runs.db"


@pytest.mark.parametrize(
    "text", ["mysql://root:s3cret@db/runs", "keeper:s3cret@db", "s3cret", "postgresql://k:s3cret@h:port/r"]
)
def test_what_is_no_database_is_refused_unseen(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The error names the variable and what is allowed, and repeats nothing of the text that may be secret."""
    monkeypatch.setenv("BOXSCORE_DATABASE", text)
    with pytest.raises(InputError) as caught:
        database()
    assert caught.value.where == "BOXSCORE_DATABASE"
    assert "s3cret" not in str(caught.value)


def test_programs_that_ask_the_server_do_not_get_it() -> None:
    """Worker and runs are told where the server is, not where it keeps what it knows."""
    given = {"BOXSCORE_DATABASE": ADDRESS, "PREFECT_SERVER_DATABASE_CONNECTION_URL": ADDRESS, "HOME": "/root"}
    assert without_database(given) == {"HOME": "/root"}
