"""Random: seeded by the key, and evenly spread."""

import numpy as np

from tasks.quality.metrics.random import uniform
from tests.quality_zoo import QualityZoo


def test_a_key_has_its_number_wherever_it_stands():
    """The order of the rows changes nothing."""
    keys = np.arange(1000) * 7 + (1 << 40)
    order = np.random.default_rng(0).permutation(1000)
    assert (uniform(keys[order]) == uniform(keys)[order]).all()
    assert len(set(uniform(keys))) == 1000


def test_numbers_are_spread_evenly():
    """Of 100,000 neighbouring keys every tenth of [0, 1) holds a tenth, as a chi-squared test has it."""
    counts, _ = np.histogram(uniform(np.arange(100_000)), bins=10, range=(0, 1))
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 27.9  # 0.1 % of even spreads exceed this, of 9 degrees


def test_objects_and_units_have_one(zoo: QualityZoo):
    """From 0 up to 1, which is not reached."""
    rows = [*(each.row for each in zoo.objects), *zoo.units[True].values(), *zoo.units[False].values()]
    assert all(0 <= row["random"] < 1 for row in rows)
