"""Small tables to publish, and what a reader without our package sees of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.tables import CATEGORIES, METRICS, PREDICTIONS, Table
from tasks.storage import Commit, Partition, Project, Transaction


def filled(table: Table, columns: dict[str, Any]) -> pa.Table:
    """The given columns in their table's types, and 0 or no text in every other required one."""
    rows = len(next(iter(columns.values())))
    required = {f.name: ["" if f.type == pa.string() else 0] * rows for f in table.schema if not f.nullable}
    values = required | columns
    return pa.table({name: pa.array(values[name], table.schema.field(name).type) for name in values})


def predictions(rows: int, mark: float = 0.0, set_name: str = "model", start: int = 0) -> pa.Table:
    """Predictions whose score is `mark`, so that a reader can tell one publication from another."""
    columns = {
        "prediction_set": [set_name] * rows,
        "prediction_key": range(start, start + rows),
        "unit_key": [7] * rows,
        "category_key": [1] * rows,
        "score": [mark] * rows,
    }
    return filled(PREDICTIONS, columns)


def categories(mark: int) -> pa.Table:
    """One class, whose key is `mark`."""
    return filled(CATEGORIES, {"category_key": [mark], "name": ["cat"]})


def metrics(rules: str, mark: float = 0.0, set_name: str = "model") -> pa.Table:
    """One number."""
    protocol = rules.partition("@")[0]
    columns = {
        "prediction_set": [set_name],
        "protocol": [protocol],
        "rules": [rules],
        "metric": ["AP"],
        "value": [mark],
    }
    return filled(METRICS, columns)


def stage_set(transaction: Transaction, mark: int, set_name: str = "model", buckets: int = 2) -> None:
    """Stage predictions (`buckets` buckets, mark + 1 rows in each) and a metric of a set; the digest is the mark."""
    version = f"{set_name}@{mark:08d}"
    staged = transaction.partition(PREDICTIONS, version)
    for bucket in range(buckets):
        with staged.writer(bucket) as writer:
            writer.write(predictions(mark + 1, mark, set_name, start=1000 * bucket))
    with transaction.partition(METRICS, version, "coco-bbox@ab12cd34").writer() as writer:
        writer.write(metrics("coco-bbox@ab12cd34", mark, set_name))


def publish_set(project: Project, mark: int, set_name: str = "model", replaces: Sequence[Partition] = ()) -> Commit:
    """Publish a set in one commit."""
    with project.begin(None, f"publish {mark}") as transaction:
        stage_set(transaction, mark, set_name)
        return transaction.commit({"mark": mark}, replaces=replaces)


def publish_categories(project: Project, mark: int) -> Commit:
    """Publish the one partition of a table without versions, in the place of the old one."""
    with project.begin(None, f"categories {mark}") as transaction:
        with transaction.partition(CATEGORIES).writer() as writer:
            writer.write(categories(mark))
        return transaction.commit({}, replaces=project.live("categories"))


def of_set(project: Project, set_name: str = "model") -> list[Partition]:
    """The live partitions of a set, in all tables."""
    return project.live(set_name=set_name)


def glob_rows(table: Path, column: str) -> list[float]:
    """The values of a column over all files below a table's folder, as a plain glob finds them; sorted."""
    files = sorted(table.glob("**/*.parquet"))
    return sorted(
        value for file in files for value in pq.ParquetFile(file).read(columns=[column]).column(0).to_pylist()
    )
