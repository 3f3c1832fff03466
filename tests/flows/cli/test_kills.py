"""`kill -9` in the middle of `boxscore evaluate`: a sound store, which the next run completes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.flows.cli.conftest import SAMPLE

COMMAND = [sys.executable, "-c", "import sys, flows.cli; sys.exit(flows.cli.main())"]
FILES = ["--ground-truth", str(SAMPLE / "ground_truth.json"), "--predictions", str(SAMPLE / "masks.json")]
STAGED = [f"p/_meta/staging/*/live/{table}" for table in ("data_units", "predictions", "matches", "curves")]
LIVE = [f"p/{table}/version=*" for table in ("data_units", "predictions", "matches", "unit_scores")]


def boxscore(store: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the store to its end."""
    command = [*COMMAND, *arguments, "--store", str(store), "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def evaluate(store: Path) -> subprocess.CompletedProcess[str]:
    """Evaluate the sample's masks to the end."""
    return boxscore(store, "evaluate", *FILES, "--project", "p")


def appeared(store: Path, pattern: str) -> bool:
    """Whether a path of this pattern is there; folders may go while they are looked through."""
    try:
        return any(store.glob(pattern))
    except FileNotFoundError:
        return False


def kill_when(store: Path, pattern: str) -> bool:
    """Start an evaluation in a group of its own and kill it as soon as a path appears; False where it ended before."""
    command = [*COMMAND, "evaluate", *FILES, "--project", "p", "--store", str(store)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None:
            if appeared(store, pattern):
                os.killpg(process.pid, signal.SIGKILL)
                break
            time.sleep(0.0005)
    return process.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The numbers of a run that nobody kills."""
    done = evaluate(tmp_path_factory.mktemp("undisturbed"))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["protocols"]


@pytest.mark.slow
@pytest.mark.parametrize("moment", [*STAGED, *LIVE])
def test_a_killed_run_is_completed_by_the_next(tmp_path: Path, undisturbed: Any, moment: str) -> None:
    """Wherever it is killed the store is sound, readers see whole tables, and the next run ends as if nothing was."""
    store = tmp_path / "killed"
    if not kill_when(store, moment):
        pytest.skip(f"the run was over before {moment} was seen")
    seen = list(store.glob("p/predictions/**/*.parquet"))
    assert not seen or len(pl.read_parquet(seen)) == 296
    assert json.loads(boxscore(store, "verify").stdout)["sound"] is True
    done = evaluate(store)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["protocols"] == undisturbed
    assert json.loads(boxscore(store, "verify").stdout)["sound"] is True
    assert not any((store / "p/_meta/staging").iterdir())
