"""kitti."""

from tasks.protocols.kitti import PROTOCOL, RULES


def test_numbers_are_means_and_classes_by_recalls_and_level() -> None:
    """24 of them, the moderate level first, by which KITTI ranks."""
    names = [number.name for number in PROTOCOL.numbers(RULES)]
    assert len(names) == len(set(names)) == 24
    assert names[:4] == ["AP_R40_moderate", "AP_R40_easy", "AP_R40_hard", "Car_AP_R40_moderate"]


def test_it_is_run_by_an_engine_of_its_own() -> None:
    """Precision at a recall depends on which detections take part, which no sorted list of matches can say."""
    assert (PROTOCOL.engine, PROTOCOL.shape, RULES.iou_thresholds) == ("kitti", "bounding_box", (0.5, 0.7))
