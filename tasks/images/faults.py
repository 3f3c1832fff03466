"""Why an image has no numbers: a closed list, as the column `image_fault` of `quality` says it."""

from enum import StrEnum


class ImageFault(StrEnum):
    """Codes by which people filter: one keeps its meaning for ever."""

    NO_FILE = "no_file"
    SEVERAL_FILES = "several_files"
    UNREADABLE = "unreadable"
    NO_IMAGE = "no_image"
    OTHER_SIZE = "other_size"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    BROKEN = "broken"


class FaultyImageError(Exception):
    """An image that is refused: a code, and what was found."""

    def __init__(self, code: ImageFault, text: str) -> None:
        """Why."""
        super().__init__(text)
        self.code, self.text = code, text
