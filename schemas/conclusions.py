"""What is asked of an analysis of stored evaluations: where a set fails, and which labels look wrong."""

from pydantic import Field

from schemas.forms import Form, Name
from schemas.parameters import StoreParameters


class FailureSettings(Form):
    """How failures are looked for."""

    bins: int = Field(default=10, ge=2, le=100, title="Bins", description="Quantile bins of a metric")
    least_score: float | None = Field(
        default=None,
        allow_inf_nan=False,
        title="Lowest score",
        description="Predictions below are left out, as if the model had not made them. Empty: all are taken",
    )
    samples: int = Field(
        default=20_000, ge=100, le=20_000, title="Samples", description="Objects from which importance is estimated"
    )
    permuted: int = Field(
        default=2_000, ge=100, le=20_000, title="Permuted samples", description="Those of them that are permuted"
    )


class FailureParameters(StoreParameters):
    """Find out where a set fails, and what failure depends on."""

    name: Name = Field(title="Prediction set", description="Name of the prediction set")
    protocols: list[str] = Field(
        default_factory=list, title="Evaluations", description="Protocols, or the names they stand under. None: all"
    )
    settings: FailureSettings = Field(
        default_factory=FailureSettings, title="Settings", description="How failures are looked for"
    )
    force: bool = Field(default=False, title="Force", description="Work again where nothing has changed")

    @property
    def called(self) -> str:
        """What a run is about, for its name: the set on the project."""
        return f"{self.name} on {self.project}"


class LabelErrorSettings(Form):
    """Which candidates are kept."""

    least: float = Field(default=0.1, ge=0, le=1, title="Lowest score", description="Candidates below are left out")
    most: int = Field(
        default=10_000, ge=1, le=1_000_000, title="Candidates", description="How many of a kind are kept, best first"
    )


class LabelErrorParameters(StoreParameters):
    """Find labels that look wrong in the light of one or several sets."""

    sets: list[Name] = Field(default_factory=list, title="Prediction sets", description="Those that speak. None: all")
    protocols: list[str] = Field(
        default_factory=list, title="Evaluations", description="Protocols, or the names they stand under. None: all"
    )
    settings: LabelErrorSettings = Field(
        default_factory=LabelErrorSettings, title="Settings", description="Which candidates are kept"
    )
    force: bool = Field(default=False, title="Force", description="Work again where nothing has changed")

    @property
    def called(self) -> str:
        """What a run is about, for its name: the sets on the project."""
        return f"{', '.join(self.sets) or 'all sets'} on {self.project}"
