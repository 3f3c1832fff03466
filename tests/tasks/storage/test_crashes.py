"""kill -9 anywhere leaves the old or the new, and the next run finishes or sweeps it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tasks.storage import Project
from tests.tasks.storage.crashes import SCENARIOS
from tests.tasks.storage.samples import glob_rows, publish_set, stage_set

ROOT = Path(__file__).resolve().parents[3]


def crash(*words: str) -> Any:
    """Run the program that kills runs; its report."""
    command = [sys.executable, "-m", "tests.tasks.storage.crashes", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_every_crash_point_leaves_the_old_or_the_new(tmp_path: Path, every: int) -> None:
    """Killed before any system call: globs see old, new or nothing per table; recovery makes it one of both in all."""
    reports = crash("points", str(every), str(tmp_path))
    assert [*reports] == [*SCENARIOS]
    for scenario, report in reports.items():
        assert len(report["crashes"]) > 10 / every, scenario
        for point in report["crashes"]:
            assert_old_or_new(point, report["before"], report["after"])
        outcomes = [point["recovered"]["seen"] == report["after"] for point in report["crashes"]]
        assert outcomes == sorted(outcomes), f"{scenario}: before the decision always the old, after it always the new"


def assert_old_or_new(point: Any, before: Any, after: Any) -> None:
    """Right after the kill, after recovery, and when it is done again."""
    for table, seen in point["crashed"].items():
        assert seen in (before[table], after[table], [])
    assert point["recovered"]["problems"] == point["recovered"]["staging"] == []
    assert point["recovered"]["seen"] in (before, after)
    assert point["again"] == {"problems": [], "staging": [], "seen": after}


@pytest.mark.parametrize("writers", [1, 2])
def test_writers_killed_at_random_leave_a_sound_project(tmp_path: Path, writers: int) -> None:
    """After each kill the rows are those of one publication or none, and recovery makes tables agree."""
    turns = crash("kills", str(writers), "12", str(tmp_path))
    assert len({tuple(turn["recovered"]["seen"]["metrics"]) for turn in turns}) > 1, "they were killed at publishing"
    for turn in turns:
        assert_whole(turn["crashed"])
        assert turn["recovered"]["problems"] == turn["recovered"]["staging"] == []
        assert_whole(turn["recovered"]["seen"])
        seen = turn["recovered"]["seen"]
        assert set(seen["predictions"]) == set(seen["metrics"]) != set()


def assert_whole(seen: dict[str, list[float]]) -> None:
    """Mark m has 2 (m + 1) predictions and one metric."""
    for marks, count in ((seen["predictions"], lambda mark: 2 * (mark + 1)), (seen["metrics"], lambda _: 1)):
        assert len(set(marks)) <= 1
        assert all(len(marks) == count(mark) for mark in marks)


def test_only_the_staging_of_dead_runs_is_swept(project: Project) -> None:
    """A living run keeps its folder through recovery, and can publish after it."""
    dead = project.folder / "_meta/staging/dead/live/predictions"
    dead.mkdir(parents=True)
    (dead / "part-00000.parquet").touch()
    (project.folder / "_meta/staging/file").touch()
    with project.begin("living", "import") as transaction:
        assert not dead.exists()
        stage_set(transaction, 1)
        dead.mkdir(parents=True)
        assert project.recover() == ["dead"]
        assert project.verify().sound
        transaction.commit({})
    assert glob_rows(project.folder / "predictions", "score") == [1.0] * 4


def test_a_link_in_staging_is_removed_and_not_followed(project: Project, tmp_path: Path) -> None:
    """Sweeping takes away the link, never what it points to."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").touch()
    (project.folder / "_meta/staging/dead").symlink_to(tmp_path / "precious")
    publish_set(project, 1)
    assert not (project.folder / "_meta/staging/dead").is_symlink()
    assert (tmp_path / "precious/file").exists()
