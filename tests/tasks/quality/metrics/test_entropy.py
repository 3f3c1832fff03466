"""Entropy, on vectors of which it is known."""

from pathlib import Path

import numpy as np
import pytest

from tasks.quality.metrics.entropy import of_units
from tests.tasks.quality.buckets import Record, box, bucket_of, frames


def sure(unit: int, *values: float) -> Record:
    """A box with these probabilities."""
    given = [{"name": str(k), "probability": value} for k, value in enumerate(values)]
    return box(unit, 1, 1, 5, 5, class_probabilities=given or None)


def test_a_unit_has_the_mean_of_its_predictions(tmp_path: Path):
    """Two even classes have 1 bit, four have 2, a certain one none; null without probabilities."""
    objects = [sure(0, *[0.5, 0.5]), sure(0, *[1.0, 0.0]), sure(0), sure(1, *[0.25] * 4)]
    bucket = bucket_of(tmp_path, frames(3), objects)
    found = of_units(bucket, None)["entropy"]
    assert found == pytest.approx([0.5, 2.0, np.nan], nan_ok=True)


def test_annotations_have_none(tmp_path: Path):
    """Nobody who annotates says how probable classes are."""
    bucket = bucket_of(tmp_path, frames(2), [box(0, 1, 1, 5, 5)], of="annotation")
    assert np.isnan(of_units(bucket, None)["entropy"]).all()
