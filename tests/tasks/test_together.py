"""Several protocols in one pass over the buckets."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tasks import engine, together
from tasks.protocols import PROTOCOLS
from tasks.shapes import SHAPES, bitmask, bounding_box
from tasks.storage import read_parts
from tests.chain import Chain
from tests.coco_zoo import coco_set

RESULTS = ("metrics", "curves", "unit_scores", "confusion", "calibration_bins", "matches", "ground_truth_matches")
TOGETHER = ("coco-bbox", "voc2007", "voc2012", "encord")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often part files of each table have been read for matching since."""
    found: Counter[str] = Counter()
    real = read_parts

    def counting(paths: Any, *columns: Any) -> Any:
        found.update(Path(path).parts[-4] for path in paths)
        return real(paths, *columns)

    for module in (engine, together):
        monkeypatch.setattr(module, "read_parts", counting)
    return found


@pytest.mark.parametrize("seed", [3, 8])
def test_protocols_give_together_what_they_give_alone(tmp_path: Path, seed: int) -> None:
    """Byte for byte in every table."""
    alone, one_pass = Chain(tmp_path / "alone"), Chain(tmp_path / "together")
    for chain in (alone, one_pass):
        truth, results = coco_set(seed)
        chain.truth(truth)
        chain.predictions(results)
    for protocol in TOGETHER:
        alone.evaluate(protocol)
    done = one_pass.evaluate(*TOGETHER)
    assert [(item.name, item.status) for item in done] == [(name, "completed") for name in TOGETHER]
    assert one_pass.bytes_of(*RESULTS) == alone.bytes_of(*RESULTS)


def test_a_bucket_is_read_once_for_all_of_them(tmp_path: Path, reads: Counter[str]) -> None:
    """Both sides, with the columns that any of them needs."""
    chain = Chain(tmp_path)
    truth, results = coco_set(3)
    chain.truth(truth)
    chain.predictions(results)
    chain.evaluate(*TOGETHER)
    assert (reads["predictions"], reads["ground_truth"]) == (1, 1)


def test_sides_that_are_the_same_are_compared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other thresholds of a protocol match other pairs, and compare the same."""
    compared: list[float] = []
    real = bounding_box.SHAPE.pairs

    def counting(found: Any, truth: Any, floor: float, options: Any) -> Any:
        compared.append(floor)
        return real(found, truth, floor, options)

    monkeypatch.setitem(SHAPES, "bounding_box", replace(SHAPES["bounding_box"], pairs=counting))
    chain = Chain(tmp_path)
    truth, results = coco_set(3)
    chain.truth(truth)
    chain.predictions(results)
    chain.evaluate("coco-bbox", "voc2012")
    assert len(compared) == 1


def test_what_stands_already_is_left_out_of_the_pass(tmp_path: Path) -> None:
    """Its numbers are not made again."""
    chain = Chain(tmp_path)
    truth, results = coco_set(3)
    chain.truth(truth)
    chain.predictions(results)
    chain.evaluate("voc2012")
    done = chain.evaluate("coco-bbox", "voc2012")
    assert [(item.name, item.status) for item in done] == [("coco-bbox", "completed"), ("voc2012", "unchanged")]


def test_masks_are_compared_once_for_both_rules_on_them() -> None:
    """coco-segm and lvis-segm ask the same function."""
    first, second = (PROTOCOLS[name] for name in ("coco-segm", "lvis-segm"))
    assert (first.pairs or SHAPES[first.shape].pairs) is (second.pairs or SHAPES[second.shape].pairs) is bitmask.pairs
