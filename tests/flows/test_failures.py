"""Errors of a run in the words of its form."""

import pytest

from flows.failures import field_of, in_words_of_the_form
from schemas.errors import InputError


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("--protocol", "protocols"),
        ("--iou-threshold", "settings.iou_thresholds"),
        ("--reject-limit", "reject_limit"),
        ("results.json: row 3", "results.json: row 3"),
    ],
)
def test_an_option_becomes_the_field_that_it_fills(where: str, field: str) -> None:
    """Files and rows stay as they are."""
    assert field_of(where) == field


def test_an_error_of_a_run_names_the_field() -> None:
    """Its text, as Prefect shows it, begins with it."""
    with pytest.raises(InputError, match=r"^protocols: there is no protocol") as caught, in_words_of_the_form():
        raise InputError("there is no protocol 'x'", where="--protocol")
    assert caught.value.hint is None


def test_an_error_from_nowhere_passes() -> None:
    """As does any that is not ours."""
    with pytest.raises(InputError, match=r"^no$"), in_words_of_the_form():
        raise InputError("no")
    with pytest.raises(KeyError), in_words_of_the_form():
        raise KeyError
