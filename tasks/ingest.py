"""Ingest: files become records, whatever they were written in; the format is named or recognised."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from schemas.errors import InputError
from schemas.records import Block, Format, GroundTruthInput, Run, Source
from tasks.formats import FORMATS
from tasks.scratch import ingest_blocks
from tasks.storage import FileSource

_HEAD_BYTES = 65_536


def open_sources(path: Path) -> list[FileSource]:
    """The file that `path` names; InputError where it is missing, a directory, or cannot be read."""
    return [FileSource(path)]


def format_of(name: str, source: Source, ground_truth: bool) -> Format:
    """The format called `name`, or the one that recognises the file. InputError where none does."""
    able = [f for f in FORMATS if (f.read_ground_truth if ground_truth else f.read_predictions) is not None]
    if name != "auto":
        return next(f for f in able if f.name == name)
    head = source.read(0, _HEAD_BYTES)
    for form in able:
        if form.recognise(source.name, head):
            return form
    known = ", ".join(form.name for form in able)
    raise InputError("the format is not recognised", where=source.name, hint=f"name it with --format: {known}")


def ingest_file(path: Path, format_name: str, ground_truth: bool, folder: Path, run: Run) -> int:
    """Write the records of a file block by block into `folder`; rows read."""
    source = open_sources(path)[0]
    form = format_of(format_name, source, ground_truth)
    blocks = read_ground_truth(form, source, run).blocks if ground_truth else read_predictions(form, [source], run)
    return ingest_blocks(blocks, folder)


def read_ground_truth(form: Format, source: Source, run: Run) -> GroundTruthInput:
    """Units and classes whole, annotations as a stream of blocks."""
    assert form.read_ground_truth is not None, "format_of chose one that reads ground truth"
    return form.read_ground_truth(source, run)


def read_predictions(form: Format, sources: Sequence[Source], run: Run) -> Iterator[Block]:
    """The predictions of all files, file after file, as a stream of blocks."""
    assert form.read_predictions is not None, "format_of chose one that reads predictions"
    for source in sources:
        yield from form.read_predictions(source, run)
