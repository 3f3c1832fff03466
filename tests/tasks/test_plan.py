"""From matching to measuring: in memory, or by way of the files."""

from pathlib import Path
from typing import Any

import pytest

from tasks import plan
from tests.chain import Chain
from tests.coco_zoo import coco_set

RESULTS = ("metrics", "curves", "unit_scores", "matches", "ground_truth_matches")
GAPS = [
    {"name": "narrow", "low_px2": 500, "high_px2": 9000},
    {"name": "below", "low_px2": 0, "high_px2": 500},
    {"name": "whole", "low_px2": 0, "high_px2": 1e10},
]
"""The first is not the whole: predictions match in other ranges alone."""


@pytest.mark.parametrize("seed", [2, 5, 14, 15])
@pytest.mark.parametrize("settings", [{}, {"area_ranges": GAPS, "max_detections": [2, 5]}], ids=["coco", "gaps"])
def test_numbers_from_memory_are_those_from_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, settings: dict[str, Any]
) -> None:
    """Byte for byte, whether matches are handed over or read back."""
    chain = Chain(tmp_path).chain(*coco_set(seed), "coco-bbox", **settings)
    handed_over = chain.bytes_of(*RESULTS)
    monkeypatch.setattr(plan, "KEPT_ROWS", -1)
    chain.evaluate("coco-bbox", force=True, **settings)
    assert chain.bytes_of(*RESULTS) == handed_over
