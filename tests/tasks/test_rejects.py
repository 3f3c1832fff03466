"""Tables of rejects."""

import pyarrow as pa

from schemas.rejects import Reason, Stage
from schemas.tables import REJECTS
from tasks.rejects import LONGEST_RECORD, SCHEMA, capped, rejects_of, rejects_table


def test_the_columns_are_those_of_rejects_but_for_the_run() -> None:
    """A stage knows neither the run nor the prediction set."""
    table = rejects_table(Stage.INGEST, ["a.json"], [3], [Reason.NOT_FINITE], ["score is nan"], ["{}"])
    assert table.schema.equals(SCHEMA)
    assert [*REJECTS.fields][2:] == table.schema.names
    row = {"source_file": "a.json", "source_row": 3, "stage": "ingest", "reason_code": "not_finite"}
    assert table.to_pylist() == [{**row, "reason": "score is nan", "record": "{}"}]


def test_no_rejects_are_a_table_without_rows() -> None:
    """Its columns have their types all the same."""
    assert rejects_table(Stage.RESOLVE, [], [], [], [], []).schema.equals(SCHEMA)


def test_a_long_record_is_cut_and_says_so() -> None:
    """Two thousand characters are kept, of any alphabet."""
    assert capped("é" * LONGEST_RECORD) == "é" * LONGEST_RECORD
    assert capped("é" * (LONGEST_RECORD + 1)) == "é" * (LONGEST_RECORD - 1) + "…"


def test_rows_of_records_become_rejects_with_their_content() -> None:
    """The record is JSON of what is given, packed masks as text, nulls left out."""
    columns = {
        "source_file": pa.array(["a", "b"]).dictionary_encode(),
        "source_row": pa.array([5, 9]),
        "mask": pa.array([None, {"counts": b"0a"}]),
        "score": pa.array([0.5, None]),
    }
    table = rejects_of(pa.RecordBatch.from_pydict(columns), [1], [("invalid_mask", "why")], Stage.NORMALIZE)
    (row,) = table.to_pylist()
    assert (row["source_file"], row["source_row"], row["reason_code"]) == ("b", 9, "invalid_mask")
    assert row["record"] == '{"source_file":"b","source_row":9,"mask":{"counts":"0a"}}'
    assert rejects_of(pa.RecordBatch.from_pydict(columns), [], [], Stage.NORMALIZE).num_rows == 0
