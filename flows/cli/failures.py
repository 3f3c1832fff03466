"""How a command ends that did not go well: what a person is told, and the exit code."""

import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import CycloptsError
from cyclopts.exceptions import MissingArgumentError, UnusedCliTokensError
from pydantic import ValidationError

from flows.cli.console import leave_pipe
from flows.cli.drawing import ERR
from schemas.errors import BoxscoreError

_TRACEBACK = "BOXSCORE_TRACEBACK"
"""Environment variable under which errors that are boxscore's own say where they come from."""

_OPTIONS = {
    "iou_thresholds": "--iou-threshold",
    "area_ranges": "--area-range",
    "keypoint_sigmas": "--keypoint-sigma",
    "ignored_classes": "--ignored-class",
    "distances": "--distance",
    "stand_as": "--as",
    "ground_truth": "--ground-truth",
    "sets": "--set",
    "protocols": "--protocol",
}
"""Options that are not called as the parameter they fill."""


def ending(error: BaseException) -> int:
    """Say what is wrong on standard error; the exit code. A reader who has seen enough is no error."""
    if isinstance(error, BrokenPipeError):
        leave_pipe()
        return 0
    if isinstance(error, KeyboardInterrupt):
        return fail("stopped; nothing half-done is left", 1)
    try:
        sys.stdout.flush()
    except OSError:  # what cannot be written now cannot be when Python exits, which would give a code of its own
        leave_pipe()
    return fail(*explained(error))


def fail(text: str, code: int) -> int:
    """Say what is wrong on standard error."""
    ERR.print("error:", style="bold red", end=" ")
    ERR.print(text)
    return code


def explained(error: BaseException) -> tuple[str, int]:
    """(what a person is told of an error, exit code)."""
    if isinstance(error, BoxscoreError):
        return str(error), error.exit_code
    if isinstance(error, CycloptsError):
        command = " ".join(("boxscore", *(error.command_chain or ())))
        if isinstance(error, UnusedCliTokensError):
            return _unused_text(error, command), 2
        if isinstance(error, MissingArgumentError) and error.argument is not None:
            return _missing_text(error.argument.names, command), 2
        return f"{error}\n  hint: {command} --help", 2
    if isinstance(error, ValidationError):
        return validation_text(error), 2
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}", 1
    if _TRACEBACK in os.environ:
        traceback.print_exception(error)
    hint = f"{_TRACEBACK}=1 shows where; please report it"
    return f"boxscore itself failed, {type(error).__name__}: {error}\n  hint: {hint}", 1


def _unused_text(error: UnusedCliTokensError, command: str) -> str:
    """Words that the command does not take; where sets are named by an option, they may well be sets."""
    words, known = error.unused_tokens or [], error.app.assemble_argument_collection() if error.app else ()
    allowed = "no more words" if any(each.field_info.is_positional for each in known) else "options only"
    hints = [f"{command} --help"]
    if any("--set" in each.names for each in known):
        hints.insert(0, " ".join(f"--set {word}" for word in words))
    said = f"{command} takes {allowed} (found {', '.join(map(repr, words))})"
    return "\n  hint: ".join([said, *hints])


def _missing_text(names: Sequence[str], command: str) -> str:
    """What the command cannot do without, and where a project's name is to be had."""
    hints = ["boxscore list names the projects"] if "--project" in names else []
    asked = f"{names[0]} with a value" if names[0].startswith("-") else names[0]
    return "\n  hint: ".join([f"{command} needs {asked}", *hints, f"{command} --help"])


def validation_text(error: ValidationError) -> str:
    """One line per field of a refused parameter: which option, what was found, what is allowed."""
    lines = []
    for problem in error.errors():
        field = str(problem["loc"][0]) if problem["loc"] else "parameters"
        option = _OPTIONS.get(field, f"--{field.replace('_', '-')}")
        allowed = problem["msg"].removeprefix("Value error, ").replace("Input should", "the value should")
        lines.append(f"{option}: {allowed} (found {str(problem['input'])[:80]!r})")
    return "\n".join(lines)
