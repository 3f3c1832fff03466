"""Pascal VOC 2007: average precision over 11 recalls."""

import numpy as np

from schemas.judging import Curve, Rules, Steps
from tasks import voc

RECALL_POINTS = tuple(k * 0.1 if k <= 5 else 1 - (10 - k) * 0.1 for k in range(11))
"""0, .1, ... 1 as `0:.1:1` counts them, from both ends; to the last place, since recalls fall on them."""


def interpolate(steps: Steps, rules: Rules) -> Curve:
    """Mean of the highest precision at each of 11 recalls or beyond; 0 where one is not reached."""
    recall, precision = voc.precision_recall(steps)
    points = np.array(rules.recall_points)
    place = np.searchsorted(recall, points, side="left")
    at, score = (np.append(values, 0.0)[place] for values in (precision, steps.score))
    return Curve(points, at, score, float(at.mean()))


PROTOCOL = voc.protocol("voc2007", "Pascal VOC 2007", RECALL_POINTS, interpolate)
