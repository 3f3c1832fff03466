"""Made-up panoptic scenes as files, for us and for others to read."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.tasks.masks.png_files import rgb_png
from tests.tasks.pixels.panoptic_oracle import Scene, Segments

THINGS = {1: 1, 2: 0, 3: 1}
"""`isthing` by class."""


def write_side(folder: Path, pictures: dict[int, tuple[np.ndarray, Segments]], **more: Any) -> Path:
    """A folder with panoptic.json and, in panoptic/, its images; returns it."""
    (folder / "panoptic").mkdir(parents=True)
    annotations = []
    for number, (ids, segments) in pictures.items():
        (folder / f"panoptic/{number}.png").write_bytes(rgb_png(ids))
        annotations.append({"image_id": number, "file_name": f"{number}.png", "segments_info": segments})
    (folder / "panoptic.json").write_text(json.dumps({**more, "annotations": annotations}))
    return folder


def write_scene(folder: Path, scene: Scene) -> tuple[Path, Path]:
    """(folder of the ground truth, folder of the predictions)."""
    sides = {name: {k: image[at : at + 2] for k, image in scene.images.items()} for name, at in (("gt", 0), ("dt", 2))}
    images = [
        {"id": k, "file_name": f"{k}.jpg", "width": ids.shape[1], "height": ids.shape[0]}
        for k, (ids, *_) in scene.images.items()
    ]
    categories = [{"id": k, "name": f"class {k}", "isthing": thing} for k, thing in THINGS.items()]
    truth = write_side(folder / "gt", sides["gt"], images=images, categories=categories)
    return truth, write_side(folder / "dt", sides["dt"])
