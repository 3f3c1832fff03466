"""What to do with the files of an inbox: which are new, which are done, which have to be refused or left.

Content decides, by the sha256 of the commits' inputs: a file that is renamed, copied or put there again is done.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from schemas.errors import BoxscoreError, InputError
from schemas.names import name_of_file
from schemas.parameters import InboxParameters
from schemas.records import Run
from tasks.catalog import PREDICTION_SET, catalog
from tasks.evaluation import protocols_for
from tasks.imports import describe, input_digests
from tasks.ingest import open_sources
from tasks.storage import Arrival, Project, State, arrivals, look_at

History = Mapping[str, frozenset[str]]
"""sha256 of the inputs of each set's last version, by the set's name; sets that were deleted are among them."""


class Verdict(StrEnum):
    """What becomes of an entry of the inbox."""

    TAKE = "new"
    REPLACE = "new version"
    FINISH = "not measured yet"
    DONE = "done"
    REFUSE = "refused"
    LEAVE = "left for the next run"


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the inbox, and what becomes of it."""

    path: Path
    name: str
    """The set that it is, or would be."""
    verdict: Verdict
    reason: str = ""

    @property
    def is_work(self) -> bool:
        """Whether there is something to do."""
        return self.verdict in {Verdict.TAKE, Verdict.REPLACE, Verdict.FINISH}


@dataclass(frozen=True, slots=True)
class Whole:
    """An entry that was read whole, and did not change meanwhile."""

    path: Path
    name: str
    content: frozenset[str]
    """sha256 of its files, or of names and contents of many."""


def history_of(state: State) -> History:
    """The last content of every set; a set that was deleted by hand is not to come back by itself."""
    history = {}
    for commit in state.commits.values():
        record: Mapping[str, Any] = commit.record
        if record.get("kind") == PREDICTION_SET:
            history[record["name"]] = frozenset(input_digests(record["inputs"]))
    return history


def look_into(parameters: InboxParameters, project: Project, now_s: float, run: Run) -> list[Item]:
    """Every entry that the pattern fits, by name, with what becomes of it; an empty inbox gives none.

    InputError where there is no inbox.
    """
    read: list[Whole] = []
    items: list[Item] = []
    for arrival in arrivals(parameters.inbox, parameters.pattern):
        name = name_of_file(arrival.path.name if arrival.is_folder else arrival.path.stem)
        why = arrival.being_written(now_s, parameters.settle_s)
        found = Item(arrival.path, name, Verdict.LEAVE, why) if why else _digested(arrival, name, run)
        if isinstance(found, Item):
            items.append(found)
        else:
            read.append(found)
    live = catalog(project).sets
    items += judged(read, history_of(project.state()), live, parameters.replace)
    whole = [_measured(item, parameters, project) if item.name in live else item for item in items]
    return sorted(whole, key=lambda item: item.path.name)


def _digested(arrival: Arrival, name: str, run: Run) -> Whole | Item:
    """The entry with its content; an item where it cannot be read, or changed while it was."""
    try:
        inventory = describe(arrival.path, open_sources(arrival.path), {}, run)
    except BoxscoreError as error:
        return Item(arrival.path, name, Verdict.REFUSE, str(error))
    if look_at(arrival.path) != arrival:
        return Item(arrival.path, name, Verdict.LEAVE, "it changed while it was read")
    return Whole(arrival.path, name, frozenset(input_digests(inventory)))


def judged(read: Sequence[Whole], history: History, live: Collection[str], may_replace: bool) -> list[Item]:
    """What becomes of entries that are whole, given the content and the names that the project has.

    Of entries with the same content the first is taken. Of entries that would be the same set, with other content each,
    none is: by replacing each other they would never come to rest.
    """
    items, first = [], dict[frozenset[str], Whole]()
    for entry in read:
        holder, twin = _holder(entry, history), first.setdefault(entry.content, entry)
        rivals = [other.path.name for other in read if other.name == entry.name and other.content != entry.content]
        if holder is not None:
            items.append(Item(entry.path, holder, Verdict.DONE, f"its content is that of the set {holder}"))
        elif twin is not entry:
            items.append(Item(entry.path, twin.name, Verdict.DONE, f"its content is that of {twin.path.name}"))
        elif rivals:
            why = f"{' and '.join(rivals)} would be the set {entry.name} as well"
            items.append(Item(entry.path, entry.name, Verdict.REFUSE, f"{why}: rename all but one"))
        elif entry.name in live and not may_replace:
            why = f"the set {entry.name} holds other predictions"
            hint = "the deployment's parameter replace would put these in their place"
            items.append(Item(entry.path, entry.name, Verdict.REFUSE, f"{why}: rename the file, or {hint}"))
        else:
            items.append(Item(entry.path, entry.name, Verdict.REPLACE if entry.name in live else Verdict.TAKE))
    return items


def _holder(entry: Whole, history: History) -> str | None:
    """The set that the entry's content is in: the one of its own name, if it is among several."""
    holders = [name for name, content in history.items() if entry.content <= content]
    return entry.name if entry.name in holders else next(iter(holders), None)


def _measured(item: Item, parameters: InboxParameters, project: Project) -> Item:
    """A done item is finished when its set was measured, too: a run may have ended between the two."""
    if item.verdict is not Verdict.DONE:
        return item
    known, stand_as = catalog(project), parameters.settings.stand_as
    try:
        asked = protocols_for(project, item.name, parameters.protocols, parameters.settings)
    except InputError as error:
        return replace(item, verdict=Verdict.REFUSE, reason=str(error))
    missing = [each.name for each in asked if (item.name, stand_as or each.name) not in known.evaluations]
    return replace(item, verdict=Verdict.FINISH, reason=f"not measured yet: {', '.join(missing)}") if missing else item
