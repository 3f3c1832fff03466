"""LVIS on masks, against hotcoco."""

import json
from pathlib import Path
from typing import Any

import pytest
from pycocotools import mask

from tests.chain import Chain, overall
from tests.tasks.protocols.test_lvis import fuzzed


def _outlined(row: dict[str, Any]) -> dict[str, Any]:
    """A box as a mask: a triangle in its lower half."""
    x, y, w, h = row["bbox"]
    corners = [x, y, x + w, y + h, x, y + h]
    return {name: value for name, value in row.items() if name != "bbox"} | {"segmentation": [corners]}


def test_numbers_on_masks_are_those_of_hotcoco(tmp_path: Path, shared: Path) -> None:
    """To the bit; a mask that a detection has no box beside is compared all the same."""
    hotcoco = pytest.importorskip("hotcoco")
    truth = json.loads((shared / "samples/lvis/data/lvis_val_100.json").read_text())
    truth["images"] = truth["images"][:30]
    kept = {image["id"] for image in truth["images"]}
    truth["annotations"] = [row for row in truth["annotations"] if row["image_id"] in kept]
    found = [_outlined(row) for row in fuzzed(truth, 0)]
    chain = Chain(tmp_path).chain(truth, found, "lvis-segm")
    known = hotcoco.COCO(str(tmp_path / "ground_truth.json"))
    sizes = {image["id"]: (image["height"], image["width"]) for image in truth["images"]}
    for row in found:  # hotcoco reads masks only as runs
        row["segmentation"] = mask.merge(mask.frPyObjects(row["segmentation"], *sizes[row["image_id"]]))
        row["segmentation"]["counts"] = row["segmentation"]["counts"].decode()
    (tmp_path / "results.json").write_text(json.dumps(found))
    evaluation = hotcoco.LVISeval(known, hotcoco.LVISResults(known, str(tmp_path / "results.json")), "segm")
    evaluation.run()
    assert overall(chain, "lvis-segm") == evaluation.get_results()
