"""What a user can cause or mend, as an exception: its text is all that is printed, never a
traceback, and it knows the exit status that it ends a command with.
"""

from __future__ import annotations


class Problem(Exception):
    """No fault of ours: the text says what is wrong and what to do.

    status: 1, or 2 where what was asked for or configured was wrong.
    """

    status = 1

    @property
    def told(self) -> str:
        """What the user reads."""
        return str(self)


def told(error: Exception) -> tuple[str, int] | None:
    """The text and the exit status of a failure that is none of our bugs; None for a bug.

    Whatever the system refuses (a full disk, a file without permission) is such a failure too.
    """
    if isinstance(error, Problem):
        return error.told, error.status
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}", 1
    return None
