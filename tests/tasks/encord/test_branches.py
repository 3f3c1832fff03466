"""The branch of label rows as the name of a set."""

from typing import Any

import pytest

from schemas.errors import InputError
from tasks.encord.branches import branch_name
from tests.coco_text import Text
from tests.encord_rows import image, source, thing


@pytest.mark.parametrize(
    ("branches", "name"),
    [
        (["model-1.0_B"], "model-1.0_B"),
        (["model", "model"], "model"),
        (["main"], None),
        (["model", "main"], None),
        (["model", "other"], None),
        (["model", None], None),
        ([None], None),
        ([], None),
        (["a b"], None),
        ([".."], None),
        ([""], None),
        ([7], None),
    ],
)
def test_a_set_is_named_by_the_branch_of_all_rows(branches: list[Any], name: str | None) -> None:
    """If it may be a name; `main` is the labels' own."""
    assert branch_name(source(*(image(thing(), branch_name=branch) for branch in branches))) == name


def test_damage_inside_a_row_is_left_to_its_reader() -> None:
    """A file that cannot be taken apart is refused at once."""
    assert branch_name(Text('[{"branch_name": NaN}]')) is None
    with pytest.raises(InputError, match="cut off"):
        branch_name(Text("[{"))
