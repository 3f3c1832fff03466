"""Ground truth of label files: the units and classes that the rows themselves do not state."""

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from schemas.records import Block, GroundTruthInput, Inputs
from schemas.rejects import Stage
from schemas.tables import CATEGORY_RECORDS, UNIT_RECORDS
from tasks.columns import completed
from tasks.rejects import rejects_table
from tasks.unit_files import read_unit_file


def units_of(inputs: Inputs) -> pa.Table:
    """UNIT_RECORDS of the file given as data units, else of the project. InputError where there is neither."""
    if "data_units" in inputs.aside:
        return read_unit_file(inputs.aside["data_units"])
    if inputs.units is None:
        hint = "give their names, widths and heights with --data-units"
        raise InputError("KITTI's files do not say how large their images are", where=inputs.sources[0].name, hint=hint)
    live = inputs.units.filter(pc.invert(pc.fill_null(inputs.units["retired"], False)))
    return live.select(UNIT_RECORDS.schema.names).cast(UNIT_RECORDS.schema)


def ground_truth_input(units: pa.Table, mapping: Mapping[str, str] | None, blocks: Iterable[Block]) -> GroundTruthInput:
    """Ground truth with the classes of the mapping, in its order; without one, those of the rows, by name.

    Which classes there are is known when every row has been read, so the blocks are held.
    """
    held = list(blocks)
    found = {word for block in held for word in pc.unique(block.records["source_category"]).to_pylist()}
    names = {feature_hash: name for name, feature_hash in (mapping or {}).items()}
    names |= {word: word for word in sorted(found) if word not in names}
    columns = {
        "feature_hash": list(names),
        "name": list(names.values()),
        "kind": ["object"] * len(names),
        "shape": ["bounding_box"] * len(names),
    }
    categories = completed(columns, CATEGORY_RECORDS.schema, len(names))
    return GroundTruthInput(units, categories, rejects_table(Stage.INGEST, *[[]] * 5), iter(held))
