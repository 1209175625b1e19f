"""A process that compiles solvers: `python -m pipeline.incremental.worker`.

It reads pickled lists of units from its standard input and writes what they compile to, until the
input ends. A thread watches the same pipe for the parent's end and leaves at once, in the middle
of a unit too: no signal to the parent, `kill -9` included, leaves an orphan.
"""

from __future__ import annotations

import functools
import os
import pickle
import select
import sys
import threading
from collections.abc import Callable
from typing import Any

from pipeline.system.fingerprint import COMPILER, still_is


def main() -> None:
    """Say whether the compiler is the wanted one, then compile until the input ends."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the compiler prints by mistake must not end up among the answers
    requests = sys.stdin.buffer

    def answer(value: object) -> None:
        pickle.dump(value, answers)
        answers.flush()

    try:
        first = pickle.load(requests)
        compile_unit = load_compiler(*first)
        answer(compile_unit is not None)
        while True:
            for unit in pickle.load(requests):
                answer(guarded(compile_unit, unit))
    except (EOFError, BrokenPipeError):
        return


def load_compiler(
    package: str, wanted: str, known: dict[str, Any], options: dict[str, Any]
) -> Callable[..., Any] | None:
    """Import the compiler; None if its sources are no longer those of the fingerprint `wanted`.

    Asked after the import: what was imported is then what the records will say it was.
    """
    from pipeline.codegen.compile import compile_unit

    compiler = functools.partial(compile_unit, **options)
    return compiler if still_is(package, COMPILER, wanted, known) else None


def load_linker(package: str, wanted: str, known: dict[str, Any]) -> Callable[..., Any] | None:
    """The same for the linker."""
    from pipeline.codegen.link import link

    return link if still_is(package, COMPILER, wanted, known) else None


def guarded(compile_unit: Any, unit: Any) -> Any:
    """What a unit compiles to. An exception is a bug of the compiler: a diagnostic for the user."""
    try:
        return compile_unit(unit)
    except Exception as error:
        import traceback

        from pipeline.codegen.compile import Compiled
        from pipeline.incremental.problems import INTERNAL, problem_at

        frames = traceback.extract_tb(error.__traceback__)[-3:]
        notes = [f"in {frame.filename}:{frame.lineno}, {frame.name}" for frame in frames]
        text = f"the compiler failed: {type(error).__name__}: {error}".splitlines()[0]
        problem = problem_at(unit.path, unit.first_line, INTERNAL, text, *notes)
        return Compiled(None, "{}", (problem,))


def _leave_with_parent() -> None:
    poll = select.poll()
    poll.register(0, 0)  # reports nothing but the hang-up
    poll.poll()
    os._exit(1)


if __name__ == "__main__":
    main()
