"""What a project holds, read from its commits: the live ground truth, the sets, their evaluations, and what is stale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from schemas.errors import InputError
from tasks.storage import Partition, Project
from tasks.versions import STAGE_VERSIONS

GROUND_TRUTH, PREDICTION_SET, EVALUATION = "ground_truth", "prediction_set", "evaluation"
"""Kinds of commits that the catalog is made of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that one commit published: its record and the partitions it stands on, by table."""

    kind: str
    name: str
    digest: str
    record: Mapping[str, Any]
    partitions: Mapping[str, Partition]


@dataclass(slots=True)
class Catalog:
    """The live entries of a project."""

    ground_truth: Entry | None = None
    sets: dict[str, Entry] = field(default_factory=dict)
    evaluations: dict[tuple[str, str], Entry] = field(default_factory=dict)
    """By set and by the name the numbers stand under."""

    def set_named(self, name: str) -> Entry:
        """The set; InputError with the closest name where there is none."""
        if name in self.sets:
            return self.sets[name]
        close = get_close_matches(name, self.sets, n=1)
        known = ", ".join(sorted(self.sets)) or "none yet"
        hint = f"did you mean {close[0]}?" if close else f"sets of this project: {known}"
        raise InputError(f"there is no prediction set {name!r}", where="SET", hint=hint)

    def require_ground_truth(self, project: str) -> Entry:
        """The live ground truth; InputError where the project has none."""
        if self.ground_truth is None:
            hint = "boxscore import ground-truth FILE --project " + project
            raise InputError(f"project {project} has no ground truth", where="--project", hint=hint)
        return self.ground_truth

    def evaluations_of(self, name: str) -> list[Entry]:
        """Evaluations of a set, by the name they stand under."""
        return [entry for (of, _), entry in sorted(self.evaluations.items()) if of == name]

    def stale(self, evaluation: Entry) -> str | None:
        """Why an evaluation's numbers are not today's, or None."""
        record = evaluation.record
        if self.ground_truth and record["ground_truth"] != self.ground_truth.digest:
            return "the ground truth changed"
        holder = self.sets.get(record["prediction_set"])
        if holder and record["set_digest"] != holder.digest:
            return "the predictions changed"
        if record["stages"] != evaluation_stages():
            return "boxscore's rules of matching changed"
        return None


def evaluation_stages() -> dict[str, int]:
    """Versions of the stages whose rows an evaluation consists of."""
    return {name: STAGE_VERSIONS[name] for name in ("match", "metrics")}


def catalog(project: Project) -> Catalog:
    """Fold the project's live partitions into entries; an empty project gives an empty catalog."""
    found = Catalog()
    for commit in project.commits():
        record = commit.record
        if record.get("kind") not in {GROUND_TRUTH, PREDICTION_SET, EVALUATION}:
            continue
        live = {partition.table: partition for partition in commit.live}
        main = {GROUND_TRUTH: "ground_truth", PREDICTION_SET: "predictions", EVALUATION: "metrics"}[record["kind"]]
        if main not in live:
            continue
        entry = Entry(record["kind"], record["name"], record["digest"], record, live)
        if entry.kind == GROUND_TRUTH:
            found.ground_truth = entry
        elif entry.kind == PREDICTION_SET:
            found.sets[entry.name] = entry
        else:
            found.evaluations[record["prediction_set"], entry.name] = entry
    return found
