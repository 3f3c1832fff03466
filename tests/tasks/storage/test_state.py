"""The fold of commit records."""

import json

import msgspec
import pytest

from schemas.errors import StoreError
from tasks.storage import Project, Store
from tasks.storage.commits import decode, encode
from tasks.storage.state import CommitLog
from tests.tasks.storage.samples import of_set, publish_categories, publish_set


def damage(project: Project, changes: dict[str, object]) -> Project:
    """Change fields of the first commit's record; the project as another process finds it."""
    path = project.folder / "_meta/commits/00000001.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))
    return Store(project.folder.parent).project(project.name)


def test_state_is_the_same_in_another_process(project: Project) -> None:
    """Records alone say what is live, from which commit, with which run's words."""
    publish_set(project, 1)
    publish_categories(project, 1)
    publish_set(project, 2, replaces=of_set(project))
    other = Store(project.folder.parent).project("street").state()
    assert other == project.state()
    assert {path: partition.commit for path, partition in other.live.items()} == {
        "categories": 2,
        "metrics/version=model@00000002/rules=coco-bbox@ab12cd34": 3,
        "predictions/version=model@00000002": 3,
    }
    assert other.record_of(other.partitions("predictions")[0]) == {"mark": 2}


def test_many_commits_fold_to_the_last(project: Project) -> None:
    """What is live after hundreds of replacements is what the last one published."""
    first = publish_categories(project, 1)
    for number in range(2, 301):
        commit = msgspec.structs.replace(first, number=number, run_id=f"run{number}")
        (project.folder / f"_meta/commits/{number:08d}.json").write_bytes(encode(commit))
    state = Store(project.folder.parent).project("street").state()
    assert (state.last, state.live["categories"].commit) == (300, 300)


def test_records_are_read_back_as_written(project: Project) -> None:
    """Encoding loses nothing."""
    commit = publish_set(project, 1)
    assert decode(encode(commit), 1, project.folder) == commit


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 7},
        {"format": 2},
        {"adds": [{"partition": "../../etc", "source": "staging/x", "files": []}]},
        {"adds": [{"partition": "categories", "source": "../../../etc", "files": []}]},
        {"adds": [{"partition": "categories", "source": "/etc", "files": []}]},
        {"adds": [{"partition": "categories", "source": "staging/x",
                   "files": [{"path": "../../x", "rows": 1, "bytes": 1, "sha256": ""}]}]},
        {"removes": [{"partition": "_meta", "commit": 1}]},
        {"adds": 3},
    ],
)  # fmt: skip
def test_a_damaged_record_is_named(project: Project, changes: dict[str, object]) -> None:
    """A record is believed as little as any other input: no path of it leads out of the project."""
    publish_categories(project, 1)
    with pytest.raises(StoreError, match=r"00000001\.json: the commit record is damaged"):
        damage(project, changes).state()


def test_a_missing_record_is_named(project: Project) -> None:
    """A gap in the row of commits is an error, not an older state."""
    publish_categories(project, 1)
    publish_categories(project, 2)
    (project.folder / "_meta/commits/00000001.json").unlink()
    with pytest.raises(StoreError, match=r"00000001\.json: a commit record is missing"):
        Store(project.folder.parent).project("street").state()


def test_a_listing_that_missed_a_record_is_made_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process recorded two commits while the folder was listed, and the listing shows the second alone."""
    for mark in range(3):
        publish_set(project, mark, f"set{mark}")
    names, listings = CommitLog._names, []

    def missing_one(log: CommitLog) -> list[str]:
        listings.append(1)
        return [name for name in names(log) if name != "00000002.json" or len(listings) > 2]

    monkeypatch.setattr(CommitLog, "_names", missing_one)
    assert CommitLog(project.folder).state().last == 3
