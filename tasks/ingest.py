"""Ingest: files become records, whatever they were written in; the format is named or recognised."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from schemas.errors import InputError
from schemas.names import is_name
from schemas.records import Block, Format, GroundTruthInput, Inputs, Run, Source
from schemas.stage_parameters import IngestSide
from tasks.formats import FORMATS
from tasks.running import side_by_side
from tasks.scratch import ingest_blocks
from tasks.storage import FileSource, input_files, read_parts

_HEAD_BYTES = 65_536
_MOST_HELD = 64
"""Files held open at once; a system allows a process some thousand."""


def open_sources(path: Path) -> list[FileSource]:
    """The files that `path` names: one, all below a directory, or all that a glob fits; by name.

    InputError where there is none, or one cannot be read.
    """
    files = input_files(path)
    sources = [FileSource(file, name, hold=len(files) <= _MOST_HELD) for file, name in files]
    if len(sources) == 1:  # several are digested side by side when it is asked for
        sources[0].begin_digest()
    return sources


def format_of(name: str, sources: Sequence[Source], ground_truth: bool) -> Format:
    """The format called `name`, or the first that recognises the files. InputError where none does."""
    if name != "auto":
        if name in FORMATS and _reads(FORMATS[name], ground_truth):
            return FORMATS[name]
        what = "ground truth" if ground_truth else "predictions"
        raise InputError(f"{name} is no format of {what}", where="--format", hint=f"there are {_known(ground_truth)}")
    names, head = [source.name for source in sources], sources[0].read(0, _HEAD_BYTES)
    for form in FORMATS.values():
        if _reads(form, ground_truth) and form.recognise(names, head):
            return form
    hint = f"name it with --format: {_known(ground_truth)}"
    raise InputError("the format is not recognised", where=sources[0].name, hint=hint)


def _reads(form: Format, ground_truth: bool) -> bool:
    return (form.read_ground_truth if ground_truth else form.read_predictions) is not None


def _known(ground_truth: bool) -> str:
    return ", ".join(name for name, form in FORMATS.items() if _reads(form, ground_truth))


def named_in(path: Path, format_name: str) -> str | None:
    """The name that predictions give their own set; None where they give none that can be one."""
    sources = open_sources(path)
    form = format_of(format_name, sources, ground_truth=False)
    name = form.set_name(Inputs(sources)) if form.set_name is not None else None
    return name if name is not None and is_name(name) else None


def open_aside(paths: Mapping[str, Path | None]) -> dict[str, FileSource]:
    """The files given beside the main ones, by what they are. InputError where one cannot be read."""
    return {name: FileSource(path) for name, path in paths.items() if path is not None}


def ingest_files(sides: Sequence[IngestSide], run: Run) -> int:
    """Write the records of files block by block into the folder of each side; rows read."""
    return sum(side_by_side(lambda side, _: _ingest(side, run), sides))


def _ingest(parameters: IngestSide, run: Run) -> int:
    units, categories = (
        read_parts(tuple(map(str, paths))) if paths else None
        for paths in (parameters.data_units, parameters.categories)
    )
    sources, aside = open_sources(parameters.source), open_aside(parameters.beside)
    inputs = Inputs(sources, aside, units, categories, parameters.reading)
    form = format_of(parameters.format, sources, parameters.ground_truth)
    if parameters.ground_truth:
        return ingest_blocks(read_ground_truth(form, inputs, run).blocks, parameters.folder)
    return ingest_blocks(read_predictions(form, inputs, run), parameters.folder)


def read_ground_truth(form: Format, inputs: Inputs, run: Run) -> GroundTruthInput:
    """Units and classes whole, annotations as a stream of blocks."""
    assert form.read_ground_truth is not None, "format_of chose one that reads ground truth"
    return form.read_ground_truth(inputs, run)


def read_predictions(form: Format, inputs: Inputs, run: Run) -> Iterator[Block]:
    """The predictions of all files as a stream of blocks."""
    assert form.read_predictions is not None, "format_of chose one that reads predictions"
    return form.read_predictions(inputs, run)
