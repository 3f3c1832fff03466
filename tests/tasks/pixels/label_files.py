"""Made-up label images as directories of masks."""

import json
from pathlib import Path

from tasks.masks.mapping import MAPPING
from tests.tasks.masks.png_files import grey_png
from tests.tasks.pixels.label_scenes import Images

NAMES = {1: "a", 2: "b", 3: "c", 4: "d"}
"""Class by pixel value."""


def write_images(folder: Path, images: Images) -> tuple[Path, Path]:
    """(folder of annotated, folder of predicted masks), each with the mapping; units are called u1, u2, ..."""
    sides = folder / "gt", folder / "dt"
    for at, side in enumerate(sides):
        side.mkdir(parents=True)
        (side / MAPPING).write_text(json.dumps({name: value for value, name in NAMES.items()}))
        for unit, pair in enumerate(images, 1):
            (side / f"u{unit}.png").write_bytes(grey_png(pair[at]))
    return sides
