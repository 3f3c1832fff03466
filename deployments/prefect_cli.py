"""Prefect's command line, on whose server writers of SQLite wait for each other: python -m deployments.prefect_cli ...

Prefect begins most transactions as SQLite's deferred ones. One that has read, and then is to write when another has
written meanwhile, cannot wait: SQLite says "database is locked" at once, the server answers 503, and the client asks
again after two seconds. That befell about one in ninety requests, so nearly every run. An immediate transaction waits
at its beginning, for milliseconds (https://www.sqlite.org/lang_transaction.html).
"""

import sys
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


def immediate(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
    """What is executed in a statement's place; a hook of SQLAlchemy's. Only SQLite has deferred beginnings."""
    return ("BEGIN IMMEDIATE" if statement == "BEGIN DEFERRED" else statement), parameters


def prefect(*arguments: str) -> int:
    """What `prefect` does with these arguments, in this process: another would import Prefect anew. Its exit code."""
    from prefect.cli import app  # takes two seconds

    sys.argv = ["prefect", *arguments]
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def main() -> int:
    """Do what `prefect` would with this program's arguments; its exit code."""
    event.listen(Engine, "before_cursor_execute", immediate, retval=True)
    return prefect(*sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
