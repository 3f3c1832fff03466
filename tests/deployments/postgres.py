"""A PostgreSQL of the tests' own: made with initdb, on a free loopback port, stopped and removed."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployments.server import HOST, free_port

USER, PASSWORD = "keeper", "open+sesame/73"
"""The password has characters that an address must escape."""

ADDRESS_PASSWORD = "open%2Bsesame%2F73"


def _program(name: str) -> str:
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    found = shutil.which(name, path=os.pathsep.join([*reversed(folders), os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip(f"needs PostgreSQL's {name} (Debian: apt-get install postgresql), which is not here")
    return found


def _as_somebody() -> list[str]:
    """initdb refuses root: words that run what follows as another user; none where that is not needed."""
    if os.getuid() != 0:
        return []
    names = [name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()}]
    if shutil.which("setpriv") is None or not names:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv with user postgres or nobody")
    entry = pwd.getpwnam(names[0])
    return ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]


@contextmanager
def postgres() -> Iterator[str]:
    """Address of an empty database, as BOXSCORE_DATABASE takes it, for the length of a `with`."""
    initdb, control, prefix = _program("initdb"), _program("pg_ctl"), _as_somebody()
    folder = Path(tempfile.mkdtemp(prefix="boxscore-postgres-"))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if prefix:
        user = int(prefix[1].partition("=")[2])
        os.chown(folder, user, -1)
        os.chown(secret, user, -1)
    port, data = free_port(), str(folder / "data")

    def call(*command: str) -> None:
        done = subprocess.run([*prefix, *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    call(initdb, "--pgdata", data, "--username", USER, "--pwfile", str(secret), "--auth", "scram-sha-256", "--no-sync")
    options = f"-p {port} -c listen_addresses={HOST} -c unix_socket_directories={folder} -c fsync=off"
    call(control, "start", "--pgdata", data, "--wait", "--log", str(folder / "log"), "--options", options)
    try:
        yield f"postgresql://{USER}:{ADDRESS_PASSWORD}@{HOST}:{port}/postgres"
    finally:
        call(control, "stop", "--pgdata", data, "--mode", "immediate")
        shutil.rmtree(folder)
