"""The CUDA driver: devices, memory, one kernel. Nothing else here talks to a GPU.

Every call's status is looked at; what is not success is a `CudaError` that says which call failed
and how. After most errors of a kernel the context is of no use, nor is a new one in this process:
`Device.abandon` gives back what can be given. Others in the process may use the same context, so it
is never reset.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.system.problem import Problem

TRIAL: Final = "pipeline.engine.cuda.trial"
"""What runs a launch in a process of its own."""

TRIAL_SECONDS: Final = 60.0
"""That it may take besides its launch: to start, to load the code, to copy."""

TRIAL_FAILED: Final = 3
"""Its status where the launch has failed; what it says stands on its output."""

LEAST_PAUSE: Final = 2e-5
MOST_PAUSE: Final = 5e-3
PAUSE_SHARE: Final = 1 / 32
"""Of the time waited so far, how much a pause takes: what a launch seems longer by."""


class CudaError(Problem):
    """A call of the driver failed."""


class DeviceMemory(CudaError):
    """The device has not as much memory as is asked for; nothing else is wrong with it."""


class NoFit(CudaError):
    """A team is too large for a processor of the device."""


class NoAnswer(CudaError):
    """A launch did not end in time; it may be running yet."""


class NoDevice(Problem):
    """There is nothing to run on; the text says why, in a line."""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a device is; memory_rate: the most bytes a second that its memory can move, by clock and
    width, 0 where the driver does not say; is_watched: whether its driver ends kernels that run for
    some seconds, as where a display hangs on it.
    """

    number: int
    name: str
    capability: tuple[int, int]
    processors: int
    total_bytes: int
    driver: str
    memory_rate: float = 0.0
    is_watched: bool = False


@dataclass(frozen=True, slots=True)
class LaunchTiming:
    """Seconds of one launch, by the device's clock: uploads, the kernel, downloads."""

    upload: float
    kernel: float
    download: float


def _driver() -> Any:
    try:
        from cuda.bindings import driver
    except ImportError:
        raise NoDevice(
            "the CUDA packages are not installed: pip install -e '.[cuda12]' or '.[cuda13]'"
        ) from None
    try:
        _check(driver, "cuInit", driver.cuInit(0))
    except (CudaError, RuntimeError) as error:  # or no library is found, said in many lines
        first, *_ = str(error).splitlines() or [type(error).__name__]
        raise NoDevice(f"no CUDA driver answers: {first}") from None
    return driver


def _check(driver: Any, call: str, answer: Sequence[Any]) -> Any:
    """What a call gives, without its status."""
    status, *values = answer
    if status != driver.CUresult.CUDA_SUCCESS:
        _, text = driver.cuGetErrorString(status)
        said = text.decode() if text else "no description"
        is_memory = status == driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY
        kind = DeviceMemory if is_memory else CudaError
        raise kind(f"{call}: {getattr(status, 'name', status)} ({said})")
    return values[0] if len(values) == 1 else tuple(values)


def devices() -> list[DeviceFacts]:
    """All devices that this process may see; NoDevice if there is none."""
    driver = _driver()
    count = _check(driver, "cuDeviceGetCount", driver.cuDeviceGetCount())
    if count == 0:
        raise NoDevice("the CUDA driver sees no GPU")
    version = _check(driver, "cuDriverGetVersion", driver.cuDriverGetVersion())
    text = f"{version // 1000}.{version % 1000 // 10}"
    return [_facts(driver, number, text) for number in range(count)]


def _facts(driver: Any, number: int, version: str) -> DeviceFacts:
    device = _check(driver, "cuDeviceGet", driver.cuDeviceGet(number))
    kinds = driver.CUdevice_attribute

    def attribute(kind: Any) -> int:
        answer = driver.cuDeviceGetAttribute(kind, device)
        return int(_check(driver, "cuDeviceGetAttribute", answer))

    name = _check(driver, "cuDeviceGetName", driver.cuDeviceGetName(128, device))
    kilohertz = attribute(kinds.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE)
    bits = attribute(kinds.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH)
    return DeviceFacts(
        number,
        name.split(b"\0")[0].decode(),
        (
            attribute(kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            attribute(kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        ),
        attribute(kinds.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        int(_check(driver, "cuDeviceTotalMem", driver.cuDeviceTotalMem(device))),
        version,
        2 * kilohertz * 1e3 * bits / 8,  # memory moves data twice a cycle
        attribute(kinds.CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT) != 0,
    )


class Device:
    """One device with its context, for one thread, with the main kernel and one array.

    timeout: the seconds that a launch may take, 0 for as many as it likes. fault: what it came to,
    once it is of no use any more.
    """

    def __init__(self, facts: DeviceFacts, code: bytes, entry: str, timeout: float = 0.0) -> None:
        self.facts = facts
        self.code = code
        self.entry = entry
        self.timeout = timeout
        self.fault: Problem | None = None
        self._driver = _driver()
        self._array = 0
        self._array_bytes = 0
        self._device = self._call("cuDeviceGet", self.facts.number)
        self._context = self._call("cuDevicePrimaryCtxRetain", self._device)
        self._call("cuCtxSetCurrent", self._context)
        self._module = self._call("cuModuleLoadData", self.code)
        self._kernel = self._call("cuModuleGetFunction", self._module, self.entry.encode())
        self._events = [self._call("cuEventCreate", 0) for _ in range(4)]

    def _call(self, name: str, *args: Any) -> Any:
        return _check(self._driver, name, getattr(self._driver, name)(*args))

    def abandon(self, fault: Problem) -> None:
        """Use it no more after an error, and give back what can be given: its context ends with
        that unless others have it too.
        """
        self.fault = fault
        self._array = self._array_bytes = 0
        if not isinstance(fault, NoAnswer):  # the driver would wait for the kernel to end
            with contextlib.suppress(CudaError):
                self._call("cuDevicePrimaryCtxRelease", self._device)

    def close(self) -> None:
        """Give everything back."""
        if self.fault is not None:
            return
        self._call("cuCtxSetCurrent", self._context)
        if self._array:
            self._call("cuMemFree", self._array)
            self._array = self._array_bytes = 0
        for event in self._events:
            self._call("cuEventDestroy", event)
        self._call("cuModuleUnload", self._module)
        self._call("cuDevicePrimaryCtxRelease", self._device)

    def free_bytes(self) -> int:
        """How much memory could be taken now, what this object has included."""
        self._call("cuCtxSetCurrent", self._context)
        free, _ = self._call("cuMemGetInfo")
        return int(free) + self._array_bytes

    def teams_at_once(self, threads: int) -> int:
        """How many teams of so many threads the device runs at the same time."""
        self._call("cuCtxSetCurrent", self._context)
        each = self._call("cuOccupancyMaxActiveBlocksPerMultiprocessor", self._kernel, threads, 0)
        if int(each) == 0:
            raise NoFit(f"a team of {threads} threads does not fit on a processor: {self._needs()}")
        return int(each) * self.facts.processors

    def _needs(self) -> str:
        """What the kernel needs of a processor, and how many threads the driver gives it."""
        kinds = self._driver.CUfunction_attribute

        def attribute(kind: Any) -> int:
            return int(self._call("cuFuncGetAttribute", kind, self._kernel))

        registers = attribute(kinds.CU_FUNC_ATTRIBUTE_NUM_REGS)
        most = attribute(kinds.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK)
        return f"the kernel takes {registers} registers a thread, {most} threads at most"

    def run(
        self,
        words: np.ndarray,
        size: int,
        work: int,
        teams: int,
        threads: int,
        reads: Sequence[tuple[int, int]],
    ) -> tuple[list[np.ndarray], LaunchTiming]:
        """Upload words to place 0 of an array of `size` words, launch, and download `reads`: the
        first place of each part and the place behind it.
        """
        self._call("cuCtxSetCurrent", self._context)
        self._reserve(8 * size)
        begin, uploaded, ran, ended = self._events
        self._call("cuEventRecord", begin, 0)
        words = np.ascontiguousarray(words)
        self._call("cuMemcpyHtoD", self._array, words.ctypes.data, words.nbytes)
        self._call("cuEventRecord", uploaded, 0)
        self._launch(work, teams, threads)
        self._call("cuEventRecord", ran, 0)
        self._wait_for(ran)
        found = [self.read(first, last) for first, last in reads]
        self._call("cuEventRecord", ended, 0)
        self._call("cuEventSynchronize", ended)
        timing = LaunchTiming(
            self._seconds(begin, uploaded), self._seconds(uploaded, ran), self._seconds(ran, ended)
        )
        return found, timing

    def _wait_for(self, event: Any) -> None:
        """Wait until a launch has ended, asking every now and then: so a thread is left to others,
        and whoever interrupts the run is heard; NoAnswer after too long.
        """
        busy = self._driver.CUresult.CUDA_ERROR_NOT_READY
        begin = time.monotonic()
        while True:
            answer = self._driver.cuEventQuery(event)
            if answer[0] != busy:
                _check(self._driver, "cuEventQuery", answer)
                return
            waited = time.monotonic() - begin
            if 0 < self.timeout < waited:
                raise NoAnswer(f"a launch has not ended after {self.timeout:g} s (gpu_timeout_s)")
            time.sleep(min(MOST_PAUSE, max(LEAST_PAUSE, waited * PAUSE_SHARE)))

    def trial(self, words: np.ndarray, size: int, work: int, teams: int, threads: int) -> str:
        """How a launch fails in a process of its own (see `trial`); empty where it does not."""
        with tempfile.TemporaryDirectory(prefix="arc-trial-") as name:
            folder = Path(name)
            np.save(folder / "words.npy", words)
            (folder / "code.cubin").write_bytes(self.code)
            asked = {"number": self.facts.number, "entry": self.entry, "timeout": self.timeout}
            asked |= {"size": size, "work": work, "teams": teams, "threads": threads}
            (folder / "asked.json").write_text(json.dumps(asked))
            command = [sys.executable, "-m", TRIAL, name]
            seconds = TRIAL_SECONDS + self.timeout if self.timeout else None
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
            except subprocess.TimeoutExpired:
                return f"no answer after {seconds:.0f} s"
        if done.returncode == 0:
            return ""
        if done.returncode == TRIAL_FAILED:
            return done.stdout.strip()
        *_, last = done.stderr.strip().splitlines() or ["it said nothing"]
        return f"its process ended with status {done.returncode}: {last}"

    def read(self, first: int, last: int) -> np.ndarray:
        """Download words of the array."""
        found = np.empty(last - first, np.int64)
        if len(found):
            place = int(self._array) + 8 * first
            self._call("cuMemcpyDtoH", found.ctypes.data, place, found.nbytes)
        return found

    def _seconds(self, begin: Any, end: Any) -> float:
        return float(self._call("cuEventElapsedTime", begin, end)) / 1e3

    def _reserve(self, size: int) -> None:
        if size <= self._array_bytes:
            return
        if self._array:
            self._call("cuMemFree", self._array)
            self._array = self._array_bytes = 0
        self._array = self._call("cuMemAlloc", size)
        self._array_bytes = size

    def _launch(self, work: int, teams: int, threads: int) -> None:
        # The array is seen as 64-bit words and as 32-bit colours: the same address twice.
        values = (int(self._array), int(self._array), work)
        kinds = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_longlong)
        shape = (teams, 1, 1, threads, 1, 1)
        self._call("cuLaunchKernel", self._kernel, *shape, 0, 0, (values, kinds), 0)
