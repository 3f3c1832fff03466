"""Tracks: boxes of objects that keep their identity over the frames of a sequence."""
