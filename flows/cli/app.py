"""The command line's frame: commands, each imported when it is asked for, and the options they share."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

from cyclopts import App, Parameter

from flows.cli.commands import COMMANDS
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

_TAKE_FILES = {"evaluate", "import"}
"""Commands whose files are digested, from before the modules are imported that read them."""

_PARENTS = {"import": import_app, "print": print_app}
for _words, (_function, _does) in COMMANDS.items():
    _parent, _, _word = _words.rpartition(" ")
    _PARENTS.get(_parent, app).command(f"flows.cli.{_function}", name=_word, help=_does)

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
