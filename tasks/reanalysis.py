"""Re-analysis: which stored sets are meant, and how each is brought to what the project holds today."""

from collections.abc import Sequence

from schemas.errors import InputError
from schemas.parameters import ProtocolSettings
from schemas.records import Run
from tasks.catalog import Catalog
from tasks.evaluation import Evaluated, asked_again, evaluate_set
from tasks.resolve_again import resolve_again
from tasks.rules import refuse_wrong_settings
from tasks.storage import Project


def sets_meant(known: Catalog, names: Sequence[str], groups: Sequence[str]) -> list[str]:
    """The sets of these names and of these groups, each once; all where neither is given.

    InputError for a name or a group that nothing stands for.
    """
    named = [known.set_named(name).name for name in names]
    held = {entry.record["group"] for entry in known.sets.values()} - {None}
    for group in groups:
        if group not in held:
            there = ", ".join(sorted(held)) or "none yet"
            message = f"there is no group {group!r} in project {known.project}"
            raise InputError(message, where="--group", hint=f"groups of this project: {there}")
    grouped = [name for name, entry in sorted(known.sets.items()) if entry.record["group"] in set(groups)]
    return list(dict.fromkeys([*named, *grouped])) if names or groups else sorted(known.sets)


def reanalyze_set(
    project: Project, name: str, protocols: Sequence[str], settings: ProtocolSettings, run: Run, force: bool = False
) -> list[Evaluated]:
    """Bring a set to the project's data units and classes, then match and measure what has changed.

    InputError for what does not fit.
    """
    refuse_wrong_settings(protocols, settings)
    resolve_again(project, name, run)
    asked = asked_again(project, name, protocols, settings)
    return [item for each in asked for item in evaluate_set(project, name, *each, run, force)]
