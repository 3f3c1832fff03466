"""Answers of a label row: to questions about its units, and the attributes of its objects."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from schemas.rejects import Reason
from tasks.encord.fields import mapping, text
from tasks.refusals import Refused, found, is_number


class Answer(NamedTuple):
    """One option chosen, or one text, for one range of frames."""

    source_unit: str
    first_frame: int
    last_frame: int
    track_id: str | None
    feature_hash: str
    attribute_hash: str
    option_hash: str | None
    text: str | None
    score: float | None


class Span(NamedTuple):
    """The frames of a unit that an answer holds for, inclusive, and how sure the model is there."""

    unit: str
    first: int
    last: int
    score: float | None = None


class Choice(NamedTuple):
    """What was answered to one question: an option, or a text."""

    attribute_hash: str
    option_hash: str | None
    text: str | None


def choices(question: Any) -> list[Choice]:
    """The answers to one question: an option each of a radio or checklist, a text, or a number. Refused where none."""
    question = mapping(question, "an answer")
    attribute = text(question, "featureHash")
    given = question.get("answers")
    if isinstance(given, str) or is_number(given):
        return [Choice(attribute, None, given if isinstance(given, str) else str(given))]
    if not isinstance(given, list):
        what = "missing" if given is None else found(given)
        raise Refused(Reason.WRONG_TYPE, f"answers is {what}, allowed is text or a list of options")
    return [Choice(attribute, text(mapping(option, "an option"), "featureHash"), None) for option in given]


def merged(frames: Iterable[Span]) -> list[Span]:
    """Frames one by one as ranges: neighbours of one unit and one confidence become one. In the order of the frames."""
    spans: list[Span] = []
    for span in sorted(frames, key=lambda span: span.first):
        last = spans[-1] if spans else None
        if last and (last.unit, last.score) == (span.unit, span.score) and span.first <= last.last + 1:
            spans[-1] = last._replace(last=max(last.last, span.last))
        else:
            spans.append(span)
    return spans


def extent(frames: Sequence[Span]) -> list[Span]:
    """One range for each unit, from its first frame to its last: what an object's static attributes hold for."""
    spans: dict[str, Span] = {}
    for span in frames:
        before = spans.get(span.unit, span)
        spans[span.unit] = Span(span.unit, min(before.first, span.first), max(before.last, span.last))
    return list(spans.values())


def answers_of(question: Any, feature_hash: str, spans: Iterable[Span], track_id: str | None) -> Iterator[Answer]:
    """Every option of one question's answer, for every range."""
    given = choices(question)
    for span in spans:
        for choice in given:
            place = (span.unit, span.first, span.last, track_id)
            yield Answer(*place, feature_hash, *choice, score=span.score)
