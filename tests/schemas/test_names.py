"""Tests of `schemas.names`."""

import pytest

from schemas.names import is_name


@pytest.mark.parametrize("name", ["a", "007", "v1.2_x-Y", "...", "x" * 100])
def test_names_may_stand_in_a_path(name: str) -> None:
    """Letters, digits, dots, underscores and hyphens, up to 100 of them."""
    assert is_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "é", "x" * 101, "a\n"])
def test_other_texts_are_no_names(name: str) -> None:
    """Nothing that leaves its folder, is empty, or is too long."""
    assert not is_name(name)
