"""Re-analysis of stored sets: which are meant, and what is done to them."""

from pathlib import Path

import pytest

from schemas.errors import InputError
from schemas.parameters import ProtocolSettings
from tasks.catalog import catalog
from tasks.reanalysis import reanalyze_set, sets_meant
from tasks.running import serial
from tests.chain import SET, Chain, box, truth_of

RESULTS = [box(1, [0, 0, 9, 9], score=0.5), box(1, [0, 0, 9, 9], 2, score=0.5)]


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """Four sets, two of which are a group, another one in a group of its own; ground truth knows one class."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [0, 0, 9, 9]), categories=1))
    for name, group in (("a", "weekly"), ("b", None), ("c", "weekly"), ("d", "other")):
        chain.predictions(RESULTS, name=name, group=group)
    return chain


def test_sets_are_meant_by_name_by_group_or_all(chain: Chain) -> None:
    """Each once; those that are named come first."""
    known = catalog(chain.project)
    assert sets_meant(known, [], []) == ["a", "b", "c", "d"]
    assert sets_meant(known, [], ["weekly"]) == ["a", "c"]
    assert sets_meant(known, ["d", "c"], ["weekly"]) == ["d", "c", "a"]
    assert sets_meant(known, [], ["weekly", "other"]) == ["a", "c", "d"]


def test_what_nothing_stands_for_is_an_error(chain: Chain) -> None:
    """With the groups that there are."""
    known = catalog(chain.project)
    with pytest.raises(InputError, match="no group 'monthly'") as error:
        sets_meant(known, [], ["monthly"])
    assert error.value.hint == "groups of this project: other, weekly"
    with pytest.raises(InputError, match="no prediction set 'e'"):
        sets_meant(known, ["e"], [])


def test_a_set_is_resolved_and_every_evaluation_it_has_is_done_again(tmp_path: Path) -> None:
    """As they were; a wrong call is refused before anything is written."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [0, 0, 9, 9]), categories=1))
    chain.predictions(RESULTS)
    chain.evaluate("coco-bbox")
    chain.evaluate("coco-bbox", iou_thresholds=[0.3], stand_as="loose")
    chain.truth(truth_of(box(1, [0, 0, 9, 9])))
    with pytest.raises(InputError, match="no protocol 'coco'"):
        reanalyze_set(chain.project, SET, ["coco"], ProtocolSettings(), serial)
    assert len(chain.rows("predictions")) == 1
    done = reanalyze_set(chain.project, SET, [], ProtocolSettings(), serial)
    assert [(each.name, each.status) for each in done] == [("coco-bbox", "completed"), ("loose", "completed")]
    assert len(chain.rows("predictions")) == 2
    known = catalog(chain.project)
    assert {known.stale(each) for each in known.evaluations.values()} == {None}
    again = reanalyze_set(chain.project, SET, [], ProtocolSettings(), serial)
    assert {each.status for each in again} == {"unchanged"}


def test_the_default_order_of_ties_can_be_asked_for(tmp_path: Path) -> None:
    """A set that was evaluated in canonical order is evaluated in that of the file, where somebody says so."""
    chain = Chain(tmp_path).chain(truth_of(box(1, [0, 0, 9, 9])), RESULTS, "coco-bbox", tie_order="canonical")

    def statuses(**settings: str) -> list[str]:
        again = ProtocolSettings.model_validate(settings)
        return [each.status for each in reanalyze_set(chain.project, SET, [], again, serial)]

    assert statuses() == ["unchanged"]
    assert statuses(tie_order="file") == ["completed"]
    assert statuses(tie_order="file") == ["unchanged"]
