"""Masks: a PNG of 8-bit grey per data unit, whose pixels are classes; or one per object, with the class in its name.

Names are `<data unit>[__<frame>].png`, in a directory with others or below it, beside `ontology_mapping.json` with
`{feature hash: pixel value}`. Which of three meanings a file has is in `Reading.masks`.
"""

from collections.abc import Iterator, Sequence

from schemas.parameters import MaskKind
from schemas.records import Block, Format, GroundTruthInput, Inputs, Run
from schemas.rejects import Stage
from tasks.encord.ontology import read_ontology
from tasks.masks.blocks import MaskFile, Reader, read_blocks
from tasks.masks.files import apart, layout, with_sizes
from tasks.masks.mapping import is_mapping, named_classes, pixel_classes
from tasks.masks.names import Said, is_mask_file
from tasks.masks.truth import categories_of, units_of
from tasks.rejects import rejects_table
from tasks.unit_files import read_unit_file
from tasks.units import keyed_units


def recognise(names: Sequence[str], head: bytes) -> bool:
    """Whether there are PNG files, and their mapping or nothing beside them."""
    return all(map(is_mask_file, names)) or (any(map(is_mask_file, names)) and any(map(is_mapping, names)))


def _classes(inputs: Inputs) -> tuple[dict[int, str], dict[str, str] | None]:
    """(class by pixel value, class by the word in a file's name): one of them, as files are meant."""
    if inputs.reading.masks is MaskKind.ONE_PER_FILE:
        return {}, named_classes(inputs)
    return pixel_classes(inputs), None


def _reader(inputs: Inputs, classes: dict[int, str], predictions: bool) -> Reader:
    return Reader(inputs.reading.masks, classes, inputs.reading.smallest_component, predictions)


def read_predictions(inputs: Inputs, run: Run) -> Iterator[Block]:
    """The objects of all files, with score 1; InputError where pixel values have no mapping."""
    classes, words = _classes(inputs)
    found = layout(inputs, inputs.units, words)
    return read_blocks(with_sizes(found, inputs.units), found.others, _reader(inputs, classes, True), run)


def read_ground_truth(inputs: Inputs, run: Run) -> GroundTruthInput:
    """Units as a file given aside lists them, else by the masks' names and sizes; classes of an ontology given aside,
    else as the mapping has them.

    InputError where pixel values have no mapping.
    """
    classes, words = _classes(inputs)
    if "data_units" in inputs.aside:
        units = read_unit_file(inputs.aside["data_units"])
        found = layout(inputs, keyed_units(None, units), words)
    else:
        found = apart(layout(inputs, None, words))
        units = units_of(found, run)
    files = with_sizes(found, keyed_units(None, units))
    ontology = inputs.aside.get("ontology")
    return GroundTruthInput(
        units,
        categories_of(_all_classes(classes, words, files)) if ontology is None else read_ontology(ontology),
        rejects_table(Stage.INGEST, *[[]] * 5),
        read_blocks(files, found.others, _reader(inputs, classes, False), run),
    )


def _all_classes(classes: dict[int, str], words: dict[str, str] | None, files: Sequence[MaskFile]) -> list[str]:
    """The classes of the mapping, in its order; without one, those that file names have, by name."""
    if classes or words is not None:
        return list(dict.fromkeys([*classes.values(), *(words or {}).values()]))
    return sorted({file.said.category for file in files if isinstance(file.said, Said) and file.said.category})


FORMAT = Format("masks", "Masks (a PNG per data unit or per object)", recognise, read_ground_truth, read_predictions)
