"""The errors a person may see: where, what was found, what is allowed, and a hint."""


class BoxscoreError(Exception):
    """The run failed. The command line prints the message and exits with `exit_code`."""

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        """Keep the parts apart, so that a form, a log and a terminal can each show them their own way.

        `where` names file, row or byte, and field; `hint` says what to try next.
        """
        self.message = message
        self.where = where
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        """One line for what happened and where, one for the hint."""
        line = f"{self.where}: {self.message}" if self.where else self.message
        return f"{line}\n  hint: {self.hint}" if self.hint else line


class InputError(BoxscoreError):
    """The input or the call is wrong: nothing of it was taken."""

    exit_code = 2


class StoreError(BoxscoreError):
    """The store could not be read or written."""


class PassingError(StoreError):
    """What may pass by itself: the same call can succeed later. Flows try it again, with growing pauses."""


class RejectLimitError(BoxscoreError):
    """More records were rejected than the run allows; the rejects themselves are published."""
