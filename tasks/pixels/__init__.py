"""Judging pixels: how many have which annotated and which predicted class, or belong to which pair of segments."""
