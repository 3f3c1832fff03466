"""Labels that are predictions: a file like ground truth, whose annotations have scores, with names of its own."""

from typing import NamedTuple

import pyarrow as pa

from schemas.records import Source
from tasks.coco.document import Span, next_sign, opening, outline, value_span
from tasks.coco.units import read_categories, read_units
from tasks.strict_json import Malformed, decode

_PARTS = {"images", "annotations", "categories"}


class ScoredLabels(NamedTuple):
    """Where the annotations stand, and what the file calls its classes and images, by their ids."""

    annotations: Span
    classes: dict[str, str]
    images: dict[str, str]


def scored_labels(source: Source) -> ScoredLabels | None:
    """The parts of a file with images, categories and annotations of which the first has a score; None for others.

    InputError where the file is no JSON.
    """
    start, sign = opening(source)
    if sign != b"{":
        return None
    parts = outline(source, start)
    if not set(parts) >= _PARTS or not _scored(source, parts["annotations"]):
        return None
    images, _ = read_units(source, parts["images"])
    categories, _ = read_categories(source, parts["categories"])
    return ScoredLabels(
        parts["annotations"], _named(categories, "feature_hash", "name"), _named(images, "source_id", "title")
    )


def _scored(source: Source, annotations: Span) -> bool:
    position, sign = next_sign(source, annotations.start + 1)
    if sign != b"{":
        return False
    try:
        return "score" in decode(source.read(*value_span(source, position)))
    except (Malformed, UnicodeDecodeError):
        return False  # said, with the byte, where annotations are read


def _named(table: pa.Table, key: str, name: str) -> dict[str, str]:
    """Names by id; the id itself of what has none."""
    pairs = zip(table[key].to_pylist(), table[name].to_pylist(), strict=True)
    return {own: called or own for own, called in pairs}
