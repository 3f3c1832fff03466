"""The command line `boxscore`."""

from flows.cli.app import command, main

__all__ = ["command", "main"]
