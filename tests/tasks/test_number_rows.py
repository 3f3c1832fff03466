"""Rows of `metrics`, column by column; their values are in the tests of the metrics."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks.number_rows import words
from tests.chain import Chain, box, truth_of

TEXTS = ["cat", None, "", "dog"]


@pytest.mark.parametrize("positions", [[], [0], [-1], [1, 1], [3, -1, 2, 1, 0, 3]])
def test_texts_are_found_by_position(positions: list[int]) -> None:
    """-1 is null, as is a text that is none; no null is among the words, which a file could not hold."""
    column = words(np.array(positions, np.int64), TEXTS)
    assert column.to_pylist() == [None if position < 0 else TEXTS[position] for position in positions]
    assert column.dictionary.null_count == 0


@pytest.mark.parametrize("protocol", ["coco-bbox", "encord", "kitti", "voc2012"])
def test_a_class_without_a_name_has_numbers(tmp_path: Path, protocol: str) -> None:
    """COCO's categories may leave it out: the rows are found by the class's key."""
    truth: dict[str, Any] = truth_of(box(1, [0, 0, 9, 9]), categories=2)
    del truth["categories"][0]["name"]
    chain = Chain(tmp_path).chain(truth, [box(1, [0, 0, 9, 9], score=0.5)], protocol)
    rows = chain.table("metrics").filter(pl.col("category").is_not_null())
    assert rows.filter(pl.col("category_name").is_null())["category"].n_unique() == 1
    assert rows["category"].n_unique() == 2
