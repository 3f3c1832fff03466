"""Object Area, absolute: cut off to whole pixels."""

from math import floor

import numpy as np

from tasks.quality.metrics.object_area_absolute import truncated
from tests.quality_zoo import QualityZoo, geometry_of


def test_areas_are_cut_off(zoo: QualityZoo):
    """What lies behind the point goes, whatever the shape; a billionth below a whole number is that number."""
    for each in zoo.objects:
        if each.shape not in {"polyline", "point", "skeleton"}:
            area = geometry_of(each.record).area
            assert each.row["object_area_absolute_px2"] == floor(area * (1 + 1e-12) + 1e-12)


def test_what_a_division_takes_off_costs_no_pixel():
    """0.07 x 100 is 7, and 6.99 is 6."""
    assert truncated(np.array([0.07 * 100, 6.99, 0.0, 1e9 - 0.5])).tolist() == [7.0, 6.0, 0.0, 999_999_999.0]
    assert np.isnan(truncated(np.array([np.nan]))).all()


def test_a_point_has_none(zoo: QualityZoo):
    """Null."""
    assert {each.row["object_area_absolute_px2"] for each in zoo.objects if each.shape == "point"} == {None}
