"""COCO's panoptic format, as ground truth and as results: a JSON file, and a PNG file per image with ids of segments.

Format: https://cocodataset.org/#format-data and #format-results. A directory holds both; images may lie in a folder
below it.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Block, Format, GroundTruthInput, Inputs, Run, Source
from tasks.coco.document import Span, elements
from tasks.coco.units import check_some, read_categories, read_units
from tasks.masks.mapping import is_mapping
from tasks.masks.names import is_mask_file
from tasks.panoptic.document import array, chosen, is_json, things
from tasks.panoptic.files import images_of, size_by
from tasks.units import keyed_units


def recognise(names: Sequence[str], head: bytes) -> bool:
    """Whether there are PNG files and a JSON file that is no mapping of theirs, and begins as COCO's do."""
    if not any(map(is_mask_file, names)) or not any(is_json(name) and not is_mapping(name) for name in names):
        return False
    return not is_json(names[0]) or any(word in head for word in (b'"images"', b'"annotations"', b'"info"'))


def _blocks(
    inputs: Inputs,
    listed: Sequence[tuple[Source, dict[str, Span]]],
    units: pa.Table | None,
    predictions: bool,
    run: Run,
) -> Iterator[Block]:
    """The segments of all files; then a reject for each file that none of them names."""
    from tasks.panoptic.blocks import Reader, entries, read_blocks, unused  # every COCO file comes by here first

    named: set[str] = {source.name for source, _ in listed}
    for source, parts in listed:
        images, used = images_of(source, inputs.sources), set[str]()
        reader = Reader(source.name, images, size_by(units), predictions)
        yield from read_blocks(entries(elements(source, array(source, parts, "annotations")), used), reader, run)
        named |= {images[name].name for name in used if name in images}
    left = [source for source in inputs.sources if source.name not in named]
    if left:
        yield unused(left)


def read_predictions(inputs: Inputs, run: Run) -> Iterator[Block]:
    """The segments of all files, with score 1 where none is stated. InputError where no file lists segments."""
    return _blocks(inputs, chosen(inputs.sources), inputs.units, True, run)


def read_ground_truth(inputs: Inputs, run: Run) -> GroundTruthInput:
    """Images, categories and segments of the one file that lists them. InputError where there is none, or several."""
    listed = chosen(inputs.sources)
    if len(listed) > 1:
        names = ", ".join(source.name for source, _ in listed)
        raise InputError(f"several lists of segments: {names}", hint="ground truth is one, beside its images")
    source, parts = listed[0]
    images, span = (array(source, parts, name) for name in ("images", "categories"))
    units, refused_images = read_units(source, images)
    check_some(source, images, "images", units, refused_images)
    categories, refused_categories = read_categories(source, span)
    check_some(source, span, "categories", categories, refused_categories)
    rejects = pa.concat_tables([refused_images, refused_categories])
    blocks = _blocks(inputs, listed, keyed_units(None, units), False, run)
    return GroundTruthInput(units, things(source, span, categories), rejects, blocks)


FORMAT = Format("panoptic", "COCO panoptic (JSON and PNG)", recognise, read_ground_truth, read_predictions)
