"""What a run is asked to do: the command line, the Prefect forms and stored runs all speak these words."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from schemas.choices import ClassBy as ClassBy
from schemas.choices import FormatName as FormatName
from schemas.choices import MaskKind as MaskKind
from schemas.choices import Outside as Outside
from schemas.choices import TieOrder as TieOrder
from schemas.choices import Unlabelled as Unlabelled
from schemas.forms import Form, Name, OrAsItIs, Place, Share
from schemas.forms import checked_name as checked_name
from schemas.names import DEFAULT_STORE as DEFAULT_STORE
from schemas.names import STORE_VARIABLE, checked_path

_MOST = (1 << 31) - 1
"""What 32 bits hold."""

BESIDE = ("ontology", "data_units", "mapping", "image_mapping", "class_mapping")
"""Parameters that name a file beside the main ones."""


def default_store() -> Path:
    """Where this process finds its store unless told otherwise: BOXSCORE_STORE, else `data/store`."""
    return Path(os.environ.get(STORE_VARIABLE) or DEFAULT_STORE)


class AreaRangeSetting(Form):
    """An area range of the caller's own."""

    name: Name = Field(title="Name", description="Word for the range in the tables")
    low_px2: float = Field(title="From, px²", ge=0, allow_inf_nan=False, description="Smallest area counted, px²")
    high_px2: float = Field(title="To, px²", gt=0, allow_inf_nan=False, description="Largest area counted, px²")


class Reading(Form):
    """How files are read, where they leave it open."""

    class_by: ClassBy = Field(
        default=ClassBy.HASH, title="Look classes up by", description="Their hash (or id), or their name"
    )
    outside: Outside = Field(
        default=Outside.KEEP, title="Boxes that leave the image", description="Keep, clip or reject them"
    )
    masks: MaskKind = Field(
        default=MaskKind.INSTANCES,
        title="A mask file holds",
        description="Instances (a number each), one label per pixel (semantic), or one instance",
    )
    smallest_component: int = Field(
        default=4,
        ge=1,
        le=_MOST,
        title="Smallest component, px",
        description="Smaller connected components of a mask are left out",
    )


class ProtocolSettings(Form):
    """Parameters of protocols; what is left out is as the protocol has it."""

    iou_thresholds: Annotated[list[Annotated[float, Field(gt=0, le=1)]] | None, OrAsItIs] = Field(
        default=None,
        title="IoU thresholds",
        description="Lowest similarities of a match, in (0, 1]. None: the protocol's own",
        max_length=100,
    )
    area_ranges: Annotated[list[AreaRangeSetting] | None, OrAsItIs] = Field(
        default=None,
        title="Area ranges",
        description="The whole first. None: the protocol's own",
        max_length=32,
    )
    max_detections: Annotated[list[Annotated[int, Field(ge=1, le=_MOST)]] | None, OrAsItIs] = Field(
        default=None,
        title="Largest numbers of detections",
        description="Predictions counted per image and class, best first. None: the protocol's own",
        max_length=16,
    )
    keypoint_sigmas: Annotated[list[Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None, OrAsItIs] = Field(
        default=None,
        title="Keypoint sigmas",
        description="Spread of each keypoint, in the order of the points. None: COCO's",
        max_length=10_000,
    )
    distances: Annotated[list[Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None, OrAsItIs] = Field(
        default=None,
        title="Distances",
        description="Largest distances of a match of points or polylines, in the protocol's unit (px, or diagonals)",
        max_length=100,
    )
    unlabelled: Unlabelled | None = Field(
        default=None,
        title="Unlabelled pixels",
        description="In semantic masks they are background, not counted, or a class of their own",
    )
    ignored_classes: list[str] = Field(
        default_factory=list,
        title="Classes left out",
        description="Classes whose annotated pixels do not count in semantic masks",
        max_length=1000,
    )
    slice_by: list[str] = Field(
        default_factory=list,
        title="Slice by",
        description="Columns of data units, ground truth or tags: `weather`, `area:1024,9216` (cut at these numbers), "
        "`area:q4` (4 parts of like size), `weather?` (nulls are a slice of their own)",
        max_length=32,
    )
    tags: Annotated[Path, AfterValidator(Path.absolute), AfterValidator(checked_path)] | None = Field(
        default=None,
        title="Tags",
        description="Parquet file of your own columns by data_hash (and frame), to slice by",
    )
    tie_order: TieOrder | None = Field(
        default=None,
        title="Order of ties",
        description="Equal scores: as in the official tools (file, unless named), or whatever the order of rows "
        "(canonical)",
    )
    stand_as: Name | None = Field(
        default=None,
        title="Name of the numbers",
        description="The numbers stand under this name, beside the protocol's own",
    )


class StoreParameters(Form):
    """Where tables lie, and which project is meant."""

    store: Annotated[Path, BeforeValidator(lambda path: path or default_store()), AfterValidator(checked_path)] = Field(
        default_factory=default_store,
        title="Store",
        description="Folder, or s3://BUCKET/PREFIX. Empty: BOXSCORE_STORE where the run works, else data/store",
    )
    project: Name = Field(title="Project", description="Name of the project: letters, digits, . _ -")


class GroundTruthFiles(Form):
    """What ground truth is read from."""

    ground_truth: Place = Field(title="Ground truth", description="File, directory or glob with the annotations")
    ontology: Place | None = Field(
        default=None, title="Ontology", description="File with the project's ontology (JSON), where labels need one"
    )
    data_units: Place | None = Field(
        default=None, title="Data units", description="File with names, sizes and frames of the data units (JSON)"
    )
    class_mapping: Place | None = Field(
        default=None, title="Class mapping", description="File with the pairs of annotated and predicted classes (JSON)"
    )


class GroundTruthParameters(StoreParameters, GroundTruthFiles):
    """Import ground truth: units, categories and annotations of a project."""

    mapping: Place | None = Field(
        default=None, title="Mapping", description="File with the ontology's classes by the files' own (JSON)"
    )
    format: FormatName = Field(
        default=FormatName.AUTO, title="Format", description="How the file is written; auto recognises it"
    )
    reading: Reading = Field(default_factory=Reading, title="Reading", description="How the files are read")
    reject_limit: Share = Field(
        default=1.0, title="Reject limit", description="Largest share of records that may be rejected, 0 to 1"
    )
    replace: bool = Field(
        default=True, title="Replace", description="Replace the ground truth where the project holds another"
    )


class SetParameters(StoreParameters):
    """How prediction sets are read and measured."""

    group: Name | None = Field(default=None, title="Group", description="Group the set belongs to")
    format: FormatName = Field(
        default=FormatName.AUTO, title="Format", description="How the file is written; auto recognises it"
    )
    mapping: Place | None = Field(
        default=None, title="Mapping", description="File with the ontology's classes by the predictions' own (JSON)"
    )
    image_mapping: Place | None = Field(
        default=None, title="Image mapping", description="File with the data units by the predictions' image ids (JSON)"
    )
    class_mapping: Place | None = Field(
        default=None, title="Class mapping", description="File with the pairs of annotated and predicted classes (JSON)"
    )
    reading: Reading = Field(default_factory=Reading, title="Reading", description="How the files are read")
    protocols: list[str] = Field(
        default_factory=list,
        title="Protocols",
        description="Rules to measure by. None: the defaults of what came in; all: every one that fits",
    )
    settings: ProtocolSettings = Field(
        default_factory=ProtocolSettings,
        title="Protocol parameters",
        description="What is left empty is as the protocol has it",
    )
    replace: bool = Field(
        default=False, title="Replace", description="Replace a set of this name that holds other predictions"
    )
    reject_limit: Share = Field(
        default=1.0, title="Reject limit", description="Largest share of records that may be rejected, 0 to 1"
    )


class PredictionParameters(SetParameters):
    """Import a prediction set, and unless told not to, evaluate it."""

    predictions: Place = Field(title="Predictions", description="File, directory or glob with the predictions")
    name: Name = Field(title="Prediction set", description="Name of the set: letters, digits, . _ -")
    add: bool = Field(default=False, title="Add", description="Add further files to the set of this name")
    evaluate: bool = Field(default=True, title="Evaluate", description="Match and measure after the import")
    quality: bool = Field(
        default=False, title="Quality", description="Measure the quality metrics too, of the set and the ground truth"
    )

    @property
    def called(self) -> str:
        """What a run is about, for its name: the set on the project, and the protocols that were asked for."""
        asked = f": {', '.join(self.protocols)}" if self.protocols else ""
        return f"{self.name} on {self.project}{asked}"


class EvaluateParameters(PredictionParameters, GroundTruthFiles):
    """One shot: import ground truth and predictions, match and measure."""

    replace: bool = Field(
        default=False,
        title="Replace",
        description="Replace a set of this name, or a ground truth, that holds others",
    )

    def of_ground_truth(self) -> GroundTruthParameters:
        """The first half: what is imported first."""
        return GroundTruthParameters(**{name: getattr(self, name) for name in GroundTruthParameters.model_fields})

    def of_predictions(self) -> PredictionParameters:
        """The second half: what is imported and evaluated then."""
        return PredictionParameters(**{name: getattr(self, name) for name in PredictionParameters.model_fields})


class InboxParameters(SetParameters):
    """Take in what has come into a folder: each new file (or folder) of predictions becomes a set, named after it."""

    inbox: Place = Field(title="Inbox", description="Folder that prediction files are put into")
    pattern: str = Field(default="*", title="Pattern", description="Names of the files that are meant, as a glob")
    settle_s: float = Field(
        default=60.0,
        ge=0,
        allow_inf_nan=False,
        title="Settle, s",
        description="Files changed more recently may still be written: left",
    )

    @property
    def called(self) -> str:
        """What a run is about, for its name: the folder, and the project."""
        return f"{self.inbox.name} into {self.project}"

    def of_set(self, predictions: Path, name: str) -> PredictionParameters:
        """The import of one file."""
        given = {field: getattr(self, field) for field in SetParameters.model_fields}
        return PredictionParameters(**given, predictions=predictions, name=name)


class ReanalyzeParameters(StoreParameters):
    """Match and measure stored sets again; nothing is read from files."""

    sets: list[Name] = Field(
        default_factory=list, title="Prediction sets", description="None, and no group either: all"
    )
    groups: list[Name] = Field(default_factory=list, title="Groups", description="Further sets, by their group")
    protocols: list[str] = Field(
        default_factory=list,
        title="Protocols",
        description="Rules to measure by. None: those the set has, or the defaults",
    )
    settings: ProtocolSettings = Field(
        default_factory=ProtocolSettings,
        title="Protocol parameters",
        description="What is left empty is as the protocol has it",
    )
    force: bool = Field(default=False, title="Force", description="Work again where nothing has changed")

    @property
    def called(self) -> str:
        """What a run is about, for its name: the sets on the project, and the protocols that were asked for."""
        asked = f": {', '.join(self.protocols)}" if self.protocols else ""
        return f"{', '.join((*self.sets, *self.groups)) or 'all sets'} on {self.project}{asked}"
