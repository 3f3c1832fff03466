"""Commands that manage: delete, restore, purge, verify, up."""

from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from typing import Annotated, Any

from cyclopts import Parameter

from flows.cli.app import STORE, JsonOption, ProjectOption, StoreOption
from flows.cli.console import print_json, say
from schemas.errors import InputError, StoreError
from tasks.catalog import DELETE, RESTORE, catalog, deletion_of
from tasks.storage import Store

_OLDEST_DAYS = 365_000
SetArgument = Annotated[str, Parameter(name="SET")]


def delete(
    name: SetArgument, /, *, project: ProjectOption, store: StoreOption = STORE, json: JsonOption = False
) -> None:
    """Delete a set from every table; it can be restored until it is purged."""
    place = Store(store).project(project)
    known = catalog(place)
    entries = [known.set_named(name), *known.evaluations_of(name), *known.quality_of(name), *known.conclusions_of(name)]
    partitions = [partition for entry in entries for partition in entry.data]
    place.remove(partitions, {"kind": DELETE, "name": name}, what=f"delete {name}")
    text = f"deleted {name}; boxscore restore {name} --project {project} brings it back"
    _say(text, {"deleted": name, "partitions": [partition.location for partition in partitions]}, json)


def restore(
    name: SetArgument, /, *, project: ProjectOption, store: StoreOption = STORE, json: JsonOption = False
) -> None:
    """Bring back the set that was deleted last under this name."""
    place = Store(store).project(project)
    deletion = deletion_of(place, name)
    if deletion is None:
        raise InputError(f"no deleted set {name!r} is in the trash", where="SET", hint="purged sets cannot be restored")
    place.restore(deletion, {"kind": RESTORE, "name": name, "of": deletion})
    _say(f"restored {name}", {"restored": name}, json)


def purge(
    *,
    project: ProjectOption,
    older_than_days: Annotated[float, Parameter(help="Keep what was deleted later than so many days ago.")] = 0.0,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Remove deleted and replaced tables for good."""
    if not 0 <= older_than_days <= _OLDEST_DAYS:
        raise InputError(f"{older_than_days} is no number of days from 0 to {_OLDEST_DAYS}", where="--older-than-days")
    gone = Store(store).project(project).purge(datetime.now(UTC) - timedelta(days=older_than_days))
    freed = sum(item.bytes for item in gone)
    text = f"purged {len(gone)} deleted or replaced things, {freed:,} bytes"
    _say(text, {"purged": len(gone), "bytes": freed}, json)


def _say(text: str, document: dict[str, Any], json: bool) -> None:
    if json:
        print_json(document)
    else:
        say(text)


_MADE_AGAIN = (
    "boxscore reanalyze --force makes matches and numbers again, boxscore import predictions --replace a set, "
    "boxscore import ground-truth the ground truth"
)


def verify(*, project: str | None = None, store: StoreOption = STORE, json: JsonOption = False) -> None:
    """Check every published file to the byte, after finishing what an interrupted run left.

    Parameters
    ----------
    project
        Name of the project; all projects of the store when left out.
    """
    place = Store(store)
    names = [project] if project else place.projects()
    reports = {name: place.project(name).verify() for name in names}
    problems = {name: list(report.problems) for name, report in reports.items()}
    if json:
        print_json({"sound": not any(problems.values()), "problems": problems})
    else:
        if not reports:
            say(f"no projects in {place.location}: nothing to check")
        for name, report in reports.items():
            say(f"{name}: {'sound' if report.sound else 'NOT sound'}, {report.files:,} files")
            for problem in report.problems:
                say(f"  {problem}")
    if any(problems.values()):
        raise StoreError("the store is not sound", hint=_MADE_AGAIN)


def up(
    *,
    port: Annotated[int, Parameter(help="Port of the server and its UI.")] = 4200,
    host: Annotated[str, Parameter(help="Address that it listens on, at first for this machine only.")] = "127.0.0.1",
) -> None:
    """Start Prefect's server, the work pool, the deployments and a worker in this folder; Ctrl-C stops them all."""
    (command,) = entry_points(group="boxscore.commands", name="up")
    command.load()(port, host)
