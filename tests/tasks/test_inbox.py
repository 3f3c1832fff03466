"""The inbox: content decides what is new; names only what a set is called."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.parameters import InboxParameters
from tasks.inbox import Item, Verdict, Whole, judged, look_into
from tasks.running import serial
from tests.chain import PROJECT, Chain, box, truth_of

LATER_S = 3600.0
"""How much later than its files' last changes the inbox is looked into."""


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A project with ground truth, and a folder `inbox` beside its store."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [1, 2, 30, 40])))
    (tmp_path / "inbox").mkdir()
    return chain


def put(chain: Chain, name: str, score: float = 0.5) -> Path:
    """Put a file with one prediction of this score into the inbox."""
    return chain.write(f"inbox/{name}", [box(1, [1, 2, 30, 40], score=score)])


def seen(chain: Chain, later_s: float = LATER_S, **options: Any) -> dict[str, Item]:
    """What is found in the inbox, by file."""
    parameters = InboxParameters(store=chain.store, project=PROJECT, inbox=chain.folder / "inbox", **options)
    items = look_into(parameters, chain.project, time.time() + later_s, serial)
    return {item.path.name: item for item in items}


def verdicts(chain: Chain, later_s: float = LATER_S, **options: Any) -> dict[str, Verdict]:
    """The verdicts alone."""
    return {name: item.verdict for name, item in seen(chain, later_s, **options).items()}


def taken(chain: Chain, path: Path, name: str) -> None:
    """Import a file as a set and measure it."""
    chain.predictions(path, name)
    chain.evaluate(name=name)


def test_a_new_file_becomes_a_set_of_its_name(chain: Chain) -> None:
    """What names may not hold becomes hyphens; other files, links and hidden ones are passed over."""
    put(chain, "net v2.json")
    put(chain, ".hidden.json")
    (chain.folder / "inbox/link.json").symlink_to(chain.folder / "inbox/net v2.json")
    (chain.folder / "inbox/README.txt").write_text("hello")
    (item,) = seen(chain, pattern="*.json").values()
    assert (item.name, item.verdict) == ("net-v2", Verdict.TAKE)


def test_done_is_told_by_content_whatever_the_name(chain: Chain) -> None:
    """A file that was imported is done under any name and at any place."""
    taken(chain, put(chain, "net.json"), "night")
    put(chain, "copy.json")
    assert verdicts(chain) == {"copy.json": Verdict.DONE, "net.json": Verdict.DONE}
    assert {item.name for item in seen(chain).values()} == {"night"}


def test_of_equal_files_one_is_taken(chain: Chain) -> None:
    """The first by name; the other is done with it."""
    put(chain, "b.json")
    put(chain, "a.json")
    assert verdicts(chain) == {"a.json": Verdict.TAKE, "b.json": Verdict.DONE}


def test_other_content_under_a_known_name_needs_leave(chain: Chain) -> None:
    """It is refused, with what to do about it; where the deployment says replace it is a new version."""
    taken(chain, put(chain, "net.json"), "net")
    put(chain, "net.json", score=0.6)
    put(chain, "other.json", score=0.7)
    assert verdicts(chain) == {"net.json": Verdict.REFUSE, "other.json": Verdict.TAKE}
    assert "holds other predictions" in seen(chain)["net.json"].reason
    assert verdicts(chain, replace=True)["net.json"] is Verdict.REPLACE


def test_a_version_that_comes_back_is_new_again(chain: Chain) -> None:
    """Only the last version of a set is done: to go back is to replace."""
    first = put(chain, "net.json")
    taken(chain, first, "net")
    chain.predictions(put(chain, "net.json", score=0.6), "net", replace=True)
    put(chain, "net.json")
    assert verdicts(chain, replace=True) == {"net.json": Verdict.REPLACE}


def test_two_files_that_would_be_the_same_set_are_both_refused(chain: Chain) -> None:
    """Replacing each other they would never come to rest; one that is in already stays."""
    put(chain, "net.json", score=0.1)
    put(chain, "net.txt", score=0.2)
    assert set(verdicts(chain, replace=True).values()) == {Verdict.REFUSE}
    assert "net.txt would be the set net as well" in seen(chain)["net.json"].reason
    taken(chain, chain.folder / "inbox/net.json", "net")
    assert verdicts(chain, replace=True) == {"net.json": Verdict.DONE, "net.txt": Verdict.REFUSE}


def test_a_deleted_set_does_not_come_back(chain: Chain) -> None:
    """Its file in the inbox stays done; other content under its name is new."""
    taken(chain, put(chain, "net.json"), "net")
    for partition in chain.project.live(set_name="net"):
        chain.project.remove([partition], {"kind": "delete", "name": "net"})
    assert verdicts(chain) == {"net.json": Verdict.DONE}
    put(chain, "net.json", score=0.9)
    assert verdicts(chain) == {"net.json": Verdict.TAKE}


def test_a_set_that_was_not_measured_is_finished(chain: Chain) -> None:
    """A run that was killed between import and evaluation is gone on with; protocols that are asked for count."""
    path = put(chain, "net.json")
    chain.predictions(path, "night")
    assert seen(chain)["net.json"].verdict is Verdict.FINISH
    assert seen(chain)["net.json"].name == "night"
    chain.evaluate(name="night")
    assert verdicts(chain) == {"net.json": Verdict.DONE}
    assert verdicts(chain, protocols=["coco-bbox", "voc2012"]) == {"net.json": Verdict.FINISH}
    assert verdicts(chain, protocols=["nonsense"]) == {"net.json": Verdict.REFUSE}


def test_half_written_files_are_left(chain: Chain) -> None:
    """Names that programs give them, and files that were changed in the last minute; a clock ahead holds nothing up."""
    put(chain, "a.json.part", score=0.1)
    put(chain, "b.tmp", score=0.2)
    put(chain, "c.json", score=0.3)
    ahead = put(chain, "d.json", score=0.4)
    os.utime(ahead, (time.time() + 9000, time.time() + 9000))
    assert verdicts(chain, later_s=10)["c.json"] is Verdict.LEAVE
    assert verdicts(chain, later_s=10, settle_s=5)["c.json"] is Verdict.TAKE
    late = verdicts(chain)
    assert [late[name] for name in sorted(late)] == [Verdict.LEAVE, Verdict.LEAVE, Verdict.TAKE, Verdict.TAKE]


def test_a_file_that_grows_while_it_is_read_is_left(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its times say, a file that is another one after it was digested is not whole."""
    path = put(chain, "net.json")

    def run(work: Any, shards: Any, /, label: str = "") -> Any:
        yield from [work(shard) for shard in shards]
        path.write_text(json.dumps([]))

    parameters = InboxParameters(store=chain.store, project=PROJECT, inbox=chain.folder / "inbox")
    (item,) = look_into(parameters, chain.project, time.time() + LATER_S, run)
    assert (item.verdict, item.reason) == (Verdict.LEAVE, "it changed while it was read")


def test_a_folder_of_files_is_one_set(chain: Chain) -> None:
    """It is done when all its files are those of a set; one half-written file leaves it; an empty one waits."""
    put(chain, "maps.v1/a.json", score=0.1)
    put(chain, "maps.v1/b.json", score=0.2)
    (chain.folder / "inbox/empty").mkdir()
    assert verdicts(chain) == {"empty": Verdict.LEAVE, "maps.v1": Verdict.TAKE}
    assert seen(chain)["maps.v1"].name == "maps.v1"
    taken(chain, chain.folder / "inbox/maps.v1", "maps.v1")
    assert verdicts(chain)["maps.v1"] is Verdict.DONE
    put(chain, "maps.v1/c.json.tmp", score=0.2)
    assert verdicts(chain)["maps.v1"] is Verdict.LEAVE


def test_the_set_of_its_own_name_holds_a_file(tmp_path: Path) -> None:
    """Where several sets hold the content, the one that is called as the file is."""
    same = frozenset({"sha"})
    (item,) = judged([Whole(tmp_path / "b.json", "b", same)], {"a": same, "b": same}, ["a", "b"], True)
    assert (item.name, item.verdict) == ("b", Verdict.DONE)


def test_no_inbox_is_an_error_with_its_name(chain: Chain) -> None:
    """An empty one is not."""
    assert seen(chain) == {}
    (chain.folder / "inbox").rmdir()
    with pytest.raises(InputError, match=r"inbox: cannot be read"):
        seen(chain)
