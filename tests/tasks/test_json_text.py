"""Text of a file with room after it."""

import numpy as np
import pytest

from tasks.json_text import json_text
from tasks.kernels.json_bytes import PADDING
from tests.coco_text import Text

FILE = Text('{"a": [1, 2, 3]}')


@pytest.mark.parametrize("reused", [False, True])
@pytest.mark.parametrize(("start", "stop"), [(0, 16), (6, 15), (4, 4)])
def test_nul_bytes_follow_the_text(start: int, stop: int, reused: bool) -> None:
    """Whatever stood there before; neither may be written to."""
    space = np.full(16 + PADDING, ord("}"), np.uint8) if reused else None
    padded, text = json_text(FILE, start, stop, space)
    assert bytes(text) == FILE.content[start:stop]
    assert padded.tobytes() == FILE.content[start:stop] + bytes(PADDING)
    assert text.readonly
    assert not padded.flags.writeable
