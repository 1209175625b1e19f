"""A battery in memory: programs come and go, samples stay encoded, heaps and code stay loaded.

Making a program ready costs far more than running it, so nothing is made twice that is still known:
lines (`frontend.lines`), nodes and statements (`passes`), instructions (`engine.growing`). Programs
are taken in parts, so that any number of them needs little memory.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self, TypeVar

import numpy as np

from pipeline.battery.devices import compile_missing, kernel_folder
from pipeline.battery.scores import BROKEN, ERROR, NOT_RUN, OK, OVER_BUDGET, WRONG, Scores
from pipeline.config.config import Config
from pipeline.data.given import GivenSample, samples_of
from pipeline.diagnostics import Diagnostic
from pipeline.engine.cpu import CpuEngine
from pipeline.engine.engine import Outcome, TooLarge, blocks_for, blocks_over
from pipeline.engine.growing import GrowingProgram, Lowered
from pipeline.engine.samples import encode_samples
from pipeline.frontend.parse import parse_text
from pipeline.frontend.program import Program
from pipeline.ir.graph import Graph
from pipeline.ir.status import BUDGET_REASONS
from pipeline.kernels.names import DRIVER
from pipeline.passes import run_passes
from pipeline.primitives.words import REASON_CODES
from pipeline.system.cores import cores
from pipeline.system.free_memory import free_bytes

PART: Final = 512
"""Programs that are made ready and run together."""

MOST_BYTES: Final = 2 << 30
"""What a lane may take that fits no thread's share: one that takes more is over budget here. Of
programs that nobody has looked at there are always some that would take all that there is.
"""

_BUDGET_CODES: Final = [REASON_CODES[reason] for reason in BUDGET_REASONS]

Given = str | Program
"""A program as text (one solver), or parsed."""

_T = TypeVar("_T")


@dataclass(slots=True)
class _Resident:
    """A program, its graph, None where it is broken, and what that became in a growing program."""

    name: str
    program: Given
    graph: Graph | None
    lowered: Lowered | None = None
    made_in: GrowingProgram | None = None


class Battery:
    """Programs and samples that stay ready.

        with Battery(tasks["67a3c6ac"]) as battery:
            scores = battery.evaluate(candidates)

    samples: see `data.given`. config: budget, threads, memory_mib, where kernels are kept. Kernels
    that are not compiled yet are compiled when a program first needs them: all of them take a
    minute or two, once a machine.

    One thread may use a battery at a time; others wait. After Ctrl-C, and in a process that was
    forked, it is as usable as before.
    """

    def __init__(self, samples: Any = (), *, config: Config | None = None) -> None:
        self.config = config or Config()
        self._kernels = kernel_folder(self.config)
        self._residents: dict[int, _Resident] = {}
        self._next = 0
        self._program = GrowingProgram()
        self._engine: CpuEngine | None = None
        self._known: set[str] = set()
        self._lock = threading.RLock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)
        self.use(samples)

    def use(self, samples: Any) -> None:
        """Evaluate on other samples from here on."""
        self._given = samples_of(samples)
        self._encoded = encode_samples([(s.input, s.output) for s in self._given])

    @property
    def samples(self) -> tuple[str, ...]:
        """What the samples are called."""
        return tuple([sample.name for sample in self._given])

    def __len__(self) -> int:
        return len(self._residents)

    # -- programs that stay

    def add(self, programs: Iterable[Given]) -> list[int]:
        """Let programs stay; gives the handle of each."""
        handles = []
        with self._lock, _no_collection():
            for given in programs:
                made = self._made(f"program[{self._next}]", given)
                self._residents[self._next] = made
                handles.append(self._next)
                self._next += 1
        return handles

    def drop(self, handles: Iterable[int]) -> None:
        """Let programs go; KeyError for a handle that is not there."""
        with self._lock:
            for handle in handles:
                del self._residents[handle]

    # -- evaluation

    def evaluate(
        self,
        programs: Iterable[Given] | None = None,
        wanted: Sequence[Sequence[int]] | None = None,
    ) -> Scores:
        """How programs end on the samples; without any, those that stay, in the order of handles.

        wanted: for each program the places of the samples that it is to be run on; by default all.
        """
        with self._lock, _no_collection():
            if programs is None:
                made: Iterable[_Resident] = list(self._residents.values())
                count = len(self._residents)
            else:
                listed = list(programs)
                count = len(listed)
                made = (self._made(f"program[{k}]", given) for k, given in enumerate(listed))
            if wanted is not None and len(wanted) != count:
                raise ValueError(f"wanted is of {len(wanted)} programs, there are {count}")
            return self._evaluate(made, count, wanted)

    def map(self, function: Callable[[Scores], _T], programs: Iterable[Given]) -> list[_T]:
        """The function of each program's scores: the `map` of libraries that evolve programs.

        What the function is called with is the scores of one program alone.
        """
        scores = self.evaluate(programs)
        return [function(_only(scores, k)) for k in range(len(scores.programs))]

    def close(self) -> None:
        """Give memory back; the battery makes itself ready again if it is used after all."""
        with self._lock:
            self._engine = None
            self._restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    # -- inside

    def _made(self, name: str, given: Given) -> _Resident:
        if isinstance(given, str):
            program, found = parse_text(given, name)
        else:
            program, found = given, ()
        graph = None
        if program is not None and not found:
            most = self.config.program.max_nodes
            graph, _ = run_passes(program, most, explained=False)
        return _Resident(name if isinstance(given, str) else given.name, given, graph)

    def _evaluate(
        self, made: Iterable[_Resident], count: int, wanted: Sequence[Sequence[int]] | None
    ) -> Scores:
        table = _Table(count, len(self._given))
        names: list[str] = []
        explain: dict[int, Callable[[], tuple[Diagnostic, ...]]] = {}
        part: list[tuple[int, Lowered]] = []
        for k, program in enumerate(made):
            names.append(program.name)
            if program.graph is None:
                table.codes[k] = BROKEN
                explain[k] = partial(
                    explanation, program.program, program.name, self.config.program.max_nodes
                )
                continue
            part.append((k, self._lowered(program)))
            if len(part) == PART or self._program.is_full:
                self._run(part, table, wanted)
                part = []
                if self._program.is_full:
                    self._restart()
        if part:
            self._run(part, table, wanted)
        return table.scores(tuple(names), self._given, explain)

    def _lowered(self, program: _Resident) -> Lowered:
        if program.lowered is None or program.made_in is not self._program:
            assert program.graph is not None
            try:
                program.lowered = self._program.add(program.graph)
            except BaseException:
                self._restart()  # what is half made must not be found again
                raise
            program.made_in = self._program
        return program.lowered

    def _restart(self) -> None:
        """Begin with an empty program."""
        self._program = GrowingProgram()
        if self._engine is not None:
            self._engine.restart()

    def _run(
        self,
        part: Sequence[tuple[int, Lowered]],
        table: _Table,
        wanted: Sequence[Sequence[int]] | None,
    ) -> None:
        """Run the lanes of some programs, until each has ended or is known not to fit."""
        engine = self._engine_for(part)
        rows = np.array([k for k, _ in part])
        count = len(self._given)
        if wanted is None:
            blocks = blocks_over(range(len(part)), count, engine.threads)
        else:
            blocks = blocks_for([sorted(wanted[k]) for k in rows.tolist()], count)
        while blocks:
            try:
                for outcome in engine.run(self._encoded, blocks, scores=True):
                    table.put(outcome, rows[list(outcome.solvers)])
                return
            except TooLarge as problem:
                lane = int(problem.solver), int(problem.sample)
                table.codes[rows[lane[0]], lane[1]] = OVER_BUDGET
                left = [
                    [
                        s
                        for s in (range(count) if wanted is None else sorted(wanted[k]))
                        if table.codes[k, s] == NOT_RUN
                    ]
                    for k in rows.tolist()
                ]
                blocks = blocks_for(left, count)

    def _engine_for(self, part: Sequence[tuple[int, Lowered]]) -> CpuEngine:
        """The engine with these programs in it."""
        image = self._program.image([lowered for _, lowered in part])
        missing = [name for name in (*image.kernels, DRIVER) if name not in self._known]
        if missing:
            compile_missing(self._kernels, missing)
            self._known.update(missing)
        if self._engine is None:
            config = self.config
            self._engine = CpuEngine(
                image,
                self._kernels,
                config.budget,
                config.memory_mib,
                config.threads or cores(),
                self._program.room,
                _free_bytes,
            )
        else:
            self._engine.grow(image)
        return self._engine

    def _after_fork(self) -> None:
        """In a process that was forked another thread may hold the lock for ever."""
        self._lock = threading.RLock()


class _Table:
    """The arrays of scores, as outcomes come."""

    def __init__(self, programs: int, samples: int) -> None:
        shape = programs, samples
        self.codes = np.full(shape, NOT_RUN, np.int8)
        self.exact = np.zeros(shape, bool)
        self.shape_right = np.zeros(shape, bool)
        self.cells = np.full(shape, np.nan)
        self.value_hash = np.zeros((*shape, 2), np.uint64)

    def put(self, outcome: Outcome, rows: np.ndarray) -> None:
        """Enter a block's lanes: rows are the places of its programs."""
        verdicts, scores = outcome.verdicts, outcome.scores
        assert scores is not None
        place = rows[:, None], np.arange(outcome.block.first, outcome.block.last)
        codes = np.where(verdicts == 1, OK, WRONG)
        codes = np.where(verdicts < 0, ERROR, codes)
        over = (verdicts < 0) & np.isin(-verdicts % 32, _BUDGET_CODES)
        self.codes[place] = np.where(over, OVER_BUDGET, codes)
        self.exact[place] = verdicts == 1
        self.shape_right[place] = scores["same"] >= 0
        area = scores["height"] * scores["width"]
        share = np.where(area > 0, scores["same"] / np.maximum(area, 1), 1.0)
        self.cells[place] = np.where(scores["same"] >= 0, share, np.nan)
        self.value_hash[place] = scores["hash"]

    def scores(
        self,
        names: tuple[str, ...],
        given: Sequence[GivenSample],
        explain: dict[int, Callable[[], tuple[Diagnostic, ...]]],
    ) -> Scores:
        """The scores; where no output is expected, any output is ok."""
        open_ = np.array([sample.output is None for sample in given], bool)
        if open_.any():
            self.codes[:, open_] = np.where(self.codes[:, open_] == WRONG, OK, self.codes[:, open_])
        samples = tuple([sample.name for sample in given])
        arrays = self.codes, self.exact, self.shape_right, self.cells, self.value_hash
        return Scores(names, samples, *arrays, explain)


def explanation(given: Given, name: str, most_nodes: int) -> tuple[Diagnostic, ...]:
    """What is wrong with a program, in the order of its text."""
    if isinstance(given, str):
        program, found = parse_text(given, name)
    else:
        program, found = given, ()
    more: Iterable[Diagnostic] = ()
    if program is not None:
        _, more = run_passes(program, most_nodes)
    return tuple(sorted({*found, *more}, key=Diagnostic.sort_key))


def evaluate(
    programs: Iterable[Given],
    samples: Any,
    *,
    wanted: Sequence[Sequence[int]] | None = None,
    config: Config | None = None,
) -> Scores:
    """How programs end on samples: see `Battery`, which is quicker where it is asked again."""
    with Battery(samples, config=config) as battery:
        return battery.evaluate(programs, wanted)


def _free_bytes() -> int:
    return min(MOST_BYTES, free_bytes())


def _only(scores: Scores, k: int) -> Scores:
    """The scores of one program."""
    part = slice(k, k + 1)
    arrays = (
        scores.codes[part],
        scores.exact[part],
        scores.shape_right[part],
        scores.cells[part],
        scores.value_hash[part],
    )
    explain = {0: scores.explain[k]} if k in scores.explain else {}
    return Scores(scores.programs[part], scores.samples, *arrays, explain)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Leave Python's garbage collector out: nodes are in no cycles, so it would look at all of them
    again and again, and free none. What was made meanwhile counts as old when it is on again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():  # else a caller's frozen objects would be set free
                gc.freeze()
                gc.unfreeze()
            gc.enable()
