"""The first three stages with files between them: what `take_in` does in one go, each step by itself and again.

Block k of a file is `<k>.rows.arrow` and `<k>.rejects.arrow` in the folder of the stage that made it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from schemas.records import Block, Run
from tasks.imports import NamePaths
from tasks.intake import Intake, Names, check_books, deliver
from tasks.normalize import Step, normalize_records
from tasks.resolve import resolve_rows
from tasks.storage import read_parts, read_scratch, scratch_files, write_scratch
from tasks.units import category_index, unit_index

_ROWS, _REJECTS = ".rows.arrow", ".rejects.arrow"
_MOST_SHARDS = 32
"""Tasks a stage is cut into at most: a scheduler pays for each."""


@dataclass(frozen=True, slots=True)
class StagedShard:
    """Some blocks between two stages, by path."""

    blocks: tuple[str, ...]
    """Block files of the stage before, without their endings."""
    folder: str
    data_units: tuple[str, ...]
    categories: tuple[str, ...]
    predictions: bool


def _put(folder: Path, name: str, rows: pa.Table, rejects: pa.Table) -> None:
    write_scratch(folder / (name + _ROWS), rows)
    write_scratch(folder / (name + _REJECTS), rejects)


def ingest_blocks(blocks: Iterable[Block], folder: Path) -> int:
    """Write records and rejects block by block; rows read."""
    rows = 0
    for number, block in enumerate(blocks):
        check_books(block.rows, len(block.records), len(block.rejects))
        _put(folder, f"{number:08d}", pa.Table.from_batches([block.records]), block.rejects)
        rows += block.rows
    return rows


def staged_shards(before: Path, folder: Path, names: NamePaths) -> list[StagedShard]:
    """The blocks of a stage, shared out for the next one."""
    blocks = [str(path).removesuffix(_ROWS) for path in scratch_files(before, _ROWS)]
    size = max(1, -(-len(blocks) // _MOST_SHARDS))
    groups = [tuple(blocks[k : k + size]) for k in range(0, len(blocks), size)]
    return [StagedShard(g, str(folder), names.data_units, names.categories, names.predictions) for g in groups]


def _names(shard: StagedShard) -> Names:
    units, categories = unit_index(read_parts(shard.data_units)), category_index(read_parts(shard.categories))
    return Names(units, categories, shard.predictions)


def _each(shard: StagedShard, work: Callable[[pa.Table, Names], Step]) -> int:
    """Do a stage's work on every block of a shard; rows taken on."""
    names, taken = _names(shard), 0
    for block in shard.blocks:
        rows = read_scratch(Path(block + _ROWS))
        step = work(rows, names)
        check_books(len(rows), len(step.table), len(step.rejects))
        _put(Path(shard.folder), Path(block).name, step.table, step.rejects)
        taken += len(step.table)
    return taken


def _normalized(rows: pa.Table, names: Names) -> Step:
    batches = rows.to_batches()
    records = batches[0] if batches else pa.RecordBatch.from_pylist([], schema=rows.schema)
    return normalize_records(records, names.units, names.predictions)


def _resolved(rows: pa.Table, names: Names) -> Step:
    return resolve_rows(rows, names.units, names.categories)


def normalize_files(before: Path, folder: Path, names: NamePaths, run: Run) -> int:
    """Normalize every block of `before` into `folder`; rows taken on."""
    return sum(run(partial(_each, work=_normalized), staged_shards(before, folder, names), label="normalize"))


def resolve_files(before: Path, folder: Path, names: NamePaths, run: Run) -> int:
    """Resolve every block of `before` into `folder`; rows taken on."""
    return sum(run(partial(_each, work=_resolved), staged_shards(before, folder, names), label="resolve"))


def steps(folders: Sequence[Path]) -> Iterator[tuple[int, Step]]:
    """(rows read, rows resolved and all rejects) of every block, in file order; `folders` are the three stages'."""
    for resolved in scratch_files(folders[-1], _ROWS):
        name = resolved.name.removesuffix(_ROWS)
        table = read_scratch(resolved)
        rejects = pa.concat_tables([read_scratch(folder / (name + _REJECTS)) for folder in folders])
        yield len(table) + len(rejects), Step(table, rejects)


def take_files(intake: Intake, folders: Sequence[Path]) -> None:
    """Key and write what the three stages left, exactly as `take_in` would have."""
    for rows, step in steps(folders):
        deliver(intake, rows, step)
