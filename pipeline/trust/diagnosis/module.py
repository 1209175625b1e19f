"""One generated module looked at closely: does it load, has it the function that is expected, does
it run, what does it give before anything is normalised.

It runs on the reference runtime, as solver number 1 of two: a module that has a number of its own
built in gets no lanes.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pipeline.data.tasks import Sample
from pipeline.diagnostics import Span
from pipeline.ir.status import Failure, Limits
from pipeline.oracle.columns import Column
from pipeline.oracle.reference import ReferenceRuntime

SOLVER: Final = 1
SIGNATURE: Final = "(rt, solver=0)"
BATTERY_SIGNATURE: Final = "(rt)"
_NODE: Final = re.compile(r" *(?:def t(?P<loop>\d+)\(|(?P<node>[nd]\d+)\b)")

Scope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a generated file, and of the source if its map knows that."""

    path: str
    line: int
    variable: str = ""
    source: Span | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where, and on which samples (places in the task) if it depends on them."""

    text: str
    place: Place | None = None
    samples: tuple[int, ...] = ()
    code: str = ""


class Unusable(Exception):
    """A module can't be run; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


def load_module(path: Path) -> Scope:
    """What a generated file defines; raises Unusable."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise Unusable(Fault("the file is not there", Place(path.as_posix(), 0))) from None
    except OSError as error:
        fault = Fault(f"the file can't be read: {error.strerror}", Place(path.as_posix(), 0))
        raise Unusable(fault) from None
    scope: Scope = {"__name__": "generated"}
    try:
        exec(compile(text, str(path), "exec"), scope)
    except SyntaxError as error:
        place = Place(path.as_posix(), error.lineno or 0)
        raise Unusable(Fault(f"{type(error).__name__}: {error.msg}", place)) from None
    except (Exception, SystemExit) as error:
        raise Unusable(Fault(_said(error), _raised_at(error, path))) from None
    return scope


def function_of(scope: Scope, path: Path, name: str, signature: str) -> Callable[..., None]:
    """The function that a module must expose; raises Unusable."""
    place = Place(path.as_posix(), 0)
    found = scope.get(name)
    if found is None:
        there = [k for k, v in scope.items() if callable(v) and not k.startswith("_")]
        has = f"it has {', '.join(there)}" if there else "it has none"
        raise Unusable(Fault(f"there is no function {name}{signature}; {has}", place))
    if not inspect.isfunction(found):
        raise Unusable(Fault(f"{name} is no function but of type {type(found).__name__}", place))
    written = str(inspect.signature(found))
    if written != signature:
        place = Place(path.as_posix(), found.__code__.co_firstlineno)
        raise Unusable(Fault(f"it has {name}{written}, expected {name}{signature}", place))
    return found


# -- running


class ModuleProbe(ReferenceRuntime):
    """The reference runtime; `raw` has what each lane's result was before it was looked at."""

    def __init__(self, samples: Sequence[Sample], limits: Limits) -> None:
        grids, shown = [s.input for s in samples], [s.shown for s in samples]
        wanted: list[list[int]] = [[] for _ in range(SOLVER)] + [list(range(len(grids)))]
        super().__init__(grids, limits, wanted, shown)
        self.raw: dict[int, Any] = {}

    def verdict(self, solver: int, d: Any, result: Any, after: Any) -> None:
        """Note the results as they are, then judge them as ever."""
        if solver == SOLVER:
            values = result.on(d) if isinstance(result, Column) else [result] * d.size
            self.raw = dict(zip(d.lanes, values, strict=True))
        super().verdict(solver, d, result, after)


class _Tracing:
    """A runtime that notes at which line of the calling file each failure was made."""

    def __init__(self, runtime: ModuleProbe) -> None:
        self._runtime = runtime
        self._made: dict[int, tuple[Failure, str, int]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._runtime, name)

        def call(*args: Any, **named: Any) -> Any:
            result = method(*args, **named)
            line = sys._getframe(1).f_lineno
            found = self._runtime.verdicts.get(SOLVER, {}) if name == "verdict" else {}
            values = [*getattr(result, "values", ()), *getattr(result, "blocked", ())]
            for value in (*values, *found.values()):
                if isinstance(value, Failure):
                    self._made.setdefault(id(value), (value, name, line))
            return result

        return call

    def maker_of(self, failure: Failure) -> tuple[str, int]:
        """The method that made a failure, and the line that called it."""
        _, name, line = self._made.get(id(failure), (failure, "", 0))
        return name, line


@dataclass(slots=True)
class Ran:
    """How a module ran: for each sample what it gave, raw, and how the lane ended; what failed."""

    raw: dict[int, Any] = field(default_factory=dict)
    verdicts: dict[int, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def run_module(
    solve: Callable[..., None],
    path: Path,
    map_path: Path,
    samples: Sequence[Sample],
    limits: Limits,
) -> Ran:
    """Run a module on samples. Lanes that fail are run again one by one, to see where they do."""
    found = Ran()
    probe = ModuleProbe(samples, limits)
    try:
        solve(probe, SOLVER)
        found.raw, found.verdicts = probe.raw, probe.verdicts.get(SOLVER, {})
    except (Exception, SystemExit):
        found = Ran()
    suspects = [
        k for k in range(len(samples)) if isinstance(found.verdicts.get(k, Failure("")), Failure)
    ]
    places = Places(path, map_path)
    seen: dict[Any, list[int]] = {}
    for k in suspects:
        fault = _look_again(solve, places, k, samples[k], limits, found)
        if fault is not None:
            seen.setdefault(fault, []).append(k)
    found.faults = [Fault(f.text, f.place, tuple(at), f.code) for f, at in seen.items()]
    return found


def _look_again(
    solve: Callable[..., None], places: Places, k: int, sample: Sample, limits: Limits, found: Ran
) -> Fault | None:
    """Run one lane for itself, traced; None if all that is wrong with it is what it gives."""
    probe = ModuleProbe([sample], limits)
    tracing = _Tracing(probe)
    try:
        solve(tracing, SOLVER)
    except (Exception, SystemExit) as error:
        if probe.raw:  # what it gave is no grid, and could not be judged
            found.raw[k] = probe.raw[0]
            return None
        place = _raised_at(error, places.path)
        return Fault(_said(error), places.at(place.line), code="exception")
    verdicts = probe.verdicts.get(SOLVER, {})
    if 0 not in verdicts:
        others = sorted(set(probe.verdicts) - {SOLVER})
        text = "it ends without a verdict on its lanes"
        if others:
            text = f"it gives its verdict as solver {others[0]}, and was run as solver {SOLVER}"
        return Fault(text, Place(places.path.as_posix(), 0), code="exception")
    alone = verdicts[0]
    among = found.verdicts.setdefault(k, alone)
    found.raw.setdefault(k, probe.raw.get(0))
    if isinstance(alone, Failure):
        name, line = tracing.maker_of(alone)
        if name == "verdict":  # nothing failed until the output was looked at
            return None
        return Fault(str(alone), places.at(line), code=alone.reason.lower())
    if isinstance(among, Failure):
        text = f"{among}; but not where the sample is run alone"
        return Fault(text, Place(places.path.as_posix(), 0), code="exception")
    return None


class Places:
    """The lines of a generated file, and where in the source they come from."""

    def __init__(self, path: Path, map_path: Path) -> None:
        self.path = path
        self._map_path = map_path

    def at(self, line: int) -> Place:
        """A line with its source, as far as that is known."""
        path = self.path.as_posix()
        node = self._node(line)
        try:
            known = json.loads(self._map_path.read_bytes())
            row, column, width, variable, *other = known["nodes"][node]
            source = other[0] if other else known["path"]
            return Place(path, line, variable, Span(source, row, column, width))
        except (OSError, ValueError, KeyError, TypeError):
            return Place(path, line)

    def _node(self, line: int) -> str:
        try:
            lines = self.path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return ""
        match = _NODE.match(lines[line - 1]) if 0 < line <= len(lines) else None
        if match is None:
            return ""
        return match["node"] or f"d{match['loop']}"


def _said(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _raised_at(error: BaseException, path: Path) -> Place:
    """The last line of the file that an exception went through."""
    lines = [
        f.lineno or 0 for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)
    ]
    return Place(path.as_posix(), lines[-1] if lines else 0)
