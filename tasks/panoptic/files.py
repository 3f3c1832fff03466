"""The files of a call: lists of segments, the images of ids that they name, and what belongs to neither."""

from collections import Counter
from collections.abc import Callable, Sequence

import pyarrow as pa

from schemas.records import Source
from tasks.masks.names import is_mask_file
from tasks.masks.png import Size
from tasks.units import UnitNames, locate, unit_index


def images_of(listed: Source, sources: Sequence[Source]) -> dict[str, Source]:
    """PNG files by the names that the annotations of a file may have for them.

    First those in the folder called as the file without its ending, as panopticapi has it, then those beside the file,
    then those anywhere, where only one is called so.
    """
    images = [source for source in sources if is_mask_file(source.name)]
    folder = listed.name.rpartition("/")[0]
    counts = Counter(_base(source) for source in images)
    found = {_base(source): source for source in images if counts[_base(source)] == 1}
    for prefix in (f"{folder}/".lstrip("/"), f"{listed.name.rpartition('.')[0]}/"):
        inside = (source for source in images if source.name.startswith(prefix))
        found |= {source.name.removeprefix(prefix): source for source in inside}
    return found


def _base(source: Source) -> str:
    return source.name.rpartition("/")[2]


def size_by(units: pa.Table | None) -> Callable[[str], Size | None]:
    """Size of a unit in `data_units` by what a file calls it."""
    if units is None:
        return lambda word: None
    index, names, no_frame = unit_index(units), UnitNames(units), pa.nulls(1, pa.int32())

    def size(word: str) -> Size | None:
        row = int(locate(pa.array([word]), no_frame, names, index)[0])
        return (int(index.width_px[row]), int(index.height_px[row])) if row >= 0 else None

    return size
