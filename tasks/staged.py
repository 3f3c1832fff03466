"""Normalize and resolve with files between them: what `take_in` does in one go, each step by itself and again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.parameters import BESIDE, GroundTruthParameters, PredictionParameters
from schemas.records import Run
from schemas.stage_parameters import BlockSide, IngestSide
from tasks.answers import resolve_answers
from tasks.imports import Import, NamePaths
from tasks.intake import Prepared, deliver
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


def _name_paths(parameters: BlockSide) -> NamePaths:
    units, categories = (tuple(map(str, paths)) for paths in (parameters.data_units, parameters.categories))
    return NamePaths(units, categories, parameters.predictions, parameters.reading)


class StagedImport(NamedTuple):
    """An import whose stages leave their blocks in folders of its scratch."""

    job: Import
    parameters: GroundTruthParameters | PredictionParameters

    @property
    def folders(self) -> list[Path]:
        """Where ingest, normalize and resolve write."""
        return [self.job.transaction.scratch / name for name in ("records", "normalized", "resolved")]

    def to_ingest(self) -> IngestSide:
        """What the first stage reads; formats may look into what the project knows."""
        names, of = self.job.name_paths, self.parameters
        given: dict[str, Any] = {"format": of.format, "folder": self.folders[0], "reading": of.reading}
        given["data_units"] = names.data_units
        given["beside"] = {name: path for name in BESIDE if (path := getattr(of, name, None)) is not None}
        if isinstance(of, GroundTruthParameters):
            given |= {"source": of.ground_truth, "ground_truth": True}
        else:
            given |= {"source": of.predictions, "ground_truth": False, "categories": names.categories}
        return IngestSide.model_validate(given)

    def to_normalize(self) -> BlockSide:
        """What the second stage works on."""
        return self._blocks(*self.folders[:2])

    def to_resolve(self) -> BlockSide:
        """What the third stage works on."""
        return self._blocks(*self.folders[1:])

    def _blocks(self, before: Path, folder: Path) -> BlockSide:
        names = self.job.name_paths
        given = {"data_units": names.data_units, "categories": names.categories, "reading": names.reading}
        return BlockSide.model_validate({**given, "before": before, "folder": folder, "predictions": names.predictions})

    def take(self) -> None:
        """Key and write what the three stages left in their folders, exactly as `take_in` would have."""
        for block in block_names(self.folders[-1]):
            table, answers = block_rows(self.folders[-1], block), block_answers(self.folders[-1], block)
            rejects = pa.concat_tables([block_rejects(folder, block) for folder in self.folders])
            answered = None if answers is None else Step(answers, rejects.slice(0, 0))
            rows = len(table) + len(rejects) + (0 if answers is None else len(answers))
            deliver(self.job.intake, Prepared(rows, Step(table, rejects), answered))


def _shards(side: BlockSide, most: int) -> list[StagedShard]:
    blocks, names = block_names(side.before), _name_paths(side)
    size = max(1, -(-len(blocks) // most))
    groups = [tuple(blocks[k : k + size]) for k in range(0, len(blocks), size)]
    return [StagedShard(str(side.before), group, str(side.folder), names) for group in groups]


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


def normalize_files(sides: Sequence[BlockSide], run: Run) -> int:
    """Normalize every block of the stage before; rows taken on."""
    return _work(sides, run, _normalized, "normalize")


def resolve_files(sides: Sequence[BlockSide], run: Run) -> int:
    """Resolve every block of the stage before; rows taken on."""
    return _work(sides, run, _resolved, "resolve")


def _work(sides: Sequence[BlockSide], run: Run, work: Callable[[Path, str, Names], Stage], label: str) -> int:
    """Do a stage's work on all blocks of all sides."""
    shards = [shard for side in sides for shard in _shards(side, _MOST_SHARDS // len(sides))]
    return sum(run(partial(_each, work=work), shards, label=label))
