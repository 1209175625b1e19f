"""The compiler and the linker, imported when there is work, and sure to be those of the records."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.incremental.plan import BuildError
from pipeline.system.fingerprint import COMPILER, LINKER, still_is

if TYPE_CHECKING:
    from pipeline.codegen.compile import Compiled
    from pipeline.frontend.units import Unit

CHANGED = "the sources of the compiler changed during the build: run again"


@dataclass
class CompilerOf:
    """Compiles solvers with the compiler that has the fingerprint `wanted`, here or, as it can be
    pickled, in another process; BuildError if there is no such compiler any more.
    """

    package: str
    wanted: str
    known: dict[str, Any]
    options: dict[str, Any]
    _loaded: Callable[..., Compiled] | None = field(default=None, init=False)

    def __call__(self, unit: Unit) -> Compiled:
        """What a unit compiles to."""
        if self._loaded is None:
            self._loaded = load_compiler(self.package, self.wanted, self.known, self.options)
        return guarded(self._loaded, unit)


def load_compiler(
    package: str, wanted: str, known: dict[str, Any], options: dict[str, Any]
) -> Callable[..., Compiled]:
    """Import the compiler; BuildError if its sources are no longer those of the fingerprint.

    Asked after the import: what was imported is then what the records will say it was.
    """
    from pipeline.codegen.compile import compile_unit

    compiler = functools.partial(compile_unit, **options)
    if not still_is(package, COMPILER, wanted, known):
        raise BuildError(CHANGED)
    return compiler


def load_linker(package: str, wanted: str, known: dict[str, Any]) -> Callable[..., Any]:
    """The same for the linker."""
    from pipeline.codegen.link import link

    if not still_is(package, LINKER, wanted, known):
        raise BuildError(CHANGED)
    return link


def guarded(compile_unit: Callable[..., Compiled], unit: Unit) -> Compiled:
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
