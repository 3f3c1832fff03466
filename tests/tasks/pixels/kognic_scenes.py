"""The segmentation samples of Kognic: images of both sides with their classes, and the numbers expected of them."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.tables import CATEGORY_RECORDS
from tasks.class_mapping import ClassMapping, mapped_categories
from tasks.columns import completed
from tasks.kernels.components import values
from tasks.kernels.mask_iou import Masks
from tasks.kernels.overlaps import overlaps
from tasks.masks.png import grey_pixels
from tasks.pixels.confusion import Confusion
from tasks.units import keyed_categories
from tests.tasks.kernels.flat import offsets_of

IMAGES = ("seg_a/CAM_FRONT", "seg_b/CAM_FRONT", "seg_b/CAM_REAR")


class Scenes(NamedTuple):
    """The samples under their class mapping."""

    categories: pa.Table
    names: dict[int, str]
    """Name by category_key."""
    confusion: dict[str, Confusion]
    """Of each image, from run lengths."""
    expected: dict[str, Any]


def _levels(folder: Path, scene: str) -> tuple[dict[int, str], dict[int, str]]:
    """Class by grey level, annotated and predicted."""
    truth = json.loads((folder / f"{scene}.gt.json").read_text())["openlabel"]
    found = json.loads((folder / f"{scene}.pred.json").read_text())["openlabelContent"]["openlabel"]
    sides = (side["ontologies"]["0"]["classifications"] for side in (truth, found))
    annotated, predicted = ({int(grey): name for grey, name in levels.items()} for levels in sides)
    return annotated, predicted


def _masks(pixels: np.ndarray) -> tuple[Masks, list[int]]:
    """(one mask per grey level, 0 too, of a unit; the levels)."""
    regions = values(pixels, background=-1)
    height = np.full(len(regions.value), len(pixels), np.int64)
    return Masks(regions.data, regions.offsets, height, offsets_of([len(height)])), regions.value.tolist()


def _confusion(folder: Path, image: str, annotated: dict[str, int], predicted: dict[str, int]) -> Confusion:
    scene, stream = image.split("/")
    truth, found = (
        grey_pixels((folder / f"png/{scene}_{stream}.{side}.png").read_bytes(), None) for side in ("gt", "pred")
    )
    (truth_masks, truth_levels), (found_masks, found_levels) = _masks(truth), _masks(found)
    shared = overlaps(truth_masks, found_masks, np.array([truth.size], np.int64))
    names = _levels(folder, scene)
    keys = (
        [annotated[names[0][level]] for level in truth_levels],
        [predicted[names[1][level]] for level in found_levels],
    )
    return Confusion(np.array(keys[0])[shared.annotation], np.array(keys[1])[shared.detection], shared.n_pixels)


def read_scenes(shared: Path) -> Scenes:
    """Everything, from the PNG files."""
    folder = shared / "samples/kognic"
    pairs = json.loads((folder / "class_mapping.segmentation.json").read_text())["classMapping"]
    mapping = ClassMapping(tuple((pair["annotated"], pair.get("predicted")) for pair in pairs))
    records = mapped_categories(completed({}, CATEGORY_RECORDS.schema, 0), mapping)
    categories = keyed_categories(None, records)
    rows = list(zip(*(categories[name].to_pylist() for name in ("category_key", "name", "kind")), strict=True))
    annotated = {name: key for key, name, kind in rows if kind == "object"}
    predicted = {name: key for key, name, kind in rows if kind != "object"}
    confusion = {image: _confusion(folder, image, annotated, predicted) for image in IMAGES}
    expected = json.loads((folder / "expected.json").read_text())["segmentation"]
    return Scenes(categories, {key: name for key, name, _ in rows}, confusion, expected)
