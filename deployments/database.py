"""Where the Prefect server keeps what it knows: SQLite in its home, or the database that the environment names."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.errors import InputError

VARIABLES = ("BOXSCORE_DATABASE", "PREFECT_SERVER_DATABASE_CONNECTION_URL")
"""Variables that name a database: the first that is set. They hold a password, and only the server is given them."""

_DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}


@dataclass(frozen=True, slots=True)
class Database:
    """A database: what may be shown of it, what the server is told, and what must never be shown."""

    shown: str = "SQLite in its home"
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def database() -> Database:
    """The database that the environment names, else SQLite; InputError, which never shows the text, if it is none."""
    variable = next((name for name in VARIABLES if os.environ.get(name)), None)
    return Database() if variable is None else _parsed(os.environ[variable], variable)


def _parsed(text: str, variable: str) -> Database:
    from sqlalchemy.engine import make_url  # takes a third of a second
    from sqlalchemy.exc import ArgumentError

    hint = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise InputError("this is not the address of a database", where=variable, hint=hint) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise InputError(f"{url.drivername} is neither postgresql nor sqlite", where=variable, hint=hint)
    whole = url.set(drivername=driver).render_as_string(hide_password=False)
    hidden = {text, whole, url.password or "", *(str(value) for value in url.query.values())}
    kind = driver.partition("+")[0]
    at = f" at {url.host}:{url.port or 5432}" if kind == "postgresql" else ""
    shown = f"{'PostgreSQL' if at else 'SQLite'} {url.database or ''}{at}"
    return Database(shown, {VARIABLES[1]: whole}, tuple(sorted(filter(None, hidden), key=len, reverse=True)))


def without_database(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for programs that speak to the server and need not know where it keeps what it knows."""
    return {name: value for name, value in environment.items() if name not in VARIABLES}
