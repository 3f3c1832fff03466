"""MOTChallenge: a text file of boxes with tracks per sequence, as ground truth (beside `seqinfo.ini`) and predictions.

What a line may say is in `tasks.mot.rows`.
"""

from collections.abc import Iterator, Sequence

from schemas.records import Block, Format, GroundTruthInput, Inputs, Run
from schemas.rejects import Stage
from schemas.tables import CATEGORY_RECORDS
from tasks.columns import completed
from tasks.mot.blocks import read_blocks
from tasks.mot.classes import CLASSES
from tasks.mot.files import INFO, known_sequences, layout
from tasks.mot.rows import read_row
from tasks.mot.sequences import sequence_units
from tasks.refusals import Refused
from tasks.rejects import rejects_table


def recognise(names: Sequence[str], head: bytes) -> bool:
    """Whether a sequence's `seqinfo.ini` is among the files, or the first is a text file whose first line is a box."""
    if any(name.replace("\\", "/").rpartition("/")[2] == INFO for name in names):
        return True
    if not names[0].lower().endswith(".txt"):
        return False
    try:
        return bool(read_row(head.lstrip().partition(b"\n")[0]))
    except Refused:
        return False


def read_predictions(inputs: Inputs, _run: Run) -> Iterator[Block]:
    """The boxes of all files; each is about the sequence that it, or a folder above it, is called after."""
    return read_blocks(layout(inputs.sources, ground_truth=False), known_sequences(inputs.units), ground_truth=False)


def read_ground_truth(inputs: Inputs, _run: Run) -> GroundTruthInput:
    """Sequences with their frames, MOTChallenge's 13 classes, and the boxes. InputError where sizes are not known."""
    files = layout(inputs.sources, ground_truth=True)
    units = sequence_units(inputs, files.infos)
    columns = {name: list(CLASSES) for name in ("feature_hash", "name")}
    columns |= {"kind": ["object"] * len(CLASSES), "shape": ["bounding_box"] * len(CLASSES)}
    categories = completed(columns, CATEGORY_RECORDS.schema, len(CLASSES))
    blocks = read_blocks(files, known_sequences(units), ground_truth=True)
    return GroundTruthInput(units, categories, rejects_table(Stage.INGEST, *[[]] * 5), blocks)


FORMAT = Format("mot", "MOTChallenge (a text file per sequence)", recognise, read_ground_truth, read_predictions)
