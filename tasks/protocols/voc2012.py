"""Pascal VOC 2010 to 2012: average precision over all recalls."""

from schemas.judging import Curve, Rules, Steps
from tasks import voc


def interpolate(steps: Steps, _rules: Rules) -> Curve:
    """Area under the highest precision from each recall on: a step of 1 / annotations per true positive."""
    recall, precision = voc.precision_recall(steps)
    return Curve(recall, precision, steps.score, float(precision.sum() / steps.n_positive))


PROTOCOL = voc.protocol("voc2012", "Pascal VOC 2012", (), interpolate)
