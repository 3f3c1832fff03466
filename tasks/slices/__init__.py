"""Slices: parts of the data that have numbers too, by columns of data units, ground truth and a user's own tags."""
