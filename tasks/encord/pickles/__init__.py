"""Pickles of predictions, read without running anything of theirs."""
