"""Pascal VOC 2010 to 2012: average precision over all recalls."""

from schemas.judging import Curve, Protocol, Rules, Steps
from tasks import voc


def interpolate(steps: Steps, _rules: Rules) -> Curve:
    """Area under the highest precision from each recall on: a step of 1 / annotations per true positive."""
    recall, precision = voc.precision_recall(steps)
    return Curve(recall, precision, steps.score, float(precision.sum() / steps.n_positive))


PROTOCOL = Protocol(
    name="voc2012",
    title="Pascal VOC 2012",
    rules=voc.rules(()),
    numbers=voc.numbers_of,
    shape="bounding_box",
    truth_columns=voc.TRUTH_COLUMNS,
    ignored=voc.does_not_count,
    crowd=voc.no_crowds,
    pairs=voc.inclusive_pairs,
    similarity="bbox_iou_inclusive",
    matcher=voc.match,
    interpolation=interpolate,
)
