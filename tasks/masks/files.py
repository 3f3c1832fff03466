"""The files of a call: which are masks, what their names say, how large their units are."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa

from schemas.parameters import MaskKind
from schemas.records import Inputs, Source
from schemas.rejects import Reason
from tasks.file_names import FileNames
from tasks.masks.blocks import MaskFile
from tasks.masks.mapping import mapping_of
from tasks.masks.names import Said, is_mask_file, said_by
from tasks.masks.png import Size
from tasks.refusals import Refused
from tasks.units import UnitNames, locate, unit_index


class Layout(NamedTuple):
    """The files of a call, by what they are."""

    masks: list[Source]
    said: list[Said | Refused]
    """What the name of each mask says."""
    others: list[Source]
    """Neither masks nor their mapping: each is refused."""


def layout(inputs: Inputs, units: pa.Table | None, words: Mapping[str, str] | None) -> Layout:
    """Sort the files and take their names apart by those of `units`, where there are some.

    Where files are one object each, `words` has the class by its word in the name; None: the word stands for itself.
    """
    masks = [source for source in inputs.sources if is_mask_file(source.name)]
    mapping = mapping_of(inputs)
    others = [source for source in inputs.sources if not is_mask_file(source.name) and source is not mapping]
    names, one_per_file = FileNames(units, hash_first=False), inputs.reading.masks is MaskKind.ONE_PER_FILE
    return Layout(masks, [_said(source.name, names, one_per_file, words) for source in masks], others)


def _said(name: str, names: FileNames, one_per_file: bool, words: Mapping[str, str] | None) -> Said | Refused:
    try:
        said = said_by(name, names, one_per_file)
    except Refused as why:
        return why
    if said.category is None or words is None:
        return said
    if said.category not in words:
        text = f"the file name has the class {said.category!r}, the mapping holds {', '.join(list(words)[:20])}"
        return Refused(Reason.UNMAPPED_CLASS, text)
    return said._replace(category=words[said.category])


def apart(found: Layout) -> Layout:
    """The same, with the folder before the name of a unit where several files would be about one and the same."""
    counts = Counter(said[:2] for said in found.said if isinstance(said, Said) and said.category is None)
    spelled = [
        said._replace(unit=f"{source.name.rpartition('/')[0]}/{said.unit}".lstrip("/"))
        if isinstance(said, Said) and counts[said[:2]] > 1
        else said
        for source, said in zip(found.masks, found.said, strict=True)
    ]
    return found._replace(said=spelled)


def with_sizes(found: Layout, units: pa.Table | None) -> list[MaskFile]:
    """The mask files with the sizes of their units in `data_units`; None where a unit is not known."""
    sizes: dict[int, Size] = {}
    named = [(place, said) for place, said in enumerate(found.said) if isinstance(said, Said)]
    if units is not None:
        index = unit_index(units)
        words = pa.array([said.unit for _, said in named], pa.string())
        frames = pa.array([said.frame for _, said in named], pa.int32())
        for (place, _), row in zip(named, locate(words, frames, UnitNames(units), index).tolist(), strict=True):
            if row >= 0:
                sizes[place] = int(index.width_px[row]), int(index.height_px[row])
    files = enumerate(zip(found.masks, found.said, strict=True))
    return [MaskFile(source, said, sizes.get(place)) for place, (source, said) in files]
