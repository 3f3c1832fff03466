"""What a run may be asked to do."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.parameters import AreaRangeSetting, ProtocolSettings, ReanalyzeParameters, checked_name


@pytest.mark.parametrize("name", ["a", "A-1_b.c", "007", "...", "x" * 100])
def test_names_of_the_grammar_are_taken(name: str) -> None:
    """As they are; case counts."""
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "ä", "x" * 101, "a\n", "@"])
def test_other_names_are_refused_with_what_is_allowed(name: str) -> None:
    """They would stand in paths."""
    with pytest.raises(ValueError, match="A-Z a-z 0-9"):
        checked_name(name)


BAD: list[dict[str, Any]] = [
    {"iou_thresholds": [0.0]},
    {"iou_thresholds": [1.01]},
    {"iou_thresholds": [float("nan")]},
    {"max_detections": [0]},
    {"area_ranges": [{}]},
    {"tie_order": "random"},
    {"stand_as": "a/b"},
    {"unknown": 1},
]


@pytest.mark.parametrize("settings", BAD, ids=lambda settings: str(settings))
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any]) -> None:
    """Before anything is read."""
    with pytest.raises(ValidationError):
        ProtocolSettings.model_validate(settings)


def test_settings_come_back_from_what_a_run_records() -> None:
    """As JSON, with area ranges."""
    bounds = AreaRangeSetting(name="tiny", low_px2=0, high_px2=16)
    settings = ProtocolSettings.model_validate({"area_ranges": [bounds], "max_detections": [5], "stand_as": "tiny"})
    assert ProtocolSettings.model_validate(settings.model_dump(mode="json")) == settings


def test_parameters_do_not_change() -> None:
    """A run records what it was asked for."""
    asked = ReanalyzeParameters(project="street")
    with pytest.raises(ValidationError):
        asked.project = "kitchen"
