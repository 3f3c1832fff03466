"""point_errors: means and shares over the stored errors."""

from math import fsum
from pathlib import Path

import polars as pl
import pytest

from tests.chain import Chain, overall
from tests.coco_zoo import coco_set

NAMES = ("point_error_px", "PCK@0.1", "PCK@0.2")


def _values(errors: pl.DataFrame) -> list[float]:
    relative = errors["relative_error"].drop_nulls()
    return [fsum(errors["error_px"]) / len(errors), *((relative <= share).mean() for share in (0.1, 0.2))]


@pytest.mark.parametrize("seed", [3, 4, 6])
def test_numbers_are_those_of_the_stored_errors(tmp_path: Path, seed: int) -> None:
    """Over all, per class, and per point of a class, to the bit."""
    chain = Chain(tmp_path).chain(*coco_set(seed, "keypoints"), "skeletons")
    errors, metrics = chain.table("point_errors"), chain.table("metrics").filter(pl.col("metric").is_in(NAMES))
    every = metrics.filter(pl.col("category").is_null())
    assert every["value"].to_list() == _values(errors)
    assert [overall(chain, "skeletons")[name] for name in NAMES] == _values(errors)
    for (category,), part in errors.group_by("category_key"):
        rows = metrics.filter(pl.col("category") == category)
        assert rows.filter(pl.col("slice").is_null())["value"].to_list() == _values(part)
        for (point, name), points in part.group_by("point", "point_name"):
            words = f"point={point if name is None else name}"
            assert rows.filter(pl.col("slice") == words)["value"].to_list() == _values(points)
    assert metrics.filter(pl.col("slice").is_not_null()).height


def test_without_anything_found_there_is_no_number(tmp_path: Path) -> None:
    """A null with its reason, over all and per class, and no row of a point."""
    truth, _ = coco_set(3, "keypoints")
    chain = Chain(tmp_path).chain(truth, [], "skeletons")
    rows = chain.table("metrics").filter(pl.col("metric").is_in(NAMES))
    assert rows["value"].is_null().all()
    assert set(rows["null_reason"]) == {"no labelled point of an annotation that was found"}
    assert rows["slice"].is_null().all()
