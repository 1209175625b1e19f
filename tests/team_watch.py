"""Watches the threads of teams on the simulator.

    watch = install(pauses=7)       before the first launch
    watch.begin()
    ...                             launches
    watch.found, watch.called

Teams must not care in which order their threads add to a word, and between two calls of `wait` no
thread may use a word that another one writes; all threads must come to the same calls. A GPU does
not tell; here it is seen, whether or not a result shows it.
"""

from __future__ import annotations

import hashlib
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, Final

import numpy as np

from pipeline.engine.cuda import texts
from pipeline.kernels.heap import SLOTS
from pipeline.kernels.instruction import DOMAIN
from tests import simulated_device

_HOOKED: Final = """
from tests.team_watch import WATCH

def barrier():
    WATCH.wait(cuda.syncthreads)

def wait(m):
    WATCH.wait(cuda.syncthreads)

def claim(m, at, amount):
    return WATCH.claim(cuda.atomic.add, m.heap, at, amount)
"""
_DEPTH: Final = 6
"""How many callers of a wait are told apart."""

Site = tuple[CodeType, int]
"""A function and a line in it."""


@dataclass(slots=True)
class Use:
    """How a word was used since the last wait: by whom and where it was read, written and added to;
    -1 is nobody, -2 several.
    """

    stamp: Any
    reader: int = -1
    writer: int = -1
    adder: int = -1
    value: int = 0
    sites: dict[str, Site] = field(default_factory=dict)

    def clashes(self, kind: str, me: int, value: int) -> bool:
        """Whether this use is at the same time as another thread's, and one of them writes."""
        free = -1, me
        if kind == "read":
            return self.writer not in free or self.adder not in free
        if kind == "add":
            return self.writer not in free or self.reader not in free
        is_other = self.writer not in free and value != self.value
        return is_other or self.reader not in free or self.adder not in free

    def note(self, kind: str, me: int, value: int) -> None:
        """Count this use."""
        if kind == "read":
            self.reader = me if self.reader in (-1, me) else -2
        elif kind == "add":
            self.adder = me if self.adder in (-1, me) else -2
        else:
            self.writer = me if self.writer in (-1, me) else -2
            self.value = value


class Watch:
    """What was seen. found: faults; called: the kernels that had lanes to run."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}
        self.called: set[str] = set()
        self.pauses: random.Random | None = None
        self.is_strict = False
        self._order = hashlib.sha256()
        self._uses: dict[int, Use] = {}
        self._lock = threading.Lock()

    def begin(self, pauses: int | None = None, is_strict: bool = False) -> None:
        """Forget what was seen, but for the kernels; pauses: a seed, or none are made."""
        self.found, self._uses, self._order = {}, {}, hashlib.sha256()
        self.pauses = None if pauses is None else random.Random(pauses)
        self.is_strict = is_strict

    @property
    def order(self) -> str:
        """The order in which threads added to words, hashed."""
        return self._order.hexdigest()

    def wait(self, barrier: Callable[[], None]) -> None:
        """What a thread does at a wait."""
        if not self.is_strict:
            barrier()
            return
        thread: Any = threading.current_thread()
        waits = thread.__dict__.setdefault("waits", 0)
        sites = thread._manager.__dict__.setdefault("sites", {})
        sites.setdefault(waits, {})[thread.thread_id] = _callers(sys._getframe(2))
        barrier()
        thread.waits = waits + 1
        here = sites[waits]
        sites.pop(waits - 2, None)
        if len(set(here.values())) > 1 or len(here) < thread._manager.block_state.size:
            places = sorted({" < ".join(map(_text, callers)) for callers in here.values()})
            self.found[f"threads wait apart: {places}"] = None

    def claim(self, add: Callable[..., int], heap: Any, at: int, amount: int) -> int:
        """What a thread does to add to a word that others add to."""
        thread: Any = threading.current_thread()
        if self.pauses is not None and self.pauses.random() < 0.5:
            time.sleep(self.pauses.random() * 2e-4)
        if not self.is_strict:
            before = add(heap, at, amount)
        else:
            self._use(2 * at, "add", 0, sys._getframe(2))
            before = add(Plain(heap.array), at, amount)
        self._order.update(bytes([thread.thread_id]))
        return before

    def uses(self, half: int, halves: int, kind: str, value: int) -> None:
        """Note that a thread reads or writes 32-bit halves of words."""
        frame = sys._getframe(2)
        for k in range(half, half + halves):
            self._use(k, kind, value, frame)

    def _use(self, half: int, kind: str, value: int, frame: FrameType) -> None:
        thread: Any = threading.current_thread()
        stamp = thread._manager, thread.__dict__.get("waits", 0)
        me = thread.thread_id
        with self._lock:
            use = self._uses.get(half)
            if use is None or use.stamp != stamp:
                use = self._uses[half] = Use(stamp)
            if use.clashes(kind, me, value):
                sites = [*use.sites.items(), (kind, (frame.f_code, frame.f_lineno))]
                seen = sorted({(how, _text(site)) for how, site in sites})
                self.found[f"threads use a word at the same time: {seen}"] = None
            use.sites[kind] = frame.f_code, frame.f_lineno
            use.note(kind, me, value)


WATCH: Final = Watch()
"""The one of this process: what is patched stays so."""


class Plain:
    """An array of plain integers that nobody watches."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __getitem__(self, place: int) -> int:
        value: int = self.array.item(place)
        return value

    def __setitem__(self, place: int, value: int) -> None:
        self.array[place] = value


class Watched(Plain):
    """The same, watched."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__(array)
        self.halves = array.itemsize // 4

    def __getitem__(self, place: int) -> int:
        if place < 0:
            raise IndexError(f"a word at {place} is read")
        if WATCH.is_strict:
            WATCH.uses(place * self.halves, self.halves, "read", 0)
        return super().__getitem__(place)

    def __setitem__(self, place: int, value: int) -> None:
        if place < 0:
            raise IndexError(f"a word at {place} is written")
        if WATCH.is_strict:
            WATCH.uses(place * self.halves, self.halves, "write", value)
        super().__setitem__(place, value)


def _text(site: Site) -> str:
    return f"{site[0].co_filename.rpartition('/')[2]}:{site[1]}"


def _callers(frame: FrameType | None) -> tuple[Site, ...]:
    found: list[Site] = []
    while frame is not None and len(found) < _DEPTH and frame.f_code.co_name != "run":
        found.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return tuple(found)


def install() -> Watch:
    """Watch all launches of this process from now on; none may have been made."""
    made = texts.row_loop

    def row_loop(name: str, binder: Any) -> Any:
        loop = made(name, binder)

        def called(heap: Any, colours: Any, state: int, rank: int, *rest: int) -> Any:
            if name not in WATCH.called and rank == 0 and _has_lanes(heap, state, *rest[1:]):
                WATCH.called.add(name)
            return loop(heap, colours, state, rank, *rest)

        return called

    simulated_device._PRELUDE += _HOOKED  # type: ignore[misc]
    simulated_device._Array = Watched  # type: ignore[assignment,misc]
    texts.row_loop = row_loop
    return WATCH


def _has_lanes(heap: Any, state: int, at: int, count: int) -> bool:
    """Whether an instruction of a group has a lane."""
    words = heap.array
    slots = words[state + SLOTS]
    domains = [words[slots + words[words[at + k] + DOMAIN]] for k in range(count)]
    return any(words[domain] > 0 for domain in domains)
