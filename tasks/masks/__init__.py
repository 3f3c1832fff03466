"""Label images: PNG files whose pixels are classes, or objects of one class."""
