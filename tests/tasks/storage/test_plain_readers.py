"""What readers without our package make of the folders, frozen: each finds the live rows and one type per column.

`rules` is a column of the files and a name of a folder. Polars' globs and pyarrow's plain dataset take the file's
value; DuckDB, Polars' folders and pandas take the folder's: both hold the same text. pandas and `pq.read_table` give
a folder's value the type dictionary<string> and cannot merge that with a file's string, so the file declares
dictionary<string> for `rules`; Polars reads that as Categorical, DuckDB as VARCHAR.
"""

from pathlib import Path

import duckdb
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from schemas.tables import METRICS
from tasks.storage import Project
from tests.tasks.storage.samples import metrics

NAMES = ["007", "1", "2024-01-01", "true"]
RULES = ["coco-bbox@ab12cd34", "voc2012@00000000"]
VERSIONS = [f"{name}@12345678" for name in NAMES]


@pytest.fixture
def table(project: Project) -> Path:
    """A table of four sets under two protocols, one row each."""
    with project.begin(None, "evaluate") as transaction:
        for name, version in zip(NAMES, VERSIONS, strict=True):
            for rules in RULES:
                with transaction.partition(METRICS, version, rules).writer() as writer:
                    writer.write(metrics(rules, 0.5, name))
        transaction.commit({})
    return project.folder / "metrics"


def check(sets: list[str], rules: list[str]) -> None:
    """Every set under every rule, as text."""
    assert sorted(sets) == sorted(NAMES * 2)
    assert sorted(rules) == sorted(RULES * 4)


@pytest.mark.parametrize("path", ["**/*.parquet", ""])
def test_polars_reads_a_glob_and_a_folder(table: Path, path: str) -> None:
    """Names that look like numbers, dates and booleans are text; `rules` filters, groups and joins as text does."""
    frame = pl.scan_parquet(str(table / path)).collect()
    check(frame["prediction_set"].to_list(), frame["rules"].cast(pl.String).to_list())
    assert frame.schema["prediction_set"] == frame.schema["protocol"] == pl.String
    assert frame.filter(pl.col("rules") == RULES[0], pl.col("prediction_set") == "007").height == 1
    assert set(frame.group_by("rules").len().rows()) == {(rules, 4) for rules in RULES}
    assert frame.join(frame, on=["prediction_set", "rules"]).height == 8
    if not path:
        assert sorted(frame["version"].unique().to_list()) == VERSIONS


@pytest.mark.parametrize(
    "options", ["", ", hive_partitioning=true", ", hive_partitioning=false", ", union_by_name=true"]
)
def test_duckdb_reads_a_glob(table: Path, options: str) -> None:
    """Folder values and columns are VARCHAR, with any of its options."""
    relation = duckdb.sql(f"from read_parquet('{table}/**/*.parquet'{options})")
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert {types[name] for name in ("prediction_set", "protocol", "rules")} == {"VARCHAR"}
    assert types.get("version", "VARCHAR") == "VARCHAR"
    rows = relation.select("prediction_set, rules").fetchall()
    check([row[0] for row in rows], [row[1] for row in rows])


def test_pandas_reads_a_folder(table: Path) -> None:
    """Without any option, and filtered by the folder's name."""
    pandas = pytest.importorskip("pandas", reason="needs pandas, which is not installed")
    frame = pandas.read_parquet(table)
    check(list(frame["prediction_set"]), list(frame["rules"].astype(str)))
    assert sorted(frame["version"].unique()) == VERSIONS
    assert len(pandas.read_parquet(table, filters=[("rules", "==", RULES[1])])) == 4


def test_pyarrow_reads_a_folder(table: Path) -> None:
    """As a table and as a dataset; a dataset told `hive` must be told that folder values are dictionaries."""
    partitioning = ds.HivePartitioning.discover(infer_dictionary=True)
    for rows in (
        pq.read_table(table),
        ds.dataset(table).to_table(),
        ds.dataset(table, partitioning=partitioning).to_table(),
    ):
        check(rows["prediction_set"].to_pylist(), rows["rules"].to_pylist())
    with pytest.raises(Exception, match="Unable to merge: Field rules"):
        ds.dataset(table, partitioning="hive").to_table()


def test_globs_find_nothing_but_the_table(project: Project, table: Path) -> None:
    """Commits, staging and trash lie where no glob over a table looks, also while a run is under way."""
    project.remove(project.live(set_name="007"), {})
    with project.begin(None, "evaluate") as transaction:
        with transaction.partition(METRICS, "new@12345678", RULES[0]).writer() as writer:
            writer.write(metrics(RULES[0], 0.5, "new"))
        found = duckdb.sql(f"select distinct prediction_set from '{table}/**/*.parquet' order by all").fetchall()
    assert [name for (name,) in found] == NAMES[1:]
