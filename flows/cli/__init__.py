"""The command line `boxscore`."""

from flows.cli.app import main

__all__ = ["main"]
