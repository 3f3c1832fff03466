"""What the files of a directory are, and which sequence each is about."""

import pytest

from tasks.mot.files import layout, sequence_of
from tests.named import Named

KNOWN = {"S1", "S2"}


@pytest.mark.parametrize(
    ("name", "sequence"),
    [
        ("S1/gt/gt.txt", "S1"),
        ("S1/tracker.txt", "S1"),
        ("S1.txt", "S1"),
        ("data/S1/S2.txt", "S2"),
        ("other.txt", "other"),
        ("gt/gt.txt", "gt"),
    ],
)
def test_a_file_is_about_the_sequence_it_or_a_folder_above_is_called_after(name: str, sequence: str) -> None:
    """The nearest first; what no sequence is called stands for itself, and is refused later."""
    assert sequence_of(name, KNOWN) == sequence


def test_ground_truth_is_what_is_called_so() -> None:
    """Beside it other text files are none of it; without one every text file is."""
    files = [Named(name) for name in ("S1/gt/gt.txt", "S1/notes.txt", "S1/seqinfo.ini", "S1/det/det.txt", "S1/a.png")]
    sorted_out = layout(files, ground_truth=True)
    assert [source.name for source in sorted_out.tracks] == ["S1/gt/gt.txt"]
    assert [source.name for source in sorted_out.infos] == ["S1/seqinfo.ini"]
    assert [source.name for source in sorted_out.others] == ["S1/notes.txt", "S1/a.png"]
    assert [source.name for source in layout(files[1:2], ground_truth=True).tracks] == ["S1/notes.txt"]


def test_predictions_are_all_text_files() -> None:
    """But for those in folders of MOTChallenge's own."""
    files = [Named(name) for name in ("S1.txt", "S2/x.txt", "S1/det/det.txt", "S1/img1/000001.jpg")]
    sorted_out = layout(files, ground_truth=False)
    assert [source.name for source in sorted_out.tracks] == ["S1.txt", "S2/x.txt"]
    assert sorted_out.others == []
