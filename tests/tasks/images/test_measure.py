"""Numbers of files, each against what OpenCV says of its pixels; no file takes another with it."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from tasks.images import measure as module
from tasks.images.faults import ImageFault
from tasks.images.measure import ImageFile, measure_images
from tasks.images.places import Place
from tests.tasks.images.ending import FATAL
from tests.tasks.images.pictures import bomb, encoded, photo


def by_hand(path: str) -> dict[str, float]:
    """The metrics as OpenCV and numpy compute them."""
    rgb = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
    hsv, laplacian = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), cv2.Laplacian(rgb, cv2.CV_64F)

    def share(*hues: tuple[int, int]) -> float:
        return sum(float((cv2.inRange(hsv, (low, 50, 40), (high, 255, 255)) > 0).mean()) for low, high in hues)

    return {
        "image_brightness": rgb.mean() / 255,
        "image_contrast": rgb.std() / 255,
        "image_sharpness": laplacian.var(),
        "image_blur": 1 - laplacian.var(),
        "image_red": share((0, 10), (170, 179)),
        "image_green": share((35, 75)),
        "image_blue": share((90, 130)),
    }


def files(folder: Path, *contents: bytes | None) -> list[ImageFile]:
    """Files of these contents, of images of 64 x 48 px; None: not found."""
    made = []
    for k, content in enumerate(contents):
        path = folder / f"{k}.png"
        if content is not None:
            path.write_bytes(content)
        place = Place(None, ImageFault.NO_FILE) if content is None else Place(str(path), None)
        made.append(ImageFile(place, 64, 48))
    return made


def test_numbers_are_those_of_opencv(tmp_path: Path):
    """More files than go into one message, PNG and JPEG, a plain one and a single pixel, in their order."""
    contents = [encoded(photo(seed), "PNG" if seed % 2 else "JPEG") for seed in range(20)]
    given = files(tmp_path, *contents, encoded(np.full((48, 64, 3), 9, np.uint8)))
    tiny = tmp_path / "tiny.png"
    tiny.write_bytes(encoded(np.full((1, 1, 3), (250, 10, 10), np.uint8)))
    given.append(ImageFile(Place(str(tiny), None), 1, 1))
    rows = measure_images(given).to_pylist()
    for file, row in zip(given, rows, strict=True):
        assert (row.pop("fault"), row.pop("text")) == (None, None)
        assert row == pytest.approx(by_hand(str(file.place.path)), rel=1e-12, abs=1e-15)
    assert rows[-1]["image_red"] == 1


def test_every_file_at_fault_keeps_its_row_and_its_reason(tmp_path: Path):
    """Missing, removed, empty, text, cut off, of another size, a bomb: the sound ones between them are measured."""
    sound = encoded(photo(1))
    given = files(tmp_path, sound, None, b"", b"text", sound[:-300], encoded(photo(1, 48, 64)), bomb(), sound, sound)
    os.remove(str(given[-1].place.path))
    rows = measure_images(given).to_pylist()
    codes = ["no_file", "no_image", "no_image", "broken", "other_size", "too_large"]
    assert [row["fault"] for row in rows] == [None, *codes, None, "unreadable"]
    assert all((row["image_red"] is None) == (row["fault"] is not None) for row in rows)
    assert all((row["text"] is None) == (row["fault"] is None) for row in rows)
    assert measure_images([]).num_rows == 0


@pytest.mark.slow
def test_a_file_that_ends_its_process_takes_no_other_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A segmentation fault in a decoder: the image is broken, and the others of the message are asked for again."""
    monkeypatch.setattr(module, "_CHILD", "tests.tasks.images.ending")
    sound = encoded(photo(2))
    rows = measure_images(files(tmp_path, sound, FATAL, sound, FATAL)).to_pylist()
    assert [row["fault"] for row in rows] == [None, "broken", None, "broken"]
    assert "SIGSEGV" in rows[1]["text"]
    assert rows[0]["image_sharpness"] == rows[2]["image_sharpness"] > 0


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Bytes are bounded before pixels are."""
    monkeypatch.setattr(module, "LARGEST_FILE", 10)
    [row] = measure_images(files(tmp_path, encoded(photo(3)))).to_pylist()
    assert row["fault"] == "too_large"
    assert "allowed are 10" in row["text"]
