"""Mean object confidence: the mean score of a unit's predictions."""

from statistics import fmean

import pytest

from tests.quality_zoo import UNITS, QualityZoo


def test_it_is_the_mean_score(zoo: QualityZoo):
    """0 where there are no predictions."""
    for unit in UNITS:
        scores = [each.record["score"] for each in zoo.predictions if each.record["source_unit"] == unit]
        want = fmean(scores) if scores else 0.0
        assert zoo.units[True][unit]["mean_object_confidence"] == pytest.approx(want, rel=1e-12)


def test_annotations_have_no_confidence(zoo: QualityZoo):
    """Null in rows of units by their annotations, and of objects."""
    assert {row["mean_object_confidence"] for row in zoo.units[False].values()} == {None}
    assert {each.row["mean_object_confidence"] for each in zoo.objects} == {None}
