"""Ground truth of label rows: a first pass over the files for units and classes, a second for what is labelled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from schemas.records import Block, GroundTruthInput, Inputs, Run, Source
from tasks.encord.branches import MAIN
from tasks.encord.label_row import Terms
from tasks.encord.ontology import point_orders, read_ontology
from tasks.encord.row_blocks import broken_files, each_row, read_blocks
from tasks.encord.row_classes import Named, classes_of_row, gathered
from tasks.encord.row_json import Row
from tasks.encord.row_units import RefusedUnit, Unit, merged_units, unit_records, unit_rejects, units_of_row
from tasks.unit_files import read_unit_file


class _Facts(NamedTuple):
    """What one row says about the project."""

    units: list[Unit | RefusedUnit]
    classes: list[Named]
    branch: object


@dataclass(slots=True)
class _Survey:
    """What all rows of a file, or of all files, say about the project: each thing once."""

    units: dict[Unit, None] = field(default_factory=dict)
    refused: list[RefusedUnit] = field(default_factory=list)
    classes: dict[Named, None] = field(default_factory=dict)
    branches: set[object] = field(default_factory=set)

    def add(self, facts: _Facts) -> None:
        """Take in what a row says."""
        for unit in facts.units:
            if isinstance(unit, Unit):
                self.units.setdefault(unit)
            else:
                self.refused.append(unit)
        self.classes |= dict.fromkeys(facts.classes)
        self.branches.add(facts.branch)


class _Project(NamedTuple):
    """The files that can be read to their end, what they say, and rejects of units and of the other files."""

    sources: list[Source]
    survey: _Survey
    rejects: pa.Table


def _facts(row: Row, classes: bool) -> _Facts:
    branch = row.value.get("branch_name")
    named = classes_of_row(row) if classes else []
    return _Facts(units_of_row(row), named, branch if isinstance(branch, str) else None)


def _survey_of(source: Source, classes: bool, run: Run) -> _Survey:
    survey = _Survey()
    for facts in each_row(source, partial(_facts, classes=classes), run):
        survey.add(facts)
    return survey


def _project(sources: Sequence[Source], classes: bool, run: Run) -> _Project:
    """One pass over every file. InputError where a file by itself is damaged; of several, it is left out."""
    sound, whole, faults, rejects = [], _Survey(), [], []
    for source in sources:
        try:
            survey = _survey_of(source, classes, run)
        except InputError as error:
            if len(sources) == 1:
                raise
            faults.append((source.name, error))
            continue
        sound.append(source)
        rejects.append(unit_rejects(source.name, survey.refused))
        whole.units |= survey.units
        whole.classes |= survey.classes
        whole.branches |= survey.branches
    return _Project(sound, whole, pa.concat_tables([*rejects, broken_files(faults)]))


def _units(survey: _Survey, given: Source | None) -> pa.Table:
    """UNIT_RECORDS: those of the file given beside the rows, then those that only the rows have."""
    merged = merged_units(survey.units)
    if given is None:
        return unit_records(merged)
    stated = read_unit_file(given)
    known = set(pc.unique(stated["data_hash"]).to_pylist())
    return pa.concat_tables([stated, unit_records(unit for unit in merged if unit.data_hash not in known)])


def _blocks(sources: Sequence[Source], terms: Terms, run: Run) -> Iterator[Block]:
    for source in sources:
        yield from read_blocks(source, terms, run)


def read_truth(inputs: Inputs, run: Run) -> GroundTruthInput:
    """Units, classes and labels of all rows; classes from the ontology where there is one, else from the rows.

    Where rows of `main` stand beside others, `main` is the ground truth. InputError where there is no unit.
    """
    ontology = inputs.aside.get("ontology")
    sources, survey, rejects = _project(inputs.sources, ontology is None, run)
    units = _units(survey, inputs.aside.get("data_units"))
    if not len(units):
        hint = "ground truth is a list of what LabelRowV2.to_encord_dict() returns"
        raise InputError("no label row with a data unit", where=inputs.sources[0].name, hint=hint)
    categories = read_ontology(ontology) if ontology is not None else gathered(survey.classes)
    branch = MAIN if MAIN in survey.branches and len(survey.branches) > 1 else None
    terms = Terms(False, inputs.reading.class_by, point_orders(categories), branch)
    return GroundTruthInput(units, categories, rejects, _blocks(sources, terms, run))
