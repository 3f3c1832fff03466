"""The command line `boxscore`."""

from flows.cli import look, manage, work
from flows.cli.app import main

__all__ = ["look", "main", "manage", "work"]
