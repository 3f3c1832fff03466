"""Panoptic pairs made up for tests, in memory."""

import json
from typing import Any

import numpy as np

from tests.coco_text import Text
from tests.tasks.masks.png_files import rgb_png

CATEGORIES = [
    {"id": 1, "name": "person", "isthing": 1},
    {"id": 2, "name": "sky", "isthing": 0},
    {"id": 3, "name": "unsaid"},
]


def pair(
    images: dict[int, tuple[np.ndarray, list[dict[str, Any]]]], name: str = "panoptic", categories: Any = CATEGORIES
) -> list[Text]:
    """The files of some images (ids of pixels, segments_info) by image id: JSON, then a PNG each in a folder."""
    document = {
        "images": [
            {"id": k, "file_name": f"{k}.jpg", "width": ids.shape[1], "height": ids.shape[0]}
            for k, (ids, _) in images.items()
        ],
        "annotations": [
            {"image_id": k, "file_name": f"{k}.png", "segments_info": segments} for k, (_, segments) in images.items()
        ],
        "categories": categories,
    }
    pictures = [Text(rgb_png(ids), f"{name}/{k}.png") for k, (ids, _) in images.items()]
    return [Text(json.dumps(document), f"{name}.json"), *pictures]


def segment(id: int, category: int, **more: Any) -> dict[str, Any]:
    """An element of `segments_info`."""
    return {"id": id, "category_id": category, **more}
