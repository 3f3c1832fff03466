"""COCO: ground truth (`images`, `annotations`, `categories`) and results (a list of predictions), in JSON and pixels.

Format: https://cocodataset.org/#format-data and #format-results. A file is read in blocks; what a record may say is in
`tasks.coco.rules`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from schemas.errors import InputError
from schemas.parameters import ClassBy
from schemas.records import Block, Format, GroundTruthInput, Inputs, Run, Source
from tasks.class_hierarchy import parents_by_group, read_hierarchy, with_ancestors
from tasks.coco.blocks import Reader, Region, read_blocks
from tasks.coco.document import Span, check_value, next_sign, opening, outline
from tasks.coco.mapped import mapped_blocks
from tasks.coco.scored import scored_labels
from tasks.coco.units import check_some, read_categories, read_units
from tasks.encord.mappings import read_class_mapping, read_image_mapping
from tasks.file_by_file import read_file_by_file
from tasks.kernels.json_records import ANNOTATIONS, RESULTS

_RESULTS = re.compile(rb"\s*\[\s*(\]\s*$|\{.*?\"image_id\"\s*:)", re.DOTALL)
_GROUND_TRUTH = re.compile(rb"\s*\{(\s*\"categories\"\s*:\s*\[\s*\{|.*?\"(images|annotations)\"\s*:\s*\[)", re.DOTALL)
"""LVIS begins with its categories, which alone are longer than what is looked at."""
_NEEDED = ("images", "annotations", "categories")


def recognise(names: Sequence[str], head: bytes) -> bool:
    """Whether a file that begins with `head` looks like COCO's; whatever it is called."""
    head = head.removeprefix(b"\xef\xbb\xbf")  # refused with a hint when it is read
    return bool(_RESULTS.match(head) or _GROUND_TRUTH.match(head))


def read_predictions(source: Source, run: Run, strict: bool = False) -> Iterator[Block]:
    """The predictions of a results file, in file order. InputError where it is none.

    `strict` has every record read by the rules in Python alone: the same records and rejects, some 40 times slower.
    """
    start, sign = opening(source)
    if sign == b"{":
        raise _not_results(source)
    if next_sign(source, start + 1)[1] == b"]":
        return _nothing(source, start)
    return read_blocks(Reader(source, Region(start + 1, source.size, 1), RESULTS, strict), run)


def _nothing(source: Source, start: int) -> Iterator[Block]:
    """The blocks of an empty list: none."""
    position, sign = next_sign(source, next_sign(source, start + 1)[0] + 1)
    if sign:
        raise InputError("not JSON: the list has ended, but the text goes on", where=f"{source.name}, byte {position}")
    return iter(())


def _not_results(source: Source) -> InputError:
    ground_truth = recognise([source.name], source.read(0, 1 << 16))
    hint = "this looks like ground truth: give it as that" if ground_truth else None
    message = "an object, not a results file: that is a list of predictions"
    return InputError(message, where=source.name, hint=hint)


def read_ground_truth(source: Source, run: Run, strict: bool = False) -> GroundTruthInput:
    """Images and categories of a ground truth file, and its annotations in file order. InputError where it is none."""
    start, sign = opening(source)
    if sign == b"[":
        results = recognise([source.name], source.read(0, 1 << 16))
        hint = "this looks like a results file: give it as predictions" if results else None
        raise InputError("a list, not ground truth: that is an object with images, annotations, categories",
                         where=source.name, hint=hint)  # fmt: skip
    parts = outline(source, start)
    for name in _NEEDED:
        _check_array(source, parts, name)
    for name, span in parts.items():
        if name not in _NEEDED:
            check_value(source, span)
    units, refused_images = read_units(source, parts["images"])
    check_some(source, parts["images"], "images", units, refused_images)
    categories, refused_categories = read_categories(source, parts["categories"])
    check_some(source, parts["categories"], "categories", categories, refused_categories)
    rejects = pa.concat_tables([refused_images, refused_categories])
    return GroundTruthInput(units, categories, rejects, _annotations(source, parts["annotations"], run, strict))


def _check_array(source: Source, parts: dict[str, Span], name: str) -> None:
    """InputError unless the ground truth has the array `name`, and not empty where it must hold something."""
    if name not in parts:
        known = ", ".join(parts) or "nothing"
        hint = f"the file has {known}; ground truth needs {', '.join(_NEEDED)}"
        raise InputError(f"{name} is missing", where=source.name, hint=hint)
    span = parts[name]
    if source.read(span.start, span.start + 1) != b"[":
        raise InputError(f"{name} is no list", where=f"{source.name}, byte {span.start}")
    if name != "annotations" and next_sign(source, span.start + 1)[1] == b"]":
        raise InputError(f"{name} is empty", where=f"{source.name}, byte {span.start}")


def _annotations(source: Source, span: Span, run: Run, strict: bool) -> Iterator[Block]:
    if next_sign(source, span.start + 1) == (span.stop - 1, b"]"):
        return iter(())
    return read_blocks(Reader(source, Region(span.start + 1, span.stop, 2), ANNOTATIONS, strict), run)


def _predictions_of(source: Source, inputs: Inputs, run: Run) -> Iterator[Block]:
    """A results file, or labels with scores: those go by their file names, and by class names where asked."""
    labels = scored_labels(source)
    if labels is None:
        return read_predictions(source, run)
    by_name = inputs.reading.class_by is ClassBy.NAME and "mapping" not in inputs.aside
    span = labels.annotations
    blocks = read_blocks(Reader(source, Region(span.start + 1, span.stop, 2), RESULTS), run)
    images = labels.images if "image_mapping" not in inputs.aside else None
    return mapped_blocks(blocks, labels.classes if by_name else None, images)


def _all_predictions(inputs: Inputs, run: Run) -> Iterator[Block]:
    """The predictions of all files, in the project's words where mappings are given beside them."""
    classes, images = (inputs.aside.get(name) for name in ("mapping", "image_mapping"))
    blocks = read_file_by_file(inputs.sources, lambda source: _predictions_of(source, inputs, run))
    return mapped_blocks(
        blocks,
        read_class_mapping(classes) if classes is not None else None,
        read_image_mapping(images) if images is not None else None,
    )


def _one_ground_truth(inputs: Inputs, run: Run) -> GroundTruthInput:
    if len(inputs.sources) > 1:
        raise InputError(f"{len(inputs.sources)} files; COCO ground truth is one", hint="name the file")
    read = read_ground_truth(inputs.sources[0], run)
    return replace(read, categories=_with_ancestors(read.categories, inputs))


def _with_ancestors(categories: pa.Table, inputs: Inputs) -> pa.Table:
    """The classes with those above them: by the file of a hierarchy beside, else by the groups that are classes."""
    beside = inputs.aside.get("ontology")
    if beside is not None:
        return with_ancestors(categories, read_hierarchy(beside), beside.name)
    return with_ancestors(categories, parents_by_group(categories), inputs.sources[0].name)


FORMAT = Format("coco", "COCO ground truth or results (JSON)", recognise, _one_ground_truth, _all_predictions)
