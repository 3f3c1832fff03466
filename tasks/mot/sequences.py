"""The sequences of MOTChallenge's ground truth: from their `seqinfo.ini`, or from a list of data units."""

import configparser
from collections.abc import Iterator, Sequence

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Inputs, Source
from tasks.encord.fields import LARGEST_FRAME
from tasks.encord.row_units import Unit, unit_records
from tasks.mot.files import INFO, folder_of
from tasks.refusals import Refused, whole
from tasks.unit_files import read_unit_file

_LARGEST_BYTES = 1 << 16
_SIDE_PX = 65_536


def _number(section: configparser.SectionProxy, name: str, high: int) -> int:
    text = section.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InputError(f"{name} is {text!r}, allowed is a whole number", where=section.name)
    try:
        return whole(int(text), name, 1, high)
    except Refused as refused:
        raise InputError(refused.text, where=section.name) from refused


def read_info(source: Source) -> Unit:
    """The sequence of a `seqinfo.ini`. InputError where it states no name, length or size."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        if source.size > _LARGEST_BYTES:
            raise InputError(f"{source.size} bytes are no {INFO}")
        parser.read_string(source.read().decode("utf-8-sig"))
        section = parser["Sequence"]
        name = section.get("name") or folder_of(source.name)
        width, height = (_number(section, side, _SIDE_PX) for side in ("imWidth", "imHeight"))
        frames = _number(section, "seqLength", LARGEST_FRAME)
        return Unit(name, name, "video frame", name, width, height, 0, frames)
    except (configparser.Error, UnicodeDecodeError, KeyError, InputError) as error:
        why = error.message if isinstance(error, InputError) else "no section [Sequence] can be read"
        hint = "it states name, seqLength, imWidth and imHeight"
        raise InputError(why, where=source.name, hint=hint) from error


def _once(units: Iterator[Unit]) -> Iterator[Unit]:
    found: set[str] = set()
    for unit in units:
        if unit.data_hash in found:
            raise InputError(f"the sequence {unit.data_hash!r} is there twice", where=INFO)
        found.add(unit.data_hash)
        yield unit


def sequence_units(inputs: Inputs, infos: Sequence[Source]) -> pa.Table:
    """UNIT_RECORDS of all sequences, a row per frame. InputError where no file states their lengths and sizes."""
    if infos:
        return unit_records(_once(read_info(source) for source in infos))
    if "data_units" in inputs.aside:
        return read_unit_file(inputs.aside["data_units"])
    hint = f"put its {INFO} beside each, or give names, sizes and frames of the videos with --data-units"
    raise InputError("track files do not say how long and large their sequences are", where=inputs.sources[0].name,
                     hint=hint)  # fmt: skip
