"""OpenLABEL scenes as Kognic writes them: boxes, polygons, points, segmentation bitmaps, and a manifest beside them.

Standard: ASAM OpenLABEL 1.0.0. Annotations come bare, predictions as the body of a request with `sceneUuid`; both are
read in both forms.
"""

import re
from collections.abc import Iterator, Sequence

from schemas.errors import InputError
from schemas.records import Block, Format, GroundTruthInput, Inputs, Run, Source
from schemas.rejects import Stage
from schemas.tables import CATEGORY_RECORDS
from tasks.class_mapping import is_mapped, predicted_classes
from tasks.columns import completed
from tasks.encord.mappings import read_class_mapping as read_words
from tasks.openlabel.blocks import Reader, read_blocks
from tasks.openlabel.class_mapping import read_class_mapping
from tasks.openlabel.classes import Classes, classes_in
from tasks.openlabel.document import read_document
from tasks.openlabel.manifest import manifest_units, read_manifest
from tasks.openlabel.places import Places, places_of
from tasks.rejects import rejects_table

_OPENLABEL = re.compile(rb'\s*\{.*?"openlabel(Content)?"\s*:\s*\{', re.DOTALL)


def recognise(_names: Sequence[str], head: bytes) -> bool:
    """Whether the first file begins as OpenLABEL does, bare or as the body of a request."""
    return bool(_OPENLABEL.match(head))


def read_ground_truth(inputs: Inputs, run: Run) -> GroundTruthInput:
    """Units of the manifest, the classes of all files or of the class mapping, and the annotations.

    InputError without a manifest: the files state no image sizes.
    """
    if "data_units" not in inputs.aside:
        hint = "--data-units manifest.json: {scene uuid: {streams: {name: {width, height}}, frames: [...]}}"
        raise InputError("OpenLABEL needs a manifest of its scenes", where="--data-units", hint=hint)
    manifest = read_manifest(inputs.aside["data_units"])
    units = manifest_units(manifest)
    mapped = inputs.aside.get("class_mapping")
    names = read_class_mapping(mapped).annotated if mapped is not None else _class_names(inputs.sources, run)
    classes = Classes(frozenset(names), mapped=True) if mapped is not None else Classes(None, mapped=False)
    reader = Reader(places_of(units, manifest.names), classes, predictions=False)
    columns = {"feature_hash": names, "name": names, "kind": ["object"] * len(names)}
    categories = completed(columns, CATEGORY_RECORDS.schema, len(names))
    nothing = rejects_table(Stage.INGEST, [], [], [], [], [])
    return GroundTruthInput(units, categories, nothing, read_blocks(inputs.sources, reader, run))


def _class_names(sources: Sequence[Source], run: Run) -> list[str]:
    """The classes that any of the files speaks of, by name; a file that cannot be read is refused later."""
    found: set[str] = set()
    for classes in run(_classes_of, sources, label="classes"):
        found |= classes
    return sorted(found)


def _classes_of(source: Source) -> set[str]:
    try:
        return classes_in(read_document(source))
    except InputError:
        return set()


def read_predictions(inputs: Inputs, run: Run) -> Iterator[Block]:
    """The predictions of all files, in their order; a missing confidence is 1."""
    reader = Reader(_places(inputs), _classes(inputs), predictions=True)
    return read_blocks(inputs.sources, reader, run)


def _places(inputs: Inputs) -> Places:
    """The project's units as places. A manifest given as image mapping adds the tags and files of its scenes."""
    aside = inputs.aside.get("image_mapping")
    names = read_manifest(aside).names if aside is not None else {}
    if inputs.units is None:
        raise InputError("predictions need the data units of a project", hint="import its ground truth first")
    return places_of(inputs.units, names)


def _classes(inputs: Inputs) -> Classes:
    """The classes that predictions may have: as a mapping given aside translates them, else as the project has them."""
    aside, categories = inputs.aside.get("mapping"), inputs.categories
    if aside is not None:
        return Classes(None, mapped=False, words=read_words(aside))
    if categories is None:
        return Classes(None, mapped=False)
    return Classes(frozenset(predicted_classes(categories)), is_mapped(categories))


FORMAT = Format(
    name="openlabel",
    title="OpenLABEL as Kognic writes it (JSON)",
    recognise=recognise,
    read_ground_truth=read_ground_truth,
    read_predictions=read_predictions,
)
