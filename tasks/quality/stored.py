"""Quality read back: what is live of a set, of the ground truth and of the images."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from tasks.catalog import Catalog, Entry
from tasks.quality.metric import ANNOTATION, IMAGE, PREDICTION
from tasks.quality.stage import ANNOTATIONS, IMAGES, PREDICTIONS, stale_quality

_SUBJECTS = {PREDICTION: PREDICTIONS, ANNOTATION: ANNOTATIONS, IMAGE: IMAGES}


def quality_entry(known: Catalog, of: str, name: str | None) -> Entry:
    """What holds the rows about `of` (of units: those of the set, or of the annotations without one).

    InputError where they were never measured, or not since what they were measured from changed.
    """
    subject = _SUBJECTS.get(of) or (ANNOTATIONS if name is None else PREDICTIONS)
    entry = known.quality.get((name if subject == PREDICTIONS else None, subject))
    reason = "was not measured yet" if entry is None else stale_quality(known, entry)
    if entry is not None and reason is None:
        return entry
    whose = {PREDICTIONS: f"set {name}", ANNOTATIONS: "the annotations", IMAGES: "the images"}[subject]
    option = {PREDICTIONS: f" {name}", ANNOTATIONS: " --ground-truth", IMAGES: " --ground-truth"}[subject]
    said = reason if entry is None else f"is stale: {reason}"
    hint = f"boxscore quality{option} --project {known.project}"
    raise InputError(f"the quality of {whose} {said}", where="quality", hint=hint)


def read_quality(known: Catalog, of: str, name: str | None = None, columns: Sequence[str] | None = None) -> pa.Table:
    """Rows of `quality` about predictions of a set, annotations, units by the objects of either, or images.

    `of` is prediction, annotation, unit or image; rows stand by bucket, sequence, unit, key. `columns` None: all.
    InputError where they were not measured, or are stale.
    """
    partition = quality_entry(known, of, name).partitions["quality"]
    wanted = None if columns is None else list(dict.fromkeys(["of", *columns]))
    rows = partition.read(wanted)
    rows = rows.filter(pc.equal(rows["of"], of))
    return rows if columns is None else rows.select(list(columns))
