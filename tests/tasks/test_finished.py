"""A killed evaluation is gone on with from its last finished bucket."""

import os
import signal
import subprocess
import sys
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


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """A project and a set of several buckets, not evaluated yet."""
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 1 << 10)
    truth, results = coco_set(3)
    chain = Chain(tmp_path)
    chain.truth(truth)
    chain.predictions(results)
    return chain


def kill(chain: Chain, buckets: int) -> list[Path]:
    """Have an evaluation killed after so many buckets; the staging that it leaves."""
    done = subprocess.run([sys.executable, "-c", DIES, str(chain.folder), str(buckets)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    return list((chain.project.folder / "_meta/staging").iterdir())


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The buckets that are matched from now on, as they come."""
    engine, matched = plan.ENGINES["objects"], list[int]()

    def match(shard: Shard) -> Done:
        matched.append(shard.bucket)
        return engine.match(shard)

    monkeypatch.setitem(plan.ENGINES, "objects", replace(engine, match=match))
    return matched


def test_finished_buckets_are_not_matched_again(chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run of the same work matches the rest, gives the bytes of a run that nobody killed, leaves nothing."""
    whole = Chain(tmp_path / "whole")
    truth, results = coco_set(3)
    whole.chain(truth, results, "coco-bbox")
    assert len(kill(chain, 2)) == 1
    matched = counted(monkeypatch)
    chain.evaluate("coco-bbox")
    assert matched[0] == 2
    assert len(matched) == len(whole.bytes_of("matches")) - 2 > 1
    assert chain.bytes_of(*RESULTS) == whole.bytes_of(*RESULTS)
    assert chain.rows("runs")[-1]["details"].count('"resumed_buckets":2') == 1
    assert chain.project.verify().sound
    assert list((chain.project.folder / "_meta/staging").iterdir()) == []


def test_a_note_without_its_files_is_not_believed(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a power cut took the rows of a noted bucket, it is matched again."""
    (left,) = kill(chain, 2)
    next(left.rglob("bucket=b01/*.parquet")).write_bytes(b"")
    matched = counted(monkeypatch)
    chain.evaluate("coco-bbox")
    assert matched[:2] == [1, 2]
    assert chain.project.verify().sound


def test_other_work_takes_nothing_up(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other rules begin at the first bucket, and what the killed run left waits for its own."""
    (left,) = kill(chain, 2)
    matched = counted(monkeypatch)
    chain.evaluate("coco-bbox", iou_thresholds=[0.3], stand_as="loose")
    assert matched[0] == 0
    assert left.exists()
    matched.clear()
    chain.evaluate("coco-bbox")
    assert matched[0] == 2


def test_what_nobody_takes_up_is_swept_after_a_day(chain: Chain) -> None:
    """Or at once, when the project is verified."""
    (left,) = kill(chain, 1)
    for path, age_s in ((left / "work", 23 * 3600), (left / "work", 25 * 3600)):
        past = path.stat().st_mtime - age_s
        os.utime(path, (past, past))
        with chain.project.begin(None, "another run"):
            assert left.exists() is (age_s == 23 * 3600)
        if left.exists():
            os.utime(path)
    (left,) = kill(chain, 1)
    chain.project.verify()
    assert not left.exists()


def test_a_living_run_keeps_its_work(chain: Chain) -> None:
    """Two runs of the same work at once: the second begins anew, and both can publish."""
    (protocol,) = protocols_for(chain.project, SET, ["coco-bbox"], ProtocolSettings())
    first = open_evaluation(chain.project, SET, protocol, ProtocolSettings())
    assert isinstance(first, Evaluation)
    with first.transaction:
        chain.evaluate("coco-bbox")
        assert _work(first, serial).status == "completed"
    assert chain.project.verify().sound
