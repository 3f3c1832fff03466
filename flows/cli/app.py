"""The command line's frame: commands, each imported when it is asked for, and the options they share."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

from cyclopts import App, Parameter

from schemas.names import DEFAULT_STORE, STORE_VARIABLE
from tasks.begun_digests import begin_digests
from tasks.installed import installed_version
from tasks.lean import lean, leave

app = App(
    name="boxscore",
    help="Turn stored model predictions into Parquet tables that say how good they are, why, and where.",
    help_format="plaintext",
    version=lambda: installed_version("boxscore"),
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
    default_parameter=Parameter(negative_iterable=()),
)
import_app = App(name="import", help="Import ground truth or predictions.")
print_app = App(name="print", help="Print a project's data mapping or ontology.")
app.command(import_app)
app.command(print_app)

_COMMANDS = (
    (app, "work", {"evaluate": "evaluate"}),
    (import_app, "work", {"ground-truth": "ground_truth_command", "predictions": "predictions_command"}),
    (app, "again", {"reanalyze": "reanalyze"}),
    (app, "quality", {"quality": "quality"}),
    (app, "conclusions", {"failures": "failures", "label-errors": "label_errors"}),
    (app, "look", {"list": "list_command", "show": "show", "metrics": "metrics", "files": "files"}),
    (print_app, "look", {"data-mapping": "data_mapping", "ontology": "ontology"}),
    (app, "manage", {name: name for name in ("delete", "restore", "purge", "verify", "up")}),
)
"""Commands by their word, and the functions behind them: the module is imported when the word is used."""
_TAKE_FILES = {"evaluate", "import"}
"""Commands whose files are digested, from before the modules are imported that read them."""

for _parent, _module, _functions in _COMMANDS:
    for _word, _function in _functions.items():
        _parent.command(f"flows.cli.{_module}:{_function}", name=_word)

StoreOption = Annotated[
    Path, Parameter(name="--store", env_var=STORE_VARIABLE, help="Folder of the store, or s3://BUCKET/PREFIX.")
]
ProjectOption = Annotated[str, Parameter(name="--project", help="Name of the project.")]
JsonOption = Annotated[bool, Parameter(name="--json", negative="", show_default=False, help="Print one JSON document.")]
STORE = DEFAULT_STORE


def main() -> int:
    """Run the command line; exit 0 done, 1 failed, 2 the input or the call is wrong. Never a traceback."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    with lean():
        if _TAKE_FILES.intersection(sys.argv[1:2]):
            begin_digests(sys.argv[2:])
        try:
            app(sys.argv[1:], exit_on_error=False, print_error=False, result_action="return_value")
            sys.stdout.flush()
        except (Exception, KeyboardInterrupt) as error:
            from flows.cli.failures import ending  # what goes well needs none of it

            return ending(error)
    return 0


def command() -> NoReturn:
    """`main` as a program."""
    leave(main())
