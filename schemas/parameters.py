"""What a run is asked to do: the command line, the Prefect forms and stored runs all speak these words."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.names import DEFAULT_STORE as DEFAULT_STORE
from schemas.names import is_name

BESIDE = ("ontology", "data_units", "mapping", "image_mapping", "class_mapping")
"""Parameters that name a file beside the main ones."""


def checked_name(name: str) -> str:
    """The name, if it may stand in a path; else ValueError saying what is allowed."""
    if not is_name(name):
        raise ValueError(f"{name!r} is not a name: use 1 to 100 of A-Z a-z 0-9 . _ - (not . or ..)")
    return name


Name = Annotated[str, AfterValidator(checked_name)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class FormatName(StrEnum):
    """How a file is written; `auto` recognises what it can and says what it took."""

    AUTO = "auto"
    COCO = "coco"
    ENCORD_PICKLE = "encord-pickle"
    ENCORD_JSON = "encord-json"
    KITTI = "kitti"
    MASKS = "masks"
    MOT = "mot"
    OPENLABEL = "openlabel"
    PANOPTIC = "panoptic"
    PARQUET = "parquet"


class ClassBy(StrEnum):
    """What a record's class is looked up by."""

    HASH = "hash"
    NAME = "name"


class Outside(StrEnum):
    """What becomes of boxes that leave their image."""

    KEEP = "keep"
    CLIP = "clip"
    REJECT = "reject"


class MaskKind(StrEnum):
    """What the pixels of a mask file mean."""

    INSTANCES = "instances"
    SEMANTIC = "semantic"
    ONE_PER_FILE = "one-per-file"


class Unlabelled(StrEnum):
    """What pixels are that nobody labelled, in semantic masks."""

    BACKGROUND = "background"
    IGNORED = "ignored"
    CLASS = "class"


class TieOrder(StrEnum):
    """How ties of score fall: as in the official tools, or by content, whatever the order of rows."""

    FILE = "file"
    CANONICAL = "canonical"


class AreaRangeSetting(BaseModel):
    """An area range of the caller's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="Word for the range in the tables")
    low_px2: float = Field(ge=0, description="Smallest area counted, px²")
    high_px2: float = Field(gt=0, description="Largest area counted, px²")


class Reading(BaseModel):
    """How files are read, where they leave it open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    class_by: ClassBy = Field(default=ClassBy.HASH, description="Look classes up by their hash (or id), or by name")
    outside: Outside = Field(default=Outside.KEEP, description="Boxes that leave the image: keep, clip or reject")
    masks: MaskKind = Field(
        default=MaskKind.INSTANCES, description="A mask file holds instances, one label per pixel, or one instance"
    )
    smallest_component: int = Field(default=4, ge=1, description="Smallest connected component taken, px")


class ProtocolSettings(BaseModel):
    """Parameters of protocols; what is left out is as the protocol has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    iou_thresholds: list[Annotated[float, Field(gt=0, le=1)]] | None = Field(
        default=None, description="Lowest similarities of a match, in (0, 1]", min_length=1, max_length=100
    )
    area_ranges: list[AreaRangeSetting] | None = Field(
        default=None, description="Area ranges, the whole first", min_length=1, max_length=32
    )
    max_detections: list[Annotated[int, Field(ge=1)]] | None = Field(
        default=None, description="Predictions counted per unit and class, best first", min_length=1, max_length=16
    )
    keypoint_sigmas: list[Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None = Field(
        default=None, description="Spread of each keypoint, in the order of the points", min_length=1, max_length=10_000
    )
    distances: list[Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None = Field(
        default=None,
        description="Largest distances of a match of points or polylines, in the protocol's unit (px, or diagonals)",
        min_length=1,
        max_length=100,
    )
    unlabelled: Unlabelled | None = Field(
        default=None,
        description="Unlabelled pixels of semantic masks: background, not counted, or a class of their own",
    )
    ignored_classes: list[str] = Field(
        default_factory=list,
        description="Classes whose annotated pixels do not count in semantic masks",
        max_length=1000,
    )
    tie_order: TieOrder = Field(default=TieOrder.FILE, description="How ties of score fall")
    stand_as: Name | None = Field(
        default=None, description="Name under which the numbers stand beside the protocol's own"
    )


class StoreParameters(BaseModel):
    """Where tables lie, and which project is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: Path = Field(default=DEFAULT_STORE, description="Folder of the store")
    project: Name = Field(description="Name of the project")


class GroundTruthFiles(BaseModel):
    """What ground truth is read from."""

    ground_truth: Path = Field(description="File, directory or glob with the annotations")
    ontology: Path | None = Field(default=None, description="Ontology of the project (JSON)")
    data_units: Path | None = Field(default=None, description="Names, sizes and frames of the data units (JSON)")
    class_mapping: Path | None = Field(default=None, description="Pairs of annotated and predicted classes (JSON)")


class GroundTruthParameters(StoreParameters, GroundTruthFiles):
    """Import ground truth: units, categories and annotations of a project."""

    mapping: Path | None = Field(default=None, description="Classes of the ontology by the files' own (JSON)")
    format: FormatName = Field(default=FormatName.AUTO, description="How the file is written")
    reading: Reading = Field(default_factory=Reading, description="How the files are read")
    reject_limit: Share = Field(default=1.0, description="Largest share of records that may be rejected")
    replace: bool = Field(default=True, description="Replace the ground truth where the project holds another")


class PredictionParameters(StoreParameters):
    """Import a prediction set, and unless told not to, evaluate it."""

    predictions: Path = Field(description="File, directory or glob with the predictions")
    name: Name = Field(description="Name of the prediction set")
    group: Name | None = Field(default=None, description="Group the set belongs to")
    format: FormatName = Field(default=FormatName.AUTO, description="How the file is written")
    mapping: Path | None = Field(default=None, description="Classes of the ontology by the file's own (JSON)")
    image_mapping: Path | None = Field(default=None, description="Data units by the file's image ids (JSON)")
    class_mapping: Path | None = Field(default=None, description="Pairs of annotated and predicted classes (JSON)")
    reading: Reading = Field(default_factory=Reading, description="How the files are read")
    protocols: list[str] = Field(default_factory=list, description="Protocols; none: the defaults of what came in")
    settings: ProtocolSettings = Field(default_factory=ProtocolSettings, description="Protocol parameters")
    replace: bool = Field(default=False, description="Replace a set of this name that holds other predictions")
    add: bool = Field(default=False, description="Add further files to the set of this name")
    evaluate: bool = Field(default=True, description="Match and measure after the import")
    reject_limit: Share = Field(default=1.0, description="Largest share of records that may be rejected")


class EvaluateParameters(PredictionParameters, GroundTruthFiles):
    """One shot: import ground truth and predictions, match and measure."""

    replace: bool = Field(default=False, description="Replace a set of this name, or a ground truth, that holds others")

    def of_ground_truth(self) -> GroundTruthParameters:
        """The first half: what is imported first."""
        return GroundTruthParameters(**{name: getattr(self, name) for name in GroundTruthParameters.model_fields})

    def of_predictions(self) -> PredictionParameters:
        """The second half: what is imported and evaluated then."""
        return PredictionParameters(**{name: getattr(self, name) for name in PredictionParameters.model_fields})


class ReanalyzeParameters(StoreParameters):
    """Match and measure stored sets again; nothing is read from files."""

    sets: list[Name] = Field(default_factory=list, description="Prediction sets; none: all")
    protocols: list[str] = Field(default_factory=list, description="Protocols; none: those the set has, or defaults")
    settings: ProtocolSettings = Field(default_factory=ProtocolSettings, description="Protocol parameters")
    force: bool = Field(default=False, description="Work again where nothing has changed")


class StageParameters(BaseModel):
    """One stage by itself: a folder in, a folder out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Field(description="Folder the stage writes to")


class IngestParameters(StageParameters):
    """Read files into records."""

    source: Path = Field(description="File, directory or glob to read")
    beside: dict[str, Path] = Field(default_factory=dict, description="Files beside it, by what they are")
    data_units: list[Path] = Field(default_factory=list, description="Parts of the table data_units")
    categories: list[Path] = Field(default_factory=list, description="Parts of the table categories")
    reading: Reading = Field(default_factory=Reading, description="How the files are read")
    format: FormatName = Field(default=FormatName.AUTO, description="How the file is written")
    ground_truth: bool = Field(default=False, description="The file holds annotations, not predictions")


class BlockParameters(StageParameters):
    """Normalize or resolve what the stage before left."""

    before: Path = Field(description="Folder of the stage before")
    data_units: list[Path] = Field(description="Parts of the table data_units")
    categories: list[Path] = Field(description="Parts of the table categories")
    predictions: bool = Field(default=True, description="The records are predictions, not annotations")
    reading: Reading = Field(default_factory=Reading, description="How the files are read")


class PlanParameters(StageParameters):
    """Match or measure what a plan in the folder says."""
