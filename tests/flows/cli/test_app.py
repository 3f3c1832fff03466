"""The frame of the command line: help, versions, and how errors end."""

import inspect
import os
import subprocess
import sys
import sysconfig
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

from flows.cli import look
from flows.cli.commands import COMMANDS
from tests.flows.cli.conftest import Cli

BOXSCORE = Path(sysconfig.get_path("scripts")) / "boxscore"
WORDS = [words.split() for words in COMMANDS]


def test_without_arguments_it_prints_help(cli: Cli) -> None:
    """`boxscore` alone lists the commands, with what each does, and is no error."""
    said = cli()
    assert said.code == 0
    assert all(command[0] in said.out for command in WORDS)
    assert "evaluate      Import ground truth and predictions" in said.out


def test_the_version_is_the_distribution_s(cli: Cli) -> None:
    """`--version` prints what pip calls the installed version."""
    assert cli("--version").out.strip() == version("boxscore")


@pytest.mark.parametrize(("function", "does"), COMMANDS.values(), ids=COMMANDS)
def test_what_a_list_says_of_a_command_is_what_its_function_says(function: str, does: str) -> None:
    """The first paragraph of the docstring, which is not read for a list."""
    module, _, name = function.partition(":")
    told = inspect.getdoc(getattr(import_module(f"flows.cli.{module}"), name)) or ""
    assert " ".join(told.split("\n\n")[0].split()) == does


@pytest.mark.parametrize("command", WORDS, ids=" ".join)
def test_every_command_has_help(cli: Cli, command: list[str]) -> None:
    """`--help` says what a command does and which options it has, without options nobody asked for."""
    said = cli(*command, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: boxscore {' '.join(command)}")
    assert "--empty" not in said.out
    assert command == ["up"] or "BOXSCORE_STORE" in said.out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["evaluat"], "evaluate"),
        (["evaluate"], "boxscore evaluate --help"),
        (["reanalyze", "--project", "sample", "--iou-threshold", "x"], "--iou-threshold"),
        (["reanalyze", "--project", "sample", "--iou-threshold", "2"], "--iou-threshold: the value should be less"),
        (
            ["reanalyze", "--project", "sample", "--keypoint-sigma", "0"],
            "--keypoint-sigma: the value should be greater",
        ),
        (
            ["reanalyze", "--project", "sample", "--max-detections", "0"],
            "--max-detections: the value should be greater",
        ),
        (["reanalyze", "--project", "sample", "--max-detections", "1.9"], "'1.9' is not a whole number"),
        (["reanalyze", "--project", "sample", "--max-detections", "many"], "'many' is not a whole number"),
        (["reanalyze", "--project", "sample", "--slice-by", ""], "names no column"),
        (["failures", "boxes", "--project", "sample", "--bins", "5.5"], "'5.5' is not a whole number"),
        (["label-errors", "--project", "sample", "--show", "1.5"], "'1.5' is not a whole number"),
        (["list", "--store", os.fsdecode(b"\xff")], "--store: the path holds bytes that are not UTF-8"),
        (["reanalyze", "--project", "sample", "--tie-order", "random"], '"file", "canonical"'),
        (["reanalyze", "--project", "sample", "--area-range", "all"], "NAME=LOW:HIGH"),
        (["reanalyze", "--project", "sample", "--area-range", "all=9:1"], "LOW <= HIGH"),
        (["reanalyze", "--project", "sample", "--as", "a/b"], "--as: 'a/b' is not a name"),
        (["reanalyze", "--project", "sample", "--protocol", "coco-box"], "did you mean coco-bbox?"),
        (["reanalyze", "--project", "sample", "--set", "boxs"], "did you mean boxes?"),
        (["reanalyze", "--project", "sample", "--all", "--set", "boxes"], "contradict"),
        (["show", "boxes", "--project", "sampel"], "sample"),
        (["metrics", "boxes", "--project", "sample", "--protocol", "coco-segm"], "there are: coco-bbox"),
        (["files", "matchs", "--project", "sample"], "ground_truth_matches"),
        (["purge", "--project", "sample", "--older-than-days", "1e99"], "--older-than-days"),
        (["restore", "boxes", "--project", "sample"], "trash"),
    ],
)
def test_a_wrong_call_says_what_is_allowed(cli: Cli, store: Path, arguments: list[str], expected: str) -> None:
    """What is wrong with the call exits 2, names what was found and what is allowed, and writes nothing to stdout."""
    said = cli(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert expected in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["show", "boxes"], "show needs --project with a value\n  hint: boxscore list names the projects\n"),
        (["show"], "boxscore show needs SET\n  hint: boxscore show --help\n"),
        (["evaluate", "--ground-truth", "here.json"], "boxscore evaluate needs --predictions with a value\n"),
    ],
)
def test_what_a_call_lacks_is_named(cli: Cli, arguments: list[str], expected: str) -> None:
    """A word or an option, and where a project's name is to be had."""
    said = cli(*arguments)
    assert said.code == 2
    assert expected in said.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["reanalyze", "boxes", "--project", "sample"], ["options only (found 'boxes')", "hint: --set boxes\n"]),
        (["reanalyze", "--project", "sample", "a", "b"], ["options only (found 'a', 'b')", "hint: --set a --set b\n"]),
        (["purge", "boxes", "--project", "sample"], ["purge takes options only (found 'boxes')"]),
        (["show", "boxes", "masks", "--project", "sample"], ["show takes no more words (found 'masks')"]),
    ],
)
def test_words_that_a_command_does_not_take_are_named(cli: Cli, arguments: list[str], expected: list[str]) -> None:
    """A word without its option ends with 2 and is told, as a set's name only where the command has that option."""
    said = cli(*arguments)
    assert (said.code, said.out) == (2, "")
    assert all(words in said.err for words in [*expected, f"hint: boxscore {arguments[0]} --help"])
    assert ("--set" in said.err) == (arguments[0] == "reanalyze")


def test_an_error_of_its_own_shows_no_traceback(cli: Cli, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug exits 1 in one sentence; under BOXSCORE_TRACEBACK it also says where it is."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("half of nothing")

    monkeypatch.setattr(look, "print_table", broken)
    said = cli("list")
    assert said.code == 1
    assert "boxscore itself failed, ZeroDivisionError: half of nothing" in said.err
    assert "Traceback" not in said.err
    monkeypatch.setenv("BOXSCORE_TRACEBACK", "1")
    assert "Traceback" in cli("list").err


def test_a_stop_is_no_success(cli: Cli, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with code 1 and a word that nothing is left half-done."""

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(look, "print_table", stopped)
    said = cli("list")
    assert (said.code, said.out) == (1, "")
    assert "nothing half-done" in said.err


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["print", "data-mapping"]], ids=" ".join)
def test_a_reader_may_close_the_pipe(store: Path, arguments: list[str]) -> None:
    """`boxscore ... | head` ends with 0 and says nothing of a broken pipe."""
    command = [sys.executable, "-c", "import flows.cli; flows.cli.command()", *arguments]
    project = ["--project", "sample"]
    with subprocess.Popen([*command, *project], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (0, b"")


def test_the_command_is_installed(store: Path) -> None:
    """The script of the distribution runs, takes the store from its environment, and reports exit codes."""
    good = subprocess.run([BOXSCORE, "list", "--json"], capture_output=True, check=False, text=True)
    assert (good.returncode, good.stdout, good.stderr) == (0, '{\n  "projects": [\n    "sample"\n  ]\n}\n', "")
    bad = subprocess.run([BOXSCORE, "show", "x", "--project", "sample"], capture_output=True, check=False)
    assert (bad.returncode, bad.stdout) == (2, b"")


def test_the_program_is_over_with_its_work() -> None:
    """All that was printed and all that is registered for the end comes before; the exit code is the command's."""
    code = "import atexit, sys; atexit.register(print, 'end'); from flows.cli import command; command()"
    for arguments, exit_code, lines in ((["--version"], 0, 2), (["no-such-command"], 2, 1)):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, len(done.stdout.splitlines())) == (exit_code, lines)
        assert done.stdout.endswith("end\n")


def test_a_full_output_is_an_error(store: Path) -> None:
    """Output that cannot be written ends with 1, without a traceback."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([BOXSCORE, "list"], stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_output_fits_its_encoding(tmp_path: Path, encoding: str) -> None:
    """Names that the output's encoding cannot hold are escaped: JSON stays the same document, text stays readable."""
    code = "from flows.cli.console import *; print_json({'name': '\\u00e9\\u20ac'}); say('[b]\\u20ac[/b]')"
    code = f"import sys; sys.stdout.reconfigure(errors='backslashreplace'); {code}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONIOENCODING": encoding}
    )
    document, text = done.stdout.decode(encoding).rsplit("}\n", 1)
    assert ("\\u00e9" if encoding == "ascii" else "é") in document
    assert text.strip() == ("[b]\\u20ac[/b]" if encoding == "ascii" else "[b]€[/b]")
