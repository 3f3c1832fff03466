"""Which protocols run, under which rules: the protocol's own, with what the caller asked for instead."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches

from schemas.distance_rules import limits_of, with_limits
from schemas.errors import InputError
from schemas.names import snake_case
from schemas.parameters import ProtocolSettings, TieOrder, Unlabelled
from schemas.records import AreaRange, Protocol, Rules
from tasks.engine import Given
from tasks.engines import ENGINES
from tasks.protocols import PROTOCOLS
from tasks.protocols.semantic import UNLABELLED
from tasks.slices.asked import asked_in
from tasks.versions import digest


def named_protocol(name: str) -> Protocol:
    """The protocol of that name; InputError with what there is, and the closest word, where there is none."""
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    close = get_close_matches(name, PROTOCOLS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(PROTOCOLS))}"
    raise InputError(f"there is no protocol {name!r}", where="--protocol", hint=hint)


def rules_of(protocol: Protocol, settings: ProtocolSettings) -> Rules:
    """The protocol's rules under the caller's settings, in canonical form: thresholds, maxima ascending, each once."""
    rules = replace(protocol.rules, tie_order=str(settings.tie_order or TieOrder.FILE))
    if settings.iou_thresholds is not None:
        rules = replace(rules, iou_thresholds=tuple(sorted(set(settings.iou_thresholds))))
    if settings.max_detections is not None:
        rules = replace(rules, max_detections=tuple(sorted(set(settings.max_detections))))
    if settings.area_ranges is not None:
        rules = replace(rules, area_ranges=_area_ranges(settings))
    if settings.keypoint_sigmas is not None:
        rules = _with_sigmas(rules, tuple(settings.keypoint_sigmas))
    if UNLABELLED in dict(rules.options):
        rules = _over_pixels(rules, settings)
    if limits_of(rules):
        rules = _at_distances(protocol, rules, settings)
    return rules


def refuse_wrong_settings(names: Sequence[str], settings: ProtocolSettings) -> None:
    """InputError where the settings mean nothing under the protocols of these names, whatever the data are.

    Where none is named, or `all`, they are held against coco-bbox, and no protocol's own name is one to stand under.
    """
    if not names or list(names) == ["all"]:
        rules_of(PROTOCOLS["coco-bbox"], settings)
        if settings.stand_as is not None and settings.stand_as in PROTOCOLS:
            message = f"{settings.stand_as!r} is a protocol's own name, and none is named whose numbers they are"
            raise InputError(message, where="--as", hint=f"name it with --protocol, or {_other_name()}")
    elif "all" in names:
        raise InputError("all stands for every protocol that fits", where="--protocol", hint="name no others beside it")
    else:
        protocols = [named_protocol(name) for name in dict.fromkeys(names)]
        for protocol in protocols:
            rules_of(protocol, settings)
        refuse_shared_name(settings.stand_as, protocols)
    asked_in(settings)


def _over_pixels(rules: Rules, settings: ProtocolSettings) -> Rules:
    rules = replace(rules, ignored_classes=tuple(sorted(set(settings.ignored_classes))))
    if settings.unlabelled is None:
        return rules
    meaning = float(list(Unlabelled).index(settings.unlabelled))
    return replace(rules, options=((UNLABELLED, (meaning,)),))


def _at_distances(protocol: Protocol, rules: Rules, settings: ProtocolSettings) -> Rules:
    if settings.iou_thresholds is not None:
        message = f"{protocol.name} compares distances, which no IoU threshold is for"
        raise InputError(message, where="--iou-threshold", hint="give --distance, or name other protocols")
    return rules if settings.distances is None else with_limits(rules, tuple(settings.distances))


def _with_sigmas(rules: Rules, sigmas: tuple[float, ...]) -> Rules:
    """One for every point, or the one for all of a protocol that has no more; others compare no points."""
    if _sigmas(rules):
        return replace(rules, options=(("sigmas", sigmas),))
    if "sigma" in dict(rules.options) and len(sigmas) == 1:
        return replace(rules, options=(("sigma", sigmas),))
    return rules


def _sigmas(rules: Rules) -> tuple[float, ...]:
    return dict(rules.options).get("sigmas", ())


def _area_ranges(settings: ProtocolSettings) -> tuple[AreaRange, ...]:
    ranges = tuple(AreaRange(r.name, r.low_px2, r.high_px2) for r in settings.area_ranges or ())
    for bounds in ranges:
        if bounds.low_px2 > bounds.high_px2:
            raise InputError(
                f"area range {bounds.name} begins at {bounds.low_px2} px² and ends at {bounds.high_px2} px²",
                where="--area-range",
                hint="write NAME=LOW:HIGH with LOW <= HIGH",
            )
    if len({bounds.name for bounds in ranges}) < len(ranges):
        raise InputError("two area ranges have one name", where="--area-range")
    return ranges


def refuse_shared_name(stand_as: str | None, protocols: Sequence[Protocol]) -> None:
    """InputError where several protocols' numbers, or another protocol's own, would stand under one name."""
    names = [protocol.name for protocol in protocols]
    if stand_as is None or names == [stand_as]:
        return
    if len(names) > 1:
        message, hint = f"{', '.join(names)} cannot all stand under {stand_as!r}", "name one of them with --protocol"
        raise InputError(message, where="--as", hint=hint)
    if stand_as in PROTOCOLS:
        raise InputError(f"{stand_as!r} is another protocol's own name", where="--as", hint=_other_name())


def _other_name() -> str:
    return f"take a name that is no protocol's: {', '.join(sorted(PROTOCOLS))}"


def other_keypoints(rules: Rules, points: Mapping[str, int]) -> str | None:
    """A class whose skeleton has not as many points as the rules have sigmas; `points` is by class name."""
    sigmas = len(_sigmas(rules))
    return next((name for name, count in points.items() if sigmas and count != sigmas), None)


def _lacks_class(protocol: Protocol, names: Collection[str]) -> bool:
    """Whether the class that the protocol judges is none of those that are measured."""
    return bool(protocol.needs_class) and protocol.needs_class not in map(snake_case, names)


def unasked_protocols(
    protocols: Sequence[Protocol], settings: ProtocolSettings, points: Mapping[str, int], names: Collection[str]
) -> list[Protocol]:
    """Of protocols nobody named, those that fit the classes, by their names and by their skeletons' points.

    `skeletons` stands for those with other sigmas than points. Where no class fits any, all: why will be told.
    """
    judging = [protocol for protocol in protocols if not _lacks_class(protocol, names)]
    fitting = (
        protocol if other_keypoints(rules_of(protocol, settings), points) is None else PROTOCOLS["skeletons"]
        for protocol in judging or protocols
    )
    return list(dict.fromkeys(fitting))


def refuse_missing_class(protocol: Protocol, names: Collection[str]) -> None:
    """InputError where the class that the protocol judges is none of `names`, those that are measured."""
    if _lacks_class(protocol, names):
        raise InputError(
            f"{protocol.name} judges the class {protocol.needs_class!r}, and the project has none",
            where="--protocol",
            hint="name the class so, or judge every class by itself with --protocol tracks",
        )


def refuse_other_keypoints(rules: Rules, points: Mapping[str, int]) -> None:
    """InputError where a skeleton's number of points is not that of the rules' sigmas."""
    name = other_keypoints(rules, points)
    if name is not None:
        raise InputError(
            f"the class {name!r} has {points[name]} keypoints, and there are {len(_sigmas(rules))} sigmas",
            where="--keypoint-sigma",
            hint="repeat --keypoint-sigma for every point, or leave keypoints out with --protocol coco-bbox",
        )


def refuse_unknown_classes(rules: Rules, names: Collection[str]) -> None:
    """InputError where the rules leave out a class that is none of `names`, the annotated ones."""
    for name in rules.ignored_classes:
        if name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(names)[:20])}"
            raise InputError(f"there is no class {name!r}", where="--ignored-class", hint=hint)


def rules_digest(protocol: Protocol, rules: Rules) -> str:
    """Short digest of everything a number depends on beside the data."""
    return digest({"protocol": protocol.name, **asdict(rules)})


def misfit(protocol: Protocol, predictions: Given, ground_truth: Given) -> str | None:
    """Why the protocol cannot judge this set, or None."""
    return ENGINES[protocol.engine].misfit(protocol, predictions, ground_truth)


def default_protocols(predictions: Given, ground_truth: Given) -> list[Protocol]:
    """The protocols of what came in; coco-bbox where nothing did, so that there is an answer.

    A class mapping comes with the ground truth, and holds for every set.
    """
    words = {**predictions, "class_mapping": ground_truth.get("class_mapping", 0)}
    meant = [
        protocol
        for protocol in PROTOCOLS.values()
        if any(map(words.get, protocol.unasked))
        and (not protocol.unasked_on or any(map(ground_truth.get, protocol.unasked_on)))
    ]
    fitting = [protocol for protocol in meant if misfit(protocol, predictions, ground_truth) is None]
    return fitting or [PROTOCOLS["coco-bbox"]]


def chosen_protocols(names: Sequence[str], predictions: Given, ground_truth: Given) -> list[Protocol]:
    """Protocols by name; none: the defaults; `all`: every one that fits. One that does not fit is an InputError."""
    if not names:
        return default_protocols(predictions, ground_truth)
    if list(names) == ["all"]:
        return [protocol for protocol in PROTOCOLS.values() if misfit(protocol, predictions, ground_truth) is None]
    protocols = [named_protocol(name) for name in dict.fromkeys(names)]
    for protocol in protocols:
        reason = misfit(protocol, predictions, ground_truth)
        if reason:
            fitting = ", ".join(p.name for p in default_protocols(predictions, ground_truth))
            raise InputError(reason, where="--protocol", hint=f"what fits: {fitting}")
    return protocols
