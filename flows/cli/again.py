"""The command reanalyze."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from flows.cli.app import STORE, JsonOption, ProjectOption, StoreOption
from flows.cli.console import print_json, progress, say
from flows.cli.numbers import print_numbers
from flows.cli.options import ProtocolOptions
from schemas.errors import InputError
from tasks.catalog import catalog
from tasks.evaluation import Evaluated
from tasks.reanalysis import reanalyze_set, sets_meant
from tasks.running import local_run
from tasks.storage import Project, Store


def reanalyze(
    *,
    project: ProjectOption,
    sets: Annotated[list[str] | None, Parameter(name="--set", help="Prediction set, repeatable.")] = None,
    groups: Annotated[list[str] | None, Parameter(name="--group", help="Sets of a group, repeatable.")] = None,
    all: Annotated[
        bool, Parameter(name="--all", negative="", show_default=False, help="All sets (as when none is named).")
    ] = False,
    options: ProtocolOptions | None = None,
    force: Annotated[
        bool, Parameter(negative="", show_default=False, help="Work again where nothing has changed.")
    ] = False,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Match and measure stored sets again: other rules, corrected ground truth, other classes; no file is read anew.

    Only data units of which something changed are matched.
    """
    for option, given in (("--set", sets), ("--group", groups)):
        if all and given:
            raise InputError(f"--all and {option} contradict each other", where=option, hint="leave one of them out")
    options = options or ProtocolOptions()
    place = Store(store).project(project)
    names = sets_meant(catalog(place), sets or [], groups or [])
    asked = options.protocols(), options.settings()
    with progress(local_run(), quiet=json) as run:
        done = [item for name in names for item in reanalyze_set(place, name, *asked, run, force)]
    if json:
        print_json({"evaluations": [asdict(item) for item in done]})
        return
    _say_again(place, names, done)


def _say_again(place: Project, names: list[str], done: list[Evaluated]) -> None:
    if not names:
        say(f"project {place.name} has no prediction sets: nothing was done")
    for name in names:
        say_evaluations(place, name, [item for item in done if item.prediction_set == name])
    say(f"tables: {place.location}")


def say_evaluations(place: Project, name: str, done: Sequence[Evaluated]) -> None:
    """What became of a set's evaluations, and their numbers."""
    for item in done:
        if item.status == "unchanged":
            say(f"{item.prediction_set}: {item.name} is up to date, nothing was done")
    if done:
        print_numbers(place, name, [item.name for item in done])
