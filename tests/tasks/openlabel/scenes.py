"""Small OpenLABEL scenes for tests: what a file would hold, and how it is read."""

import base64
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image

from schemas.records import Block, GroundTruthInput, Inputs
from tasks.formats.openlabel import read_ground_truth, read_predictions
from tasks.running import serial
from tasks.storage import FileSource

SCENE = "5c3e"
WIDTH, HEIGHT = 8, 4
MANIFEST: dict[str, Any] = {
    SCENE: {
        "tag": "yard",
        "streams": {"CAM": {"width": WIDTH, "height": HEIGHT}, "REAR": {"width": 6, "height": 3}},
        "frames": [
            {"frame_id": str(k), "timestamp": 50 * k, "images": {"CAM": f"cam_{k}.jpg", "REAR": f"rear_{k}.jpg"}}
            for k in range(2)
        ],
    }
}
ONTOLOGY = {"0": {"uri": "", "classifications": {"0": "_background", "7": "oak", "9": "birch"}}}


def entry(values: Any, stream: Any = "CAM", score: Any = None, **more: Any) -> dict[str, Any]:
    """One entry of `object_data` with its attributes."""
    attributes: dict[str, Any] = {"text": [{"name": "stream", "val": stream}] if stream is not None else []}
    if score is not None:
        attributes["num"] = [{"name": "confidence", "val": score}]
    return {"name": "entry", "val": values, "attributes": attributes, **more}


def ring(*values: float, hole: bool = False, polygon: str | None = None, **more: Any) -> dict[str, Any]:
    """A closed `poly2d`."""
    made = entry(list(values), closed=True, mode="MODE_POLY2D_ABSOLUTE", **more)
    made["attributes"]["boolean"] = [{"name": "is_hole", "val": hole}]
    if polygon is not None:
        made["attributes"]["text"].append({"name": "polygon_id", "val": polygon})
    return made


def png(pixels: Any, mode: str = "L") -> str:
    """A PNG in base64."""
    file = BytesIO()
    Image.fromarray(np.asarray(pixels), mode).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def bitmap(pixels: Any, **more: Any) -> dict[str, Any]:
    """An `image` entry of 8-bit grey levels."""
    return entry(png(np.asarray(pixels, np.uint8)), mime_type="image/png", encoding="base64", **more)


def frame(time: Any = 0, **objects: Any) -> dict[str, Any]:
    """A frame; `objects` are the `object_data` of each by uid."""
    properties = {} if time is None else {"timestamp": time}
    return {
        "frame_properties": {**properties, "streams": {}},
        "objects": {uid: {"object_data": data} for uid, data in objects.items()},
    }


def document(*frames: Any, classes: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A scene in the bare form; objects are cars unless `classes` say otherwise."""
    objects = [stated.get("objects") for stated in frames if isinstance(stated, dict)]
    uids = {uid for said in objects if isinstance(said, dict) for uid in said}
    types = {**dict.fromkeys(sorted(uids), "car"), **(classes or {})}
    return {
        "openlabel": {
            "metadata": {"schema_version": "1.0.0", "uuid": SCENE},
            "ontologies": ONTOLOGY,
            "objects": {uid: {"name": uid, "type": name} for uid, name in types.items() if name is not None},
            "frames": {str(k): stated for k, stated in enumerate(frames)},
            **more,
        }
    }


@dataclass(frozen=True, slots=True)
class Files:
    """A folder to write scenes into and read them from."""

    folder: Path

    def source(self, content: Any, name: str = "scene.json") -> FileSource:
        """A file of some JSON, or of text as it stands."""
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return FileSource(path)

    def truth(self, *documents: Any, mapping: Any = None, manifest: Any = MANIFEST) -> GroundTruthInput:
        """What ground truth in several files comes to; blocks are read when they are asked for."""
        aside = {"data_units": self.source(manifest, "manifest.json")}
        if mapping is not None:
            aside["class_mapping"] = self.source(mapping, "mapping.json")
        return read_ground_truth(Inputs(self._sources(documents), aside), serial)

    def predictions(self, *documents: Any, categories: pa.Table | None = None, **aside: Any) -> list[Block]:
        """The blocks of predictions on the manifest's units."""
        units = self.truth(document()).units
        beside = {name: self.source(content, f"{name}.json") for name, content in aside.items()}
        inputs = Inputs(self._sources(documents), beside, units=units, categories=categories)
        return list(read_predictions(inputs, serial))

    def _sources(self, documents: tuple[Any, ...]) -> list[FileSource]:
        return [self.source(content, f"scene_{k}.json") for k, content in enumerate(documents)]


def rows_of(blocks: Any) -> list[dict[str, Any]]:
    """The records of some blocks, without what is null."""
    found = [row for block in blocks for row in block.records.to_pylist()]
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def rejects_of(blocks: Any) -> list[tuple[str, str]]:
    """(code, reason) of what some blocks refuse."""
    return [(row["reason_code"], row["reason"]) for block in blocks for row in block.rejects.to_pylist()]


def only_reject(blocks: Any) -> str:
    """The code of the one reject, where nothing else is in the blocks."""
    blocks = list(blocks)
    assert rows_of(blocks) == []
    ((code, _),) = rejects_of(blocks)
    return code
