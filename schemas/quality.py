"""What is asked of the quality metrics."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.forms import Name
from schemas.names import checked_path
from schemas.parameters import StoreParameters


class QualityParameters(StoreParameters):
    """Say what stored predictions, annotations and images are like; of objects no file is read anew."""

    sets: list[Name] = Field(default_factory=list, title="Prediction sets", description="None: all")
    ground_truth: bool = Field(
        default=True, title="Ground truth", description="Measure the annotations too, and images by theirs"
    )
    images: Annotated[Path, AfterValidator(checked_path)] | None = Field(
        default=None, title="Images", description="Folder with the images, for what pixels say; none: sizes alone"
    )
    force: bool = Field(default=False, title="Force", description="Work again where nothing has changed")

    @property
    def called(self) -> str:
        """What a run is about, for its name: the sets on the project."""
        return f"{', '.join(self.sets) or 'all sets'} on {self.project}"
