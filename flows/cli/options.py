"""Options that several commands share, as the parameters they stand for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, Token

from schemas.errors import InputError
from schemas.parameters import (
    AreaRangeSetting,
    ClassBy,
    MaskKind,
    Outside,
    ProtocolSettings,
    Reading,
    TieOrder,
    Unlabelled,
)


def _whole(word: str) -> int:
    before, _, after = word.partition(".")
    try:
        if not after.strip("0"):
            return int(before)
    except ValueError:
        pass
    raise ValueError(f"{word[:80]!r} is not a whole number")


def one_whole(_kind: type, tokens: Sequence[Token]) -> int:
    """The whole number that a word is; ValueError for a fraction, which cyclopts would round, and for other words."""
    return _whole(tokens[0].value)


def several_whole(_kind: type, tokens: Sequence[Token]) -> list[int]:
    """The whole numbers that words are, as `one_whole` takes them."""
    return [_whole(token.value) for token in tokens]


Whole = Annotated[int, Parameter(converter=one_whole)]


@Parameter(name="*")
@dataclass(frozen=True)
class ProtocolOptions:
    """How predictions are matched and measured."""

    protocol: Annotated[list[str] | None, Parameter(help="Protocol, repeatable; all: every one that fits.")] = None
    iou_threshold: Annotated[
        list[float] | None, Parameter(help="Lowest similarity of a match in (0, 1], repeatable.")
    ] = None
    area_range: Annotated[list[str] | None, Parameter(help="NAME=LOW:HIGH in px², repeatable, the whole first.")] = None
    max_detections: Annotated[
        list[int] | None,
        Parameter(converter=several_whole, help="Predictions counted per unit and class, repeatable."),
    ] = None
    keypoint_sigma: Annotated[
        list[float] | None, Parameter(help="Spread of a keypoint as pycocotools has it (nose: 0.026); once per point.")
    ] = None
    distance: Annotated[
        list[float] | None,
        Parameter(
            help="Largest distance of a match, of points and polylines: px or share of the diagonal, repeatable."
        ),
    ] = None
    unlabelled: Annotated[
        Unlabelled | None,
        Parameter(help="Unlabelled pixels of semantic masks: background, ignored (not counted), or a class."),
    ] = None
    ignored_class: Annotated[
        list[str] | None, Parameter(help="Class whose annotated pixels do not count, repeatable.")
    ] = None
    slice_by: Annotated[
        list[str] | None,
        Parameter(
            help="Give the numbers by a column too: NAME, NAME:EDGE,EDGE, NAME:q4, NAME? (with nulls), repeatable."
        ),
    ] = None
    tags: Annotated[
        Path | None, Parameter(help="Your own columns to slice by: Parquet with data_hash (and frame).")
    ] = None
    tie_order: Annotated[
        TieOrder | None,
        Parameter(help="file, unless named: ties as in the official tools; canonical: whatever the order of rows."),
    ] = None
    stand_as: Annotated[
        str | None, Parameter(name="--as", help="Let the numbers stand beside the protocol's own, under this name.")
    ] = None

    def settings(self) -> ProtocolSettings:
        """The protocol parameters; pydantic's ValidationError names what is out of range."""
        ranges = None if self.area_range is None else [_area_range(text) for text in self.area_range]
        return ProtocolSettings(
            iou_thresholds=self.iou_threshold,
            area_ranges=ranges,
            max_detections=self.max_detections,
            keypoint_sigmas=self.keypoint_sigma,
            distances=self.distance,
            unlabelled=self.unlabelled,
            ignored_classes=self.ignored_class or [],
            slice_by=self.slice_by or [],
            tags=self.tags,
            tie_order=self.tie_order,
            stand_as=self.stand_as,
        )

    def protocols(self) -> list[str]:
        """The protocols named, without repetition; none for the defaults."""
        return list(dict.fromkeys(self.protocol or ()))


@Parameter(name="*")
@dataclass(frozen=True)
class ReadingOptions:
    """How files are read, where they leave it open."""

    class_by: Annotated[ClassBy, Parameter(help="Look classes up by their hash (or id), or by name.")] = ClassBy.HASH
    outside: Annotated[Outside, Parameter(help="Boxes that leave the image: keep, clip or reject.")] = Outside.KEEP
    masks: Annotated[
        MaskKind, Parameter(help="A mask file holds instances, one label per pixel (semantic), or one instance.")
    ] = MaskKind.INSTANCES
    smallest_component: Annotated[Whole, Parameter(help="Smallest connected component taken from a mask, px.")] = 4

    def reading(self) -> Reading:
        """The parameters; pydantic's ValidationError names what is out of range."""
        return Reading(**asdict(self))


@Parameter(name="*")
@dataclass(frozen=True)
class TruthFileOptions:
    """Files beside the annotations."""

    ontology: Annotated[Path | None, Parameter(help="Ontology of the project (JSON).")] = None
    data_units: Annotated[Path | None, Parameter(help="Names, sizes and frames of the data units (JSON).")] = None
    class_mapping: Annotated[Path | None, Parameter(help="Pairs of annotated and predicted classes (JSON).")] = None


@Parameter(name="*")
@dataclass(frozen=True)
class MappedTruthOptions(TruthFileOptions):
    """Files beside annotations that are imported by themselves."""

    mapping: Annotated[Path | None, Parameter(help="Classes by the files' own: KITTI, masks (JSON).")] = None


@Parameter(name="*")
@dataclass(frozen=True)
class PredictionFileOptions:
    """Files beside the predictions."""

    mapping: Annotated[Path | None, Parameter(help="Classes of the ontology by the file's own (JSON).")] = None
    image_mapping: Annotated[Path | None, Parameter(help="Data units by the file's image ids (JSON).")] = None


@Parameter(name="*")
@dataclass(frozen=True)
class MappedPredictionOptions(PredictionFileOptions):
    """Files beside predictions that are imported by themselves."""

    class_mapping: Annotated[Path | None, Parameter(help="The pairs of classes that the project has (JSON).")] = None


def _area_range(text: str) -> AreaRangeSetting:
    name, _, bounds = text.partition("=")
    low, _, high = bounds.partition(":")
    try:
        return AreaRangeSetting(name=name, low_px2=float(low), high_px2=float(high))
    except ValueError as error:
        hint = "NAME=LOW:HIGH, finite numbers of px², as in all=0:1e10"
        raise InputError(f"{text!r} is not an area range", where="--area-range", hint=hint) from error
