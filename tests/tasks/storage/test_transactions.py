"""Publishing: whole or not at all, and never over another run's work."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from schemas.errors import InputError, StoreError
from schemas.tables import METRICS, PREDICTIONS
from tasks.storage import PartWriter, Project, Store, disk
from tests.tasks.storage.samples import (
    glob_rows,
    metrics,
    of_set,
    predictions,
    publish_categories,
    publish_set,
    stage_set,
)


def files_below(folder: Path) -> list[str]:
    """Every file below a folder, relative to it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_nothing_is_seen_before_the_commit_and_all_after(project: Project) -> None:
    """Staged partitions appear together; the commit lists their files with rows, bytes and digests."""
    with project.begin("run-1", "import") as transaction:
        stage_set(transaction, 1)
        assert project.live() == []
        assert list(project.folder.iterdir()) == [project.folder / "_meta"]
        commit = transaction.commit({"inputs": ["a.json"]})
    assert (commit.number, commit.run_id, commit.what, commit.record) == (1, "run-1", "import", {"inputs": ["a.json"]})
    assert [partition.place.path for partition in project.live()] == [add.partition for add in reversed(commit.adds)]
    [partition] = project.live("predictions", "model")
    assert partition.place.path == "predictions/version=model@00000001"
    assert [len(paths) for paths in partition.buckets.values()] == [1, 1]
    assert partition.rows == sum(pq.read_metadata(path).num_rows for path in partition.paths) == 4
    assert partition.bytes == sum(path.stat().st_size for path in partition.paths)
    assert project.state().record_of(partition) == {"inputs": ["a.json"]}
    assert list((project.folder / "_meta/staging").iterdir()) == []


def test_published_rows_are_read_back_by_bucket(project: Project) -> None:
    """Columns have the types of their table; a bucket that is not there has no rows."""
    publish_set(project, 1)
    [partition] = project.live("predictions")
    assert partition.read().schema.equals(PREDICTIONS.schema)
    assert partition.read(["prediction_key"], bucket=1).column(0).to_pylist() == [1000, 1001]
    assert partition.read(["score"], bucket=5).num_rows == 0
    assert [group.num_rows for group in partition.row_groups(["score"])] == [2, 2]
    [numbers] = project.live("metrics", protocol="coco-bbox")
    assert numbers.read().schema.equals(METRICS.schema)
    assert numbers.read(["rules"]).to_pylist() == [{"rules": "coco-bbox@ab12cd34"}]


def test_an_error_leaves_nothing(project: Project) -> None:
    """Whatever ends a run before its commit, its staging goes with it."""

    def run() -> None:
        with project.begin(None, "import") as transaction:
            stage_set(transaction, 1)
            transaction.partition(PREDICTIONS, "other@abcdef").writer(0).write(predictions(3))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()
    assert files_below(project.folder) == ["_meta/lock"]
    assert project.verify().sound


def test_a_partition_can_be_left_out_of_the_commit(project: Project) -> None:
    """A run that fails its reject limit still publishes what it wants to say."""
    with project.begin(None, "import") as transaction:
        staged = transaction.partition(PREDICTIONS, "model@abcdef")
        staged.writer(0).write(predictions(3))
        with transaction.partition(METRICS, "model@abcdef", "voc@abcdef").writer() as writer:
            writer.write(metrics("voc@abcdef"))
        transaction.discard(staged)
        commit = transaction.commit({})
    assert [add.partition for add in commit.adds] == ["metrics/version=model@abcdef/rules=voc@abcdef"]


def test_a_partition_without_writers_is_an_empty_table(project: Project) -> None:
    """Bucket 0 gets a file of no rows."""
    with project.begin(None, "import") as transaction:
        transaction.partition(PREDICTIONS, "model@abcdef")
        transaction.commit({})
    [partition] = project.live()
    assert (list(partition.buckets), partition.read().num_rows) == ([0], 0)
    assert project.verify().sound


def test_files_of_another_process_are_taken_with_their_entries(project: Project) -> None:
    """A worker needs the folder alone and hands back entries; wrong entries are found at the commit."""
    with project.begin(None, "import") as transaction:
        staged = transaction.partition(PREDICTIONS, "model@abcdef")
        with PartWriter(staged.folder, 4, PREDICTIONS) as writer:
            writer.write(predictions(3))
        staged.accept(writer.close())
        (staged.folder / "bucket=b04/part-00000.parquet").write_bytes(b"cut off")
        with pytest.raises(StoreError, match="7 bytes, recorded as"):
            transaction.commit({})
    assert project.live() == []


def test_replacing_takes_the_old_partitions_away(project: Project) -> None:
    """After the commit a glob finds the new rows only, and the old ones lie in the trash."""
    publish_set(project, 1)
    publish_set(project, 2, replaces=of_set(project))
    assert glob_rows(project.folder / "predictions", "score") == [2.0] * 6
    assert [path.name for path in (project.folder / "predictions").iterdir()] == ["version=model@00000002"]
    assert {item.place.version for item in project.trash()} == {"model@00000001"}
    assert project.verify().sound


def test_a_table_without_versions_is_replaced_in_its_place(project: Project) -> None:
    """The same folder holds the new rows, and the old ones lie in the trash."""
    for mark in (1, 2, 3):
        publish_categories(project, mark)
    assert glob_rows(project.folder / "categories", "category_key") == [3]
    assert [item.commit for item in project.trash()] == [3, 2]
    assert project.verify().sound


def test_the_same_bytes_again_change_nothing(project: Project) -> None:
    """A second run with equal files leaves the published ones alone, whether or not it meant to replace them."""
    publish_set(project, 1)
    before = {path: path.stat().st_ino for path in project.live("predictions")[0].paths}
    assert publish_set(project, 1).adds == ()
    assert publish_set(project, 1, replaces=of_set(project)).removes == ()
    assert {path: path.stat().st_ino for path in project.live("predictions")[0].paths} == before
    assert {partition.commit for partition in project.live()} == {1}
    assert project.verify().sound


def test_a_second_version_of_a_set_is_refused(project: Project) -> None:
    """One partition per table, set and protocol is live; the error says who published it."""
    publish_set(project, 1)
    with pytest.raises(StoreError, match=r"version=model@00000001.* is live already, published by run .* in commit 1"):
        publish_set(project, 2)
    publish_set(project, 2, "model2")
    assert project.state().set_names() == ["model", "model2"]
    assert project.verify().sound


def test_replacing_what_another_run_replaced_says_who_did(project: Project) -> None:
    """Of two runs that replace the same set, the second is told why it cannot."""
    publish_set(project, 1)
    seen = of_set(project)
    publish_set(project, 2, replaces=seen)
    with pytest.raises(StoreError, match=r"not live any more: run .* \(publish 2\) replaced or deleted it in commit 2"):
        publish_set(project, 3, replaces=seen)
    assert glob_rows(project.folder / "predictions", "score") == [2.0] * 6


def test_work_on_what_is_gone_is_not_published(project: Project) -> None:
    """Results computed from a set that was deleted meanwhile are refused."""
    publish_set(project, 1)
    with project.begin(None, "reanalyze") as transaction:
        with transaction.partition(METRICS, "model@00000001", "voc@abcdef").writer() as writer:
            writer.write(metrics("voc@abcdef"))
        seen = project.live("predictions")
        project.remove(of_set(project), {})
        with pytest.raises(StoreError, match="replaced or deleted it in commit 2"):
            transaction.commit({}, requires=seen)
    assert project.live() == []


def test_partitions_inside_each_other_are_refused(project: Project) -> None:
    """One rename must move one partition."""
    publish_set(project, 1)
    with project.begin(None, "import") as transaction:
        transaction.partition(PREDICTIONS)
        with pytest.raises(StoreError, match="inside each other"):
            transaction.commit({})


def test_a_foreign_folder_is_not_overwritten(project: Project) -> None:
    """What no commit published stays, and the error names it."""
    foreign = project.folder / "predictions/version=model@00000001"
    foreign.mkdir(parents=True)
    with pytest.raises(StoreError, match="did not publish"):
        publish_set(project, 1)
    assert foreign.is_dir()


@pytest.mark.parametrize("tag", ["model", "../x@abcdef", "model@..", "..@abcdef", "a/b@abcdef", "model@ABC", "@abcdef"])
def test_versions_that_could_lead_elsewhere_are_refused(project: Project, tag: str) -> None:
    """Nothing is staged under a name outside the grammar."""
    with project.begin(None, "import") as transaction, pytest.raises(InputError):
        transaction.partition(PREDICTIONS, tag)


def test_a_run_id_is_used_by_one_run_at_a_time(project: Project) -> None:
    """A second run of the same id is refused while the first is alive, and works after."""
    with project.begin("nightly", "import"), pytest.raises(StoreError, match="run nightly is under way"):
        project.begin("nightly", "import")
    with project.begin("nightly", "import") as transaction:
        assert transaction.scratch.is_dir()


def test_a_transaction_commits_once(project: Project) -> None:
    """After the commit nothing is left to publish."""
    with project.begin(None, "import") as transaction:
        transaction.commit({})
        with pytest.raises(ValueError, match="committed already"):
            transaction.commit({})


def test_buckets_have_one_writer_each(project: Project) -> None:
    """Threads may ask for different buckets, and a bucket is given out once."""
    with project.begin(None, "import") as transaction:
        staged = transaction.partition(PREDICTIONS, "model@abcdef")

        def work(bucket: int) -> None:
            with staged.writer(bucket) as writer:
                writer.write(predictions(10, start=10 * bucket))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(16)))
        with pytest.raises(ValueError, match="has its writer already"):
            staged.writer(3)
        transaction.commit({})
    keys = project.live()[0].read(["prediction_key"]).column(0).to_pylist()
    assert keys == list(range(160))


def test_threads_publish_different_sets_at_once(project: Project) -> None:
    """All of them are live afterwards, each from a commit of its own."""
    barrier = threading.Barrier(6)

    def work(mark: int) -> None:
        barrier.wait()
        publish_set(project, mark, f"set{mark}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert project.state().set_names() == [f"set{mark}" for mark in range(6)]
    assert sorted(project.state().commits) == [1, 2, 3, 4, 5, 6]
    assert project.verify().sound


def test_a_run_that_ends_is_not_swept_meanwhile(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that begins when a run removes its own lock finds nothing of it: neither fails for the other."""
    unlink, claim = os.unlink, disk.claim
    sweeper = threading.Thread(target=project.recover)
    claimed, gone = threading.Event(), threading.Event()

    def unlink_and_sweep(path: Any, **options: Any) -> None:
        unlink(path, **options)
        if os.path.basename(path) == "lock":
            sweeper.start()
            claimed.wait(0.3)

    def claim_and_wait(path: Path) -> int | None:
        handle = claim(path)
        if threading.current_thread() is sweeper:
            claimed.set()
            gone.wait(0.3)
        return handle

    with project.begin(None, "import") as transaction:
        stage_set(transaction, 1)
        monkeypatch.setattr(disk, "claim", claim_and_wait)
        monkeypatch.setattr(os, "unlink", unlink_and_sweep)
        transaction.commit({})
        gone.set()
    sweeper.join()
    assert not claimed.is_set()
    assert project.verify().sound


def test_staging_that_cannot_be_removed_fails_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run has published; what it leaves is swept by the next one."""

    def refuse(folder: Path) -> None:
        raise StoreError("cannot remove", where=str(folder))

    with monkeypatch.context() as broken:
        broken.setattr(disk, "remove_tree", refuse)
        commit = publish_set(project, 1)
    assert project.state().last == commit.number == 1
    assert project.recover() == [commit.run_id]
    assert project.verify().sound


def test_numbers_are_given_out_once(project: Project) -> None:
    """Threads that ask at once get different numbers, from 1 up; every kind counts for itself."""
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: project.next_number("set"), range(60)))
    assert sorted(numbers) == list(range(1, 61))
    assert project.next_number("other") == 1
    with pytest.raises(InputError):
        project.next_number("../set")


def test_projects_are_found_by_name(tmp_path: Path) -> None:
    """Unknown projects and sets get near names; what is no project is not listed."""
    store = Store(tmp_path / "store")
    assert store.projects() == []
    project = store.create("street")
    store.create("kitchen")
    (store.root / "notes").mkdir()
    assert store.projects() == ["kitchen", "street"]
    assert store.project("street").name == "street"
    with pytest.raises(InputError, match="did you mean street"):
        store.project("stret")
    with pytest.raises(InputError, match="is not a name"):
        store.create("../elsewhere")
    publish_set(project, 1, "yolo-v8")
    assert project.require_set("yolo-v8").place.set_name == "yolo-v8"
    with pytest.raises(InputError, match="did you mean yolo-v8"):
        project.require_set("yolo-v9")
