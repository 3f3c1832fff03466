"""What a project holds, read from its commits: ground truth, sets, their evaluations, and what of them is stale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from schemas.errors import InputError
from tasks.storage import Partition, Project, State
from tasks.versions import STAGE_VERSIONS, digest

GROUND_TRUTH, PREDICTION_SET, EVALUATION, QUALITY = "ground_truth", "prediction_set", "evaluation", "quality"
FAILURES, LABEL_ERRORS = "failures", "label_errors"
"""Kinds of commits that the catalog is made of."""
DELETE, RESTORE = "delete", "restore"
"""Kinds of commits that take a set away and bring it back."""
_MAIN_TABLE = {
    GROUND_TRUTH: "ground_truth",
    PREDICTION_SET: "predictions",
    EVALUATION: "metrics",
    QUALITY: "quality",
    FAILURES: "failure_slices",
    LABEL_ERRORS: "label_error_candidates",
}
"""The table without which an entry of a kind is not there any more."""
_WORK = ("kind", "name", "prediction_set", "digest")
"""What a commit's record says of the work that it published."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that one commit published: what was recorded of it, and the partitions it stands on, by table."""

    kind: str
    name: str
    digest: str
    record: Mapping[str, Any]
    commit: int
    partitions: Mapping[str, Partition]

    def is_whole(self) -> bool:
        """Whether all its files are what was published, to the byte."""
        return not any(partition.damages() for partition in self.data)

    @property
    def data(self) -> list[Partition]:
        """All of it but the run's row, which stays for ever."""
        return [partition for table, partition in self.partitions.items() if table != "runs"]


@dataclass(slots=True)
class Catalog:
    """The live entries of a project."""

    project: str
    ground_truth: Entry | None = None
    sets: dict[str, Entry] = field(default_factory=dict)
    evaluations: dict[tuple[str, str], Entry] = field(default_factory=dict)
    """By set and by the name the numbers stand under."""
    quality: dict[tuple[str | None, str], Entry] = field(default_factory=dict)
    """By set (None: of none) and by what they tell of: predictions, annotations or images."""
    failures: dict[tuple[str, str], Entry] = field(default_factory=dict)
    """Where a set fails: by set and by the name of the evaluation."""
    label_errors: dict[str, Entry] = field(default_factory=dict)
    """What looks wrong in the ground truth: by the name of the evaluations."""

    def set_named(self, name: str) -> Entry:
        """The set; InputError with the closest name where there is none."""
        if name in self.sets:
            return self.sets[name]
        close = get_close_matches(name, self.sets, n=1)
        known = ", ".join(sorted(self.sets)) or "none yet"
        hint = f"did you mean {close[0]}?" if close else f"sets of this project: {known}"
        raise InputError(f"there is no prediction set {name!r} in project {self.project}", where="SET", hint=hint)

    def require_ground_truth(self) -> Entry:
        """The live ground truth; InputError where the project has none."""
        if self.ground_truth is None:
            hint = f"boxscore import ground-truth FILE --project {self.project}"
            raise InputError(f"project {self.project} has no ground truth", where="--project", hint=hint)
        return self.ground_truth

    def evaluations_of(self, name: str) -> list[Entry]:
        """Evaluations of a set, by the name they stand under."""
        return [entry for (of, _), entry in sorted(self.evaluations.items()) if of == name]

    def quality_of(self, name: str) -> list[Entry]:
        """The quality of a set, where it was measured."""
        return [entry for (of, _), entry in self.quality.items() if of == name]

    def conclusions_of(self, name: str) -> list[Entry]:
        """What was concluded from a set's evaluations: where it fails, and label errors to which it bore witness."""
        entries = (*self.failures.values(), *self.label_errors.values())
        return [entry for entry in entries if name in entry.record["evaluations"]]

    def stale_conclusion(self, entry: Entry) -> str | None:
        """Why a conclusion is not what today's evaluations and quality give; None where it is."""
        for name, mark in entry.record["evaluations"].items():
            evaluation = self.evaluations.get((name, entry.name))
            reason = None if evaluation is None else self.stale(evaluation)
            if reason or evaluation is None or evaluation_mark(evaluation) != mark:
                return reason or f"the evaluation of {name} changed"
        for mark in entry.record["quality"]:
            if mark not in map(quality_mark, self.quality.values()):
                return "the quality changed"
        stages = entry.record["stages"]
        return None if stages == {name: STAGE_VERSIONS.get(name) for name in stages} else "boxscore's own rules changed"

    def stale(self, evaluation: Entry) -> str | None:
        """Why the numbers of an evaluation, or of quality, are not today's; None where they are."""
        record = evaluation.record
        if self.ground_truth and record["ground_truth"] != self.ground_truth.digest:
            return "the ground truth changed"
        holder = self.sets.get(record["prediction_set"])
        if holder and record["set_digest"] != holder.digest:
            return "the predictions changed"
        if record["stages"] != {name: STAGE_VERSIONS.get(name) for name in record["stages"]}:
            return "boxscore's own rules changed"
        return None


def evaluation_stages() -> dict[str, int]:
    """Versions of the stages whose rows an evaluation consists of."""
    return {name: STAGE_VERSIONS[name] for name in ("match", "metrics")}


def evaluation_mark(entry: Entry) -> str:
    """Changes with the rows that an evaluation's matches have."""
    return digest([entry.record[name] for name in ("rules", "set_digest", "ground_truth", "stages")])


def quality_mark(entry: Entry) -> str:
    """Changes with the rows of quality."""
    return digest({name: value for name, value in entry.record.items() if name not in ("rows", "columns")})


def catalog(project: Project) -> Catalog:
    """Group the live partitions by the work that published them; an empty project gives an empty catalog.

    The same work done again publishes only the tables whose bytes have changed: the rest stay with the commit before.
    """
    state, found = project.state(), Catalog(project.name)
    by_work: dict[tuple[Any, ...], dict[str, tuple[int, Partition]]] = {}
    for path, partition in state.live.items():
        number = _origin(state, path, partition.commit)
        work = tuple(state.commits[number].record.get(name) for name in _WORK)
        by_work.setdefault(work, {})[partition.place.table] = number, partition
    for (kind, *_), held in by_work.items():
        main = held.get(_MAIN_TABLE.get(str(kind), ""))
        if main is not None:
            record = state.commits[main[0]].record
            partitions = {table: partition for table, (_, partition) in held.items()}
            _enter(found, Entry(str(kind), record["name"], record["digest"], record, main[0], partitions))
    return found


def _origin(state: State, path: str, number: int) -> int:
    """The commit that made a partition, also where a later one brought it back from the trash."""
    while state.commits[number].record.get("kind") == RESTORE:
        deletion = state.commits[state.commits[number].record["of"]]
        number = next(removed.commit for removed in deletion.removes if removed.partition == path)
    return number


def deletion_of(project: Project, name: str) -> int | None:
    """Number of the commit that deleted the set of this name last and can be undone; None where there is none."""
    commits = project.state().commits
    for trashed in project.trash():
        record = commits[trashed.commit].record
        if record.get("kind") == DELETE and record.get("name") == name:
            return trashed.commit
    return None


def _enter(found: Catalog, entry: Entry) -> None:
    if entry.kind == GROUND_TRUTH:
        found.ground_truth = entry
    elif entry.kind == PREDICTION_SET:
        found.sets[entry.name] = entry
    elif entry.kind == QUALITY:
        found.quality[entry.record["prediction_set"], entry.name] = entry
    elif entry.kind == FAILURES:
        found.failures[entry.record["prediction_set"], entry.name] = entry
    elif entry.kind == LABEL_ERRORS:
        found.label_errors[entry.name] = entry
    else:
        found.evaluations[entry.record["prediction_set"], entry.name] = entry
