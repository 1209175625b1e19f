"""Machine code in a process of its own, which it may end: a wrong kernel writes where it must not.

What is run `apart` costs a fork and the way back through a pipe, so it is for looking again at what
ended a process, and for shrinking it. Where processes can't fork it is run right here.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from typing import Any, Final, TypeVar

SECONDS: Final = 120
"""After so long a process that was forked ends: its code is in a loop that has no end."""

T = TypeVar("T")


class Died(RuntimeError):
    """The process of something that was run apart did not live to tell its result."""


def apart(function: Callable[[], T]) -> T:
    """What a function gives in a process of its own; raises Died, or what the function raised."""
    if not hasattr(os, "fork"):
        return function()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _tell(function, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        data = file.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code or not data:
        raise Died(end_of(code))
    done, result = pickle.loads(data)
    if done:
        return result
    raise result


def _tell(function: Callable[[], Any], writer: int) -> None:
    """What the forked process does: nothing of its parent's is flushed, closed or raised here."""
    try:
        signal.alarm(SECONDS)
        try:
            answer: tuple[bool, Any] = (True, function())
        except Exception as error:
            answer = (False, error)
        with os.fdopen(writer, "wb") as file:
            pickle.dump(answer, file)
    finally:
        os._exit(0)


def end_of(code: int) -> str:
    """How a process ended, from its exit code."""
    if code >= 0:
        return f"status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
