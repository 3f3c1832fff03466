"""The mapping beside label files: `{feature hash: class name}`, turned round."""

from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Source
from tasks.json_files import read_json

_BOXES = {"bounding_box", "rotatable_bounding_box"}


def read_mapping(source: Source, categories: pa.Table | None) -> dict[str, str]:
    """Feature hash by class name, in the order of the file.

    Of several hashes of one name the only one whose class is a box in `categories` is taken. InputError where the file
    is no such mapping, or the choice is open.
    """
    hashes = defaultdict(list)
    for feature_hash, name in _pairs(source):
        hashes[name].append(feature_hash)
    boxes = _box_classes(categories)
    return {name: _chosen(name, several, boxes, source) for name, several in hashes.items()}


def _pairs(source: Source) -> Iterable[tuple[str, str]]:
    content = read_json(source, "a class mapping")
    if not isinstance(content, dict) or not content or not all(isinstance(name, str) for name in content.values()):
        hint = 'as {"feature hash": "class name"}'
        raise InputError("no mapping of feature hashes to class names", where=source.name, hint=hint)
    return content.items()


def _box_classes(categories: pa.Table | None) -> set[str]:
    if categories is None:
        return set()
    shapes = zip(categories["feature_hash"].to_pylist(), categories["shape"].to_pylist(), strict=True)
    return {feature_hash for feature_hash, shape in shapes if shape in _BOXES}


def _chosen(name: str, hashes: list[str], boxes: set[str], source: Source) -> str:
    if len(hashes) == 1:
        return hashes[0]
    fitting = [feature_hash for feature_hash in hashes if feature_hash in boxes]
    if len(fitting) == 1:
        return fitting[0]
    hint = "KITTI rows are boxes: leave the hash of the box class"
    raise InputError(f"{name!r} stands for {len(hashes)} classes: {', '.join(hashes)}", where=source.name, hint=hint)
