"""Resolve: keys of predictions and annotations from words, blocks and rows."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from schemas.tables import CATEGORY_RECORDS, UNIT_RECORDS
from tasks.resolve import AnnotationKeys, PredictionKeys, SeenKeys, resolve_rows
from tasks.units import AMBIGUOUS, category_index, keyed_categories, keyed_units, unit_index

UNITS = keyed_units(
    None,
    pa.Table.from_pylist(
        [
            {"source_id": str(k), "data_hash": str(k), "frame": 0, "sequence_hash": str(k), "width": 9, "height": 9,
             "source_order": k}
            for k in range(3)
        ],
        UNIT_RECORDS.schema,
    ),
)  # fmt: skip
CATEGORIES = keyed_categories(
    None, pa.Table.from_pylist([{"feature_hash": name} for name in ("5", "7")], CATEGORY_RECORDS.schema)
)


def _rows(positions: list[int], classes: list[str], **more: list[Any]) -> pa.Table:
    count = len(positions)
    return pa.table(
        {
            "source_file": pa.array(["a.json"] * count, pa.string()),
            "source_row": pa.array(range(count), pa.int64()),
            "source_unit": pa.array([f"unit {p}" for p in positions], pa.string()),
            "source_category": pa.array(classes, pa.string()),
            "unit_position": pa.array(positions, pa.int64()),
            **more,
        }
    )


def test_positions_and_words_become_keys() -> None:
    """Of the unit at the position, and of the class called so."""
    step = resolve_rows(_rows([2, 0], ["7", "5"]), unit_index(UNITS), category_index(CATEGORIES))
    assert (step.table["unit_key"].to_pylist(), step.table["category_key"].to_pylist()) == ([3, 1], [2, 1])
    assert len(step.rejects) == 0


def test_unknown_words_are_rejected_with_their_reasons() -> None:
    """The unit's reason comes before the class'."""
    rows = _rows([-1, AMBIGUOUS, 0, 1, -1], ["5", "5", "x", "7", "x"])
    step = resolve_rows(rows, unit_index(UNITS), category_index(CATEGORIES))
    assert step.table["source_row"].to_pylist() == [3]
    codes = dict(zip(step.rejects["source_row"].to_pylist(), step.rejects["reason_code"].to_pylist(), strict=True))
    assert codes == {0: "unknown_unit", 1: "ambiguous_unit", 2: "unknown_category", 4: "unknown_unit"}


def test_no_rows_are_no_rows() -> None:
    """With the columns that resolve appends."""
    step = resolve_rows(_rows([], []), unit_index(UNITS), category_index(CATEGORIES))
    assert {"unit_key", "category_key"} <= set(step.table.column_names)
    assert (len(step.table), len(step.rejects)) == (0, 0)


def test_prediction_keys_are_the_set_and_the_row() -> None:
    """Sets never share a key, nor do files of a set."""
    rows = _rows([0, 1], ["5", "5"])
    keys = [PredictionKeys(*of)(rows).table["prediction_key"].to_pylist() for of in ((1, 0), (1, 2), (2, 0))]
    assert keys[0] == [(1 << 40), (1 << 40) + 1]
    assert len({key for column in keys for key in column}) == 6


def _keyed(keys: AnnotationKeys, units: list[int], ids: list[str | None] | None) -> tuple[list[int], list[int]]:
    """(keys, rows rejected) of one block."""
    more = {} if ids is None else {"source_id": pa.array(ids, pa.string())}
    rows = _rows(units, ["5"] * len(units), **more).append_column("unit_key", pa.array(np.array(units, np.int64) + 1))
    step = keys(rows)
    return step.table["annotation_key"].to_pylist(), step.rejects["source_row"].to_pylist()


@pytest.mark.parametrize("ids", [None, [None] * 6, ["1", "2", "3", "4", "5", "6"], ["a", "2", None, "b", None, "c"]])
def test_annotation_keys_do_not_depend_on_how_a_file_is_cut_into_blocks(ids: list[str | None] | None) -> None:
    """With ids, without, and with some."""
    units = [0, 1, 0, 2, 0, 1]
    whole, none = _keyed(AnnotationKeys(), units, ids)
    keys, cut = AnnotationKeys(), []
    for part in (slice(0, 1), slice(1, 4), slice(4, 6)):
        cut += _keyed(keys, units[part], None if ids is None else ids[part])[0]
    assert cut == whole
    assert none == []
    assert len(set(whole)) == 6


def test_a_repeated_id_is_rejected_within_a_block_and_over_blocks() -> None:
    """On its unit alone."""
    keys = AnnotationKeys()
    assert _keyed(keys, [0, 0, 1], ["7", "7", "7"])[1] == [1]
    assert _keyed(keys, [0, 1, 2, 0], ["8", "x", "7", "7"])[1] == [3]


def test_keys_are_not_negative() -> None:
    """Whatever the id: a key is a plain number in every reader."""
    ids: list[str | None] = [str(number) for number in (0, -1, 2**63 - 1, -(2**63))]
    assert min(_keyed(AnnotationKeys(), [0] * 4, ids)[0]) >= 0


@pytest.mark.parametrize("seed", range(20))
def test_a_key_is_repeated_where_a_set_would_hold_it(seed: int) -> None:
    """Whether it came in an earlier block or earlier in its own, and however blocks were put together since."""
    generator = np.random.default_rng(seed)
    seen, held = SeenKeys(), set[int]()
    for size in generator.integers(0, 40, 12):
        keys = generator.integers(0, 200, size)
        expected = []
        for key in keys.tolist():
            expected.append(key in held)
            held.add(key)
        assert seen.repeated(keys).tolist() == expected
