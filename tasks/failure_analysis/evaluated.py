"""Evaluations that say of single objects whether they were right: what conclusions are drawn from."""

from collections.abc import Sequence

from schemas.errors import InputError
from schemas.parameters import ProtocolSettings
from schemas.records import Rules
from tasks.catalog import Catalog, Entry
from tasks.protocols import PROTOCOLS
from tasks.rules import rules_of

_MATCHED = ("matches", "ground_truth_matches")


def rules_used(evaluation: Entry) -> Rules:
    """The rules of an evaluation's protocol under the settings it was run with."""
    settings = ProtocolSettings.model_validate(evaluation.record["settings"])
    return rules_of(PROTOCOLS[evaluation.record["protocol"]], settings)


def judges_objects(evaluation: Entry) -> bool:
    """Whether it holds matches of predictions with annotations."""
    return all(table in evaluation.partitions for table in _MATCHED)


def matched_evaluations(known: Catalog, name: str, wanted: Sequence[str]) -> list[Entry]:
    """Evaluations of a set under these names; all that judge objects when none is wanted.

    InputError for an unknown set, one that is not there, judges no objects or is stale, with the command that helps.
    """
    there = {entry.name: entry for entry in known.evaluations_of(known.set_named(name).name)}
    again = f"boxscore reanalyze --project {known.project} --set {name}"
    for protocol in wanted:
        if protocol not in there:
            hint = f"there are: {', '.join(there) or 'none yet'}; {again} --protocol {protocol}"
            raise InputError(f"the set {name!r} is not evaluated under {protocol!r}", where="--protocol", hint=hint)
        if not judges_objects(there[protocol]):
            fit = ", ".join(each for each, entry in there.items() if judges_objects(entry)) or "none of this set's"
            raise InputError(f"{protocol} does not match objects", where="--protocol", hint=f"those that do: {fit}")
    chosen = [there[protocol] for protocol in wanted] or [each for each in there.values() if judges_objects(each)]
    if not chosen:
        raise InputError(f"the set {name!r} has no evaluation that matches objects", where="SET", hint=again)
    for entry in chosen:
        reason = known.stale(entry)
        if reason:
            raise InputError(f"{entry.name} of {name} is stale: {reason}", where="SET", hint=again)
    return chosen
