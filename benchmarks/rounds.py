"""The commands that are compared on one set of files, and their runs, turn and turn about."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from measure import CommandFailedError, Cost, measured, medians

HERE = Path(__file__).resolve().parent
BOXSCORE = str(Path(sysconfig.get_path("scripts")) / "boxscore")
HOTCOCO, ULTRAFAST = "hotcoco", "ultrafast_pycocotools"
REPEATS = 5
"""Of evaluate + accumulate within one process."""


@dataclass(slots=True)
class Contest:
    """Runs of several programs on the same task; a program that failed has no costs and a note."""

    costs: dict[str, list[Cost]] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    """What a program printed in its last run."""
    inner_cpu: dict[str, list[float]] = field(default_factory=dict)
    """CPU seconds that a program measured itself, of all its runs."""
    notes: dict[str, str] = field(default_factory=dict)

    def cost(self, who: str) -> Cost:
        """Medians of a program's runs."""
        return medians(self.costs[who])

    def inner_cpu_s(self, who: str) -> float:
        """Median of the CPU seconds that the program measured itself: evaluate + accumulate, or kernels alone."""
        return median(self.inner_cpu[who])


@dataclass(frozen=True, slots=True)
class Files:
    """A set of files of both scales, and a folder on the same disk in which stores may be made."""

    title: str
    folder: Path
    scratch: Path

    def truth(self, scale: str) -> str:
        """Ground truth file of a scale."""
        return str(self.folder / f"gt_{scale}.json")

    def results(self, kind: str, scale: str) -> str:
        """Results file of a kind and scale."""
        return str(self.folder / f"dt_{kind}_{scale}.json")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "BOXSCORE_STORE"}


@contextmanager
def fresh_store(files: Files) -> Iterator[Path]:
    """An empty folder for a store, gone afterwards."""
    store = files.scratch / "store"
    shutil.rmtree(store, ignore_errors=True)
    try:
        yield store
    finally:
        shutil.rmtree(store, ignore_errors=True)


def run(*command: str) -> tuple[Cost, Any]:
    """A command's cost and what it printed."""
    return measured(command, _environment())


def peer(package: str, files: Files, kind: str, scale: str, repeats: int = 1) -> tuple[Cost, Any]:
    """Another evaluator from JSON to its numbers, in a process of its own."""
    script = str(HERE / "peers.py")
    return run(sys.executable, script, package, files.truth(scale), files.results(kind, scale), kind, str(repeats))


def evaluate(files: Files, kind: str, scale: str, store: Path) -> tuple[Cost, Any]:
    """`boxscore evaluate` from JSON to every table of a store."""
    given = ("--ground-truth", files.truth(scale), "--predictions", files.results(kind, scale))
    return run(
        BOXSCORE, "evaluate", *given, "--protocol", f"coco-{kind}", "--project", "p", "--name", "s",
        "--store", str(store), "--json",
    )  # fmt: skip


def reanalyze(store: Path) -> tuple[Cost, Any]:
    """`boxscore reanalyze` with ties in canonical order: nothing of the stored numbers can be used again."""
    return run(
        BOXSCORE, "reanalyze", "--project", "p", "--set", "s", "--protocol", "coco-bbox", "--tie-order", "canonical",
        "--store", str(store), "--json",
    )  # fmt: skip


def _entrants(files: Files, kind: str, scale: str) -> dict[str, Callable[[], tuple[Cost, Any]]]:
    def ours() -> tuple[Cost, Any]:
        with fresh_store(files) as store:
            return evaluate(files, kind, scale, store)

    return {
        "boxscore": ours,
        HOTCOCO: partial(peer, HOTCOCO, files, kind, scale),
        ULTRAFAST: partial(peer, ULTRAFAST, files, kind, scale),
    }


def in_turn(names: Iterable[str], number: int) -> list[str]:
    """The names in the order of a round: from the last to the first in every second one.

    Memory that another process has just given back is cheap: no program always follows the same one.
    """
    return list(names)[:: -1 if number % 2 else 1]


def whole(files: Files, kind: str, scale: str, rounds: int) -> Contest:
    """From JSON to numbers, each program in turn, `rounds` times; one that fails once is not run again."""
    contest, entrants = Contest(), _entrants(files, kind, scale)
    for number in range(rounds):
        for who in in_turn(entrants, number):
            if who not in contest.notes:
                _take(contest, who, entrants[who])
    return contest


def _take(contest: Contest, who: str, entrant: Callable[[], tuple[Cost, Any]]) -> None:
    try:
        cost, contest.documents[who] = entrant()
    except CommandFailedError as error:
        if who in {"boxscore", HOTCOCO}:
            raise
        contest.notes[who] = str(error).splitlines()[0]
        contest.costs.pop(who, None)
    else:
        contest.costs.setdefault(who, []).append(cost)
        contest.inner_cpu.setdefault(who, []).extend(contest.documents[who].get("cpu_s", []))
        print(f"  {who}: {cost.wall_s:.2f} s wall, {cost.cpu_s:.2f} s CPU, {cost.peak_mb:.0f} MB", flush=True)


def stored(files: Files, scale: str, rounds: int) -> tuple[Contest, Contest]:
    """On a store made for the purpose: (kernels alone, `reanalyze`), each against hotcoco's part of the work."""
    warm, again = Contest(), Contest()
    for number in range(rounds):
        with fresh_store(files) as store:
            evaluate(files, "bbox", scale, store)
            kernels = (sys.executable, str(HERE / "matching.py"), str(store / "p"), str(REPEATS))
            _take(warm, "boxscore", partial(run, *kernels))
            _take(warm, HOTCOCO, partial(peer, HOTCOCO, files, "bbox", scale, REPEATS))
            both = {"boxscore": partial(reanalyze, store), HOTCOCO: partial(peer, HOTCOCO, files, "bbox", scale)}
            for who in in_turn(both, number):
                _take(again, who, both[who])
    return warm, again
