"""Normalize and resolve with files between them: what `take_in` does in one go, each step by itself and again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from schemas.parameters import BESIDE, GroundTruthParameters, PredictionParameters
from schemas.records import Run
from schemas.stage_parameters import BlockParameters, IngestParameters
from tasks.answers import resolve_answers
from tasks.imports import NamePaths
from tasks.intake import Intake, Prepared, deliver
from tasks.naming import Names, names_of
from tasks.normalize import Step, normalize_records
from tasks.resolve import resolve_rows
from tasks.scratch import block_answers, block_names, block_rejects, block_rows, check_books, put_block
from tasks.storage import read_parts

_MOST_SHARDS = 32
"""Tasks a stage is cut into at most: a scheduler pays for each."""


@dataclass(frozen=True, slots=True)
class StagedShard:
    """Some blocks of the stage before, and where the next one writes."""

    before: str
    blocks: tuple[str, ...]
    folder: str
    names: NamePaths


def name_paths(parameters: BlockParameters) -> NamePaths:
    """Where units and categories lie, as a stage's parameters say it."""
    units, categories = (tuple(map(str, paths)) for paths in (parameters.data_units, parameters.categories))
    return NamePaths(units, categories, parameters.predictions, parameters.reading)


def to_ingest(
    parameters: GroundTruthParameters | PredictionParameters, names: NamePaths, folder: Path
) -> IngestParameters:
    """What the first stage of an import reads; formats may look into what the project knows."""
    common = {"format": parameters.format, "folder": folder, "reading": parameters.reading}
    common["data_units"] = names.data_units
    beside = {name: path for name in BESIDE if (path := getattr(parameters, name, None)) is not None}
    if isinstance(parameters, GroundTruthParameters):
        given = {"source": parameters.ground_truth, "ground_truth": True}
    else:
        given = {"source": parameters.predictions, "ground_truth": False, "categories": names.categories}
    return IngestParameters.model_validate({**common, **given, "beside": beside})


def _shards(before: Path, folder: Path, names: NamePaths) -> list[StagedShard]:
    blocks = block_names(before)
    size = max(1, -(-len(blocks) // _MOST_SHARDS))
    groups = [tuple(blocks[k : k + size]) for k in range(0, len(blocks), size)]
    return [StagedShard(str(before), group, str(folder), names) for group in groups]


class Stage(NamedTuple):
    """What a stage made of a block."""

    table: pa.Table
    rejects: pa.Table
    answers: pa.Table | None


def _each(shard: StagedShard, work: Callable[[Path, str, Names], Stage]) -> int:
    """Do a stage's work on every block of a shard; rows taken on."""
    paths, taken = shard.names, 0
    names = names_of(read_parts(paths.data_units), read_parts(paths.categories), paths.predictions, paths.reading)
    for block in shard.blocks:
        table, rejects, answers = work(Path(shard.before), block, names)
        put_block(Path(shard.folder), block, table, rejects, answers)
        taken += len(table) + (0 if answers is None else len(answers))
    return taken


def _normalized(before: Path, block: str, names: Names) -> Stage:
    rows = block_rows(before, block)
    batches = rows.combine_chunks().to_batches()
    records = batches[0] if batches else pa.RecordBatch.from_pylist([], schema=rows.schema)
    step = normalize_records(records, names.units, names.unit_names, names.predictions, names.reading.outside)
    check_books(len(rows), len(step.table), len(step.rejects))
    return Stage(*step, block_answers(before, block))


def _resolved(before: Path, block: str, names: Names) -> Stage:
    rows, answers = block_rows(before, block), block_answers(before, block)
    step = resolve_rows(rows, names.units, names.categories, names.by_name)
    check_books(len(rows), len(step.table), len(step.rejects))
    if answers is None:
        return Stage(*step, None)
    answered = resolve_answers(answers, names.units, names.unit_names, names.categories)
    check_books(len(answers), len(answered.table), len(answered.rejects))
    return Stage(step.table, pa.concat_tables([step.rejects, answered.rejects]), answered.table)


def normalize_files(before: Path, folder: Path, names: NamePaths, run: Run) -> int:
    """Normalize every block of `before` into `folder`; rows taken on."""
    return sum(run(partial(_each, work=_normalized), _shards(before, folder, names), label="normalize"))


def resolve_files(before: Path, folder: Path, names: NamePaths, run: Run) -> int:
    """Resolve every block of `before` into `folder`; rows taken on."""
    return sum(run(partial(_each, work=_resolved), _shards(before, folder, names), label="resolve"))


def take_files(intake: Intake, folders: Sequence[Path]) -> None:
    """Key and write what the three stages left in their folders, exactly as `take_in` would have."""
    for block in block_names(folders[-1]):
        table, answers = block_rows(folders[-1], block), block_answers(folders[-1], block)
        rejects = pa.concat_tables([block_rejects(folder, block) for folder in folders])
        answered = None if answers is None else Step(answers, rejects.slice(0, 0))
        rows = len(table) + len(rejects) + (0 if answers is None else len(answers))
        deliver(intake, Prepared(rows, Step(table, rejects), answered))
