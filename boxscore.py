"""What people import in their own code."""

from importlib.metadata import version

__version__ = version("boxscore")
