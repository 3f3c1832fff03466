"""Disagreement: pixels are counted as by `pixels`; a class mapping says which pairs of classes agree."""

from dataclasses import replace

from tasks.engines import pixels

ENGINE = replace(pixels.ENGINE, name="disagreement")
