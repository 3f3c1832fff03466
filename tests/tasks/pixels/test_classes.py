"""Which classes agree."""

from pathlib import Path

from tasks.pixels.classes import agreement_of
from tests.tasks.pixels.kognic_scenes import read_scenes
from tests.tasks.pixels.label_scenes import context


def test_without_a_mapping_a_class_agrees_with_itself() -> None:
    """And background with background."""
    found = agreement_of(context("semantic").categories)
    assert found.pairs.tolist() == [[11, 11], [12, 12], [13, 13], [14, 14], [-1, -1]]
    assert list(found.components) == [((key,), (key,)) for key in (11, 12, 13, 14)]
    assert list(found.without_counterpart) == []


def test_a_mapping_says_what_agrees(shared: Path) -> None:
    """Many to one, one to many, and nothing."""
    scenes = read_scenes(shared)
    found = agreement_of(scenes.categories)
    named = [([scenes.names[k] for k in a], [scenes.names[k] for k in p]) for a, p in found.components]
    assert (["oak", "birch"], ["tree"]) in named
    assert (["vehicle"], ["car", "truck"]) in named
    assert [scenes.names[key] for key in found.without_counterpart] == ["ego_hood"]
