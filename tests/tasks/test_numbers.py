"""Numbers read back: means by their name, counts by their range and threshold."""

from pathlib import Path

import pytest

from tasks.catalog import catalog
from tasks.numbers import overall_numbers, told_numbers
from tests import mot_files
from tests.chain import SET, Chain, box, truth_of
from tests.track_scenes import made_up


def test_counts_are_read_at_their_own_threshold(tmp_path: Path) -> None:
    """An overlap of .6 is true at .5 and false at .75."""
    truth, results = truth_of(box(1, [0, 0, 10, 10])), [box(1, [0, 0, 10, 6], score=0.5)]
    chain = Chain(tmp_path).chain(truth, results, "encord")
    found = overall_numbers(catalog(chain.project).evaluations[SET, "encord"])
    assert (found["TP50"], found["FP50"], found["TP75"], found["FP75"]) == (1, 0, 0, 1)
    assert list(found)[:5] == ["mAP50", "mAR50", "TP50", "FP50", "FN50"]


def test_a_number_of_a_threshold_that_is_not_there_is_none(tmp_path: Path) -> None:
    """As every undefined number."""
    truth, results = truth_of(box(1, [0, 0, 10, 10])), [box(1, [0, 0, 10, 6], score=0.5)]
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox", iou_thresholds=[0.6])
    found = overall_numbers(catalog(chain.project).evaluations[SET, "coco-bbox"])
    assert found["AP"] == pytest.approx(1.0)
    assert found["AP50"] is None


def test_counts_of_tracks_are_whole_numbers(tmp_path: Path) -> None:
    """Switches and fragments are counted, HOTA is not; so in every slice."""
    truth, found = mot_files.write_scene(tmp_path / "files", made_up(3))
    chain = Chain(tmp_path)
    chain.truth(truth)
    chain.predictions(found)
    chain.evaluate("tracks", slice_by=["title"])
    told = told_numbers(catalog(chain.project).evaluations[SET, "tracks"])
    assert len(told) == 4
    for numbers in told.values():
        kinds = {name: type(value) for name, value in numbers.metrics.items() if value is not None}
        assert {kinds[name] for name in ("IDSW", "Frag", "MT", "PT", "ML")} == {int}
        assert {kinds[name] for name in ("HOTA", "MOTA")} == {float}
    assert sum(told[name].metrics["IDSW"] for name in told if name) == told[None].metrics["IDSW"]
