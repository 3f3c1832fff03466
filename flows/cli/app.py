"""The command line's frame: commands, common options, and how errors end."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from pydantic import ValidationError

from flows.cli.console import ERR
from schemas.errors import BoxscoreError
from schemas.parameters import DEFAULT_STORE

app = App(
    name="boxscore",
    help="Turn stored model predictions into Parquet tables that say how good they are, why, and where.",
    help_format="plaintext",
    version_flags=["--version"],
)
import_app = App(name="import", help="Import ground truth or predictions.")
print_app = App(name="print", help="Print a project's data mapping or ontology.")
app.command(import_app)
app.command(print_app)

StoreOption = Annotated[Path, Parameter(name="--store", env_var="BOXSCORE_STORE", help="Folder of the store.")]
ProjectOption = Annotated[str, Parameter(name="--project", help="Name of the project.")]
JsonOption = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON document.")]
STORE = DEFAULT_STORE


def main() -> int:
    """Run the command line; exit 0 done, 1 failed, 2 the input or the call is wrong. Never a traceback."""
    try:
        app(sys.argv[1:], exit_on_error=False, print_error=False, result_action="return_value")
    except BoxscoreError as error:
        return fail(str(error), error.exit_code)
    except CycloptsError as error:
        return fail(f"{error}\n  hint: boxscore --help", 2)
    except ValidationError as error:
        return fail(validation_text(error), 2)
    except KeyboardInterrupt:
        return fail("stopped; nothing half-done is left", 1)
    except BrokenPipeError:
        return 0
    except OSError as error:
        return fail(f"{error.filename or 'the system'}: {error.strerror or error}", 1)
    return 0


def fail(text: str, code: int) -> int:
    """Say what is wrong on standard error."""
    ERR.print(f"[bold red]error:[/] {_escaped(text)}")
    return code


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")


def validation_text(error: ValidationError) -> str:
    """One line per field of a refused parameter: which, what was found, what is allowed."""
    lines = []
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"]) or "parameters"
        found = repr(problem["input"])[:80]
        lines.append(f"{field}: {problem['msg'].removeprefix('Value error, ')} (found {found})")
    return "\n".join(lines)


