"""Every example of the documentation runs as it stands on its page, in a folder that holds the sample's store.

`boxscore` commands run in this process. `make` is not run: of its targets only the names are checked.
"""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from flows.cli import main
from schemas.rejects import Reason
from schemas.tables import TABLES
from tasks.match_tables import ERRORS
from tasks.shape_rules import RULES
from tests.docs.examples import PAGES, ROOT, Command, Example, commands, examples, files

ANALYSIS = "docs/analysis.md"
SETS = ("boxes", "masks", "keypoints")
HOME = "/home/you"
"""What the pages write for the folder in which their commands run."""
REFUSED = [
    {"image_id": 33612, "category_id": 1, "bbox": [1, 2, 3, 4], "score": float("nan")},
    {"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5},
    {"image_id": 33612, "category_id": 77, "bbox": [1, 2, 3, 4], "score": 0.5},
    {"image_id": 33612, "category_id": 1, "bbox": [1, 2, -3, 4], "score": 0.5},
]


def boxscore(*words: str) -> int:
    """Run the command line on these words; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["boxscore", *words])
        return main()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample, the store that the pages speak of, and a reader's own two files."""
    home = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "data" / "sample", home / "data" / "sample")
    shutil.copy(home / "data/sample/ground_truth.json", home / "instances.json")
    shutil.copy(home / "data/sample/masks.json", home / "results.json")
    (home / "refused.json").write_text(json.dumps(REFUSED))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        for name in SETS:
            files = ("--ground-truth", "data/sample/ground_truth.json", "--predictions", f"data/sample/{name}.json")
            assert boxscore("evaluate", *files, "--project", "sample") == 0
        refused = ("import", "predictions", "refused.json", "--project", "sample", "--name", "refused", "--no-evaluate")
        assert boxscore(*refused) == 0
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `built` as the current folder, which a test may change."""
    copy = tmp_path / "home"
    shutil.copytree(built, copy)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("BOXSCORE_STORE", raising=False)
    return copy


def questions() -> dict[str, dict[str, Example]]:
    """{heading: {language: block}} of the analysis page, without the blocks that prepare."""
    found: dict[str, dict[str, Example]] = {}
    for example in examples(ANALYSIS)[3:]:
        found.setdefault(example.heading, {})[example.language] = example
    return found


def by_polars(code: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of the frame `answer`."""
    scope: dict[str, Any] = {}
    exec(examples(ANALYSIS)[1].code + code, scope)
    answer = scope["answer"]
    assert isinstance(answer, pl.DataFrame)
    return answer.columns, answer.rows()


def by_duckdb(code: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of the statement."""
    with duckdb.connect() as connection:
        connection.execute(examples(ANALYSIS)[2].code)
        answer = connection.execute(code)
        assert answer.description is not None
        return [column[0] for column in answer.description], answer.fetchall()


def near(value: Any) -> Any:
    """The value, or for a float one that compares as the same but for the order of a sum."""
    return pytest.approx(value, rel=1e-12) if isinstance(value, float) else value


@pytest.mark.parametrize("heading", questions())
def test_both_readers_give_one_answer(heading: str, home: Path) -> None:
    """Polars and DuckDB answer a question over plain globs with the same columns and rows, and there are some."""
    blocks = questions()[heading]
    names, rows = by_polars(blocks["python"].code)
    other_names, other_rows = by_duckdb(blocks["sql"].code)
    assert names == other_names
    assert rows
    assert rows == [tuple(near(value) for value in row) for row in other_rows]


def test_there_are_ten_questions() -> None:
    """The page answers ten questions at least, each in both languages."""
    assert len(questions()) >= 10
    assert all(set(blocks) == {"python", "sql"} for blocks in questions().values())


def run_command(command: Command, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command, which succeeds and prints what its page says, if that says anything."""
    capsys.readouterr()
    program, *words = shlex.split(command.line)
    assert program == "boxscore"
    assert boxscore(*words) == 0, capsys.readouterr().err
    printed = capsys.readouterr().out.replace(str(home), HOME).rstrip()
    if command.output:
        assert printed.splitlines() == command.output.splitlines()


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)])
def test_a_page_runs_from_top_to_bottom(page: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commands print what stands below them, with the files the page shows; Python and SQL run.

    The questions of the analysis page have a test of their own.
    """
    scope: dict[str, Any] = {}
    for name, text in files(page).items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    for example in examples(page):
        if example.language == "console":
            for command in commands(example):
                run_command(command, home, capsys)
        elif example.language == "python" and page != ANALYSIS:
            exec(example.code, scope)
        elif example.language == "sql" and page != ANALYSIS:
            duckdb.sql(example.code)


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_are_there(page: str) -> None:
    """Every `make TARGET` on a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link of a page names a file of the repository."""
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_every_metric_is_on_its_page(home: Path) -> None:
    """docs/metrics.md names each number that the sample's store holds, and each kind of error."""
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    metrics = pl.read_parquet("data/store/sample/metrics/**/*.parquet")["metric"].unique()
    assert [name for name in (*metrics, *ERRORS) if f"`{name}`" not in page] == []


def test_every_reason_is_on_its_page() -> None:
    """docs/rejects.md names the whole closed list of reasons for a reject."""
    page = (ROOT / "docs" / "rejects.md").read_text(encoding="utf-8")
    assert [str(reason) for reason in Reason if f"| `{reason}` |" not in page] == []


def test_every_shape_rule_is_on_its_page() -> None:
    """docs/rejects.md names each rule by which a shape serves a class of another."""
    page = (ROOT / "docs" / "rejects.md").read_text(encoding="utf-8")
    assert [rule.name for rule in RULES if f"`{rule.name}`" not in page] == []


def test_every_table_is_in_the_readme() -> None:
    """README.md names each stored table."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [table.name for table in TABLES if f"`{table.name}`" not in page] == []
