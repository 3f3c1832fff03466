"""The stage label-errors: the evaluations of one or several sets, put together and published whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.conclusions import LabelErrorSettings
from schemas.errors import InputError
from schemas.records import Run
from schemas.tables import LABEL_ERROR_CANDIDATES
from tasks.buckets import parts_sharing
from tasks.catalog import LABEL_ERRORS as KIND
from tasks.catalog import Catalog, Entry, catalog, evaluation_mark
from tasks.columns import completed, constant, matrix_struct
from tasks.failure_analysis.evaluated import judges_objects, matched_evaluations, rules_used
from tasks.label_errors.candidates import Candidates
from tasks.label_errors.evidence import NONE, Bucket, SetParts
from tasks.label_errors.kinds import KINDS
from tasks.label_errors.work import find_candidates
from tasks.matchable import classes_of
from tasks.runs import RunLog
from tasks.storage import Partition, Project
from tasks.stored_columns import check_readable
from tasks.versions import STAGE_VERSIONS, digest


@dataclass(frozen=True, slots=True)
class Searched:
    """What became of one protocol."""

    name: str
    """The protocol, or the name its numbers stand under."""
    sets: tuple[str, ...]
    status: str


def find_label_errors(
    project: Project,
    sets: Sequence[str],
    protocols: Sequence[str],
    settings: LabelErrorSettings,
    run: Run,
    force: bool = False,
) -> list[Searched]:
    """Search the ground truth for errors in the light of sets, protocol by protocol.

    Without protocols, all under which the sets stand together; without sets, each with all that stand under it. Where
    evaluations, settings and code are those of the stored rows, nothing is done, unless forced. InputError for sets
    that share no evaluation, or stand under different parameters.
    """
    known = catalog(project)
    names = [known.set_named(name).name for name in dict.fromkeys(sets)]
    asked = _of_some(known, names, protocols) if names else _of_all(known, protocols)
    return [_searched(project, known, evaluations, settings, run, force) for evaluations in asked]


def _of_all(known: Catalog, protocols: Sequence[str]) -> list[list[Entry]]:
    """By evaluation, those of all sets that have it; InputError where none is there."""
    matched = [entry for entry in known.evaluations.values() if judges_objects(entry)]
    names = sorted({entry.name for entry in matched})
    for wanted in protocols:
        if wanted not in names:
            hint = f"there are: {', '.join(names) or 'none yet'}; boxscore reanalyze --project {known.project} --all"
            raise InputError(f"no set is evaluated under {wanted!r}", where="--protocol", hint=hint)
    if not names:
        hint = f"boxscore reanalyze --project {known.project} --all"
        raise InputError("no set has an evaluation that matches objects", where="--project", hint=hint)
    sets = {name: sorted(e.record["prediction_set"] for e in matched if e.name == name) for name in names}
    return [_evaluations(known, sets[name], name) for name in protocols or names]


def _of_some(known: Catalog, sets: Sequence[str], protocols: Sequence[str]) -> list[list[Entry]]:
    """By evaluation, those of these sets, which all must have it."""
    there = [{entry.name for entry in matched_evaluations(known, name, [])} for name in sets]
    chosen = protocols or sorted(set.intersection(*there))
    if not chosen:
        each = "; ".join(f"{name}: {', '.join(sorted(own))}" for name, own in zip(sets, there, strict=True))
        raise InputError("the sets share no evaluation", where="SET", hint=f"name sets that do. {each}")
    return [_evaluations(known, sets, protocol) for protocol in chosen]


def _evaluations(known: Catalog, sets: Sequence[str], protocol: str) -> list[Entry]:
    check_readable(known, *sets)
    found = [matched_evaluations(known, name, [protocol])[0] for name in sets]
    _same_rules(known, found)
    return found


def _same_rules(known: Catalog, evaluations: Sequence[Entry]) -> None:
    first = evaluations[0]
    for other in evaluations[1:]:
        if other.record["rules"] != first.record["rules"]:
            sets = " --set ".join(entry.record["prediction_set"] for entry in (first, other))
            hint = f"boxscore reanalyze --project {known.project} --set {sets} --protocol {first.record['protocol']}"
            text = f"the sets stand under {first.name} with different parameters"
            raise InputError(text, where="SET", hint=hint)


def _buckets(known: Catalog, evaluations: Sequence[Entry]) -> list[Bucket]:
    truth = known.require_ground_truth().partitions
    buckets = min(len(entry.partitions["matches"].buckets) for entry in evaluations)
    classes = classes_of(truth["categories"].read()).dense

    def parts(entry: Entry, bucket: int) -> SetParts:
        predictions = known.sets[entry.record["prediction_set"]].partitions["predictions"]
        return SetParts(
            parts_sharing(entry.partitions["matches"], bucket, buckets),
            parts_sharing(entry.partitions["ground_truth_matches"], bucket, buckets),
            parts_sharing(predictions, bucket, buckets),
            rules_used(entry).max_detections[-1],
        )

    return [
        Bucket(
            tuple(parts(entry, bucket) for entry in evaluations),
            parts_sharing(truth["ground_truth"], bucket, buckets),
            classes,
        )
        for bucket in range(buckets)
    ]


def _record(evaluations: Sequence[Entry], settings: LabelErrorSettings) -> dict[str, Any]:
    made_of = {
        "evaluations": {entry.record["prediction_set"]: evaluation_mark(entry) for entry in evaluations},
        "quality": [],
        "stages": {"failures": STAGE_VERSIONS["failures"]},
        "settings": settings.model_dump(mode="json"),
    }
    return {"kind": KIND, "name": evaluations[0].name, "digest": digest(made_of), **made_of}


def _searched(
    project: Project, known: Catalog, evaluations: Sequence[Entry], settings: LabelErrorSettings, run: Run, force: bool
) -> Searched:
    record, name = _record(evaluations, settings), evaluations[0].name
    sets, before = tuple(record["evaluations"]), known.label_errors.get(name)
    if before is not None and before.record["digest"] == record["digest"] and not force:
        return Searched(name, sets, "unchanged")
    log = RunLog(f"label-errors {name}", {"sets": list(sets), **settings.model_dump(mode="json")})
    rules = evaluations[0].record["rules"]
    with project.begin(None, f"label-errors {name}") as transaction:
        staged = transaction.partition(LABEL_ERROR_CANDIDATES, None, rules)
        with log.stage("label-errors"):
            rows = _rows(known, evaluations, settings, run)
        with staged.writer() as writer:
            writer.write(rows)
        log.rows_in = log.rows_accepted = len(rows)
        log.stage_row(transaction)
        replaced = [] if before is None else before.data
        transaction.commit(record, replaces=replaced, requires=_required(known, evaluations))
    return Searched(name, sets, "completed")


def _required(known: Catalog, evaluations: Sequence[Entry]) -> list[Partition]:
    truth = known.require_ground_truth().partitions
    matched = [entry.partitions[table] for entry in evaluations for table in ("matches", "ground_truth_matches")]
    return [*matched, truth["ground_truth"], truth["categories"]]


def _rows(known: Catalog, evaluations: Sequence[Entry], settings: LabelErrorSettings, run: Run) -> pa.Table:
    buckets, rules = _buckets(known, evaluations), rules_used(evaluations[0])
    classes = int(buckets[0].classes.max(initial=-1)) + 1
    found = find_candidates(buckets, classes, rules.iou_thresholds[0], settings.least, settings.most, run)
    labels = {"protocol": evaluations[0].name, "rules": evaluations[0].record["rules"]}
    return candidate_rows(found, known, [entry.record["prediction_set"] for entry in evaluations], labels)


def _keys(keys: np.ndarray, kind: pa.DataType) -> pa.Array:
    return pa.array(keys, mask=keys == NONE).cast(kind)


def candidate_rows(found: Candidates, known: Catalog, sets: Sequence[str], labels: dict[str, str]) -> pa.Table:
    """Rows of `label_error_candidates`, ranked as they stand."""
    truth, n = known.require_ground_truth().partitions, len(found.score)
    units, categories = truth["data_units"].read(), truth["categories"].read()
    unit = units.take(pa.array(_places(units["unit_key"], found.unit)))
    columns: dict[str, Any] = {name: unit[name] for name in ("unit_key", "data_hash", "frame", "title")}
    for side, keys in (("annotated", found.annotated), ("predicted", found.predicted)):
        columns[f"{side}_category"] = _keys(keys, pa.int32())
        names = categories["name"].take(pa.array(_places(categories["category_key"], keys)))
        columns[f"{side}_name"] = pa.array(names.to_pylist(), mask=keys == NONE, type=pa.string())
    speaks = [[name for name, yes in zip(sets, row, strict=True) if yes] for row in found.agree.tolist()]
    columns |= {
        **{name: constant(value, n) for name, value in labels.items()},
        "prediction_set": constant(sets[0] if len(sets) == 1 else None, n),
        "rank": np.arange(1, n + 1, dtype=np.int32),
        "kind": pa.array([kind.name for kind in KINDS]).take(pa.array(found.kind)),
        "score": found.score,
        "annotation_key": _keys(found.annotation, pa.int64()),
        "other_annotation_key": _keys(found.other_annotation, pa.int64()),
        "prediction_key": _keys(found.prediction, pa.int64()),
        "overlap": pa.array(found.overlap, from_pandas=True),
        "expected_bbox": matrix_struct(found.expected, ("x", "y", "w", "h"), np.isnan(found.expected[:, 0])),
        "agreeing_sets": pa.array(speaks, pa.list_(pa.string())),
        "n_sets": np.full(n, len(sets), np.int32),
    }
    return completed(columns, LABEL_ERROR_CANDIDATES.schema, n)


def _places(column: pa.ChunkedArray, keys: np.ndarray) -> np.ndarray:
    """int64[n]: row of each key; that of any where there is none."""
    known = column.to_numpy()
    order = np.argsort(known)
    return order[np.minimum(np.searchsorted(known[order], keys), max(len(known) - 1, 0))]
