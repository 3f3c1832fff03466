"""What protocols that compare distances share: limits as thresholds of similarity, and the names of their numbers."""

from collections.abc import Callable
from dataclasses import replace

from schemas.coco_rules import ALL, RECALL_POINTS
from schemas.judging import Number, Rules

_MAX_DETECTIONS = 100


def threshold_of(limit: float, limits: tuple[float, ...]) -> float:
    """The similarity at which a distance of `limit` stands, in the arithmetic of `tasks.kernels.distances`."""
    return 1 - limit / (2 * max(limits))


def with_limits(rules: Rules, limits: tuple[float, ...]) -> Rules:
    """The rules with thresholds at other limits, above 0, in the protocol's unit; each counts once."""
    ascending = tuple(sorted(set(limits)))
    thresholds = tuple(threshold_of(limit, ascending) for limit in reversed(ascending))
    options = {**dict(rules.options), "limits": ascending}
    return replace(rules, iou_thresholds=thresholds, options=tuple(options.items()))


def limits_of(rules: Rules) -> tuple[float, ...]:
    """The limits, ascending; none where the protocol compares no distances."""
    return dict(rules.options).get("limits", ())


def distance_rules(*limits: float) -> Rules:
    """Rules at some limits: COCO's recall points, no area ranges, 100 detections per unit and class."""
    return with_limits(Rules((), (ALL,), (_MAX_DETECTIONS,), RECALL_POINTS), limits)


def distance_numbers(found: str, unit: str) -> Callable[[Rules], tuple[Number, ...]]:
    """The numbers of such a protocol: AP over all limits and at each, and recall at each, under the name `found`.

    They are called `AP@5px`: the limit and its unit (nothing for shares of the diagonal).
    """

    def numbers(rules: Rules) -> tuple[Number, ...]:
        whole, most, limits = rules.area_ranges[0].name, rules.max_detections[-1], limits_of(rules)
        every = [Number("AP", "precision", whole, None, most)]
        for name, of in (("AP", "precision"), (found, "recall")):
            every += [
                Number(f"{name}@{limit:g}{unit}", of, whole, threshold_of(limit, limits), most) for limit in limits
            ]
        return tuple(every)

    return numbers
