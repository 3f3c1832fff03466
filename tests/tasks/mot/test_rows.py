"""Lines of track files; what is refused is in the tests of the format."""

import pytest

from schemas.rejects import Reason
from tasks.mot.rows import Row, read_row
from tasks.refusals import Refused


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b"3,4,1.5,2,3,4,0.25", Row(2, "4", (1.5, 2, 3, 4), 0.25, "pedestrian")),
        (b"3.0,4.0,1,2,3,4,1,-1,-1,-1", Row(2, "4", (1, 2, 3, 4), 1, "pedestrian")),
        (b" 1, -1, -5, 2, 0, 4, -2.5, 13, 0.5 ", Row(0, None, (-5, 2, 0, 4), -2.5, "crowd")),
        (b"1,2,1,2,3,4,1,8,", Row(0, "2", (1, 2, 3, 4), 1, "distractor")),
    ],
)
def test_lines_are_written_in_several_ways(line: bytes, row: Row) -> None:
    """With 7 to 10 columns, blanks, a comma at the end; frames count from 1."""
    assert read_row(line) == row


def test_a_refused_line_says_what_was_found() -> None:
    """And what is allowed."""
    with pytest.raises(Refused) as refused:
        read_row(b"1,2,1,2,3,many,1")
    assert (refused.value.code, refused.value.text) == (
        Reason.WRONG_TYPE, "h is 'many', allowed is a finite number",
    )  # fmt: skip
