"""Encord's label rows: a list of what the SDK's `LabelRowV2.to_encord_dict()` returns, as ground truth or predictions.

A list, a single row, or one row after another (JSON lines). What a row may say is in `tasks.encord.label_row`.
"""

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa

from schemas.records import Block, Format, Inputs, Run
from schemas.tables import ANSWER_RECORDS, RECORDS
from tasks.encord.branches import branch_name
from tasks.encord.label_row import Terms
from tasks.encord.ontology import point_orders
from tasks.encord.row_blocks import read_blocks, sound_files
from tasks.encord.truth import read_truth

_ROW = re.compile(
    rb'\s*(?:\[\s*)?\{.*?"(?:label_hash|data_units|object_answers|classification_answers)"\s*:', re.DOTALL
)


def recognise(names: Sequence[str], head: bytes) -> bool:
    """Whether the first file begins with an object that has a label row's keys."""
    return bool(_ROW.match(head.removeprefix(b"\xef\xbb\xbf")))  # the mark is refused with a hint when it is read


def read_predictions(inputs: Inputs, run: Run) -> Iterator[Block]:
    """The objects and answers of all rows, whatever their branch.

    InputError where a file by itself is damaged; of several, that one is a reject.
    """
    orders = point_orders(inputs.categories) if inputs.categories is not None else {}
    terms = Terms(True, inputs.reading.class_by, orders)
    sources, broken = sound_files(inputs.sources, run)
    if len(broken):
        nothing = (pa.RecordBatch.from_pylist([], schema=table.schema) for table in (RECORDS, ANSWER_RECORDS))
        yield Block(len(broken), next(nothing), broken, next(nothing))
    for source in sources:
        yield from read_blocks(source, terms, run)


def set_name(inputs: Inputs) -> str | None:
    """The branch of the rows, where all files agree on one."""
    names = {branch_name(source) for source in inputs.sources}
    return names.pop() if len(names) == 1 else None


FORMAT = Format("encord-json", "Encord label rows (JSON)", recognise, read_truth, read_predictions, set_name)
