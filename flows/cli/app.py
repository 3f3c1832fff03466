"""The command line's frame: commands, common options, and how errors end."""

import os
import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from pydantic import ValidationError

from flows.cli.console import ERR, leave_pipe
from schemas.errors import BoxscoreError
from schemas.parameters import DEFAULT_STORE
from tasks.memory import use_one_heap

_TRACEBACK = "BOXSCORE_TRACEBACK"
"""Environment variable under which errors that are boxscore's own say where they come from."""

app = App(
    name="boxscore",
    help="Turn stored model predictions into Parquet tables that say how good they are, why, and where.",
    help_format="plaintext",
    version=lambda: version("boxscore"),
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
    default_parameter=Parameter(negative_iterable=()),
)
import_app = App(name="import", help="Import ground truth or predictions.")
print_app = App(name="print", help="Print a project's data mapping or ontology.")
app.command(import_app)
app.command(print_app)

StoreOption = Annotated[Path, Parameter(name="--store", env_var="BOXSCORE_STORE", help="Folder of the store.")]
ProjectOption = Annotated[str, Parameter(name="--project", help="Name of the project.")]
JsonOption = Annotated[bool, Parameter(name="--json", negative="", show_default=False, help="Print one JSON document.")]
STORE = DEFAULT_STORE

_OPTIONS = {
    "iou_thresholds": "--iou-threshold",
    "area_ranges": "--area-range",
    "keypoint_sigmas": "--keypoint-sigma",
    "distances": "--distance",
    "stand_as": "--as",
    "ground_truth": "--ground-truth",
    "sets": "--set",
    "protocols": "--protocol",
}
"""Options that are not called as the parameter they fill."""


def main() -> int:
    """Run the command line; exit 0 done, 1 failed, 2 the input or the call is wrong. Never a traceback."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    use_one_heap()
    try:
        app(sys.argv[1:], exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except BrokenPipeError:
        leave_pipe()
    except KeyboardInterrupt:
        return fail("stopped; nothing half-done is left", 1)
    except Exception as error:
        return fail(*explained(error))
    return 0


def fail(text: str, code: int) -> int:
    """Say what is wrong on standard error."""
    ERR.print("error:", style="bold red", end=" ")
    ERR.print(text)
    return code


def explained(error: Exception) -> tuple[str, int]:
    """(what a person is told of an error, exit code)."""
    if isinstance(error, BoxscoreError):
        return str(error), error.exit_code
    if isinstance(error, CycloptsError):
        command = " ".join(("boxscore", *(error.command_chain or ())))
        return f"{error}\n  hint: {command} --help", 2
    if isinstance(error, ValidationError):
        return validation_text(error), 2
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}", 1
    if _TRACEBACK in os.environ:
        traceback.print_exception(error)
    hint = f"{_TRACEBACK}=1 shows where; please report it"
    return f"boxscore itself failed, {type(error).__name__}: {error}\n  hint: {hint}", 1


def validation_text(error: ValidationError) -> str:
    """One line per field of a refused parameter: which option, what was found, what is allowed."""
    lines = []
    for problem in error.errors():
        field = str(problem["loc"][0]) if problem["loc"] else "parameters"
        option = _OPTIONS.get(field, f"--{field.replace('_', '-')}")
        allowed = problem["msg"].removeprefix("Value error, ").replace("Input should", "the value should")
        lines.append(f"{option}: {allowed} (found {str(problem['input'])[:80]!r})")
    return "\n".join(lines)
