"""Masks as a column."""

import numpy as np
from pycocotools import mask as reference

from schemas.fields import MASK
from tasks.kernels.components import values
from tasks.masks.rows import mask_column


def test_the_column_holds_the_masks_of_all_images() -> None:
    """With the size of their image, decoded to the pixels they came from."""
    images = [np.array([[1, 0, 2]], np.uint8), np.zeros((2, 2), np.uint8), np.full((3, 2), 9, np.uint8)]
    column = mask_column([values(image[:, :, None]) for image in images], [(3, 1), (2, 2), (2, 3)])
    assert column.type == MASK
    decoded = [
        reference.decode({"size": [mask["height"], mask["width"]], "counts": mask["counts"]}).tolist()
        for mask in column.to_pylist()
    ]
    assert decoded == [[[1, 0, 0]], [[0, 0, 1]], [[1, 1], [1, 1], [1, 1]]]


def test_no_images_have_no_masks() -> None:
    """But a column of the type."""
    column = mask_column([], [])
    assert (column.type, len(column)) == (MASK, 0)
