"""A device that is no device: launches run on this machine's processor, to the last word.

    device = EmulatedDevice(order=RANDOM, seed=7, guards=True)

Launches of one process follow one another, whatever its threads: the fibres share a record.
"""

from __future__ import annotations

import ctypes
import mmap
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from llvmlite import binding

from pipeline.battery.devices import compile_missing
from pipeline.engine.cuda.driver import DeviceFacts, LaunchTiming
from pipeline.engine.cuda.texts import MAIN, names, numbers
from pipeline.kernels import instruction as fields
from pipeline.kernels.names import SHARED, symbol_of, with_needed
from pipeline.kernels.store import place_of
from pipeline.system.lock import BuildLock
from tests.compiled import KERNELS
from tests.emulator import fibres, host_code, teams
from tests.emulator.host_code import Emulated
from tests.host_device import HostDevice

FILL: Final = 0xA5
"""What memory holds that nobody has written: the same byte everywhere."""

MOST_GUARDS: Final = 1 << 20
_TURN: Final = threading.Lock()


class EmulatorFault(RuntimeError):
    """What must not happen in a launch; the text says which team, which kernel and where."""


def emulated_kernels(wanted: Iterable[str]) -> Path:
    """The folder of the kernels, with these in it: who asks first compiles what is missing, who
    asks meanwhile waits.
    """
    KERNELS.mkdir(parents=True, exist_ok=True)
    lock = BuildLock(str(KERNELS / "emulated.lock"), lambda text: None)
    lock.acquire()
    try:
        compile_missing(KERNELS, wanted, Emulated())
    finally:
        lock.release()
    return KERNELS


class Loaded:
    """The kernels, linked into this process."""

    def __init__(self, objects: Sequence[bytes], symbols: Sequence[str]) -> None:
        machine = host_code.host_machine()
        binding.initialize_native_asmparser()
        switch = machine.emit_object(binding.parse_assembly(fibres.source()))
        self.engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
        for data in [switch, *objects]:
            self.engine.add_object_file(binding.ObjectFileRef.from_data(data))
        self.engine.finalize_object()
        address = self.engine.get_function_address(fibres.LAUNCH)
        self.launch = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(address)
        self.addresses = {s: self.engine.get_function_address(s) for s in symbols}
        self.symbols = {address: symbol for symbol, address in self.addresses.items()}
        self.stacks = mmap.mmap(-1, 8 * teams.STACK_WORDS * teams.MOST_THREADS)
        self.stack = ctypes.addressof(ctypes.c_char.from_buffer(self.stacks))
        self.guards = np.zeros(MOST_GUARDS, np.int64)


Others = Mapping[str, bytes]
"""Object files that stand in the place of kernels' own."""

NO_OTHERS: Final[Others] = {}
_loaded: dict[frozenset[tuple[str, bytes]], tuple[frozenset[str], Loaded]] = {}


def loaded(wanted: Iterable[str], others: Others = NO_OTHERS) -> Loaded:
    """The main kernel and at least these, with what is shared; compiling all takes minutes."""
    key = frozenset(others.items())
    known, found = _loaded.get(key, (frozenset(), None))
    if found is None or not known.issuperset(wanted):
        known = known.union(wanted)
        found = _loaded_with(with_needed([*known, *SHARED]), others)
        _loaded[key] = known, found
    return found


def _loaded_with(wanted: Sequence[str], others: Others) -> Loaded:
    folder, target = emulated_kernels([*wanted, MAIN]), Emulated()
    own = [name for name in (*wanted, MAIN) if name not in others]
    objects = [place_of(folder, name, target).read_bytes() for name in own]
    symbols = [symbol_of(name) for name in wanted]
    absent = [symbol_of(name) for name in names() if name not in (*wanted, MAIN)]
    objects += [*others.values(), host_code.trapping(absent)]
    return Loaded([*objects, *teams.objects(folder / target.folder)], symbols)


def blocks_of(words: np.ndarray, work: int) -> np.ndarray:
    """The records of a launch's blocks."""
    at, count = words[work + fields.W_TABLE], words[work + fields.W_COUNT]
    return words[at : at + count * fields.B_WORDS].reshape(-1, fields.B_WORDS)


def kernels_of(words: np.ndarray, work: int) -> set[str]:
    """The kernels that a launch's instructions call."""
    by_number = {number: name for name, number in numbers().items()}
    found: set[int] = set()
    for block in blocks_of(words, work):
        begin, size = block[fields.B_INSTRUCTIONS], block[fields.B_COUNT]
        found.update(words[words[begin : begin + size] + fields.CODE].tolist())
    return {by_number[number] for number in found}


def record_of(order: int = teams.ASCENDING, seed: int = 1, guards: bool = True) -> np.ndarray:
    """The record of launches, with nothing launched."""
    record = np.zeros(teams.RECORD_WORDS, np.int64)
    record[teams.ORDER], record[teams.SEED] = order, seed
    record[teams.MOST_GUARDS] = MOST_GUARDS if guards else 0
    return record


class EmulatedDevice(HostDevice):
    """See `driver.Device`. order: in which threads go on; guards: whether what is taken from heaps
    is guarded; others: other kernels.
    """

    def __init__(
        self,
        memory_bytes: int = 1 << 28,
        teams_at_once: int = 2,
        order: int = teams.ASCENDING,
        seed: int = 1,
        guards: bool = True,
        others: Others = NO_OTHERS,
    ) -> None:
        super().__init__(DeviceFacts(0, "emulator", (9, 0), teams_at_once, memory_bytes, "none"))
        self.record = record_of(order, seed, guards)
        self.others = others

    @property
    def rounds(self) -> int:
        """How often all threads of a team came to a barrier."""
        return int(self.record[teams.ROUNDS])

    @property
    def claims(self) -> int:
        """How often a thread took memory from its team's heap."""
        return int(self.record[teams.CLAIMS])

    def trial(self, words: np.ndarray, size: int, work: int, teams: int, threads: int) -> str:
        """Launch elsewhere: see `driver.Device.trial`."""
        EmulatedDevice(self.facts.total_bytes).run(words, size, work, teams, threads, [])
        return ""

    def run(
        self,
        words: np.ndarray,
        size: int,
        work: int,
        teams: int,
        threads: int,
        reads: Sequence[tuple[int, int]],
    ) -> tuple[list[np.ndarray], LaunchTiming]:
        """Launch: see `driver.Device.run`."""
        if len(self._words) < size:
            self._words = np.empty(size, np.int64)
            self._words.view(np.uint8)[:] = FILL
        self._words[: len(words)] = words
        begin = time.perf_counter()
        launch(self._words, work, teams, threads, self.record, self.others)
        seconds = time.perf_counter() - begin
        return [self.read(first, last) for first, last in reads], LaunchTiming(0.0, seconds, 0.0)


def launch(
    words: np.ndarray,
    work: int,
    blocks: int,
    threads: int,
    record: np.ndarray,
    others: Others = NO_OTHERS,
) -> None:
    """Run the main kernel on an array; EmulatorFault where something happens that must not."""
    asked = {teams.ONLY: 0, teams.WORK: work, teams.BLOCKS: blocks, teams.TEAM: threads}
    _launch(loaded(kernels_of(words, work), others), words, record, asked)


def run_kernel(
    words: np.ndarray,
    name: str,
    at: int,
    count: int,
    threads: int,
    record: np.ndarray,
    others: Others = NO_OTHERS,
) -> None:
    """Let a team run one kernel on the instructions that are listed at a place, in a heap that
    begins at place 0.
    """
    code = loaded([name], others)
    address = code.addresses[symbol_of(name)]
    asked = {teams.ONLY: address, teams.WORK: at, teams.COUNT: count, teams.BLOCKS: 1}
    _launch(code, words, record, asked | {teams.TEAM: threads})


def _launch(code: Loaded, words: np.ndarray, record: np.ndarray, asked: dict[int, int]) -> None:
    if not 1 <= asked[teams.TEAM] <= teams.MOST_THREADS:
        raise EmulatorFault(f"a team of {asked[teams.TEAM]} threads")
    record[list(asked)] = list(asked.values())
    with _TURN:
        record[teams.HEAP] = words.ctypes.data
        record[teams.GUARDS], record[teams.STACK] = code.guards.ctypes.data, code.stack
        fault = code.launch(record.ctypes.data)
    if fault:
        raise EmulatorFault(_told(code, fault, record))


def _told(code: Loaded, fault: int, record: np.ndarray) -> str:
    """A fault in words."""
    kernel = code.symbols.get(int(record[teams.KERNEL]), "the main kernel")
    team, place = int(record[teams.BLOCK]), int(record[teams.PLACE])
    what = "word" if fault == teams.GUARD else "thread"
    return f"{teams.FAULTS[fault]}: team {team}, in or after {kernel}, {what} {place}"
