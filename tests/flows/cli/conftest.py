"""The command line as tests call it: in this process, with what it said and how it ended."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from flows.cli import main

SAMPLE = Path(__file__).resolve().parents[3] / "data/sample"
TRUTH = {
    "images": [
        {"id": 1, "file_name": "a.jpg", "width": 100, "height": 80},
        {"id": 2, "file_name": "b.jpg", "width": 60, "height": 50},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0},
        {"id": 2, "image_id": 2, "category_id": 1, "bbox": [5, 5, 30, 30], "area": 900, "iscrowd": 0},
    ],
    "categories": [{"id": 1, "name": "cat"}],
}
RESULT = {"image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "score": 0.9}
"""A prediction that finds the first annotation of TRUTH."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)


Cli = Callable[..., Said]


def boxscore(*arguments: object) -> int:
    """Run `boxscore` with these arguments in this process; its exit code."""
    with mock.patch.object(sys, "argv", ["boxscore", *map(str, arguments)]):
        return main()


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs `boxscore` with these arguments in this process."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = boxscore(*arguments)
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], Path]:
    """Writes a file: text as it is, anything else as JSON."""

    def writing(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return writing


@pytest.fixture(scope="session")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the project `sample`: sets `boxes` and `masks`, evaluated under their default protocols."""
    store = tmp_path_factory.mktemp("sampled") / "store"
    for name in ("boxes", "masks"):
        files = ["--ground-truth", SAMPLE / "ground_truth.json", "--predictions", SAMPLE / f"{name}.json"]
        assert boxscore("evaluate", *files, "--project", "sample", "--store", store) == 0
    return store


@pytest.fixture
def store(sampled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `sampled` that BOXSCORE_STORE names."""
    copy = tmp_path / "store"
    shutil.copytree(sampled, copy)
    monkeypatch.setenv("BOXSCORE_STORE", str(copy))
    return copy


@pytest.fixture
def empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that is not there yet, which BOXSCORE_STORE names."""
    monkeypatch.setenv("BOXSCORE_STORE", str(tmp_path / "store"))
    return tmp_path / "store"
