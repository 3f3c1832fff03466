"""KITTI: a text file of object rows per data unit, as ground truth and as predictions, from three directories.

KITTI's own (`000123.txt`), Encord Active's (`<title>[__<frame>].txt` beside `ontology_mapping.json`), and that of its
versions up to 0.1.65 (`labels/<data hash>__anything.txt` beside `ontology_label_map.json`, corners relative).
What a row may say is in `tasks.kitti.rows`.
"""

from collections.abc import Iterator, Sequence

from schemas.parameters import ClassBy
from schemas.records import Block, Format, GroundTruthInput, Inputs, Run
from tasks.file_names import FileNames
from tasks.kitti.blocks import Reader, read_blocks
from tasks.kitti.files import MAPPINGS, Layout, is_label_file, layout
from tasks.kitti.mapping import read_mapping
from tasks.kitti.rows import read_row
from tasks.kitti.truth import ground_truth_input, units_of
from tasks.masks.names import is_mask_file
from tasks.refusals import Refused


def recognise(names: Sequence[str], head: bytes) -> bool:
    """Whether label files lie beside a mapping, or the first file's first row is an object's.

    A text among more images than that is a note beside masks.
    """
    labels, images = (sum(map(kind, names)) for kind in (is_label_file, is_mask_file))
    if not labels or labels < images:
        return False
    if any(name.rpartition("/")[2] in MAPPINGS for name in names):
        return True
    first = head.lstrip().partition(b"\n")[0]
    if not first:
        return all(map(is_label_file, names))
    try:
        return bool(read_row(first, commas=names[0].lower().endswith(".csv")))
    except (Refused, UnicodeDecodeError):
        return False


def _mapping(files: Layout, inputs: Inputs) -> dict[str, str] | None:
    """Feature hash by class name, where there is a mapping and classes go by their hashes."""
    if files.mapping is None or inputs.reading.class_by is ClassBy.NAME:
        return None
    return read_mapping(files.mapping, inputs.categories)


def read_predictions(inputs: Inputs, run: Run) -> Iterator[Block]:
    """The rows of all files; a row without a score has confidence 1. InputError where the mapping is none."""
    files = layout(inputs.sources, inputs.aside)
    names = FileNames(inputs.units, hash_first=files.relative)
    reader = Reader(names, _mapping(files, inputs), files.relative, predictions=True)
    return read_blocks(files, reader, run)


def read_ground_truth(inputs: Inputs, run: Run) -> GroundTruthInput:
    """Units as `data_units` has them, classes as mapping or rows name them, and the rows of all files.

    InputError where sizes are not known, or the mapping is none.
    """
    files = layout(inputs.sources, inputs.aside)
    units = units_of(inputs)
    mapping = _mapping(files, inputs)
    reader = Reader(FileNames(units, hash_first=files.relative), mapping, files.relative, predictions=False)
    return ground_truth_input(units, mapping, read_blocks(files, reader, run))


FORMAT = Format(
    "kitti", "KITTI object rows (a text file per data unit)", recognise, read_ground_truth, read_predictions
)
