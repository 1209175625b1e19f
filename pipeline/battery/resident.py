"""A battery in memory: programs come and go, samples stay encoded, heaps and code stay loaded.

Making a program ready costs far more than running it, so nothing is made twice that is still known:
lines (`frontend.known_lines`), nodes and statements (`passes`), instructions (`engine.growing`).
Programs are taken in parts, so that any number of them needs little memory.

What an evaluation leaves half made, because of an error or Ctrl-C, is given up as a whole.
"""

from __future__ import annotations

import gc
import os
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar

import numpy as np

from pipeline.battery.arguments import Given, Programs, Wanted, checked, configured, named
from pipeline.battery.batteries import battery_of
from pipeline.battery.compiling import compile_apart
from pipeline.battery.devices import kernel_folder
from pipeline.battery.gathering import Explain, ProgramRows, ScoreTable, rows_in
from pipeline.battery.programs_away import Away, ProgramLoad
from pipeline.battery.scores import Scores
from pipeline.codegen.graph_text import write_graph
from pipeline.codegen.link import link
from pipeline.config.config import Config, use_rows
from pipeline.config.shelves import Shelf
from pipeline.data.given import GivenSample, samples_of
from pipeline.diagnostics import Diagnostic
from pipeline.engine.beside import BesideEngine, Evaluate, InterpretedSolvers, interpreted_in
from pipeline.engine.cpu import CpuEngine, Room
from pipeline.engine.engine import Block, Engine, TooLarge, blocks_for, blocks_over
from pipeline.engine.growing import ROOM, GrowingProgram, Lowered
from pipeline.engine.samples import encode_samples
from pipeline.engine.shown import uses_shown, with_shown
from pipeline.frontend.libraries import NO_LIBRARIES, Libraries
from pipeline.frontend.parse import parse_text
from pipeline.frontend.program import Program
from pipeline.kernels.names import DRIVER, is_interpreted
from pipeline.passes import PROGRAMS, Flat, flattened, run_passes
from pipeline.system.cores import cores
from pipeline.system.forks import lock_before_forks
from pipeline.system.free_memory import MIB, free_bytes

if TYPE_CHECKING:
    from pipeline.cluster.job import Station

PART: Final = 512
"""Programs that are made ready and run together."""

MOST_BYTES: Final = 2 << 30
"""What a lane may take that fits no thread's share: one that takes more is over budget here. Of
programs that nobody has looked at there are always some that would take all that there is.
"""

_T = TypeVar("_T")


@dataclass(slots=True)
class _Resident:
    """A program, what the passes make of it, None where it is broken, and what that became in a
    growing program, the battery's how manieth that was.
    """

    name: str
    program: Given
    flat: Flat | None
    lowered: Lowered | None = None
    made_in: int = -1


class Battery:
    """Programs and samples that stay ready.

        with Battery(tasks["67a3c6ac"]) as battery:
            scores = battery.evaluate(candidates)

    samples: see `data.given`. config: budget, threads, memory_mib, where kernels are kept; by
    default what `configured` finds. room: for how large a program its heaps have room at first.
    client: of `distributed`: its workers do all the work, see `docs/cluster.md`.

    Kernels that are not compiled yet are compiled when a program first needs them: all of them take
    a minute or two, once a machine.

    One thread may use a battery at a time; others wait. After Ctrl-C, and in a process that was
    forked, it is as usable as before.
    """

    def __init__(
        self,
        samples: Any = (),
        *,
        config: Config | None = None,
        room: Room = ROOM,
        client: Any = None,
    ) -> None:
        self.config = configured(config)
        self._away = None if client is None else Away(client, self.config, serve_programs)
        use_rows(self.config.primitives)
        self._libraries = Shelf(self.config.libraries).libraries
        self._kernels = kernel_folder(self.config).absolute()
        self._residents: dict[int, _Resident] = {}
        self._next = 0
        self._room = room
        self._program = GrowingProgram(room)
        self._programs = 0
        self._engine: CpuEngine | None = None
        self._known: set[str] = set()
        self._lock = threading.RLock()
        self._is_running = False
        self.use(samples)
        _batteries.add(self)

    def use(self, samples: Any) -> None:
        """Evaluate on other samples from here on; ValueError for what are none."""
        given = samples_of(samples)
        encoded = encode_samples([(s.input, s.output) for s in given])
        with self._lock:
            self._given, self._encoded = given, encoded

    @property
    def samples(self) -> tuple[str, ...]:
        """What the samples are called."""
        return tuple([sample.name for sample in self._given])

    # -- programs that stay

    @property
    def handles(self) -> tuple[int, ...]:
        """The handles of the programs that stay, in the order of `evaluate()`."""
        return tuple(self._residents)

    def __len__(self) -> int:
        return len(self._residents)

    def add(self, programs: Programs) -> list[int]:
        """Let programs stay; gives the handle of each."""
        listed = named(programs)
        with self._lock, _no_collection():
            use_rows(self.config.primitives, look=False)
            begin = self._next
            made = [
                self._made(name or f"program[{k}]", given)
                for k, (name, given) in enumerate(listed, begin)
            ]
            self._next += len(made)
            self._residents.update(enumerate(made, begin))
        return list(range(begin, begin + len(made)))

    def drop(self, handles: Iterable[int]) -> None:
        """Let programs go; KeyError, and none goes, if a handle is not there."""
        listed = set(handles)
        with self._lock:
            missing = sorted(listed - self._residents.keys())
            if missing:
                raise KeyError(missing[0])
            for handle in listed:
                del self._residents[handle]

    # -- evaluation

    def evaluate(self, programs: Programs | None = None, wanted: Wanted | None = None) -> Scores:
        """How programs end on the samples; without any, those that stay, in the order of handles.

        wanted: for each program the places of the samples that it is to be run on; by default all.
        """
        listed = None if programs is None else named(programs)
        with self._lock:
            count = len(self._residents if listed is None else listed)
            places = None if wanted is None else checked(wanted, count, len(self._given))
            use_rows(self.config.primitives, look=False)
            with self._running():
                if listed is None:
                    return self._evaluate(list(self._residents.values()), count, places)
                made = (
                    self._made(name or f"program[{k}]", given)
                    for k, (name, given) in enumerate(listed)
                )
                return self._evaluate(made, count, places)

    def map(
        self,
        function: Callable[..., _T],
        individuals: Iterable[Any],
        *others: Iterable[Any],
        program: Callable[[Any], Given] | None = None,
    ) -> list[_T]:
        """What `function` gives for each individual: the `map` of libraries that evolve programs.

        It is called with the scores of the individual's program alone in the individual's place,
        and with what the other iterables have for it. program: makes a program of an individual,
        where individuals are none themselves.
        """
        rows = list(zip(individuals, *others, strict=False))
        programs = [row[0] if program is None else program(row[0]) for row in rows]
        scores = self.evaluate(programs)
        return [function(scores[k], *rest) for k, (_, *rest) in enumerate(rows)]

    def close(self) -> None:
        """Give memory back; the battery makes itself ready again if it is used after all."""
        with self._lock:
            self._give_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Battery of {len(self):,} programs on {len(self._given):,} samples>"

    # -- inside

    @contextmanager
    def _running(self) -> Iterator[None]:
        self._is_running = True
        try:
            with _no_collection():
                yield
        except BaseException:
            self._give_up()
            raise
        finally:
            self._is_running = False

    def _give_up(self) -> None:
        """Begin with nothing made; threads that are still at work have the old engine."""
        self._engine = None
        self._restart()

    def _restart(self) -> None:
        """Begin with an empty program."""
        self._program = GrowingProgram(self._room)
        self._programs += 1
        if self._engine is not None:
            self._engine.restart()

    def _made(self, name: str, given: Given) -> _Resident:
        if self._away is not None:
            return _Resident(name, given, None)
        with _MAKING:
            return _Resident(name, given, self._flat(name, given))

    def _flat(self, name: str, given: Given) -> Flat | None:
        """What the passes make of a program; None where it is broken."""
        most_nodes = self.config.program.max_nodes
        key = None if self._libraries or not isinstance(given, str) else (given, most_nodes)
        known: Flat | Literal[False] | None = None if key is None else PROGRAMS.get(key)
        if known is not None:
            return known or None
        program, found = parsed(given, name, self._libraries)
        flat = None if program is None or found else flattened(program, most_nodes)
        if key is not None:
            PROGRAMS.put(key, flat or False)
            PROGRAMS.age()
        return flat

    def _evaluate(
        self, made: Iterable[_Resident], count: int, wanted: Sequence[Sequence[int]] | None
    ) -> Scores:
        if self._away is not None:
            listed = [(program.name, program.program) for program in made]
            return self._away.evaluate(self._given, self._kernels, listed, wanted, explanation)
        table = ScoreTable(count, self._given)
        names: list[str] = []
        explain: dict[int, Explain] = {}
        part: list[tuple[int, _Resident]] = []
        most_nodes = self.config.program.max_nodes
        for k, program in enumerate(made):
            names.append(program.name)
            if program.flat is None:
                table.put_broken(k, None if wanted is None else wanted[k])
                more = most_nodes, self._libraries
                explain[k] = partial(explanation, program.program, program.name, *more)
                continue
            part.append((k, program))
            is_full = False
            if program.made_in != self._programs:
                self._make_room(part)
                is_full = self._program.is_full
            if len(part) == PART or is_full:
                self._run(part, table, wanted)
                part = []
                if is_full:
                    self._restart()
        if part:
            self._run(part, table, wanted)
        return table.scores(tuple(names), explain)

    def _make_room(self, part: Sequence[tuple[int, _Resident]]) -> None:
        """Lower the last program of a part: all of them once more where the room is too small."""
        self._lower(part[-1][1])
        while self._program.is_over:
            self._room = Room(*[2 * size for size in vars_of(self._room)])
            self._give_up()
            for _, program in part:
                self._lower(program)

    def _lower(self, program: _Resident) -> None:
        if program.made_in != self._programs:
            assert program.flat is not None
            program.lowered = self._program.add(program.flat)
            program.made_in = self._programs

    def _run(
        self,
        part: Sequence[tuple[int, _Resident]],
        table: ScoreTable,
        wanted: Sequence[Sequence[int]] | None,
    ) -> None:
        """Run the lanes of some programs, until each has ended or is known not to fit."""
        quick = self._engine_for([program for _, program in part])
        if uses_shown(quick.image) and self._encoded.shown is None:
            self._encoded = with_shown(self._encoded, self._given)
        engine = _beside(quick, [program for _, program in part])
        rows = np.array([k for k, _ in part])
        count = len(self._given)
        blocks: list[Block]
        if wanted is None:
            blocks = blocks_over(range(len(part)), count, quick.threads)
        else:
            blocks = blocks_for([wanted[k] for k in rows.tolist()], count)
        while blocks:
            try:
                for outcome in engine.run(self._encoded, blocks, scores=True):
                    table.put(outcome, rows[list(outcome.solvers)])
                return
            except TooLarge as problem:
                table.put_over_budget(rows[int(problem.solver)], int(problem.sample))
                asked = [None if wanted is None else wanted[k] for k in rows.tolist()]
                left = [table.left(k, a) for k, a in zip(rows.tolist(), asked, strict=True)]
                blocks = blocks_for(left, count)

    def _engine_for(self, programs: Sequence[_Resident]) -> CpuEngine:
        """The engine with these programs in it."""
        image = self._program.image([p.lowered for p in programs if p.lowered is not None])
        missing = [name for name in (*image.kernels, DRIVER) if name not in self._known]
        if missing:
            compile_apart(self._kernels, missing)
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


def serve_programs(given: tuple[Sequence[GivenSample], Config], station: Station) -> Any:
    """What evaluates the programs of a `ProgramLoad`, in a process of a worker."""
    samples, config = given
    memory_mib = max(1, station.share_bytes // MIB)
    battery = Battery(samples, config=replace(config, threads=1, memory_mib=memory_mib))
    battery._kernels = station.kernels

    def run(load: ProgramLoad) -> ProgramRows:
        return rows_in(battery.evaluate([given for _, given in load.programs], load.wanted))

    return run


def evaluate(
    programs: Programs,
    samples: Any,
    *,
    wanted: Wanted | None = None,
    config: Config | None = None,
) -> Scores:
    """How programs end on samples: see `Battery`, which is quicker where it is asked again."""
    with Battery(samples, config=config) as battery:
        return battery.evaluate(programs, wanted)


def parsed(
    given: Given, name: str, libraries: Libraries
) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """A program as it is given, or what its text is parsed to."""
    return parse_text(given, name, libraries) if isinstance(given, str) else (given, ())


def explanation(
    given: Given, name: str, most_nodes: int, libraries: Libraries = NO_LIBRARIES
) -> tuple[Diagnostic, ...]:
    """What is wrong with a program, in the order of its text."""
    with _MAKING:
        program, found = parsed(given, name, libraries)
        more: Iterable[Diagnostic] = ()
        if program is not None:
            _, more = run_passes(program, most_nodes)
    return tuple(sorted({*found, *more}, key=Diagnostic.sort_key))


def _beside(engine: CpuEngine, programs: Sequence[_Resident]) -> Engine:
    """The engine of some programs and, beside it, the reference runtime for those of them that use
    rows which only that has; warns of these.
    """
    slow = interpreted_in(engine.image)
    if not slow:
        return engine
    graphs = [flat.graph() for k in slow if (flat := programs[k].flat) is not None]
    rows = sorted({node.op for graph in graphs for node in graph.nodes if is_interpreted(node.op)})
    text = f"without @native, so that programs run on the reference runtime: {', '.join(rows)}"
    warnings.warn(text, RuntimeWarning, stacklevel=5)

    def evaluate() -> Evaluate:
        linked = link([(f"{k:04}", write_graph(graph)) for k, graph in enumerate(graphs)])
        return battery_of(linked.code).evaluate

    numbers = {k: n for n, k in enumerate(slow)}
    return BesideEngine(engine, InterpretedSolvers(numbers, cache(evaluate)))


def vars_of(room: Room) -> tuple[int, int, int, int]:
    """The sizes of a room, in the order in which it is made of them."""
    return room.constants, room.extras, room.instructions, room.slots


def _free_bytes() -> int:
    return min(MOST_BYTES, free_bytes())


# -- what all batteries of a process have in common

_MAKING: Final = lock_before_forks()
"""Lines, nodes and statements are in tables that all batteries share."""

_batteries: weakref.WeakSet[Battery] = weakref.WeakSet()


def _in_child() -> None:
    """In a process that was forked: other threads, which may have held locks, are not there."""
    for battery in list(_batteries):
        battery._lock = threading.RLock()
        if battery._is_running:
            battery._is_running = False
            battery._give_up()
            gc.enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


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
