"""Files and stores that cannot be used: a clear error, the right exit code, and nothing half-published."""

import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.storage import disk
from tests.flows.cli.conftest import RESULT, SAMPLE, TRUTH, Cli

Write = Callable[[str, Any], Path]
CUT = json.dumps(TRUTH)[:-40]
WRONG_TRUTH = [
    (CUT, "gt.json"),
    ("", "gt.json"),
    ("[", "gt.json"),
    ("not JSON", "gt.json"),
    ('"text"', "gt.json"),
    ([RESULT], "give it as predictions"),
    ({**TRUTH, "images": []}, "images"),
    ({name: TRUTH[name] for name in ("annotations", "categories")}, "images"),
    ({name: TRUTH[name] for name in ("images", "annotations")}, "categories"),
    ({**TRUTH, "images": {"id": 1}}, "images"),
    ({**TRUTH, "annotations": 7}, "annotations"),
    (json.dumps(TRUTH) + "]", "gt.json"),
]
WRONG_RESULTS = [
    (json.dumps([RESULT] * 9)[:-40], "net.json"),
    (json.dumps([RESULT])[:-1], "net.json"),
    ("", "net.json"),
    ("nonsense", "net.json"),
    (TRUTH, "give it as that"),
    ('[{"image_id": 1,]', "net.json"),
    (json.dumps([RESULT]) + "x", "net.json"),
]


def tables(store: Path) -> list[str]:
    """Names of the tables that plain globs find something in."""
    return sorted({path.relative_to(store).parts[1] for path in store.glob("*/[!_]*/**/*.parquet")})


def evaluate(cli: Cli, truth: Path, results: Path, *options: object) -> Any:
    """`boxscore evaluate` as the project `p`, the set `a`."""
    return cli("evaluate", "--ground-truth", truth, "--predictions", results, "--project", "p", "--name", "a", *options)


@pytest.mark.parametrize(("content", "expected"), WRONG_TRUTH)
def test_what_is_no_ground_truth(cli: Cli, write: Write, empty_store: Path, content: Any, expected: str) -> None:
    """Broken, cut-off or other ground truth, or one without images, exits 2, names the file, writes nothing."""
    said = evaluate(cli, write("gt.json", content), write("net.json", [RESULT]))
    assert (said.code, said.out) == (2, "")
    assert "gt.json" in said.err
    assert expected in said.err
    assert "boxscore itself failed" not in said.err
    assert not empty_store.exists() or tables(empty_store) == []


@pytest.mark.parametrize(("content", "expected"), WRONG_RESULTS)
def test_what_is_no_results_file(cli: Cli, write: Write, empty_store: Path, content: Any, expected: str) -> None:
    """Predictions that are broken, cut off or ground truth exit 2; nothing of the set is published, rejects neither."""
    cli("import", "ground-truth", write("gt.json", TRUTH), "--project", "p")
    before = tables(empty_store)
    said = cli("import", "predictions", write("net.json", content), "--project", "p", "--name", "a")
    assert (said.code, said.out) == (2, "")
    assert "net.json" in said.err
    assert expected in said.err
    assert tables(empty_store) == before == ["categories", "data_units", "ground_truth", "rejects", "runs"]
    assert len(list(empty_store.glob("p/runs/*"))) == 1
    assert cli("list", "--project", "p", "--json").json["prediction_sets"] == []
    assert cli("verify").code == 0


@pytest.mark.parametrize("side", ["--ground-truth", "--predictions"])
@pytest.mark.parametrize(("path", "expected"), [("nowhere.json", "no such file"), ("/dev/null", "no regular file")])
def test_what_is_no_file(cli: Cli, write: Write, empty_store: Path, side: str, path: str, expected: str) -> None:
    """A missing file and a device in a file's place exit 2 before anything is written."""
    files = {"--ground-truth": write("gt.json", TRUTH), "--predictions": write("net.json", [RESULT])} | {side: path}
    said = cli("evaluate", *[word for pair in files.items() for word in pair])
    assert said.code == 2
    assert expected in said.err
    assert not empty_store.exists()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "ä", "x" * 101, "../../etc"])
@pytest.mark.parametrize("option", ["--name", "--project", "--group"])
def test_names_outside_the_grammar(cli: Cli, write: Write, empty_store: Path, option: str, name: str) -> None:
    """Names that may not stand in a path exit 2, say which option and what is allowed, and write nothing."""
    files = ["--ground-truth", write("gt.json", TRUTH), "--predictions", write("net.json", [RESULT])]
    said = cli("evaluate", *files, option, name)
    assert said.code == 2
    assert f"{option}: {name!r} is not a name: use 1 to 100 of A-Z a-z 0-9 . _ -" in said.err
    assert not empty_store.exists()


def test_a_store_that_cannot_be_made(cli: Cli, write: Write) -> None:
    """A file where the store's folder should be exits 1 and is left as it was."""
    blocker = write("blocker", "mine")
    said = evaluate(cli, write("gt.json", TRUTH), write("net.json", [RESULT]), "--store", blocker)
    assert said.code == 1
    assert str(blocker) in said.err
    assert blocker.read_text() == "mine"


def test_a_full_disk(cli: Cli, write: Write, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk takes nothing more the command exits 1 and says so; afterwards it works as if never tried."""
    files = write("gt.json", TRUTH), write("net.json", [RESULT])
    evaluate(cli, *files, "--json")
    assert cli("delete", "a", "--project", "p").code == 0

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(disk.os, "fsync", full)
        said = evaluate(cli, *files)
    assert said.code == 1
    assert "No space left on device" in said.err
    assert cli("verify").code == 0
    assert cli("list", "--project", "p", "--json").json["prediction_sets"] == []
    assert evaluate(cli, *files).code == 0


def test_files_that_may_not_grow(empty_store: Path) -> None:
    """Under a limit on file sizes the command exits 1 without a traceback, and the store stays sound."""
    limit = "import resource, sys, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000));"
    code = "import flows.cli, sys; {} sys.exit(flows.cli.main())"
    files = ["--ground-truth", str(SAMPLE / "ground_truth.json"), "--predictions", str(SAMPLE / "boxes.json")]
    command = [sys.executable, "-c", code.format(limit), "evaluate", *files]
    # Python 3.11 keeps a compiled module that the limit cut off, and fails on it ever after (CPython issue 126606)
    whole = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=whole)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 6_000
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert tables(empty_store) == []
    again = [sys.executable, "-c", code.format(""), "verify"]
    assert subprocess.run(again, capture_output=True, check=False).returncode == 0
