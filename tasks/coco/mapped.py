"""Results in the words of another project: category and image ids become its class and data unit hashes."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa

from schemas.records import Block
from schemas.rejects import Reason, Stage
from tasks.columns import dictionary, numbers
from tasks.rejects import rejects_of

Words = Mapping[str, str]
"""The file's word -> the project's."""


def _replaced(column: pa.Array, words: Words, unmapped_stay: bool) -> pa.Array:
    """The column in other words; the work is per distinct one. What `words` lacks stays, or becomes null."""
    encoded = dictionary(column)
    texts = [words.get(text, text if unmapped_stay else None) for text in encoded.dictionary.to_pylist()]
    known = {text: place for place, text in enumerate(dict.fromkeys(text for text in texts if text is not None))}
    places = np.array([known[text] if text is not None else -1 for text in texts] or [-1])
    codes = np.where(numbers(encoded.is_valid()), places[numbers(encoded.indices, missing=0)], -1)
    indices = pa.array(np.maximum(codes, 0).astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(known), pa.string()))


def _with(records: pa.RecordBatch, name: str, column: pa.Array) -> pa.RecordBatch:
    at = records.schema.get_field_index(name)
    return records.set_column(at, records.schema.field(at), column.cast(records.schema.field(at).type))


def _mapped(block: Block, classes: Words | None, images: Words | None) -> Block:
    records, rejects = block.records, block.rejects
    if images is not None:
        records = _with(records, "source_unit", _replaced(records.column("source_unit"), images, True))
    if classes is not None:
        found = _replaced(records.column("source_category"), classes, False)
        bad = np.flatnonzero(~numbers(found.is_valid()))
        lost = records.column("source_category").take(pa.array(bad)).to_pylist()
        faults = [(str(Reason.UNMAPPED_CLASS), f"category {word!r} is not in the class mapping") for word in lost]
        rejects = pa.concat_tables([rejects, rejects_of(records, bad.tolist(), faults, Stage.INGEST)])
        records = _with(records, "source_category", found).filter(found.is_valid())
    return Block(block.rows, records, rejects, block.answers)


def mapped_blocks(blocks: Iterable[Block], classes: Words | None, images: Words | None) -> Iterator[Block]:
    """The blocks with the project's words. Records of an unmapped class are rejected; an unmapped image keeps its name.

    None of a mapping leaves those words as they are.
    """
    if classes is None and images is None:
        return iter(blocks)
    return (_mapped(block, classes, images) for block in blocks)
