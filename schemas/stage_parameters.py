"""What a stage by itself is asked to do: folders of the run's staging go in and out."""

from pathlib import Path

from pydantic import Field

from schemas.forms import Form
from schemas.parameters import BESIDE, FormatName, Reading


class StageParameters(Form):
    """One stage by itself: a folder in, a folder out."""

    folder: Path = Field(title="Folder", description="Folder the stage writes to")
    of: str = Field(default="", title="Of", description="What is worked on, for the run's name. Empty: the folder")

    @property
    def called(self) -> str:
        """What a run is about, for its name."""
        return self.of or self.folder.name


class IngestSide(StageParameters):
    """Read files into records: annotations or predictions."""

    source: Path = Field(title="Source", description="File, directory or glob to read")
    beside: dict[str, Path] = Field(
        default_factory=dict, title="Beside", description=f"Files beside it, by what they are: {', '.join(BESIDE)}"
    )
    data_units: list[Path] = Field(
        default_factory=list, title="Data units", description="Parts of the table data_units"
    )
    categories: list[Path] = Field(
        default_factory=list, title="Categories", description="Parts of the table categories"
    )
    reading: Reading = Field(default_factory=Reading, title="Reading", description="How the files are read")
    format: FormatName = Field(
        default=FormatName.AUTO, title="Format", description="How the file is written; auto recognises it"
    )
    ground_truth: bool = Field(
        default=False, title="Ground truth", description="The file holds annotations, not predictions"
    )


class IngestParameters(IngestSide):
    """Read files into records, annotations and predictions at once."""

    others: list[IngestSide] = Field(
        default_factory=list, title="Others", description="What else is read, into folders of its own"
    )

    @property
    def sources(self) -> str:
        """What is read, for the run's name."""
        return ", ".join(side.source.name for side in [self, *self.others])


class BlockSide(StageParameters):
    """Normalize or resolve what the stage before left of annotations or predictions."""

    before: Path = Field(title="Before", description="Folder of the stage before")
    data_units: list[Path] = Field(title="Data units", description="Parts of the table data_units")
    categories: list[Path] = Field(title="Categories", description="Parts of the table categories")
    predictions: bool = Field(
        default=True, title="Predictions", description="The records are predictions, not annotations"
    )
    reading: Reading = Field(default_factory=Reading, title="Reading", description="How the files are read")


class BlockParameters(BlockSide):
    """Normalize or resolve what the stage before left, of annotations and predictions at once."""

    others: list[BlockSide] = Field(
        default_factory=list, title="Others", description="What else is worked on, in folders of its own"
    )


class PlanParameters(StageParameters):
    """Measure what a plan in the folder says."""


class MatchParameters(PlanParameters):
    """Match what a plan in the folder says, and what others say of the same set."""

    others: list[Path] = Field(
        default_factory=list,
        title="Others",
        description="Folders with further plans of the same set, which are matched in the same pass",
    )
