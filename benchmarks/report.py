"""Benchmark results as a page: targets and what was reached, then every figure."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from math import isclose
from pathlib import Path

from rounds import HOTCOCO, Contest, Files

PACKAGES = ("hotcoco", "ultrafast-pycocotools", "pycocotools", "numpy", "numba", "pyarrow", "polars")
MOST_MB = 1000.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """All contests on one set of files; whole ones by kind and scale ("bbox 10x")."""

    files: Files
    whole: dict[str, Contest]
    warm: dict[str, Contest]
    again: Contest


def machine() -> str:
    """Processor, cores, memory, system, versions, day."""
    cpus = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cpus[0] if cpus else platform.machine()}, {os.cpu_count()} cores, "
        f"{memory_gb:.0f} GB, {platform.system()}, Python {platform.python_version()}, {packages}."
    )


def _row(what: str, target: str, reached: float, most: float, unit: str = " x", digits: int = 2) -> str:
    verdict = "yes" if reached <= most else "no"
    return f"| {what} | <= {target} | {reached:.{digits}f}{unit} | {verdict} |"


def _wall_ratio(contest: Contest) -> float:
    return contest.cost("boxscore").wall_s / contest.cost(HOTCOCO).wall_s


def _size(contest: Contest) -> int:
    """Records of both files that boxscore took."""
    return sum(one["accepted"] for one in contest.documents["boxscore"]["imports"])


def targets(outcome: Outcome) -> list[str]:
    """The table of targets; ratios are against hotcoco in the same run."""
    tenfold, single = outcome.whole["bbox 10x"], outcome.whole["bbox 1x"]
    rows = ["| | target | reached | |", "|---|---|---|---|"]
    for scale, warm in outcome.warm.items():
        ratio = warm.inner_cpu_s("boxscore") / warm.inner_cpu_s(HOTCOCO)
        rows.append(_row(f"matching + accumulation alone, {scale} bbox, warm, CPU", "0.4 x", ratio, 0.4))
    growth = _size(tenfold) / _size(single)
    cost = tenfold.cost("boxscore").cpu_s / single.cost("boxscore").cpu_s
    return [
        *rows,
        _row("evaluate, 10x bbox, cold, every table written, wall", "1.0 x", _wall_ratio(tenfold), 1.0),
        _row("evaluate, 1x segm, cold, every table written, wall", "1.0 x", _wall_ratio(outcome.whole["segm 1x"]), 1.0),
        _row("reanalyze in canonical order, 10x bbox, wall", "0.5 x", _wall_ratio(outcome.again), 0.5),
        _row("peak memory of evaluate, 10x bbox", "1000 MB", tenfold.cost("boxscore").peak_mb, MOST_MB, " MB", 0),
        _row(f"CPU of 10x over CPU of 1x ({growth:.1f} x the records)", f"{growth:.1f} x", cost, growth, digits=1),
    ]


def _figures(name: str, contest: Contest) -> list[str]:
    rows = []
    for who in contest.costs:
        cost, other = contest.cost(who), contest.cost(HOTCOCO)
        rows.append(
            f"| {name} | {who} | {cost.wall_s:.2f} | {cost.wall_s / other.wall_s:.2f} | {cost.cpu_s:.2f} "
            f"| {cost.cpu_s / other.cpu_s:.2f} | {cost.peak_mb:.0f} |"
        )
    return rows + [f"| {name} | {who} | {note} | | | | |" for who, note in contest.notes.items()]


def _warm_figures(name: str, contest: Contest) -> list[str]:
    other = contest.inner_cpu_s(HOTCOCO)
    seconds = {who: contest.inner_cpu_s(who) for who in contest.costs}
    return [f"| {name} | {who} | | | {value:.3f} | {value / other:.2f} | |" for who, value in seconds.items()]


def figures(outcome: Outcome) -> list[str]:
    """Every median; ratios against hotcoco."""
    rows = ["| task | program | wall s | ratio | CPU s | ratio | peak MB |", "|---|---|---|---|---|---|---|"]
    for name, contest in outcome.whole.items():
        rows += _figures(f"JSON to numbers, {name}", contest)
    for scale, contest in outcome.warm.items():
        rows += _warm_figures(f"matching + accumulation, bbox {scale}", contest)
    return rows + _figures("reanalyze bbox 10x", outcome.again)


def disagreements(outcome: Outcome) -> list[str]:
    """Contests in which boxscore's numbers are not hotcoco's, to the 12th digit."""
    wrong = []
    for name, contest in outcome.whole.items():
        ours = contest.documents["boxscore"]["metrics"].values()
        theirs = contest.documents[HOTCOCO]["numbers"]
        if not all(isclose(-1 if a is None else a, b, abs_tol=1e-12) for a, b in zip(ours, theirs, strict=True)):
            wrong.append(name)
    return wrong


def page(outcomes: Sequence[Outcome], rounds: int) -> str:
    """The whole page, as Markdown."""
    lines = [
        "# Benchmark results",
        "",
        f"Written by `make bench`; medians of {rounds} rounds, the programs taking turns, in every second round the "
        f"other way round, what was written before flushed each time. {machine()}",
        "",
        "boxscore is a cold process from JSON to its numbers and every table of a new store; the others write nothing.",
        "Ratios are against hotcoco in the same run.",
    ]
    for outcome in outcomes:
        wrong = disagreements(outcome)
        agree = f"**differ from hotcoco's: {', '.join(wrong)}**" if wrong else "are hotcoco's, to 12 digits"
        lines += ["", f"## {outcome.files.title}", "", *targets(outcome), "", f"The numbers {agree}.", ""]
        lines += figures(outcome)
    return "\n".join([*lines, ""])
