"""The images and categories of a ground truth file, as units and classes that have no keys yet."""

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Source
from schemas.rejects import Reason, Stage
from schemas.tables import CATEGORY_RECORDS, UNIT_RECORDS
from tasks.coco.document import Elements, Span, elements, fault
from tasks.columns import completed
from tasks.refusals import Refused, check_fit, found, identifier, needed, whole
from tasks.rejects import capped, rejects_table
from tasks.strict_json import decode

LONGEST_SIDE_PX = (1 << 31) - 1


class Image(msgspec.Struct):
    """What an element of `images` says that is kept."""

    id: Any = None
    file_name: Any = None
    width: Any = None
    height: Any = None
    neg_category_ids: Any = None
    not_exhaustive_category_ids: Any = None


class PlainImage(msgspec.Struct):
    """An element of `images` that needs no second look."""

    id: int
    width: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_SIDE_PX)]
    height: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_SIDE_PX)]
    file_name: str | None = None
    neg_category_ids: list[int] | None = None
    not_exhaustive_category_ids: list[int] | None = None


class Category(msgspec.Struct):
    """What an element of `categories` says that is kept."""

    id: Any = None
    name: Any = None
    supercategory: Any = None
    keypoints: Any = None
    frequency: Any = None


class Unit(NamedTuple):
    """An image that is taken."""

    id: str
    order: float
    """Its place where all ids are numbers."""
    title: str | None
    width: int
    height: int
    neg_categories: list[str] | None
    not_exhaustive_categories: list[str] | None


class Label(NamedTuple):
    """A category that is taken."""

    id: str
    order: float
    name: str | None
    supercategory: str | None
    keypoint_names: list[str] | None
    frequency: str | None


S = TypeVar("S", Image, Category)
T = TypeVar("T", Unit, Label)


def _structs(listed: Elements, kind: type[S]) -> list[Any]:
    """Every element as `kind`, or as what it is where it is no object."""
    if listed.clean:
        try:
            return msgspec.json.decode(listed.text, type=list[kind])  # type: ignore[valid-type]
        except msgspec.ValidationError:
            pass  # not only objects: one by one
    return [_struct(decode(listed.one(row)), kind) for row in range(len(listed.spans))]


def _struct(value: Any, kind: type[S]) -> Any:
    if not isinstance(value, dict):
        return value
    try:
        check_fit(value)
    except Refused as why:
        return why
    return kind(**{name: value.get(name) for name in kind.__struct_fields__})


def _text(value: Any, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is text")


def _named(value: Any) -> tuple[str, float]:
    """(text of the id, its place among ids that are all numbers)."""
    text = identifier(needed(value, "id"), "id")
    assert text is not None, "null was refused as missing"
    return text, float("nan") if isinstance(value, str) else int(text)


def _unit(image: Image) -> Unit:
    name, order = _named(image.id)
    width, height = (
        whole(needed(getattr(image, side), side), side, 1, LONGEST_SIDE_PX) for side in ("width", "height")
    )
    absent, partly = _ids(image, "neg_category_ids"), _ids(image, "not_exhaustive_category_ids")
    return Unit(name, order, _text(image.file_name, "file_name"), width, height, absent, partly)


def _ids(image: Image, name: str) -> list[str] | None:
    """Ids of classes, as text; None where there is no list."""
    listed = getattr(image, name)
    if listed is None:
        return None
    if not isinstance(listed, list):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(listed)}, allowed is a list of ids")
    return [_class_id(each, name) for each in listed]


def _class_id(value: Any, name: str) -> str:
    """The text of one of the ids in the list `name`."""
    text = identifier(value, name)
    if text is None:
        raise Refused(Reason.WRONG_TYPE, f"{name} holds null, allowed are text and whole numbers")
    return text


def _label(category: Category) -> Label:
    name, order = _named(category.id)
    points = category.keypoints
    if points is not None and not (isinstance(points, list) and all(isinstance(point, str) for point in points)):
        raise Refused(Reason.WRONG_TYPE, "keypoints must be a list of names")
    texts = _text(category.name, "name"), _text(category.supercategory, "supercategory")
    return Label(name, order, *texts, points, _text(category.frequency, "frequency"))


def _taken(listed: Elements, kind: type[S], rule: Callable[[S], T], file: str) -> tuple[list[T], pa.Table]:
    """(elements taken in official order, rejects of the others); of several with one id the first is taken."""
    taken: dict[str, T] = {}
    refused = []
    for row, value in enumerate(_structs(listed, kind)):
        try:
            if not isinstance(value, kind):
                raise value if isinstance(value, Refused) else _no_object(value)
            item = rule(value)
            if taken.setdefault(item.id, item) is not item:
                raise Refused(Reason.DUPLICATE_ID, f"id is {item.id}, which another before it has")
        except Refused as why:
            refused.append((file, row, why.code, why.text, capped(listed.one(row).decode())))
    columns = [list(column) for column in zip(*refused, strict=True)] or [[]] * 5
    return _ordered(list(taken.values())), rejects_table(Stage.INGEST, *columns)


def _no_object(value: Any) -> Refused:
    return Refused(Reason.NOT_AN_OBJECT, f"found {found(value)}, allowed is an object")


def _ordered(items: list[T]) -> list[T]:
    """By number where all ids are numbers, else by text: the order of pycocotools' sorted ids."""
    if any(item.order != item.order for item in items):
        return sorted(items, key=lambda item: item.id)
    return sorted(items, key=lambda item: item.order)


class _Units(NamedTuple):
    """The images that are taken, column by column, in official order."""

    ids: pa.Array
    titles: pa.Array
    widths: pa.Array
    heights: pa.Array
    order: pa.Array
    neg_categories: pa.Array
    not_exhaustive_categories: pa.Array


def _plain_units(listed: Elements) -> _Units | None:
    """All images, where every one of them is plain; None where some need a closer look."""
    if not listed.clean:
        return None
    try:
        images = msgspec.json.decode(listed.text, type=list[PlainImage])
    except msgspec.ValidationError:
        return None
    ids = np.array([image.id for image in images], np.int64)
    order = np.argsort(ids)
    if not np.diff(ids[order]).all():
        return None  # an id that two of them have
    columns = (
        pa.array([image.file_name for image in images], pa.string()),
        pa.array([image.width for image in images], pa.int32()),
        pa.array([image.height for image in images], pa.int32()),
    )
    numbers = pa.array(ids[order])
    absent = _id_lists([image.neg_category_ids for image in images])
    partly = _id_lists([image.not_exhaustive_category_ids for image in images])
    titles, widths, heights, *classes = (column.take(pa.array(order)) for column in (*columns, absent, partly))
    return _Units(numbers.cast(pa.string()), titles, widths, heights, numbers, *classes)


def _id_lists(ids: list[list[int] | None]) -> pa.Array:
    """Ids of classes as text; most files have none."""
    if not any(each is not None for each in ids):
        return pa.nulls(len(ids), pa.list_(pa.string()))
    return pa.array([None if each is None else [*map(str, each)] for each in ids], pa.list_(pa.string()))


def _judged_units(units: list[Unit]) -> _Units:
    """Images that were judged one by one. No images: no rows."""
    numbered = all(unit.order == unit.order for unit in units)
    return _Units(
        pa.array([unit.id for unit in units], pa.string()),
        pa.array([unit.title for unit in units], pa.string()),
        pa.array([unit.width for unit in units], pa.int32()),
        pa.array([unit.height for unit in units], pa.int32()),
        pa.array([int(unit.order) if numbered else rank for rank, unit in enumerate(units)], pa.int64()),
        pa.array([unit.neg_categories for unit in units], pa.list_(pa.string())),
        pa.array([unit.not_exhaustive_categories for unit in units], pa.list_(pa.string())),
    )


def _data_hashes(ids: pa.Array, titles: pa.Array) -> pa.Array:
    """The file name of each image where it says which image is meant, else its id."""
    distinct = len(titles.unique()) == len(titles) and titles.null_count == 0
    if distinct and not pc.any(pc.is_in(titles, ids)).as_py() and not pc.any(pc.equal(titles, "")).as_py():
        return titles
    texts = titles.to_pylist()
    often, names = Counter(texts), ids.to_pylist()
    every_name = set(names)
    unique = (bool(t) and often[t] == 1 and (t not in every_name or t == n) for t, n in zip(texts, names, strict=True))
    return pc.if_else(pa.array(list(unique), pa.bool_()), titles, ids)


def read_units(source: Source, span: Span) -> tuple[pa.Table, pa.Table]:
    """(UNIT_RECORDS of the array `images`, rejects).

    Rejects name their file with the array's JSON pointer, since rows of `annotations` are counted from 0 as well.
    """
    listed = elements(source, span)
    units, rejects = _plain_units(listed), rejects_table(Stage.INGEST, *[[]] * 5)
    if units is None:
        judged, rejects = _taken(listed, Image, _unit, f"{source.name}#/images")
        units = _judged_units(judged)
    hashes = _data_hashes(units.ids, units.titles)
    columns = {
        "source_id": units.ids,
        "data_hash": hashes,
        "frame": np.zeros(len(hashes), np.int32),
        "title": units.titles,
        "kind": pa.repeat("image", len(hashes)),
        "sequence_hash": hashes,
        "width": units.widths,
        "height": units.heights,
        "source_order": units.order,
        "neg_categories": units.neg_categories,
        "not_exhaustive_categories": units.not_exhaustive_categories,
    }
    return pa.table(columns, schema=UNIT_RECORDS.schema), rejects


def read_categories(source: Source, span: Span) -> tuple[pa.Table, pa.Table]:
    """(CATEGORY_RECORDS of the array `categories`, in the order of their ids; rejects)."""
    labels, rejects = _taken(elements(source, span), Category, _label, f"{source.name}#/categories")
    columns = {
        "feature_hash": [label.id for label in labels],
        "name": [label.name for label in labels],
        "kind": ["object"] * len(labels),
        "supercategory": [label.supercategory for label in labels],
        "keypoint_names": [label.keypoint_names for label in labels],
        "frequency": [label.frequency for label in labels],
    }
    return completed(columns, CATEGORY_RECORDS.schema, len(labels)), rejects


def check_some(source: Source, span: Span, name: str, taken: pa.Table, rejects: pa.Table) -> None:
    """InputError where all elements of the array `name` are refused; it says why the first is."""
    if len(taken) or not len(rejects):
        return
    code, reason = (rejects[column][0].as_py() for column in ("reason_code", "reason"))
    message = f"{name} holds none that can be taken; the first of {len(rejects)} is refused as {code}: {reason}"
    raise fault(source, span.start, message)
