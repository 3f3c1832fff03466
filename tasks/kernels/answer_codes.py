"""What kernels of answers and those who call them mean by their numbers."""

RADIO, CHECKLIST, TEXT = range(3)
"""Kinds of questions."""
RIGHT, WRONG, MISSING, UNANNOTATED, UNMATCHED = range(5)
"""Outcomes of a stretch of frames; those up to missing count."""
