"""A process that works for this one: a part in, a result out, one at a time.

The one way in which this project has Python work beside itself, but for `apart`, which forks.
What it keeps to:

- It is begun anew, so that it inherits no thread and no lock, and imports only what it needs:
  `multiprocessing` imports what runs here as `__main__` in each process, which is doit (0.1 s).
- It leaves at once when its parent ends, `kill -9` included: a thread watches the pipe.
- Ctrl-C goes to the parent only, which then decides.
- What the work prints goes to standard error, where it can't be taken for a result.
- That it ended, by a fault in machine code or for lack of memory, shows at once, as the end of a
  pipe, and concerns one part. Where memory runs out it is ended before its parent.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from pipeline.system.package import PACKAGE

SOONER: Final = 300
"""By how many thousandths of all memory a process counts as larger than it is, to the system's
killer of what takes most: so its parent is not taken for it, nor what is far larger spared."""

WHOLE: Final = 64
"""After so many parts all memory is looked through for garbage, after each only what is new."""


class WorkRaised(RuntimeError):
    """The work raised `error`; the text is its traceback."""

    def __init__(self, text: str, error: Exception | None) -> None:
        super().__init__(text)
        self.error = error


class Worker:
    """A process that does `work(*part)` for parts that it is given.

    The work, parts, results and what it raises are pickled. seconds: how long a part may take
    before the process is ended, 0 for ever. environment: variables that it is begun with.
    """

    def __init__(
        self,
        work: Callable[..., Any],
        seconds: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        begin = pickle.dumps((os.getcwd(), sys.path, seconds)) + pickle.dumps(work)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.system.process"],
            cwd=PACKAGE.parent,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._send(begin)

    def give(self, *part: Any) -> None:
        """Have a part done; a process that has ended shows when it should answer."""
        self._send(pickle.dumps(part))

    def answer(self) -> Any:
        """The result of the part, waited for; WorkRaised, or EOFError where the process ended."""
        try:
            done, result = pickle.load(self._out)
        except (
            OSError,
            ValueError,
            pickle.UnpicklingError,
        ) as error:  # it ended, or was ended here
            raise EOFError from error
        if not done:
            raise WorkRaised(*result)
        return result

    def fileno(self) -> int:
        """What becomes readable when it answers or ends."""
        return self._out.fileno()

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def end(self) -> int:
        """Kill the process if it lives; its exit status, negative for a signal."""
        self._process.kill()
        status = self._process.wait()
        self._out.close()
        with contextlib.suppress(OSError):
            self._in.close()
        return status

    def _send(self, data: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._in.write(data)
            self._in.flush()


def ended(status: int) -> str:
    """How a process ended, as the end of a sentence: `by signal 9`, `with status 1`."""
    return f"by signal {-status}" if status < 0 else f"with status {status}"


# -- in the process


def main() -> None:
    """Do parts until there are no more."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _give_way()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    with contextlib.suppress(EOFError, BrokenPipeError):
        folder, sys.path[:], seconds = pickle.load(requests)
        os.chdir(folder)
        work = pickle.load(requests)
        gc.disable()  # between parts is soon enough, and a tenth faster
        for number in count(1):
            part = pickle.load(requests)
            signal.alarm(seconds)
            answers.write(_answer(work, part))
            answers.flush()
            gc.collect(2 if number % WHOLE == 0 else 0)


def _give_way() -> None:
    """Be the one that is ended where memory runs out, and not the parent."""
    with contextlib.suppress(OSError, ValueError), open("/proc/self/oom_score_adj", "r+") as file:
        score = min(1000, int(file.read()) + SOONER)
        file.seek(0)
        file.write(str(score))


def _answer(work: Callable[..., Any], part: tuple[Any, ...]) -> bytes:
    try:
        return pickle.dumps((True, work(*part)))
    except Exception as error:
        text = traceback.format_exc()
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return pickle.dumps((False, (text, None)))
        return pickle.dumps((False, (text, error)))


def _leave_with_parent() -> None:
    poll = select.poll()
    poll.register(0, 0)  # reports nothing but the hang-up
    poll.poll()
    os._exit(1)


if __name__ == "__main__":
    main()
