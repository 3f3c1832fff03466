"""Answers and the frames they hold for."""

from tasks.encord.answers import Answer, Choice, Span, answers_of, choices, extent, merged
from tests.encord_rows import question


def test_an_option_each_or_a_text() -> None:
    """Numbers are texts, too."""
    assert choices(question("q", "a", "b")) == [Choice("q", "a", None), Choice("q", "b", None)]
    assert choices({"featureHash": "q", "answers": "words"}) == [Choice("q", None, "words")]
    assert choices({"featureHash": "q", "answers": 2.5}) == [Choice("q", None, "2.5")]
    assert choices(question("q")) == []


def test_neighbouring_frames_become_ranges() -> None:
    """Of one unit and one confidence; a frame twice changes nothing."""
    frames = [*(Span("v", frame, frame) for frame in (5, 3, 4, 4, 9)), Span("v", 10, 10, 0.5)]
    assert merged(frames) == [Span("v", 3, 5), Span("v", 9, 9), Span("v", 10, 10, 0.5)]
    assert merged([Span("a", 0, 0), Span("b", 1, 1)]) == [Span("a", 0, 0), Span("b", 1, 1)]
    assert merged([]) == []


def test_an_object_reaches_from_its_first_frame_to_its_last() -> None:
    """On each of its units."""
    assert extent([Span("v", 7, 7), Span("v", 3, 3), Span("w", 1, 1)]) == [Span("v", 3, 7), Span("w", 1, 1)]
    assert extent([]) == []


def test_every_option_holds_for_every_range() -> None:
    """Range by range."""
    spans = [Span("v", 1, 2, 0.5), Span("v", 4, 4, 0.25)]
    found = list(answers_of(question("q", "a", "b"), "class", spans, "track"))
    assert found == [
        Answer("v", first, last, "track", "class", "q", option, None, score)
        for first, last, score in ((1, 2, 0.5), (4, 4, 0.25))
        for option in ("a", "b")
    ]
