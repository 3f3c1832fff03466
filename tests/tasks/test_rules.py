"""Which protocols run, under which rules."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.parameters import ProtocolSettings
from tasks.protocols import PROTOCOLS
from tasks.rules import (
    chosen_protocols,
    default_protocols,
    misfit,
    named_protocol,
    refuse_missing_class,
    refuse_unknown_classes,
    refuse_wrong_settings,
    rules_digest,
    rules_of,
    unasked_protocols,
)

BOXES, MASKS, POINTS = ({name: 3} for name in ("bounding_box", "bitmask", "skeleton"))
EVERYTHING = {**BOXES, **MASKS, **POINTS}


def _rules(protocol: str = "coco-bbox", **settings: Any) -> Any:
    return rules_of(PROTOCOLS[protocol], ProtocolSettings.model_validate(settings))


def test_settings_take_the_place_of_the_protocols_own() -> None:
    """What is left out stays; thresholds and maxima ascend, each once."""
    rules = _rules(iou_thresholds=[0.75, 0.5, 0.75], max_detections=[9, 1, 9], tie_order="canonical")
    assert (rules.iou_thresholds, rules.max_detections, rules.tie_order) == ((0.5, 0.75), (1, 9), "canonical")
    assert rules.area_ranges == PROTOCOLS["coco-bbox"].rules.area_ranges
    assert _rules() == PROTOCOLS["coco-bbox"].rules


def test_distances_are_for_protocols_that_compare_them() -> None:
    """They take the place of the protocol's own limits; others go by their thresholds as before."""
    rules = _rules("points", distances=[8, 4])
    assert (dict(rules.options), rules.iou_thresholds) == ({"limits": (4, 8)}, (0.5, 0.75))
    assert _rules(distances=[8, 4]) == PROTOCOLS["coco-bbox"].rules


def test_an_iou_threshold_is_none_for_distances() -> None:
    """An error of the call, that names the option to take."""
    with pytest.raises(InputError, match="points compares distances") as error:
        _rules("points", iou_thresholds=[0.5])
    assert (error.value.where, "--distance" in str(error.value.hint)) == ("--iou-threshold", True)


@pytest.mark.parametrize("distance", [0, -1, float("inf"), float("nan")])
def test_a_distance_that_is_none_is_refused(distance: float) -> None:
    """Before anything is computed."""
    with pytest.raises(ValueError, match="distances"):
        _rules("points", distances=[distance])


RANGES = [
    ([{"name": "a", "low_px2": 5, "high_px2": 4}], "area range a begins at 5.0 px² and ends at 4.0 px²"),
    ([{"name": "a", "low_px2": 5, "high_px2": 6}] * 2, "two area ranges have one name"),
]


@pytest.mark.parametrize(("ranges", "message"), RANGES)
def test_area_ranges_that_mean_nothing_are_refused(ranges: list[dict[str, Any]], message: str) -> None:
    """An error of the call, that names the option."""
    with pytest.raises(InputError, match=message) as error:
        _rules(area_ranges=ranges)
    assert error.value.where == "--area-range"


WRONG: list[tuple[list[str], dict[str, Any], str]] = [
    *(([], {"area_ranges": ranges}, "--area-range") for ranges, _ in RANGES),
    (["all"], {"area_ranges": RANGES[0][0]}, "--area-range"),
    (["points"], {"iou_thresholds": [0.5]}, "--iou-threshold"),
    (["coco-box"], {}, "--protocol"),
    (["all", "coco-bbox"], {}, "--protocol"),
    ([], {"stand_as": "coco-segm"}, "--as"),
    (["all"], {"stand_as": "coco-segm"}, "--as"),
    (["coco-bbox"], {"stand_as": "coco-segm"}, "--as"),
    (["coco-bbox", "voc2012"], {"stand_as": "mine"}, "--as"),
    ([], {"tags": "tags.parquet"}, "--tags"),
    (["coco-bbox"], {"slice_by": [""]}, "--slice-by"),
    ([], {"slice_by": ["width", "width:1,1"]}, "--slice-by"),
]


@pytest.mark.parametrize(("names", "settings", "where"), WRONG)
def test_settings_that_fit_no_data_are_refused_without_any(
    names: list[str], settings: dict[str, Any], where: str
) -> None:
    """An error of the call, that names the option, whether protocols are named or not."""
    with pytest.raises(InputError) as error:
        refuse_wrong_settings(names, ProtocolSettings.model_validate(settings))
    assert error.value.where == where


RIGHT: list[tuple[list[str], dict[str, Any]]] = [
    ([], {}),
    (["all"], {"stand_as": "mine", "max_detections": [5]}),
    (["coco-segm"], {"stand_as": "coco-segm"}),
    (["coco-segm", "coco-segm"], {"stand_as": "mine"}),
    (["points"], {"distances": [5]}),
    ([], {"slice_by": ["width:1,2", "weather?"], "tags": "tags.parquet"}),
]


@pytest.mark.parametrize(("names", "settings"), RIGHT)
def test_settings_that_fit_some_data_pass(names: list[str], settings: dict[str, Any]) -> None:
    """Whether they fit those that come is seen when they are there."""
    refuse_wrong_settings(names, ProtocolSettings.model_validate(settings))


def test_a_digest_is_of_everything_a_number_depends_on() -> None:
    """Every setting changes it, in any order it is given; another protocol has another."""
    bbox, segm = PROTOCOLS["coco-bbox"], PROTOCOLS["coco-segm"]
    ranges = [{"name": "all", "low_px2": 0, "high_px2": 1e10}]
    changed: list[dict[str, Any]] = [
        {}, {"iou_thresholds": [0.5]}, {"max_detections": [100]}, {"tie_order": "canonical"}, {"area_ranges": ranges},
    ]  # fmt: skip
    digests = [rules_digest(bbox, _rules(**settings)) for settings in changed]
    assert len({*digests, rules_digest(segm, segm.rules)}) == 6
    either = [rules_digest(bbox, _rules(iou_thresholds=thresholds)) for thresholds in ([0.5, 0.6], [0.6, 0.5])]
    assert either[0] == either[1]


def test_the_defaults_are_the_protocols_of_the_shapes_that_came_in() -> None:
    """On both sides; boxes where nothing came."""

    def names(predictions: dict[str, int], truth: dict[str, int]) -> list[str]:
        return [protocol.name for protocol in default_protocols(predictions, truth)]

    assert names(EVERYTHING, EVERYTHING) == ["coco-bbox", "coco-segm", "coco-keypoints"]
    assert names(MASKS, EVERYTHING) == ["coco-segm"]
    assert names(EVERYTHING, BOXES) == ["coco-bbox"]
    assert names(POINTS, BOXES) == ["coco-bbox"]
    assert names({}, {}) == ["coco-bbox"]


def test_boxes_fit_whatever_came_in_and_other_shapes_need_their_own() -> None:
    """Every shape has a hull; an empty side fits everything."""
    assert misfit(PROTOCOLS["coco-bbox"], MASKS, POINTS) is None
    assert "the set holds no such predictions" in str(misfit(PROTOCOLS["coco-segm"], BOXES, MASKS))
    assert "the ground truth holds no such annotations" in str(misfit(PROTOCOLS["coco-segm"], MASKS, BOXES))
    assert misfit(PROTOCOLS["coco-keypoints"], {}, {}) is None


def test_protocols_are_chosen_by_name_or_all_that_fit() -> None:
    """Each once, in the order asked for."""
    chosen = chosen_protocols(["coco-segm", "coco-bbox", "coco-segm"], EVERYTHING, EVERYTHING)
    assert [protocol.name for protocol in chosen] == ["coco-segm", "coco-bbox"]
    every = [protocol.name for protocol in chosen_protocols(["all"], MASKS, MASKS)]
    assert {"coco-bbox", "coco-segm", "coco-boundary"} <= set(every)
    assert not {"coco-keypoints", "rotated", "points"} & set(every)
    with pytest.raises(InputError, match="mask_iou") as error:
        chosen_protocols(["coco-segm"], BOXES, BOXES)
    assert error.value.hint == "what fits: coco-bbox"


def test_an_unknown_protocol_is_refused_with_the_nearest_name() -> None:
    """Or with all there are."""
    for name, hint in (("coco-box", "did you mean coco-bbox?"), ("zzz", ", ".join(sorted(PROTOCOLS)))):
        with pytest.raises(InputError, match=f"no protocol '{name}'") as error:
            named_protocol(name)
        assert hint in str(error.value.hint)


def test_what_unlabelled_pixels_are_is_an_option_of_protocols_over_pixels() -> None:
    """By its place among the choices; other protocols have no such option."""
    given: dict[str, Any] = {"unlabelled": "class", "ignored_classes": ["b", "a", "b"]}
    rules = _rules("semantic", **given)
    assert (rules.options, rules.ignored_classes) == ((("unlabelled", (2.0,)),), ("a", "b"))
    assert _rules("semantic") == PROTOCOLS["semantic"].rules
    assert _rules("coco-bbox", **given) == PROTOCOLS["coco-bbox"].rules


def test_a_class_that_there_is_not_cannot_be_left_out() -> None:
    """The error names the closest."""
    rules = replace(PROTOCOLS["semantic"].rules, ignored_classes=("raod",))
    with pytest.raises(InputError, match="did you mean 'road'"):
        refuse_unknown_classes(rules, ["road", "sky"])
    refuse_unknown_classes(rules, ["raod"])


def test_what_judges_pedestrians_fits_no_project_without_them() -> None:
    """It is left out where nobody named it, and refused where somebody did; a name may be spelled as people do."""
    asked = [PROTOCOLS["tracks"], PROTOCOLS["motchallenge"], PROTOCOLS["mot20"]]
    assert unasked_protocols(asked, ProtocolSettings(), {}, ["dog"]) == asked[:1]
    assert unasked_protocols(asked, ProtocolSettings(), {}, ["dog", "Pedestrian"]) == asked
    assert unasked_protocols(asked[1:2], ProtocolSettings(), {}, ["dog"]) == asked[1:2]
    for protocol in asked[1:]:
        refuse_missing_class(protocol, ["Pedestrian"])
        with pytest.raises(InputError, match="judges the class 'pedestrian', and the project has none"):
            refuse_missing_class(protocol, ["dog"])
