"""A killed evaluation is gone on with from its last finished bucket."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.parameters import ProtocolSettings
from tasks import imports, plan
from tasks.engine import Done, Shard
from tasks.evaluation import Evaluation, _work, open_evaluation, protocols_for
from tasks.running import serial
from tests.chain import SET, Chain
from tests.coco_zoo import coco_set

RESULTS = ("metrics", "curves", "unit_scores", "matches", "ground_truth_matches")
ROOT = Path(__file__).resolve().parents[2]
DIES = "import sys; from tests.tasks.test_finished import die_after; die_after(sys.argv[1], int(sys.argv[2]))"


def die_after(folder: str, buckets: int) -> None:
    """Evaluate the set of a chain, and be killed in the middle of the bucket after so many."""
    engine = plan.ENGINES["objects"]
    begun = []

    def match(shard: Shard) -> Done:
        begun.append(shard)
        done = engine.match(shard)
        if len(begun) > buckets:
            os.kill(os.getpid(), signal.SIGKILL)  # its files are written, and nobody knows
        return done

    plan.ENGINES["objects"] = replace(engine, match=match)
    Chain(Path(folder)).evaluate("coco-bbox")


@pytest.fixture(scope="module")
def several() -> Iterator[None]:
    """Imports make several buckets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports, "_BUCKET_BYTES", 1 << 12)
        yield


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, several: None) -> Path:
    """Folder of a project and a set that is not evaluated yet."""
    chain = Chain(tmp_path_factory.mktemp("imported"))
    truth, results = coco_set(3)
    chain.truth(truth)
    chain.predictions(results)
    return chain.folder


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, imported: Path) -> Path:
    """The same, with what an evaluation left that was killed after two buckets, and a copy of it."""
    folder = tmp_path_factory.mktemp("killed")
    chain = Chain(shutil.copytree(imported, folder / "place"))
    kill(chain, 2)
    assert len(staging(chain)) == 1
    shutil.copytree(chain.folder, folder / "copy")
    return folder


@pytest.fixture
def chain(tmp_path: Path, imported: Path) -> Chain:
    """A copy of `imported`."""
    return Chain(shutil.copytree(imported, tmp_path / "copy"))


@pytest.fixture
def begun(killed: Path) -> Chain:
    """What a killed evaluation left, where it left it: elsewhere it would be other work."""
    shutil.rmtree(killed / "place")
    return Chain(shutil.copytree(killed / "copy", killed / "place"))


def staging(chain: Chain) -> list[Path]:
    """Folders of runs that are under way or died."""
    return list((chain.project.folder / "_meta/staging").iterdir())


def kill(chain: Chain, buckets: int) -> None:
    """Have an evaluation killed after so many buckets."""
    done = subprocess.run([sys.executable, "-c", DIES, str(chain.folder), str(buckets)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The buckets that are matched from now on, as they come."""
    engine, matched = plan.ENGINES["objects"], list[int]()

    def match(shard: Shard) -> Done:
        matched.append(shard.bucket)
        return engine.match(shard)

    monkeypatch.setitem(plan.ENGINES, "objects", replace(engine, match=match))
    return matched


def test_finished_buckets_are_not_matched_again(begun: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run of the same work matches the rest, gives the bytes of a run that nobody killed, leaves nothing."""
    whole = Chain(tmp_path / "whole")
    truth, results = coco_set(3)
    whole.chain(truth, results, "coco-bbox")
    matched = counted(monkeypatch)
    begun.evaluate("coco-bbox")
    assert matched[0] == 2
    assert len(matched) == len(whole.bytes_of("matches")) - 2 > 1
    assert begun.bytes_of(*RESULTS) == whole.bytes_of(*RESULTS)
    assert begun.rows("runs")[-1]["details"].count('"resumed_buckets":2') == 1
    assert begun.project.verify().sound
    assert staging(begun) == []


def test_a_note_without_its_files_is_not_believed(begun: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a power cut took the rows of a noted bucket, it is matched again."""
    (left,) = staging(begun)
    next(left.rglob("bucket=b01/*.parquet")).write_bytes(b"")
    matched = counted(monkeypatch)
    begun.evaluate("coco-bbox")
    assert matched[:2] == [1, 2]
    assert begun.project.verify().sound


def test_other_work_takes_nothing_up(begun: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other rules begin at the first bucket, and what the killed run left waits for its own."""
    (left,) = staging(begun)
    matched = counted(monkeypatch)
    begun.evaluate("coco-bbox", iou_thresholds=[0.3], stand_as="loose")
    assert matched[0] == 0
    assert left.exists()
    matched.clear()
    begun.evaluate("coco-bbox")
    assert matched[0] == 2


def test_what_nobody_takes_up_is_swept_after_a_day(begun: Chain) -> None:
    """And not before."""
    (left,) = staging(begun)
    for age_s, stays in ((23 * 3600, True), (25 * 3600, False)):
        past = time.time() - age_s
        os.utime(left / "work", (past, past))
        with begun.project.begin(None, "another run"):
            assert left.exists() is stays


def test_what_nobody_took_up_is_swept_where_the_project_is_verified(begun: Chain) -> None:
    """However young it is."""
    begun.project.verify()
    assert staging(begun) == []


def test_a_living_run_keeps_its_work(chain: Chain) -> None:
    """Two runs of the same work at once: the second begins anew, and both can publish."""
    (protocol,) = protocols_for(chain.project, SET, ["coco-bbox"], ProtocolSettings())
    first = open_evaluation(chain.project, SET, protocol, ProtocolSettings())
    assert isinstance(first, Evaluation)
    with first.transaction:
        chain.evaluate("coco-bbox")
        assert _work([first], serial)[0].status == "completed"
    assert chain.project.verify().sound
