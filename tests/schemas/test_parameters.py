"""What a run may be asked to do."""

import math
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.parameters import (
    AreaRangeSetting,
    InboxParameters,
    PredictionParameters,
    ProtocolSettings,
    Reading,
    ReanalyzeParameters,
    checked_name,
)
from schemas.quality import QualityParameters


@pytest.mark.parametrize("name", ["a", "A-1_b.c", "007", "...", "x" * 100])
def test_names_of_the_grammar_are_taken(name: str) -> None:
    """As they are; case counts."""
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "ä", "x" * 101, "a\n", "@"])
def test_other_names_are_refused_with_what_is_allowed(name: str) -> None:
    """They would stand in paths."""
    with pytest.raises(ValueError, match="A-Z a-z 0-9"):
        checked_name(name)


MOST = (1 << 31) - 1
"""What 32 bits hold."""

BAD: list[dict[str, Any]] = [
    {"iou_thresholds": [0.0]},
    {"iou_thresholds": [1.01]},
    {"iou_thresholds": [float("nan")]},
    {"max_detections": [0]},
    {"max_detections": [1.9]},
    {"max_detections": [MOST + 1]},
    {"max_detections": [10**20]},
    {"area_ranges": [{}]},
    *(
        {"area_ranges": [{"name": "all", "low_px2": low, "high_px2": high}]}
        for low, high in ((0, math.inf), (0, math.nan), (math.inf, math.inf), (math.nan, 1), (0, 0), (-1, 1))
    ),
    *({"keypoint_sigmas": [sigma]} for sigma in (0, math.inf, math.nan)),
    *({"distances": [distance]} for distance in (0, math.inf, math.nan)),
    {"tags": "\udcff.parquet"},
    {"tie_order": "random"},
    {"stand_as": "a/b"},
    {"unknown": 1},
]


@pytest.mark.parametrize("settings", BAD, ids=lambda settings: str(settings))
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any]) -> None:
    """Before anything is read."""
    with pytest.raises(ValidationError):
        ProtocolSettings.model_validate(settings)


def test_as_many_detections_can_be_counted_as_are_allowed() -> None:
    """The bound is within."""
    assert ProtocolSettings(max_detections=[1, MOST]).max_detections == [1, MOST]


@pytest.mark.parametrize("smallest", [0, -1, 1.5, 1 << 31, 10**20])
def test_a_component_has_some_pixels_and_not_more_than_an_image(smallest: float) -> None:
    """What is no such number of pixels is refused."""
    with pytest.raises(ValidationError, match="smallest_component"):
        Reading.model_validate({"smallest_component": smallest})


@pytest.mark.parametrize("settle", [-1, math.inf, math.nan])
def test_files_settle_in_a_finite_time(settle: float) -> None:
    """What is no such time is refused."""
    with pytest.raises(ValidationError, match="settle_s"):
        InboxParameters.model_validate({"project": "p", "inbox": "in", "settle_s": settle})


@pytest.mark.parametrize("field", ["store", "predictions", "mapping", "image_mapping", "class_mapping"])
def test_a_path_that_is_not_utf8_is_refused(field: str) -> None:
    """It could not be recorded; where it stands is named, and what is allowed."""
    given: dict[str, Any] = {"project": "p", "name": "n", "predictions": "net.json"}
    with pytest.raises(ValidationError, match="not UTF-8") as error:
        PredictionParameters.model_validate(given | {field: Path(os.fsdecode(b"w/\xff\xfe.json"))})
    assert [problem["loc"] for problem in error.value.errors()] == [(field,)]


def test_a_folder_of_images_that_is_not_utf8_is_refused() -> None:
    """As any other path."""
    with pytest.raises(ValidationError, match="not UTF-8"):
        QualityParameters.model_validate({"project": "p", "images": Path(os.fsdecode(b"\xff"))})


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
