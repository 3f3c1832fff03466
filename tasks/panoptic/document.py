"""A panoptic JSON file: which of several it is, and what its annotations say.

Format: https://cocodataset.org/#format-data, "Panoptic Segmentation".
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Source
from schemas.rejects import Reason
from tasks.coco.document import Span, elements, opening, outline
from tasks.refusals import Refused, check_fit, found, identifier, needed, number, whole
from tasks.strict_json import decode

HIGHEST_ID = 2**24 - 1
"""Of a segment: red + 256 green + 65536 blue."""
_MARK = b'"segments_info"'


class Segment(NamedTuple):
    """What an element of `segments_info` says that is kept."""

    id: int
    category: str
    area_px2: float | None
    crowd: bool | None
    score: float | None


class Annotation(NamedTuple):
    """What an element of `annotations` says."""

    unit: str
    file_name: str
    segments: list[Any]
    """Elements of `segments_info`, as they are."""


def is_json(name: str) -> bool:
    """Whether a file of this name may be a list of segments."""
    return name.lower().endswith(".json")


def panoptic_parts(source: Source) -> dict[str, Span] | None:
    """Where the parts of a panoptic file stand; None where it is none. InputError where it is no JSON."""
    start, sign = opening(source)
    parts = outline(source, start) if sign == b"{" else {}
    span = parts.get("annotations")
    if span is None or source.read(span.start, span.start + 1) != b"[":
        return None
    empty = span.stop - span.start < 64 and not source.read(*span)[1:-1].strip()
    return parts if empty or _MARK in source.read(*span) else None


def array(source: Source, parts: dict[str, Span], name: str) -> Span:
    """Where the array `name` stands. InputError where there is none."""
    if name not in parts:
        raise InputError(f"{name} is missing", where=source.name, hint=f"the file has {', '.join(parts)}")
    if source.read(parts[name].start, parts[name].start + 1) != b"[":
        raise InputError(f"{name} is no list", where=f"{source.name}, byte {parts[name].start}")
    return parts[name]


def annotation_of(text: bytes) -> Annotation:
    """What an annotation says. Refused where it is none."""
    value = decode(text)
    if not isinstance(value, dict):
        raise Refused(Reason.NOT_AN_OBJECT, f"found {found(value)}, allowed is an object")
    check_fit(value)
    unit = identifier(needed(value.get("image_id"), "image_id"), "image_id")
    name, segments = (needed(value.get(field), field) for field in ("file_name", "segments_info"))
    if not isinstance(name, str):
        raise Refused(Reason.WRONG_TYPE, f"file_name is {found(name)}, allowed is text")
    if not isinstance(segments, list):
        raise Refused(Reason.WRONG_TYPE, f"segments_info is {found(segments)}, allowed is a list")
    assert unit is not None, "null was refused as missing"
    return Annotation(unit, name, segments)


def segment_of(value: Any) -> Segment:
    """What a segment says. Refused where it is none."""
    if not isinstance(value, dict):
        raise Refused(Reason.NOT_AN_OBJECT, f"found {found(value)}, allowed is an object")
    name = identifier(needed(value.get("category_id"), "category_id"), "category_id")
    crowd, area, score = (value.get(field) for field in ("iscrowd", "area", "score"))
    assert name is not None, "null was refused as missing"
    return Segment(
        whole(needed(value.get("id"), "id"), "id", 1, HIGHEST_ID),
        name,
        None if area is None else number(area, "area"),
        None if crowd is None else bool(whole(int(crowd) if isinstance(crowd, bool) else crowd, "iscrowd", 0, 1)),
        None if score is None else number(score, "score"),
    )


def things(source: Source, span: Span, categories: pa.Table) -> pa.Table:
    """CATEGORY_RECORDS with `is_thing` as the file's categories state it; null where one does not."""
    stated: dict[str, bool] = {}
    listed = elements(source, span)
    for value in (decode(listed.one(row)) for row in range(len(listed.spans))):
        if isinstance(value, dict) and value.get("isthing") in (0, 1):
            stated.setdefault(_word(value.get("id")), bool(value["isthing"]))
    column = [stated.get(word) for word in categories["feature_hash"].to_pylist()]
    return categories.set_column(categories.column_names.index("is_thing"), "is_thing", pa.array(column, pa.bool_()))


def _word(value: Any) -> str:
    try:
        return identifier(value, "id") or ""
    except Refused:
        return ""


def chosen(sources: Sequence[Source]) -> list[tuple[Source, dict[str, Span]]]:
    """The panoptic files among the JSON files, with where their parts stand. InputError where there is none."""
    found = [(source, panoptic_parts(source)) for source in sources if is_json(source.name)]
    panoptic = [(source, parts) for source, parts in found if parts is not None]
    if not panoptic:
        names = ", ".join(source.name for source, _ in found[:10]) or "no JSON file"
        hint = "the file whose annotations have segments_info, and beside it the PNG files that they name"
        raise InputError("no list of segments", where=names, hint=hint)
    return panoptic
