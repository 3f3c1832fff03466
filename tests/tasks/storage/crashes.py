"""Kills runs and looks at what they leave. A program of its own: it forks, which a process with threads must not.

All that children need is imported, and its kernels are loaded, before the first fork: that takes a second, in which
no run could be killed at anything of ours.

`python -m tests.tasks.storage.crashes points EVERY FOLDER` kills each scenario before each EVERY-th of its system calls
in turn;
`... kills WRITERS ROUNDS FOLDER` kills writers at random times; `... publish FOLDER FIRST LAST` just publishes.
All print one JSON document. A child that fails, or hangs for a minute, says where on stderr and ends the program.
"""

import faulthandler
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from schemas.errors import BoxscoreError, StoreError
from tasks.storage import Project, Store
from tests.tasks.storage.samples import glob_rows, of_set, publish_categories, publish_set

CHILD_S = 60.0
"""A child that takes longer hangs: all of them take some tenths of a second."""

CALLS = ("rename", "link", "mkdir", "rmdir", "unlink", "fsync")
COLUMNS = {"predictions": "score", "metrics": "value", "categories": "category_key"}


def prepare(project: Project) -> None:
    """A project with a set, a deleted set and a table without versions."""
    publish_set(project, 1)
    publish_set(project, 1, "gone")
    project.remove(of_set(project, "gone"), {})
    publish_categories(project, 1)


def purge(project: Project) -> None:
    """Remove what the trash holds."""
    for item in project.trash():
        project.purge(item.at.replace(year=9999))


SCENARIOS: dict[str, Callable[[Project], object]] = {
    "first": lambda project: publish_set(project, 2, "new"),
    "replace": lambda project: publish_set(project, 2, replaces=of_set(project)),
    "in-place": lambda project: publish_categories(project, 2),
    "delete": lambda project: project.remove(of_set(project), {}),
    "restore": lambda project: project.restore(3, {}),
    "purge": purge,
}


def look(folder: Path) -> dict[str, list[float]]:
    """What plain globs see in each table: the marks of its rows."""
    return {table: glob_rows(folder / table, column) for table, column in COLUMNS.items()}


def street(folder: Path) -> Project:
    """The project in a folder."""
    return Store(folder / "store").project("street")


def examine(folder: Path) -> dict[str, Any]:
    """What recovery makes of what a killed run left."""
    problems = street(folder).verify().problems
    staging = sorted(os.listdir(folder / "store/street/_meta/staging"))
    return {"problems": problems, "staging": staging, "seen": look(folder / "store/street")}


def aftermath(folder: Path) -> dict[str, Any]:
    """What globs see before recovery, and what is there after it."""
    return {"crashed": look(folder / "store/street"), "recovered": examine(folder)}


class KilledError(Exception):
    """A child was killed; that it was is no error here."""


def in_child(folder: Path, work: Callable[[], Any]) -> Any:
    """The answer of `work`, done in a process of its own. KilledError where it was, RuntimeError where it failed."""
    answer = folder / "answer.json"
    wait(spawn(lambda: answer.write_text(json.dumps(work()))))
    return json.loads(answer.read_text())


def wait(child: int) -> None:
    """Wait for the end of a process. KilledError where it was, RuntimeError where it failed."""
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    if ended == -signal.SIGKILL:
        raise KilledError
    if ended != 0:
        raise RuntimeError(f"a child ended with {ended}; why stands above")


def spawn(work: Callable[[], object]) -> int:
    """Begin `work` in a process of its own, which ends with 0 once it is done; its id."""
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(CHILD_S, exit=True)
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    return child


def die_at(nth: int) -> None:
    """Kill this process before its n-th call that makes, moves or removes something."""
    left = nth

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)

        return call

    for name in CALLS:
        setattr(os, name, dying(getattr(os, name)))


def doomed(folder: Path, scenario: str, nth: int) -> None:
    """The scenario, killed on the way unless it needs fewer calls."""
    project = street(folder)
    die_at(nth)
    SCENARIOS[scenario](project)


def points(scenario: str, every: int, folder: Path) -> dict[str, Any]:
    """What is seen before, after, and for crash points right after each, after recovery, and when done again."""

    def start() -> None:
        shutil.rmtree(folder / "store", ignore_errors=True)
        shutil.copytree(folder / "prepared", folder / "store")

    def again() -> dict[str, Any]:
        with suppress(BoxscoreError):  # done already
            SCENARIOS[scenario](street(folder))
        return examine(folder)

    start()
    before, after = in_child(folder, lambda: examine(folder)), in_child(folder, again)
    crashes: list[dict[str, Any]] = []
    while True:
        start()
        try:
            in_child(folder, lambda: doomed(folder, scenario, every * len(crashes) + 1))
        except KilledError:
            crashes.append(in_child(folder, lambda: aftermath(folder) | {"again": again()}))
        else:
            return {"before": before["seen"], "after": after["seen"], "crashes": crashes}


def all_points(every: int, folder: Path) -> dict[str, dict[str, Any]]:
    """`points` of each scenario."""
    load()
    in_child(folder, lambda: prepare(Store(folder / "prepared").create("street")))
    return {scenario: points(scenario, every, folder) for scenario in SCENARIOS}


def publish(folder: Path, first: int, last: int) -> None:
    """Replace the set again and again, also where another process was faster."""
    project = street(folder)
    for mark in range(first, last):
        done = False
        while not done:
            with suppress(StoreError):
                publish_set(project, mark % 50, replaces=of_set(project))
                done = True


def kills(writers: int, rounds: int, folder: Path) -> list[dict[str, Any]]:
    """What is seen after each time that all writers were killed, before and after recovery."""
    load()
    in_child(folder, lambda: prepare(Store(folder / "store").create("street")))
    found = []
    for turn in range(rounds):
        children = [spawn(partial(publish, folder, 10 * writer + turn, 10**6)) for writer in range(writers)]
        time.sleep(random.uniform(0.01, 0.15))
        for child in children:
            os.kill(child, signal.SIGKILL)
            with suppress(KilledError):
                wait(child)
        found.append(in_child(folder, lambda: aftermath(folder)))
    return found


def load() -> None:
    """Import what publishing imports late, and load the kernels it calls."""
    with suppress(ImportError):
        import pandas  # noqa: F401  # pyarrow would import it in every child anew, where it is installed
    with TemporaryDirectory() as folder:
        prepare(Store(Path(folder) / "store").create("street"))


def main(command: str, *words: str) -> Any:
    """Do what the command line says."""
    if command == "points":
        return all_points(int(words[0]), Path(words[1]))
    if command == "kills":
        return kills(int(words[0]), int(words[1]), Path(words[2]))
    return publish(Path(words[0]), int(words[1]), int(words[2]))


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
