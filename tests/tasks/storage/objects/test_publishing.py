"""Publishing on an object store: whole or not at all, by one conditional put."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from schemas.errors import InputError, StoreError
from schemas.names import place_text
from tasks.storage import Project, Store
from tasks.storage.objects import bucket, log
from tests.tasks.storage.samples import of_set, publish_categories, publish_set, stage_set


def marks(project: Project, table: str = "predictions", column: str = "score") -> list[float]:
    """The values of a column over all live rows, as somebody reads them who knows nothing of before."""
    live = Store(project.folder.parent).project(project.name).live(table)
    return sorted(value for partition in live for value in partition.read([column])[column].to_pylist())


def below(project: Project, folder: str = "") -> list[str]:
    """All objects of a project, relative to it."""
    return [str(item.path.relative_to(project.folder)) for item in bucket.listed(project.folder / folder)]


def test_what_was_published_is_read_back(project: Project) -> None:
    """Rows and files are those of the commit; the table lies nowhere a glob over the project's tables could find it."""
    commit = publish_set(project, 2)
    assert marks(project) == [2.0] * 6
    assert [item.path for item in bucket.listed(project.folder / "predictions")] == []
    parts = [file for add in commit.adds for file in add.files]
    assert all(file.sha256 in file.path for file in parts)
    assert len(below(project, "_meta/parts")) == len(parts) == 3
    assert below(project, "_meta/scratch") == []


def test_other_readers_read_the_listed_files(project: Project) -> None:
    """Polars reads the URIs of the committed files with its own client, and finds set and bucket in them."""
    publish_set(project, 1)
    publish_set(project, 2, replaces=of_set(project))
    uris = [place_text(path) for partition in project.live("predictions") for path in partition.paths]
    assert all(uri.startswith("s3://bucket/stores/") for uri in uris)
    rows = pl.scan_parquet(uris, hive_partitioning=True).collect()
    assert rows["score"].to_list() == [2.0] * 6
    assert rows["version"].unique().to_list() == ["model@00000002"]


def test_one_of_several_commits_of_a_set_wins(project: Project) -> None:
    """The others are told which run was faster, and leave nothing."""
    barrier = threading.Barrier(4)

    def work(mark: int) -> str:
        with project.begin(None, f"publish {mark}") as transaction:
            stage_set(transaction, mark)
            barrier.wait()
            try:
                transaction.commit({})
            except StoreError as error:
                return str(error)
        return "won"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(work, range(4)))
    won = said.index("won")
    assert sorted(project.state().commits) == [1]
    assert sum("is live already, published by run" in line for line in said) == 3
    assert marks(project) == [float(won)] * 2 * (won + 1)
    assert len(below(project, "_meta/parts")) == 3


def test_commits_of_different_sets_all_go_through(project: Project) -> None:
    """Whoever finds a number taken takes the next."""
    barrier = threading.Barrier(4)

    def work(mark: int) -> None:
        barrier.wait()
        publish_set(project, mark, f"set{mark}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert project.state().set_names() == [f"set{mark}" for mark in range(4)]
    assert sorted(project.state().commits) == [1, 2, 3, 4]
    assert project.verify().sound


def test_work_on_what_was_replaced_is_refused(project: Project) -> None:
    """Of two runs that replace the same set, the second is told why it cannot."""
    publish_set(project, 1)
    seen = of_set(project)
    publish_set(project, 2, replaces=seen)
    with pytest.raises(StoreError, match=r"not live any more: run .* \(publish 2\) replaced or deleted it in commit 2"):
        publish_set(project, 3, replaces=seen)
    assert marks(project) == [2.0] * 6


def test_what_is_not_committed_leaves_nothing(project: Project) -> None:
    """Leaving a transaction without a commit removes its parts and its scratch."""
    with project.begin(None, "import") as transaction:
        stage_set(transaction, 1)
        for staged in transaction._staged.values():
            staged.finish()
        assert len(below(project, "_meta/parts")) == 3
    assert [name for name in below(project) if name != "_meta/project.json"] == []


def test_a_commit_whose_answer_is_lost_is_known(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is there although putting it failed: nothing of it is removed, and the next reader sees it."""
    real = bucket.put_new

    def unanswered(path: Path, content: bytes) -> bool:
        real(path, content)
        raise StoreError("the connection was lost")

    monkeypatch.setattr(log.bucket, "put_new", unanswered)
    with pytest.raises(StoreError, match="the connection was lost"):
        publish_set(project, 1)
    monkeypatch.undo()
    assert marks(project) == [1.0] * 4
    assert project.verify().sound


def test_the_same_rows_again_keep_their_parts(project: Project) -> None:
    """A partition that is live with the same bytes is left as it is, and the second upload goes."""
    publish_categories(project, 1)
    before = [place_text(path) for path in project.live("categories")[0].paths]
    publish_categories(project, 1)
    assert [place_text(path) for path in project.live("categories")[0].paths] == before
    assert len(below(project, "_meta/parts")) == 1


def test_numbers_are_given_out_once(project: Project) -> None:
    """Threads that ask at once get different numbers, from 1 up."""
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: project.next_number("set"), range(12)))
    assert sorted(numbers) == list(range(1, 13))


def test_projects_are_found_by_name(store: Store) -> None:
    """Unknown projects get near names; what is no project is not listed."""
    assert store.projects() == []
    store.create("street")
    store.create("kitchen")
    bucket.put(store.root / "notes/file", b"")
    assert store.projects() == ["kitchen", "street"]
    assert store.project("street").location == f"{store.location}/street"
    with pytest.raises(InputError, match="did you mean street"):
        store.project("stret")


def test_a_bucket_that_is_not_there_is_named(bucket_place: str) -> None:
    """The error says where, and holds no credentials."""
    with pytest.raises(StoreError, match="s3://elsewhere/store") as caught:
        Store("s3://elsewhere/store").create("street")
    assert "unspeakable" not in str(caught.value)
    assert "does not exist" in str(caught.value)
